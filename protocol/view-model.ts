import { z } from 'zod';
import { SERVICE_KINDS } from './account-fields.ts';
import { MethodsOfPersonSchema } from './confirmation-methods.ts';
import { CapabilitiesSchema, PromptSchema } from './frames.ts';

/**
 * What the screens show. Built by main (main/core/view-model.ts), checked by the preload, drawn by the renderer, which holds no
 * rule of its own. Times to come are durations in ms counted from `publishedAgo = 0` at receipt (`…InMs`), so that a wall clock
 * that jumps moves nothing; times past are wall clock, for display only (`…AtWall`, Unix ms).
 */
export const MARKS = ['present', 'verifying', 'leaving', 'locked', 'paused', 'unenrolled', 'problem'] as const;
export const MarkSchema = z.enum(MARKS);
export type Mark = z.infer<typeof MarkSchema>;

/** What an entry of the history is about, for whoever looks for one thing; the rest is shown among all only. */
export const HISTORY_SUBJECTS = ['lock', 'approval', 'problem'] as const;
export type HistorySubject = (typeof HISTORY_SUBJECTS)[number];

export const HistoryEntrySchema = z.strictObject({
  atWall: z.number(),
  mark: MarkSchema,
  /** A lock because nobody approved is about both. */
  about: z.array(z.enum(HISTORY_SUBJECTS)),
  /** Cause first, in the person's words: "Your phone left". */
  title: z.string(),
  /** Evidence, small: "No sign of it for 10 s after the warning". */
  detail: z.string(),
});
export type HistoryEntry = z.infer<typeof HistoryEntrySchema>;

export const ViewModelSchema = z.strictObject({
  state: z.enum(['unenrolled', 'locked', 'locking', 'verifying', 'present', 'leaving', 'unlocking', 'paused']),
  mark: MarkSchema,
  /** "You’re here", "Approve on your phone": the one thing on the screen. */
  headline: z.string(),
  /** One or two sentences: what happens next and when. May hold `{countdown}`, replaced by the renderer with e.g. "48 seconds". */
  detail: z.string(),
  workstation: z.string(),
  /** Ring of the curtain and of the warning. */
  countdown: z.strictObject({ endsInMs: z.number(), totalMs: z.number() }).nullable(),
  prompt: PromptSchema.nullable(),
  sinceWall: z.number(),
  session: z
    .strictObject({
      approvedAtWall: z.number().nullable(),
      endsInMs: z.number().nullable(),
      endsAtWall: z.number().nullable(),
      asksAgainAtWall: z.number().nullable(),
      byOfflineCode: z.boolean(),
    })
    .nullable(),
  /** Wall time at which the service last answered about this person, or null. */
  lastHeardAtWall: z.number().nullable(),
  service: z
    .strictObject({
      title: z.string(),
      /** "via this computer" or "via gateway.example.org". */
      via: z.string(),
      reachable: z.boolean(),
      proximity: z.boolean(),
    })
    .nullable(),
  /** What the person may do now. */
  actions: z.strictObject({
    lockNow: z.boolean(),
    askAgain: z.boolean(),
    attemptsLeft: z.number(),
    pause: z.boolean(),
    maxPauseMinutes: z.number(),
    recoveryCode: z.boolean(),
    enroll: z.boolean(),
  }),
  /** Something is wrong although the state itself is fine (service down, keychain locked, Wayland limits, lock not confirmed). */
  problem: z.strictObject({ code: z.string(), title: z.string(), detail: z.string() }).nullable(),
  /** Simulated services: every screen carries the Trial mark. */
  trial: z.boolean(),
  /** Guarding was switched off with `presence-locker disable`, and since when. */
  disabledSinceWall: z.number().nullable(),
  history: z.array(HistoryEntrySchema),
});
export type ViewModel = z.infer<typeof ViewModelSchema>;

