import type { Clock } from '../core/ports.ts';
import { type LinkTimers, singleTimer } from './timers.ts';

/** Asks about one session at a steady interval. The poll is the keep-alive of the lease. */
export interface SessionPolling {
  /** `null` stops. A session not polled before is polled at once; a new interval counts from the last poll. */
  set(polling: { readonly sessionId: string; readonly intervalMs: number } | null): void;
  /** The connection is new: polls at once, whatever was asked on the old one. */
  pollNow(): void;
  readonly sessionId: () => string | null;
}

/** @param poll sends the poll, or does nothing while there is no connection. */
export function createSessionPolling(
  clock: Pick<Clock, 'monotonicNow'>,
  timers: LinkTimers,
  poll: (sessionId: string) => void,
): SessionPolling {
  const timer = singleTimer(timers);
  let current: { readonly sessionId: string; readonly intervalMs: number } | null = null;
  let polledAt = 0;

  function pollNow(): void {
    timer.cancel();
    if (current === null) return;
    polledAt = clock.monotonicNow();
    poll(current.sessionId);
    timer.set(current.intervalMs, pollNow);
  }

  return {
    set(polling) {
      const sameSession = polling !== null && polling.sessionId === current?.sessionId;
      current = polling;
      if (polling === null) timer.cancel();
      else if (!sameSession) pollNow();
      else timer.set(Math.max(0, polledAt + polling.intervalMs - clock.monotonicNow()), pollNow);
    },
    pollNow,
    sessionId: () => current?.sessionId ?? null,
  };
}
