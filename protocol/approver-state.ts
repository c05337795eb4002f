import { z } from 'zod';
import { StartReasonSchema } from './frames.ts';
import { MAX_PAUSE_MINUTES } from './policy.ts';

/** What a signed-in phone is shown. Times are Unix milliseconds of the gateway's clock; `serverTime` lets a page count down on its own. */
export const approverText = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^\P{Cc}*$/u);
/** Ids the gateway makes: random, not to be guessed, no secret by themselves. */
export const approverId = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/);
const time = z.int().min(0);

export const PHONE_NAME_CHARACTERS = 40;
export const NUMBER_CHOICES = 3;
/** Bounds of the lists in a state. */
export const MAX_PENDING_REQUESTS_SHOWN = 8;
export const MAX_WORKSTATIONS_SHOWN = 32;
export const MAX_PHONES = 8;
export const MAX_ACTIVITY_SHOWN = 50;

export const displayedNumber = z.string().regex(/^[1-9]\d$/);
export const phoneName = approverText(PHONE_NAME_CHARACTERS).min(1);
const workstationName = approverText(80);

/** A workstation asks now. At most one for each workstation: the newest. */
export const ApprovalRequestSchema = z.strictObject({
  requestId: approverId,
  workstationId: approverId,
  workstation: workstationName,
  /** The network's name only; absent where the workstation did not say. */
  network: approverText(80).optional(),
  reason: StartReasonSchema,
  requestedAt: time,
  expiresAt: time,
  /** Three different numbers, one of which the workstation shows. Which one is not said. */
  numbers: z.array(displayedNumber).length(NUMBER_CHOICES),
});
export type ApprovalRequest = z.infer<typeof ApprovalRequestSchema>;

export const ApproverWorkstationSchema = z.strictObject({
  workstationId: approverId,
  name: workstationName,
  /** Connected to the gateway now: only then can it be told to lock. */
  connected: z.boolean(),
  /** The person is in since `since`, at most until `until`. Absent: nobody is in. */
  session: z.strictObject({ since: time, until: time }).optional(),
  /** Paused from a phone, until then at the latest: whether it was locked there meanwhile is not known. */
  pausedUntil: time.optional(),
  /** No request is taken from it before this (after "that wasn't me"). */
  blockedUntil: time.optional(),
  lastUsedAt: time.optional(),
});
export type ApproverWorkstation = z.infer<typeof ApproverWorkstationSchema>;

export const ApproverPhoneSchema = z.strictObject({
  phoneId: approverId,
  name: phoneName,
  thisPhone: z.boolean(),
  addedAt: time,
  lastUsedAt: time.optional(),
  /** The passkey is synchronised by the phone's maker: other devices of the same account may hold it. */
  backedUp: z.boolean(),
  /** Notifications reach it. */
  push: z.boolean(),
});
export type ApproverPhone = z.infer<typeof ApproverPhoneSchema>;

export const ACTIVITY_KINDS = [
  'approved',
  'denied',
  'not-me',
  'wrong-number',
  'unanswered',
  'superseded',
  'locked-from-phone',
  'ended-from-phone',
  'paused-from-phone',
  'session-over',
  'workstation-added',
  'workstation-removed',
  'phone-added',
  'phone-renamed',
  'phone-revoked',
  'phone-lost',
  'recovery-code-made',
  'recovery-code-used',
  'counter-went-back',
] as const;
export type ActivityKind = (typeof ACTIVITY_KINDS)[number];

export const ActivitySchema = z.strictObject({
  at: time,
  kind: z.enum(ACTIVITY_KINDS),
  workstation: workstationName.optional(),
  phone: phoneName.optional(),
});
export type Activity = z.infer<typeof ActivitySchema>;

export const ApproverStateSchema = z.strictObject({
  serverTime: time,
  /** The name given at the first enrollment. */
  person: approverText(80),
  /** Signed in until then at the latest. */
  signedInUntil: time,
  /** Newest first. */
  requests: z.array(ApprovalRequestSchema).max(MAX_PENDING_REQUESTS_SHOWN),
  workstations: z.array(ApproverWorkstationSchema).max(MAX_WORKSTATIONS_SHOWN),
  phones: z.array(ApproverPhoneSchema).max(MAX_PHONES),
  /** Newest first. */
  activity: z.array(ActivitySchema).max(MAX_ACTIVITY_SHOWN),
  /** VAPID public key for `pushManager.subscribe`, base64url; and whether this phone is subscribed. */
  push: z.strictObject({ publicKey: z.string().regex(/^[A-Za-z0-9_-]{80,100}$/), subscribed: z.boolean() }),
  hasRecoveryCode: z.boolean(),
  /** Longest pause that a phone may grant; 0: none. A workstation may allow less. */
  maxPauseMinutes: z.int().min(0).max(MAX_PAUSE_MINUTES),
});
export type ApproverState = z.infer<typeof ApproverStateSchema>;

/**
 * Over the WebSocket, gateway → page. A `state` comes when it opens and on every change; it replaces what the page knew. After `signed-out`
 * the gateway closes it. The page sends nothing.
 */
export const ApproverLiveSchema = z.discriminatedUnion('type', [
  z.strictObject({ v: z.literal(1), type: z.literal('state'), state: ApproverStateSchema }),
  z.strictObject({ v: z.literal(1), type: z.literal('signed-out') }),
]);
export type ApproverLive = z.infer<typeof ApproverLiveSchema>;

/** Payload of a push: only that it is worth looking. It names nobody, and the page shows what the gateway says, never this. */
export const PushHintSchema = z.strictObject({ v: z.literal(1), type: z.literal('look') });
export type PushHint = z.infer<typeof PushHintSchema>;
