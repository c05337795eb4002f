import type { Clock } from '../core/ports.ts';

/** Wrong codes in a row that cost nothing: people mistype. */
const FREE_FAILURES = 2;
/** Wait after the first one beyond; doubles with each further one. */
const FIRST_DELAY_MS = 30_000;
const LONGEST_DELAY_MS = 60 * 60_000;

/**
 * Wrong codes in a row after which six digits are no longer taken, until a recovery code was. With three steps counting, ten tries
 * guess one with a chance of 3 in 100,000, and patience adds nothing. A recovery code has 80 bits and needs no such end.
 */
export const MAX_FAILURES_FOR_TOTP = 10;

/** @param failures wrong codes in a row. @returns how long nothing is looked at after the last of them. */
export function delayAfter(failures: number): number {
  const beyond = failures - FREE_FAILURES;
  return beyond <= 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (beyond - 1));
}

export interface AttemptDelay {
  /** The count as the book has it. The first sight of it in this run starts the whole delay again. */
  seen(userId: string, failures: number): void;
  /** An attempt counts from now on. */
  attempted(userId: string): void;
  /** @returns ms until the next attempt is looked at; 0 when it is now. */
  remaining(userId: string, failures: number): number;
}

/**
 * Only the number of failures is stored; when the last one was, is known to this run alone, on the monotonic clock. So no wall clock
 * that is moved shortens a delay, and a restart can only lengthen one: what a process cannot know, it takes for just now.
 */
export function createAttemptDelay(clock: Clock): AttemptDelay {
  const lastAt = new Map<string, number>();
  const seen = (userId: string): number => {
    const known = lastAt.get(userId);
    if (known !== undefined) return known;
    const now = clock.monotonicNow();
    lastAt.set(userId, now);
    return now;
  };
  return {
    seen(userId, failures) {
      if (failures > 0) seen(userId);
    },
    attempted(userId) {
      lastAt.set(userId, clock.monotonicNow());
    },
    remaining(userId, failures) {
      if (delayAfter(failures) === 0) return 0;
      return Math.max(0, seen(userId) + delayAfter(failures) - clock.monotonicNow());
    },
  };
}
