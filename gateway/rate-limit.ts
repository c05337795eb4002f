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

/** At most `limit` events per key within any `windowMs`. Memory is bounded by what happened within one window. */
export class SlidingWindow {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #clock: GatewayClock;
  readonly #eventsByKey = new Map<string, number[]>();
  #sweptAt: number;

  constructor(limit: number, windowMs: number, clock: GatewayClock) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#clock = clock;
    this.#sweptAt = clock.elapsedMs();
  }

  /** Whether one more would be within the limit; takes nothing. */
  hasRoom(key: string): boolean {
    return this.#recent(key).length < this.#limit;
  }

  /** Counts one, unless the limit is reached. */
  take(key: string): boolean {
    this.#sweep();
    const events = this.#recent(key);
    if (events.length >= this.#limit) return false;
    events.push(this.#clock.elapsedMs());
    this.#eventsByKey.set(key, events);
    return true;
  }

  #recent(key: string): number[] {
    const oldest = this.#clock.elapsedMs() - this.#windowMs;
    return (this.#eventsByKey.get(key) ?? []).filter((at) => at > oldest);
  }

  #sweep(): void {
    const now = this.#clock.elapsedMs();
    if (now - this.#sweptAt < this.#windowMs) return;
    this.#sweptAt = now;
    for (const key of [...this.#eventsByKey.keys()]) {
      const events = this.#recent(key);
      if (events.length === 0) this.#eventsByKey.delete(key);
      else this.#eventsByKey.set(key, events);
    }
  }
}
