import type { GatewayFrame } from '../protocol/frames.ts';

/** A connection that is told about a session. */
export interface SessionWatcher {
  send(frame: GatewayFrame): void;
}

interface Rhythm {
  lastPollAt: number | null;
  cadenceMs: number | null;
}

/** Who watches a session, and how eagerly each of them polls. */
export class SessionWatchers {
  readonly #rhythms = new Map<SessionWatcher, Rhythm>();

  get size(): number {
    return this.#rhythms.size;
  }

  add(watcher: SessionWatcher): void {
    if (!this.#rhythms.has(watcher)) this.#rhythms.set(watcher, { lastPollAt: null, cadenceMs: null });
  }

  /** Whether it was one. */
  delete(watcher: SessionWatcher): boolean {
    return this.#rhythms.delete(watcher);
  }

  all(): readonly SessionWatcher[] {
    return [...this.#rhythms.keys()];
  }

  /** The time since a watcher's previous poll is its rhythm. */
  notePoll(watcher: SessionWatcher, nowMs: number): void {
    const lastPollAt = this.#rhythms.get(watcher)?.lastPollAt ?? null;
    this.#rhythms.set(watcher, { lastPollAt: nowMs, cadenceMs: lastPollAt === null ? null : nowMs - lastPollAt });
  }

  /** `null`: nobody has polled twice. */
  fastestCadenceMs(): number | null {
    let fastest: number | null = null;
    for (const { cadenceMs } of this.#rhythms.values()) {
      if (cadenceMs !== null && (fastest === null || cadenceMs < fastest)) fastest = cadenceMs;
    }
    return fastest;
  }
}
