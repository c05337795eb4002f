import { expect, it } from 'vitest';
import { transition } from '../../main/core/transition.ts';
import { walk } from '../core/walk.ts';
import { LIMITS, WALK_POLICY } from '../core/walk-policy.ts';

/** The larger of the two exhaustive walks; the smaller one is in tests/core and runs in every check. */
it('every reachable state keeps the invariants where approval unlocks the session and codes count offline', {
  timeout: 240_000,
}, () => {
  const policy = {
    ...WALK_POLICY,
    maxAttemptsPerUnlock: 1,
    // One second less than in the smaller walk: a third fewer states, and still a lease that has to be renewed before the end.
    maxSessionSeconds: 3,
    unlockOnApproval: 'session',
    offline: 'code',
  } as const;
  const result = walk(transition, policy, LIMITS);
  console.info(`walk: ${result.states} states, ${result.transitions} transitions`);
  expect(result.violation).toBeNull();
  expect(result.complete).toBe(true);
  expect(result.names.size).toBe(8);
});
