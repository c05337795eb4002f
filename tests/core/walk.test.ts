import { describe, expect, it } from 'vitest';
import { transition } from '../../main/core/transition.ts';
import type { Policy } from '../../protocol/policy.ts';
import { walk } from './walk.ts';
import { MUTANTS } from './walk-mutants.ts';
import { LIMITS, WALK_POLICY } from './walk-policy.ts';

describe('every reachable state', () => {
  it('keeps S1, S2, S3, S4, S6 and S7', { timeout: 120_000 }, () => {
    const result = walk(transition, WALK_POLICY, LIMITS);
    console.info(`walk: ${result.states} states, ${result.transitions} transitions`);
    expect(result.violation).toBeNull();
    expect(result.complete).toBe(true);
    const expectedStates = ['leaving', 'locked', 'locking', 'paused', 'present', 'unenrolled', 'verifying'];
    expect([...result.names].sort()).toEqual(expectedStates);
  });
});

describe('the walk catches a machine that', () => {
  it.each(Object.entries(MUTANTS))('%s', { timeout: 120_000 }, (_name, { breaks, step }) => {
    const policies: readonly Policy[] = [
      { ...WALK_POLICY, maxStartsPerHour: 9, unlockOnApproval: 'session' },
      WALK_POLICY,
      { ...WALK_POLICY, offline: 'code' },
    ];
    const limits = { ...LIMITS, maxStates: 20_000, watch: breaks };
    expect(policies.some((policy) => walk(step, policy, limits).violation !== null)).toBe(true);
  });
});
