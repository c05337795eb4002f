import type { SessionStatus } from '../protocol/frames.ts';
import { assertNever } from '../protocol/result.ts';
import {
  ACTIVE_POLL_INTERVAL_MS,
  MIN_DEMANDED_POLL_INTERVAL_MS,
  POLL_RETRY_AFTER_LONGEST_MS,
  POLL_RETRY_FIRST_MS,
  POLL_RETRY_LONGEST_MS,
  POLLS_PER_LEASE,
  URGENT_POLL_INTERVAL_MS,
} from './limits.ts';

/** Statuses that nothing follows. */
export function isTerminal(status: SessionStatus): boolean {
  switch (status) {
    case 'pending':
    case 'identifying':
    case 'active':
    case 'walkaway':
      return false;
    case 'timeout':
    case 'closed':
    case 'failed':
    case 'cancelled':
      return true;
    default:
      return assertNever(status, 'session status');
  }
}

/**
 * Time between two upstream polls. `fastestCadenceMs`: how often the most eager watcher polls, `null` when none has shown a rhythm yet. It can only
 * shorten the interval, and two watchers of the same rhythm do not add up.
 */
export function pollIntervalMs(status: SessionStatus, leaseMs: number, fastestCadenceMs: number | null): number {
  const unasked =
    status === 'active'
      ? Math.min(ACTIVE_POLL_INTERVAL_MS, Math.floor(leaseMs / POLLS_PER_LEASE))
      : Math.min(URGENT_POLL_INTERVAL_MS, leaseMs);
  if (fastestCadenceMs === null) return unasked;
  return Math.min(unasked, Math.max(MIN_DEMANDED_POLL_INTERVAL_MS, fastestCadenceMs));
}

/** Wait after the `failures`-th failed poll in a row. `jitter` in [0, 1). */
export function pollRetryDelayMs(failures: number, retryAfterMs: number | null, jitter: number): number {
  const longest = Math.min(POLL_RETRY_FIRST_MS * 2 ** (failures - 1), POLL_RETRY_LONGEST_MS);
  const delayMs = longest * (0.5 + jitter / 2);
  return Math.max(delayMs, Math.min(retryAfterMs ?? 0, POLL_RETRY_AFTER_LONGEST_MS));
}
