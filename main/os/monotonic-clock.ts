import { uptime } from 'node:os';
import type { Clock } from '../core/ports.ts';

/** Where the readings come from; replaced in tests. */
export interface ClockReadings {
  /** Fine and steady, but on Linux it stands still during sleep (CLOCK_MONOTONIC). Milliseconds. */
  readonly steadyMs: () => number;
  /**
   * Coarse (10 ms), goes on during sleep: /proc/uptime on Linux (CLOCK_BOOTTIME, which Node does not offer otherwise), GetTickCount64
   * on Windows. Seconds. null where it follows the wall clock and may jump (macOS, whose steady clock goes on in sleep anyway).
   */
  readonly uptimeSeconds: (() => number) | null;
  readonly wallMs: () => number;
}

/** A lag smaller than this between the two readings is resolution and scheduling, not sleep. */
const SLEEP_NOTICED_MS = 100;

const systemReadings: ClockReadings = {
  steadyMs: () => performance.now(),
  uptimeSeconds: process.platform === 'darwin' ? null : uptime,
  wallMs: () => Date.now(),
};

/**
 * The steady clock, moved forward by the time slept. Both parts only grow, so it never decreases whatever happens to the wall clock.
 * Nothing rests on it alone: on resume every lease expires unconditionally (OS-NOTES).
 */
export function createMonotonicClock(readings: ClockReadings = systemReadings): Clock {
  const { steadyMs, uptimeSeconds, wallMs } = readings;
  const gap = (): number => (uptimeSeconds === null ? 0 : uptimeSeconds() * 1_000 - steadyMs());
  const gapAtStart = gap();
  let sleptMs = 0;
  return {
    monotonicNow() {
      const lag = gap() - gapAtStart;
      if (lag - sleptMs > SLEEP_NOTICED_MS) sleptMs = lag;
      return steadyMs() + sleptMs;
    },
    wallNow: wallMs,
  };
}
