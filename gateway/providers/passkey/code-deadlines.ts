import type { GatewayClock } from '../../clock.ts';

/**
 * Until when enrollment codes are good, on the clock that nobody sets: with wall time alone, a clock that is set back a little each time would
 * keep a code alive. Only over a restart wall time is all there is.
 */
export class CodeDeadlines {
  readonly #clock: GatewayClock;
  /** Elapsed time, by the code's hash. */
  readonly #deadlines = new Map<string, number>();

  constructor(clock: GatewayClock) {
    this.#clock = clock;
  }

  /** @param expiresAt Unix milliseconds */
  note(hash: string, expiresAt: number): void {
    this.#deadlines.set(hash, this.#clock.elapsedMs() + expiresAt - this.#clock.wallMs());
  }

  /** Hashes of codes that are over, told once: the caller deletes those codes, or they would count anew by wall time. */
  takeOver(): readonly string[] {
    const now = this.#clock.elapsedMs();
    const over = [...this.#deadlines].filter(([, deadline]) => deadline <= now).map(([hash]) => hash);
    for (const hash of over) this.#deadlines.delete(hash);
    return over;
  }

  /** @param expiresAt Unix milliseconds; for a code of an earlier run, which has its time from now on */
  isInTime(hash: string, expiresAt: number): boolean {
    if (!this.#deadlines.has(hash)) this.note(hash, expiresAt);
    return this.#clock.elapsedMs() < (this.#deadlines.get(hash) ?? 0);
  }
}
