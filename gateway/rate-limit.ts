import type { GatewayClock } from './clock.ts';

/** A bucket that holds `capacity` permits and refills evenly: short bursts pass, a flood does not. */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perSecond: number;
  readonly #clock: GatewayClock;
  #permits: number;
  #filledAt: number;

  constructor(capacity: number, perSecond: number, clock: GatewayClock) {
    this.#capacity = capacity;
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#permits = capacity;
    this.#filledAt = clock.elapsedMs();
  }

  take(): boolean {
    const now = this.#clock.elapsedMs();
    this.#permits = Math.min(this.#capacity, this.#permits + ((now - this.#filledAt) / 1_000) * this.#perSecond);
    this.#filledAt = now;
    if (this.#permits < 1) return false;
    this.#permits -= 1;
    return true;
  }
}

/** At most `events` within any `windowMs`. */
export interface WindowLimit {
  readonly events: number;
  readonly windowMs: number;
}

/** Bounds the events of each key by all of its limits at once. Memory is bounded by what happened within the longest window. */
export class SlidingWindow {
  readonly #limits: readonly WindowLimit[];
  readonly #longestMs: number;
  readonly #clock: GatewayClock;
  readonly #eventsByKey = new Map<string, readonly number[]>();
  #sweptAt: number;

  constructor(limits: readonly WindowLimit[], clock: GatewayClock) {
    this.#limits = limits;
    this.#longestMs = Math.max(...limits.map(({ windowMs }) => windowMs));
    this.#clock = clock;
    this.#sweptAt = clock.elapsedMs();
  }

  /** Whether one more would be within every limit; takes nothing. */
  hasRoom(key: string): boolean {
    const now = this.#clock.elapsedMs();
    return this.#fits(this.#recent(key, now), now);
  }

  /** Counts one, unless a limit is reached. */
  take(key: string): boolean {
    const now = this.#clock.elapsedMs();
    this.#sweep(now);
    const events = this.#recent(key, now);
    if (!this.#fits(events, now)) return false;
    // A new array of just that length: pushing would reserve room for sixteen more, for each workstation and person.
    this.#eventsByKey.set(key, [...events, now]);
    return true;
  }

  #fits(events: readonly number[], now: number): boolean {
    return this.#limits.every((limit) => events.filter((at) => at > now - limit.windowMs).length < limit.events);
  }

  #recent(key: string, now: number): readonly number[] {
    return (this.#eventsByKey.get(key) ?? []).filter((at) => at > now - this.#longestMs);
  }

  #sweep(now: number): void {
    if (now - this.#sweptAt < this.#longestMs) return;
    this.#sweptAt = now;
    for (const key of [...this.#eventsByKey.keys()]) {
      const events = this.#recent(key, now);
      if (events.length === 0) this.#eventsByKey.delete(key);
      else this.#eventsByKey.set(key, events);
    }
  }
}
