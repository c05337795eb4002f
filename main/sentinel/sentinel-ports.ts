import type { Clock } from '../core/ports.ts';
import type { LockPursuit } from './lock-pursuit.ts';
import type { Wire } from './wire.ts';

export interface SentinelTimers {
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

export interface SentinelLog {
  info(details: object, text: string): void;
  warn(details: object, text: string): void;
  error(details: object, text: string): void;
}

/** Main, as its sentinel knows it. */
export interface WatchedMain {
  readonly wire: Wire;
  /** For the log. */
  readonly processId: number;
  /** Ends a main that hangs. @param claimedProcessId what it said of itself, or null; only used while its end of the wire is open. */
  kill(claimedProcessId: number | null): void;
}

/** What is left for the next main, so that "why did it lock?" has an answer. */
export interface Death {
  /** `ended`: the wire was cut without a farewell. `hung`: no sign of life. */
  readonly how: 'ended' | 'hung';
  /** Unix ms. */
  readonly atWall: number;
  /** `not-needed`: nobody was guarded. `already`: it was locked before. `not-seen`: asked for, and not observed before main was started again. */
  readonly lock: 'seen' | 'already' | 'not-seen' | 'not-needed';
  /** From the death until the lock was observed; null where there was none to wait for. */
  readonly lockedAfterMs: number | null;
}

export interface SentinelPorts {
  readonly clock: Clock;
  readonly timers: SentinelTimers;
  readonly log: SentinelLog;
  /** @param said that main said so. Without it: what the files say, because main may die before it knows. Rejecting counts as yes. */
  mustLock(said: boolean): Promise<boolean>;
  pursueLock(): LockPursuit;
  /** Starts main with a wire. @throws when it cannot be started. */
  startMain(): Promise<WatchedMain>;
  /** Whether there is nothing left to lock: the display is gone (log-out). */
  sessionIsOver(): Promise<boolean>;
  /** @throws when it cannot be written. */
  leaveNote(death: Death): Promise<void>;
  /** See limits.ts. */
  readonly silentLooksUntilHung: number;
  /** Somebody else starts main again. */
  readonly restartedBySystemd: boolean;
}

export function pause(timers: SentinelTimers, ms: number): Promise<void> {
  return new Promise((resolve) => void timers.setTimeout(resolve, ms));
}
