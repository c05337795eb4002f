import { DEFAULT_POLICY, type Policy, type PolicyOverride } from '../../protocol/policy.ts';

/** Where a setting's value comes from. */
export type PolicySource = 'default' | 'user' | 'machine' | 'gateway';
export type PolicyKey = keyof Policy;

/** What each place states; absent keys are left to the place before. */
export interface PolicyLayers {
  readonly user: PolicyOverride;
  readonly machine: PolicyOverride;
  readonly gateway: PolicyOverride;
}

export interface EffectivePolicy {
  readonly policy: Policy;
  /** Settings that are not at their default; see `sourceOf`. */
  readonly sources: { readonly [K in PolicyKey]?: Exclude<PolicySource, 'default'> };
}

export const sourceOf = ({ sources }: EffectivePolicy, key: PolicyKey): PolicySource => sources[key] ?? 'default';

/**
 * Which of two values guards more. A gateway is trusted to tighten, never to loosen: whoever takes one over must not be able to
 * lengthen a grace or switch the curtain off everywhere at once.
 */
const STRICTER: { readonly [K in PolicyKey]: 'lower' | 'false' | 'curtain' | 'lock' | 'not-for-the-gateway' } = {
  approvalTimeoutMs: 'lower',
  maxAttemptsPerUnlock: 'lower',
  maxStartsPerHour: 'lower',
  pollIntervalMs: 'lower',
  verifyingPollIntervalMs: 'lower',
  leaseMs: 'lower',
  walkawayGraceMs: 'lower',
  networkGraceMs: 'lower',
  lockConfirmMs: 'lower',
  // Stricter, but it costs unsaved work: whoever takes a gateway over must not be able to end everybody's sessions.
  onUnconfirmedLock: 'not-for-the-gateway',
  unlockOnApproval: 'curtain',
  offline: 'lock',
  maxSessionSeconds: 'lower',
  maxPauseMinutes: 'lower',
  warnBeforeLock: 'not-for-the-gateway',
  tellNetworkName: 'false',
  allowQuitUnlocked: 'false',
  allowDisable: 'false',
};

/** @returns whether `claimed` guards more than `current` for this setting. */
export function isStricter<K extends PolicyKey>(key: K, claimed: Policy[K], current: Policy[K]): boolean {
  const direction = STRICTER[key];
  if (direction === 'not-for-the-gateway' || claimed === current) return false;
  if (direction === 'lower') return claimed < current;
  if (direction === 'false') return claimed === false;
  return claimed === direction;
}

export const POLICY_KEYS: readonly PolicyKey[] = Object.keys(STRICTER).filter(
  (key): key is PolicyKey => key in STRICTER,
);

/** Polls that fit into one lease at least: with one only, a single slow answer would already be an absence (S4). */
const POLLS_PER_LEASE = 2;

/**
 * default < user < machine, then what the gateway makes stricter.
 * A poll interval that could not keep a lease alive is shortened to one that can.
 */
export function effectivePolicy(layers: PolicyLayers): EffectivePolicy {
  let effective: EffectivePolicy = { policy: DEFAULT_POLICY, sources: {} };
  for (const key of POLICY_KEYS) {
    effective = take(effective, key, layers.user[key], 'user');
    effective = take(effective, key, layers.machine[key], 'machine');
    const claimed = layers.gateway[key];
    if (claimed !== undefined && isStricter(key, claimed, effective.policy[key])) {
      effective = take(effective, key, claimed, 'gateway');
    }
  }
  const { policy, sources } = effective;
  const shortestLease = Math.floor(policy.leaseMs / POLLS_PER_LEASE);
  return { sources, policy: { ...policy, pollIntervalMs: Math.min(policy.pollIntervalMs, shortestLease) } };
}

function take<K extends PolicyKey>(
  { policy, sources }: EffectivePolicy,
  key: K,
  value: Policy[K] | undefined,
  source: Exclude<PolicySource, 'default'>,
): EffectivePolicy {
  if (value === undefined) return { policy, sources };
  return { policy: { ...policy, [key]: value }, sources: { ...sources, [key]: source } };
}

/**
 * What holds in place of a machine-wide policy that exists and cannot be read: somebody meant to restrict this workstation, and
 * a typing error must not lift the restriction. Defaults for all, the user's wishes ignored, guarding not to be switched off.
 */
export const MACHINE_POLICY_WHEN_UNREADABLE: PolicyOverride = { ...DEFAULT_POLICY, allowDisable: false };
