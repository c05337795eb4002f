import { z } from 'zod';
import { StartReasonSchema } from '../../protocol/frames.ts';
import { LOCK_CAUSES } from './lock-types.ts';

/**
 * What is written down, and read back after a restart: cause and evidence of everything that covers, uncovers or locks, and of
 * everything that changes whether it does. No secret, no name, no phone number, no id of a person or a machine.
 */
const cause = z.enum(LOCK_CAUSES);
const evidence = z.string();
const settingValue = z.union([z.number(), z.boolean(), z.string()]);
/** Where a setting's value comes from (main/core/policy.ts). */
const source = z.enum(['default', 'user', 'machine', 'gateway']);
const codeKind = z.enum(['totp', 'recovery']);

/** What happened to offline codes besides letting somebody in. Never a code, nor anything made from one. */
const offlineCodeNotes = [
  z.strictObject({
    what: z.literal('offline-code-refused'),
    codeKind,
    /** `not-now`: genuine, but typed before a lock, or the phone could be asked by then. */
    why: z.enum(['wrong', 'used', 'not-now']),
    /** In a row, this one included. */
    failures: z.int().min(0),
  }),
  /** The network is back and the person was told what happened without it. */
  z.strictObject({ what: z.literal('offline-codes-reported'), accepted: z.int().min(0), refused: z.int().min(0) }),
  z.strictObject({ what: z.literal('offline-codes-made') }),
  z.strictObject({ what: z.literal('offline-codes-removed') }),
] as const;
export type OfflineCodeNote = z.infer<(typeof offlineCodeNotes)[number]>;

export const AuditEntrySchema = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('lock-requested'), cause, evidence }),
  z.strictObject({ what: z.literal('lock-observed'), cause, evidence }),
  z.strictObject({ what: z.literal('lock-unconfirmed'), cause, rung: z.int().min(0), evidence }),
  z.strictObject({ what: z.literal('alarm'), cause, evidence }),
  z.strictObject({ what: z.literal('termination-requested'), cause }),
  z.strictObject({ what: z.literal('os-unlocked'), evidence }),
  z.strictObject({ what: z.literal('approval-asked'), reason: StartReasonSchema, attempt: z.int().min(0) }),
  z.strictObject({ what: z.literal('approval-refused'), code: z.string() }),
  z.strictObject({ what: z.literal('approved'), proof: z.enum(['session', 'offline-code']), evidence }),
  z.strictObject({ what: z.literal('unlock-requested'), evidence }),
  z.strictObject({
    what: z.literal('leaving'),
    cause: z.enum(['walkaway', 'gateway-unreachable', 'service-silent']),
    evidence,
  }),
  z.strictObject({ what: z.literal('returned'), evidence }),
  z.strictObject({ what: z.literal('renewed'), evidence }),
  /** `grantedFrom`: nobody asked for it here; absent: asked for at the workstation. */
  z.strictObject({ what: z.literal('paused'), minutes: z.number(), grantedFrom: z.literal('phone').optional() }),
  z.strictObject({ what: z.literal('pause-ended') }),
  z.strictObject({ what: z.literal('enrolled') }),
  z.strictObject({ what: z.literal('unenrolled') }),
  z.strictObject({ what: z.literal('effect-failed'), effect: z.string(), evidence }),

  // Told by the composition root: what the machine cannot see.
  z.strictObject({
    what: z.literal('app-started'),
    version: z.string(),
    /** Whether the run before said that it ends; null when there was none. */
    endedWell: z.boolean().nullable(),
    /** Settings that are not at their default, so that a change made while the app was not running shows too. */
    settings: z.array(z.strictObject({ setting: z.string(), value: settingValue, source })),
  }),
  z.strictObject({ what: z.literal('app-stopped'), evidence }),
  /** Told at the next start: the run before died, and what its sentinel did about it. */
  z.strictObject({
    what: z.literal('app-died'),
    how: z.enum(['ended', 'hung']),
    atWall: z.int().min(0),
    lock: z.enum(['seen', 'already', 'not-seen', 'not-needed']),
    lockedAfterMs: z.int().min(0).nullable(),
  }),
  z.strictObject({ what: z.literal('sentinel-died'), evidence }),
  z.strictObject({
    what: z.literal('policy-changed'),
    changes: z.array(z.strictObject({ setting: z.string(), from: settingValue, to: settingValue, source })),
  }),
  z.strictObject({ what: z.literal('guarding-disabled'), sinceWall: z.number(), evidence }),
  z.strictObject({ what: z.literal('guarding-enabled'), evidence }),

  // Told by the record about itself.
  z.strictObject({
    what: z.literal('record-begun'),
    /** `full`: the file before reached its bound. `damaged`: the file before does not end with an entry that can be followed. */
    because: z.enum(['first', 'full', 'damaged']),
    /** Number of the oldest entry that is kept from here on; what is older may be gone. */
    keptFrom: z.int().min(1),
  }),
  z.strictObject({
    what: z.literal('record-recovered'),
    /** Bytes of a torn last line that were cut off. */
    lostBytes: z.int().min(0),
    /** Entries that could not be written since the one before. */
    lostEntries: z.int().min(0),
  }),
  z.strictObject({ what: z.literal('record-copied') }),
  ...offlineCodeNotes,
]);
export type AuditEntry = z.infer<typeof AuditEntrySchema>;