export const EnrollmentViewSchema = z.strictObject({
  /**
   * `choose` how to start · `account` of the service · `phone` add it · `test` try an approval · `codes` for when it cannot be asked ·
   * `done` · `manage` an enrolled phone.
   */
  step: z.enum(['choose', 'account', 'phone', 'test', 'codes', 'done', 'manage']),
  mode: z.enum(['trial', 'embedded', 'shared']).nullable(),
  /** Of an own account, for the form that is shown again; what the screens offer follows `service`. */
  kind: z.enum(SERVICE_KINDS).nullable(),
  /** A request is under way; buttons wait. */
  busy: z.boolean(),
  service: z
    .strictObject({
      title: z.string(),
      via: z.string(),
      proximity: z.boolean(),
      /** How one gets ready to approve there (protocol/frames.ts). */
      enrollment: CapabilitiesSchema.shape.enrollment,
      lostDevice: z.boolean(),
      /** Phones there have pages of their own, where they are added, revoked and replaced. */
      remoteLock: z.boolean(),
    })
    .nullable(),
  registration: z
    .strictObject({
      /** Null where the service has none. */
      link: z.string().nullable(),
      expiresInMs: z.number().nullable(),
      sms: z.enum(['idle', 'sending', 'sent']),
      /** A phone has the link open; false where the service cannot tell. */
      opened: z.boolean(),
      registered: z.boolean(),
    })
    .nullable(),
  /** A known number or address, as it was given last. */
  contact: z.enum(['idle', 'sending', 'added']),
  /** What there is to choose from and what the person has; null while it was not read. No setting and no secret of any. */
  methods: MethodsOfPersonSchema.pick({ methods: true, configs: true })
    .extend({
      /** A change that has to be confirmed. */
      toConfirm: MethodsOfPersonSchema.shape.toConfirm.unwrap().pick({ configId: true, label: true }).nullable(),
    })
    .nullable(),
  test: z.enum(['idle', 'asking', 'approved', 'denied', 'timeout', 'failed']),
  testPrompt: PromptSchema.nullable(),
  problem: z
    .strictObject({
      code: z.string(),
      title: z.string(),
      detail: z.string(),
      /** What the button of the message does. */
      wayOn: z.enum(['retry', 'edit-account', 'new-link', 'edit-number', 'back', 'none']),
    })
    .nullable(),
  /** Codes for when the phone cannot be asked. Never a code itself: those are told once, by `codes.make`. */
  codes: z.strictObject({
    /** Policy `offline: code`: guarding does not start without. */
    required: z.boolean(),
    /** Recovery codes left of the set in force; null where none is. */
    left: z.int().min(0).nullable(),
    /** The set made in this step was proven and is in force. */
    proven: z.boolean(),
  }),
  /** The simulated phone's page, in a trial. */
  phonePage: z.string().nullable(),
  trial: z.boolean(),
  enrolledSinceWall: z.number().nullable(),
});
export type EnrollmentView = z.infer<typeof EnrollmentViewSchema>;

export const SettingViewSchema = z.strictObject({
  key: z.string(),
  title: z.string(),
  detail: z.string(),
  value: z.union([z.number(), z.boolean(), z.string()]),
  /** How to edit it. Durations are in the unit shown, not in ms. */
  control: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('switch') }),
    z.strictObject({ kind: z.literal('number'), min: z.number(), max: z.number(), unit: z.string() }),
    z.strictObject({
      kind: z.literal('choice'),
      options: z.array(z.strictObject({ value: z.string(), title: z.string() })),
    }),
  ]),
  /** `machine`: fixed by the machine-wide policy file; `gateway`: made stricter by the gateway. Both are read-only here. */
  source: z.enum(['default', 'user', 'machine', 'gateway']),
});
export type SettingView = z.infer<typeof SettingViewSchema>;

export const SettingsViewSchema = z.strictObject({
  startAtLogin: z.strictObject({ value: z.boolean(), available: z.boolean(), detail: z.string() }),
  settings: z.array(SettingViewSchema),
  problem: z.string().nullable(),
});
export type SettingsView = z.infer<typeof SettingsViewSchema>;
