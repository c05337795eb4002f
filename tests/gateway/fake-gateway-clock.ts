import type { GatewayClock } from '../../gateway/clock.ts';

/** A clock that stands still until told. Timers run in order of their due time, with promise callbacks settled in between. */
export class FakeGatewayClock implements GatewayClock {
  #elapsedMs = 1_000;
  #wallMs: number;
  readonly #timers = new Set<{ readonly dueAt: number; readonly task: () => void }>();

  constructor(wallMs = 1_700_000_000_000) {
    this.#wallMs = wallMs;
  }

  elapsedMs(): number {
    return this.#elapsedMs;
  }

  wallMs(): number {
    return this.#wallMs;
  }

  schedule(delayMs: number, task: () => void): () => void {
    const timer = { dueAt: this.#elapsedMs + delayMs, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** `settled`: resolves when what a timer set off is done; default all that is done without waiting for anybody outside. */
  async advance(ms: number, settled: () => Promise<void> = settle): Promise<void> {
    const end = this.#elapsedMs + ms;
    await settled();
    for (;;) {
      const next = [...this.#timers].filter((timer) => timer.dueAt <= end).sort((a, b) => a.dueAt - b.dueAt)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#move(next.dueAt - this.#elapsedMs);
      next.task();
      await settled();
    }
    this.#move(end - this.#elapsedMs);
    await settled();
  }

  /** Time passes and no timer runs: what a sleeping machine does to a process. */
  sleep(ms: number): void {
    this.#move(ms);
  }

  /** Only the wall clock, as an operator or NTP would. */
  jumpWall(ms: number): void {
    this.#wallMs += ms;
  }

  #move(ms: number): void {
    if (ms <= 0) return;
    this.#elapsedMs += ms;
    this.#wallMs += ms;
  }
}

/** Lets every promise callback that is ready run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
