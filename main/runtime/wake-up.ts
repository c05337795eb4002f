import type { Clock, WakeUp } from '../core/ports.ts';

/** setTimeout takes 32 bits; a longer wait is made of several. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;

/** Timers of the runtime, replaceable in tests by ones moved by hand. */
export interface Timers {
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

export const NODE_TIMERS: Timers = {
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (handle) => {
    if (handle instanceof Object && 'unref' in handle) clearTimeout(handle as NodeJS.Timeout);
  },
};

/** The one wake-up of the machine, on the monotonic clock: a wall clock that is moved moves no deadline. */
export function createWakeUp(clock: Clock, timers: Timers): WakeUp {
  let handle: unknown = null;
  const clear = (): void => {
    if (handle !== null) timers.clearTimeout(handle);
    handle = null;
  };
  const arm = (atMonotonicMs: number, fire: () => void): void => {
    const waitMs = Math.max(0, Math.ceil(atMonotonicMs - clock.monotonicNow()));
    handle = timers.setTimeout(
      () => {
        handle = null;
        // A timer may fire early (rounding) or the wait was cut into pieces: look at the clock, not at the timer.
        if (clock.monotonicNow() < atMonotonicMs) arm(atMonotonicMs, fire);
        else fire();
      },
      Math.min(waitMs, LONGEST_TIMEOUT_MS),
    );
  };
  return {
    set(atMonotonicMs, fire) {
      clear();
      if (atMonotonicMs !== null) arm(atMonotonicMs, fire);
    },
  };
}
