import type { GatewayFrame } from '../protocol/frames.ts';

/** A connection that is told about a session. */
export interface SessionWatcher {
  send(frame: GatewayFrame): void;
}

interface Watching {
  readonly watcher: SessionWatcher;
  lastPollAt: number | null;
  cadenceMs: number | null;
}

/** Who watches a session, and how eagerly each of them polls. A list: there is one, or two while a connection is being replaced. */
export class SessionWatchers {
  #watching: readonly Watching[] = [];

  get size(): number {
    return this.#watching.length;
  }

  add(watcher: SessionWatcher): void {
    if (this.#of(watcher) === undefined)
      this.#watching = [...this.#watching, { watcher, lastPollAt: null, cadenceMs: null }];
  }

  /** Whether it was one. */
  delete(watcher: SessionWatcher): boolean {
    const before = this.size;
    this.#watching = this.#watching.filter((watching) => watching.watcher !== watcher);
    return this.size < before;
  }

  all(): readonly SessionWatcher[] {
    return this.#watching.map(({ watcher }) => watcher);
  }

  /** The time since a watcher's previous poll is its rhythm. */
  notePoll(watcher: SessionWatcher, nowMs: number): void {
    const watching = this.#of(watcher);
    if (watching === undefined) return;
    watching.cadenceMs = watching.lastPollAt === null ? null : nowMs - watching.lastPollAt;
    watching.lastPollAt = nowMs;
  }

  /** `null`: nobody has polled twice. */
  fastestCadenceMs(): number | null {
    let fastest: number | null = null;
    for (const { cadenceMs } of this.#watching) {
      if (cadenceMs !== null && (fastest === null || cadenceMs < fastest)) fastest = cadenceMs;
    }
    return fastest;
  }

  #of(watcher: SessionWatcher): Watching | undefined {
    return this.#watching.find((watching) => watching.watcher === watcher);
  }
}
