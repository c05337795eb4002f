import { z } from 'zod';
import { StartReasonSchema } from '../../protocol/frames.ts';
import { LOCK_CAUSES } from './lock-types.ts';

/**
 * What is written down, and read back after a restart: cause and evidence of everything that covers, uncovers or locks. No
 * secret, no name, no phone number.
 */
const cause = z.enum(LOCK_CAUSES);
const evidence = z.string();

export const AuditEntrySchema = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('lock-requested'), cause, evidence }),
  z.strictObject({ what: z.literal('lock-observed'), cause, evidence }),
  z.strictObject({ what: z.literal('lock-unconfirmed'), cause, rung: z.int().min(0), evidence }),
  z.strictObject({ what: z.literal('alarm'), cause, evidence }),
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
  z.strictObject({ what: z.literal('paused'), minutes: z.number() }),
  z.strictObject({ what: z.literal('pause-ended') }),
  z.strictObject({ what: z.literal('enrolled') }),
  z.strictObject({ what: z.literal('unenrolled') }),
  z.strictObject({ what: z.literal('effect-failed'), effect: z.string(), evidence }),
]);
export type AuditEntry = z.infer<typeof AuditEntrySchema>;
