import { uptime } from 'node:os';

/** Time as the gateway's logic sees it. Tests and the virtual-time simulation bring their own; nothing else in gateway/ reads a clock. */
export interface GatewayClock {
  /**
   * Milliseconds since some fixed moment. Never runs backwards, and counts the time the machine slept: a lease granted
   * before a sleep must be over after it.
   */
  elapsedMs(): number;
  /** Unix time in milliseconds, for stored start times, request timestamps and logs. May jump; never used for a lease. */
  wallMs(): number;
  /** Runs `task` once after `delayMs`, unless cancelled. */
  schedule(delayMs: number, task: () => void): CancelTask;
}

export type CancelTask = () => void;

/** A difference below this is jitter of the two clocks, not a sleep: the system's uptime has a resolution of 1 s on macOS. */
export const SLEEP_NOTICED_MS = 2_000;

/**
 * The system's uptime is a file to be read on Linux, 2 µs each time, and a busy gateway asks for the time ten thousand times a second. It is
 * looked at after so much time awake, and at once when the wall clock moved against the monotonic one, as every sleep makes it do.
 */
const UPTIME_LOOK_INTERVAL_MS = 250;
const WALL_MOVED_MS = SLEEP_NOTICED_MS / 4;

/** Where the system clock gets its readings; replaced in tests. */
export interface ClockSources {
  /** Stops while the machine sleeps (CLOCK_MONOTONIC on Linux), in milliseconds. */
  monotonicMs(): number;
  /** Goes on while the machine sleeps, in milliseconds, coarse. */
  uptimeMs(): number;
  wallMs(): number;
}

const SYSTEM_SOURCES: ClockSources = {
  monotonicMs: () => performance.now(),
  uptimeMs: () => uptime() * 1_000,
  wallMs: () => Date.now(),
};

/**
 * The real clock. Node's monotonic clock stands still during sleep, so a lease read from it alone would still look fresh after a
 * night; the difference to the system's uptime, once it has grown, is added and never taken back.
 */
export function createSystemClock(sources: ClockSources = SYSTEM_SOURCES): GatewayClock {
  const awakeDifferenceMs = sources.uptimeMs() - sources.monotonicMs();
  let sleptMs = 0;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let wallLeadMs = 0;
  return {
    elapsedMs() {
      const monotonicMs = sources.monotonicMs();
      const wallMoved = Math.abs(sources.wallMs() - monotonicMs - wallLeadMs) >= WALL_MOVED_MS;
      if (!wallMoved && monotonicMs - lookedAtMs < UPTIME_LOOK_INTERVAL_MS) return monotonicMs + sleptMs;
      lookedAtMs = monotonicMs;
      wallLeadMs = sources.wallMs() - monotonicMs;
      const claimedSleptMs = sources.uptimeMs() - monotonicMs - awakeDifferenceMs;
      if (claimedSleptMs > sleptMs + SLEEP_NOTICED_MS) sleptMs = claimedSleptMs;
      return monotonicMs + sleptMs;
    },
    wallMs: () => sources.wallMs(),
    schedule(delayMs, task) {
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
  };
}
