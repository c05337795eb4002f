import type { Clock } from '../core/ports.ts';
import type { Timers } from './wake-up.ts';

/** How often the machine is made to look at the clock although nothing happened. */
export const WATCHDOG_INTERVAL_MS = 1_000;
/** A tick this much later than due means that the machine slept, whether or not anybody said so. */
export const SLEEP_GAP_MS = 10_000;

/**
 * Second line behind the wake-up: a lost timer delays a lock by at most one interval, and an unobserved lock is asserted again by
 * the deadlines it makes the machine look at. It also notices a sleep that no event announced (timers that stop during sleep lock
 * too late: Thor77/Blueproximity#48) by both clocks: one of them counts through sleep on every OS.
 */
export function startWatchdog(options: {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly onTick: () => void;
  readonly onSlept: (gapMs: number) => void;
}): () => void {
  const { clock, timers, onTick, onSlept } = options;
  let stopped = false;
  let handle: unknown = null;
  let before = { monotonicMs: clock.monotonicNow(), wallMs: clock.wallNow() };
  const tick = (): void => {
    if (stopped) return;
    const now = { monotonicMs: clock.monotonicNow(), wallMs: clock.wallNow() };
    // A wall clock set backwards is no sleep; one set forwards is taken for one: a needless lock, never a missing one.
    const gapMs = Math.max(now.monotonicMs - before.monotonicMs, now.wallMs - before.wallMs) - WATCHDOG_INTERVAL_MS;
    before = now;
    if (gapMs > SLEEP_GAP_MS) onSlept(gapMs);
    onTick();
    handle = timers.setTimeout(tick, WATCHDOG_INTERVAL_MS);
  };
  handle = timers.setTimeout(tick, WATCHDOG_INTERVAL_MS);
  return () => {
    stopped = true;
    timers.clearTimeout(handle);
  };
}
