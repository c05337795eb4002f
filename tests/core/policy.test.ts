import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectivePolicy, isStricter, POLICY_KEYS, sourceOf } from '../../main/core/policy.ts';
import { DEFAULT_POLICY, type PolicyOverride, PolicyOverrideSchema, PolicySchema } from '../../protocol/policy.ts';

const layers = { user: {}, machine: {}, gateway: {} };

/** Any subset of settings with any accepted values. */
const anyOverride: fc.Arbitrary<PolicyOverride> = fc.record(
  {
    walkawayGraceMs: fc.nat(120_000),
    networkGraceMs: fc.nat(300_000),
    pollIntervalMs: fc.integer({ min: 500, max: 60_000 }),
    leaseMs: fc.integer({ min: 1_000, max: 120_000 }),
    maxPauseMinutes: fc.nat(480),
    unlockOnApproval: fc.constantFrom('curtain', 'session'),
    offline: fc.constantFrom('lock', 'code'),
    onUnconfirmedLock: fc.constantFrom('alarm', 'terminate-session'),
    warnBeforeLock: fc.boolean(),
    tellNetworkName: fc.boolean(),
    allowQuitUnlocked: fc.boolean(),
    allowDisable: fc.boolean(),
  },
  { requiredKeys: [] },
);

describe('effective policy', () => {
  it('is the default where nobody says anything', () => {
    const effective = effectivePolicy(layers);
    expect(effective.policy).toEqual(DEFAULT_POLICY);
    for (const key of POLICY_KEYS) expect(sourceOf(effective, key)).toBe('default');
  });

  it('covers every setting of the table', () => {
    expect([...POLICY_KEYS].sort()).toEqual(Object.keys(PolicySchema.shape).sort());
  });

  it('lets the machine-wide file override the user’s, in both directions', () => {
    const effective = effectivePolicy({
      ...layers,
      user: { walkawayGraceMs: 1_000, networkGraceMs: 1_000, maxPauseMinutes: 5 },
      machine: { walkawayGraceMs: 60_000, networkGraceMs: 500 },
    });
    expect(effective.policy).toMatchObject({ walkawayGraceMs: 60_000, networkGraceMs: 500, maxPauseMinutes: 5 });
    expect(sourceOf(effective, 'walkawayGraceMs')).toBe('machine');
    expect(sourceOf(effective, 'maxPauseMinutes')).toBe('user');
  });

  it('takes from a gateway what is stricter and nothing else', () => {
    const effective = effectivePolicy({
      user: { unlockOnApproval: 'session', offline: 'code' },
      machine: { leaseMs: 20_000 },
      gateway: {
        unlockOnApproval: 'curtain',
        offline: 'lock',
        leaseMs: 30_000,
        walkawayGraceMs: 0,
        maxPauseMinutes: 480,
        allowQuitUnlocked: true,
        allowDisable: false,
        warnBeforeLock: false,
      },
    });
    expect(effective.policy).toMatchObject({
      unlockOnApproval: 'curtain',
      offline: 'lock',
      leaseMs: 20_000,
      walkawayGraceMs: 0,
      maxPauseMinutes: 60,
      allowQuitUnlocked: false,
      allowDisable: false,
      warnBeforeLock: true,
    });
    expect(sourceOf(effective, 'allowDisable')).toBe('gateway');
    expect(sourceOf(effective, 'leaseMs')).toBe('machine');
  });

  it('is never looser for what a gateway says, whatever it says', () => {
    fc.assert(
      fc.property(anyOverride, anyOverride, anyOverride, (user, machine, gateway) => {
        const without = effectivePolicy({ user, machine, gateway: {} }).policy;
        const withGateway = effectivePolicy({ user, machine, gateway }).policy;
        for (const key of POLICY_KEYS) expect(isStricter(key, without[key], withGateway[key])).toBe(false);
      }),
    );
  });

  it('always fits two polls into a lease, and stays a valid policy', () => {
    fc.assert(
      fc.property(anyOverride, anyOverride, anyOverride, (user, machine, gateway) => {
        const { policy } = effectivePolicy({ user, machine, gateway });
        expect(policy.pollIntervalMs * 2).toBeLessThanOrEqual(policy.leaseMs);
        expect(PolicySchema.safeParse(policy).success).toBe(true);
      }),
    );
  });
});

describe('an override', () => {
  it('states only the keys that came in', () => {
    expect(PolicyOverrideSchema.parse({ walkawayGraceMs: 0 })).toEqual({ walkawayGraceMs: 0 });
    expect(PolicyOverrideSchema.parse({})).toEqual({});
  });
  it('is refused for a key that is no setting, and for a value out of range', () => {
    expect(PolicyOverrideSchema.safeParse({ walkawayGrace: 0 }).success).toBe(false);
    expect(PolicyOverrideSchema.safeParse({ walkawayGraceMs: -1 }).success).toBe(false);
  });
});
