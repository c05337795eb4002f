import type { SessionStatus } from '../protocol/frames.ts';

/** What a lease rests on: the provider's last good answer. */
export interface LeaseBasis {
  readonly status: SessionStatus;
  /** Elapsed time at which the request behind that answer was *sent*; when it was answered says nothing about how old it is. `null`: none yet. */
  readonly lastGoodAnswerAt: number | null;
}

/**
 * Remaining lease in whole milliseconds: how long a workstation may still trust the last `active`. It never outlives what the provider's last
 * good answer supports, so with the provider out of reach it runs out although every socket is healthy (DESIGN §5).
 */
export function remainingLeaseMs(basis: LeaseBasis, leaseMs: number, nowMs: number): number {
  if (basis.status !== 'active' || basis.lastGoodAnswerAt === null) return 0;
  // A `now` before the answer would be a broken clock; it must not lengthen the lease.
  const ageMs = Math.max(0, nowMs - basis.lastGoodAnswerAt);
  return Math.max(0, Math.floor(leaseMs - ageMs));
}
