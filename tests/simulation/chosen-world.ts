import { effectivePolicy } from '../../main/core/policy.ts';
import { DEFAULT_POLICY, type Policy } from '../../protocol/policy.ts';
import { SeededRandom } from './seeded-random.ts';

/** How many worlds are built the slow and complete way: signatures verified by the service, the watchdog ticking every second. */
export const COMPLETE_EVERY = 20;

/** What kind of world a seed stands for. */
export interface ChosenWorld {
  readonly policy: Policy;
  /** The gateway runs on the same computer, as most people have it; otherwise elsewhere. */
  readonly embedded: boolean;
  readonly complete: boolean;
  readonly walkawayMs: number;
  /** Mean time between two faults while somebody sits there, and while the workstation is locked. */
  readonly faultEveryMs: { readonly attended: number; readonly locked: number };
  /** Mean time that somebody stays, and stays away. */
  readonly stayMs: number;
  readonly awayMs: number;
  /** Messages may overtake each other in this world. */
  readonly reorders: boolean;
}

const MINUTE_MS = 60_000;

export function chooseWorld(seed: number): ChosenWorld {
  const random = new SeededRandom(seed, 'world');
  const day = random.weighted({ ordinary: 5, stormy: 4, calm: 1 });
  return {
    policy: random.chance(0.4)
      ? { ...DEFAULT_POLICY, unlockOnApproval: random.pick(['curtain', 'session']) }
      : somePolicy(random),
    embedded: random.chance(0.6),
    complete: seed % COMPLETE_EVERY === 0,
    walkawayMs: random.pick([10_000, 10_000, 5_000, 30_000]),
    faultEveryMs: {
      ordinary: { attended: 2 * MINUTE_MS, locked: 10 * MINUTE_MS },
      stormy: { attended: 0.5 * MINUTE_MS, locked: 5 * MINUTE_MS },
      calm: { attended: 25 * MINUTE_MS, locked: 60 * MINUTE_MS },
    }[day],
    stayMs: { ordinary: 4 * MINUTE_MS, stormy: 4 * MINUTE_MS, calm: 12 * MINUTE_MS }[day],
    awayMs: { ordinary: 20 * MINUTE_MS, stormy: 20 * MINUTE_MS, calm: 45 * MINUTE_MS }[day],
    reorders: random.chance(0.3),
  };
}

function somePolicy(random: SeededRandom): Policy {
  const { policy } = effectivePolicy({
    user: {
      approvalTimeoutMs: random.between(15, 120) * 1_000,
      maxAttemptsPerUnlock: random.between(1, 4),
      maxStartsPerHour: random.pick([3, 6, 20, 60]),
      pollIntervalMs: random.between(2, 10) * 1_000,
      leaseMs: random.between(6, 40) * 1_000,
      walkawayGraceMs: random.pick([0, 5_000, 10_000, 60_000]),
      networkGraceMs: random.pick([0, 10_000, 30_000, 120_000]),
      lockConfirmMs: random.between(1_000, 6_000),
      unlockOnApproval: random.pick(['curtain', 'session']),
      offline: random.pick(['lock', 'code', 'lock']),
      maxSessionSeconds: random.pick([120, 600, 3_600, 7_200]),
      maxPauseMinutes: random.pick([0, 5, 30]),
    },
    machine: {},
    gateway: {},
  });
  return policy;
}
