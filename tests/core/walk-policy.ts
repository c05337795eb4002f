import { DEFAULT_POLICY, type Policy } from '../../protocol/policy.ts';

/** Durations on the walk's grid of one second, counters small: every order of events is still there, only the waiting is short. */
export const WALK_POLICY: Policy = {
  ...DEFAULT_POLICY,
  approvalTimeoutMs: 2_000,
  maxAttemptsPerUnlock: 2,
  maxStartsPerHour: 2,
  leaseMs: 2_000,
  walkawayGraceMs: 1_000,
  networkGraceMs: 2_000,
  lockConfirmMs: 1_000,
  maxSessionSeconds: 4,
  maxPauseMinutes: 1,
};
export const LIMITS = { maxStates: 400_000, ladderRungs: 2 };
