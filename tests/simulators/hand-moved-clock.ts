import type { Clock } from '../../simulators/clock.ts';

/** A clock that stands still until a test moves it. */
export class HandMovedClock implements Clock {
  #monotonicMs = 5_000_000;
  readonly #startWallMs: number;

  constructor(startWallMs = Date.UTC(2026, 0, 5, 9, 14)) {
    this.#startWallMs = startWallMs - this.#monotonicMs;
  }

  wallMs(): number {
    return this.#startWallMs + this.#monotonicMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  advance(ms: number): void {
    this.#monotonicMs += ms;
  }
}
