import { z } from 'zod';

// No policy allows a longer pause.
export const MAX_PAUSE_MINUTES = 480;

/**
 * One table of policy settings. Defaults are fail-secure; a machine-wide file overrides the user's, a gateway's `ready`
 * may only make it stricter (see main/core/policy.ts). Units are in the names. docs/operations.md lists exactly these.
 */
export const PolicySchema = z.strictObject({
  /** How long an approval may take before the workstation locks. */
  approvalTimeoutMs: z.int().min(5_000).max(300_000).default(60_000),
  /** Session starts for one unlock, the first included. */
  maxAttemptsPerUnlock: z.int().min(1).max(10).default(3),
  /** Session starts in any 60 minutes, over all unlocks (S7). */
  maxStartsPerHour: z.int().min(1).max(120).default(20),
  /** Presence poll while present. */
  pollIntervalMs: z.int().min(500).max(60_000).default(5_000),
  /** Poll while an approval is awaited. */
  verifyingPollIntervalMs: z.int().min(250).max(10_000).default(1_000),
  /** Longest life of one `active` answer on the workstation. */
  leaseMs: z.int().min(1_000).max(120_000).default(15_000),
  /** Time to come back after the phone left. */
  walkawayGraceMs: z.int().min(0).max(120_000).default(10_000),
  /** Time without an answer from gateway or service before the lock. */
  networkGraceMs: z.int().min(0).max(300_000).default(30_000),
  /** Wait for the observed lock on each rung of the lock ladder. */
  lockConfirmMs: z.int().min(500).max(15_000).default(3_000),
  /** When no rung locked, after the alarm. `terminate-session`: also ends the OS session, unsaved work included (Linux with logind). */
  onUnconfirmedLock: z.enum(['alarm', 'terminate-session']).default('alarm'),
  /** `curtain`: approval lowers the curtain. `session`: also unlocks the OS session (Linux; not where approving needs something shown here). */
  unlockOnApproval: z.enum(['curtain', 'session']).default('curtain'),
  /** What replaces the phone when gateway or service cannot be reached. */
  offline: z.enum(['lock', 'code']).default('lock'),
  /** Longest session before the phone is asked again. */
  maxSessionSeconds: z.int().min(60).max(86_400).default(3_600),
  /** Longest pause; 0 forbids pausing. */
  maxPauseMinutes: z.int().min(0).max(MAX_PAUSE_MINUTES).default(60),
  /** Show a notification while the grace runs. */
  warnBeforeLock: z.boolean().default(true),
  /** Tell the phone the name of this computer's network with each request, where the service shows it. Off: its own name only. */
  tellNetworkName: z.boolean().default(true),
  /** Quit without locking first. */
  allowQuitUnlocked: z.boolean().default(false),
  /** Whether `presence-locker disable` is accepted from a console of the same user. */
  allowDisable: z.boolean().default(true),
});

export type Policy = z.infer<typeof PolicySchema>;

const settings = PolicySchema.shape;
type Stated = { [K in keyof typeof settings]: z.ZodOptional<ReturnType<(typeof settings)[K]['unwrap']>> };

/**
 * What a policy file or a gateway may state: any subset. Built without the defaults: zod's `partial()` keeps them, and a file that
 * states one setting would then pin all others.
 */
export const PolicyOverrideSchema = z.strictObject(
  Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, setting.unwrap().optional()])) as Stated,
);
export type PolicyOverride = { readonly [K in keyof Policy]?: Policy[K] | undefined };

/** Fail-secure defaults (DESIGN §4). */
export const DEFAULT_POLICY: Policy = PolicySchema.parse({});
