import type { GatewayClock } from '../../gateway/clock.ts';

/** A clock that stands still until told. Timers run in order of their due time, with promise callbacks settled in between. */
export class FakeGatewayClock implements GatewayClock {
  #elapsedMs = 1_000;
  #wallMs = 1_700_000_000_000;
  readonly #timers = new Set<{ readonly dueAt: number; readonly task: () => void }>();

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

  async advance(ms: number): Promise<void> {
    const end = this.#elapsedMs + ms;
    await settle();
    for (;;) {
      const next = [...this.#timers].filter((timer) => timer.dueAt <= end).sort((a, b) => a.dueAt - b.dueAt)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#move(next.dueAt - this.#elapsedMs);
      next.task();
      await settle();
    }
    this.#move(end - this.#elapsedMs);
    await settle();
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
