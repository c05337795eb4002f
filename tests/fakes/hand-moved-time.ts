import type { Clock } from '../../main/core/ports.ts';
import type { Timers } from '../../main/runtime/wake-up.ts';

/** Both clocks and the timers, moved by hand. Timers fire in order of their time, each at its own moment. */
export class HandMovedTime implements Clock, Timers {
  private nowMs = 1_000_000;
  private wallOffsetMs = 1_700_000_000_000;
  private readonly waiting = new Map<number, { readonly at: number; readonly callback: () => void }>();
  private handles = 0;

  monotonicNow(): number {
    return this.nowMs;
  }

  wallNow(): number {
    return this.nowMs + this.wallOffsetMs;
  }

  setTimeout(callback: () => void, ms: number): number {
    this.handles += 1;
    this.waiting.set(this.handles, { at: this.nowMs + ms, callback });
    return this.handles;
  }

  clearTimeout(handle: unknown): void {
    if (typeof handle === 'number') this.waiting.delete(handle);
  }

  /** Timers that are set. */
  get pending(): number {
    return this.waiting.size;
  }

  pass(ms: number): void {
    const until = this.nowMs + ms;
    for (;;) {
      const next = [...this.waiting].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at)[0];
      if (next === undefined) break;
      const [handle, { at, callback }] = next;
      this.waiting.delete(handle);
      this.nowMs = Math.max(this.nowMs, at);
      callback();
    }
    this.nowMs = until;
  }

  /** Time passes, but no timer fires until later: the machine slept. */
  sleep(ms: number): void {
    this.nowMs += ms;
  }

  moveWallClock(ms: number): void {
    this.wallOffsetMs += ms;
  }
}
