import { z } from 'zod';

/**
 * What the administrator's command asks a running gateway over its socket: `POST ${ADMIN_ROOT}<call>` with a JSON body. Both sides decode with
 * these schemas. Times are Unix milliseconds of the gateway's clock.
 */
export const ADMIN_ROOT = '/admin/v1/';
export const MAX_ADMIN_REQUEST_BYTES = 4 * 1024;
export const MAX_ADMIN_ANSWER_BYTES = 16 * 1024 * 1024;
/** Rows of one list; `more` says that there are others. */
export const MAX_LISTED = 10_000;

/** As in protocol/frames.ts: whoever enrolled can be named here. */
const userId = z
  .string()
  .min(1)
  .max(128)
  .regex(/^(?!\.{1,2}$)[^\p{Cc}/\\]+$/u);
const displayName = z
  .string()
  .min(1)
  .max(80)
  .regex(/^\P{Cc}*$/u);
/** With its kind in front: an id alone could begin with a hyphen, which a command line takes for an option. */
const deviceId = z.string().regex(/^(?:phone|workstation):[A-Za-z0-9_-]{16,64}$/);
/** What a Date can hold. */
const time = z.int().min(0).max(8_640_000_000_000_000);
const count = z.int().min(0);
/** Names that phones and workstations gave themselves: whoever shows them takes out what a terminal would obey. */
const claimedName = z.string().max(200);

export const UserRowSchema = z.strictObject({
  userId,
  displayName: claimedName,
  phones: count,
  /** Sessions in which the person is in now. */
  sessions: count,
  hasRecoveryCode: z.boolean(),
  /** A link for one more phone is open. */
  hasOpenLink: z.boolean(),
  /** Confirmation methods of our own that the person has set up. */
  methods: count,
});
export type UserRow = z.infer<typeof UserRowSchema>;

export const PhoneRowSchema = z.strictObject({
  kind: z.literal('phone'),
  id: deviceId,
  userId,
  name: claimedName,
  addedAt: time,
  lastUsedAt: time.nullable(),
  /** The passkey is synchronised by the phone's maker. */
  backedUp: z.boolean(),
});
export type PhoneRow = z.infer<typeof PhoneRowSchema>;

export const WorkstationRowSchema = z.strictObject({
  kind: z.literal('workstation'),
  id: deviceId,
  tokenName: claimedName,
  deviceId: claimedName,
  addedAt: time,
  lastSeenAt: time.nullable(),
});
export type WorkstationRow = z.infer<typeof WorkstationRowSchema>;

/** Where somebody is in, or was. */
export const PlaceRowSchema = z.strictObject({
  name: claimedName,
  tokenName: claimedName,
  connected: z.boolean(),
  /** In until then, if not ended before; `null`: not in. */
  inUntil: time.nullable(),
  lastUsedAt: time.nullable(),
});

/** A user id that a workstation made at its enrollment, and where it has asked under it. */
export const MemberRowSchema = z.strictObject({ userId, workstations: z.array(claimedName) });

export const CodeRowSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('link'), userId, madeAt: time, expiresAt: time, failures: count }),
  z.strictObject({ kind: z.literal('recovery'), userId }),
]);
export type CodeRow = z.infer<typeof CodeRowSchema>;

const link = z.strictObject({ userId, link: z.url().max(2_048), expiresAt: time });
const more = z.boolean();

/** A call with what is sent and what is answered. */
export interface AdminCallRow<Request, Answer> {
  readonly path: string;
  readonly request: z.ZodType<Request>;
  readonly answer: z.ZodType<Answer>;
}

export const ADMIN_CALLS = {
  'users.list': {
    path: `${ADMIN_ROOT}users.list`,
    request: z.strictObject({}),
    answer: z.strictObject({ rows: z.array(UserRowSchema), more }),
  },
  'users.show': {
    path: `${ADMIN_ROOT}users.show`,
    request: z.strictObject({ userId }),
    answer: z.strictObject({
      user: UserRowSchema,
      phones: z.array(PhoneRowSchema),
      places: z.array(PlaceRowSchema),
      members: z.array(MemberRowSchema),
      methods: z.array(z.strictObject({ method: claimedName, confirmed: z.boolean(), active: z.boolean() })),
    }),
  },
  'users.remove': {
    path: `${ADMIN_ROOT}users.remove`,
    request: z.strictObject({ userId }),
    answer: z.strictObject({
      userId,
      phones: count,
      sessions: count,
      methods: count,
      /** A token of this person stands in the configuration, where this command does not write. */
      tokenRemains: z.boolean(),
    }),
  },
  'devices.list': {
    path: `${ADMIN_ROOT}devices.list`,
    request: z.strictObject({ userId: userId.optional() }),
    answer: z.strictObject({
      rows: z.array(z.discriminatedUnion('kind', [PhoneRowSchema, WorkstationRowSchema])),
      more,
      /** False: a service elsewhere keeps them, and none is listed. */
      keepsPhones: z.boolean(),
      /** False: workstations are known by their tokens alone, and none is listed. */
      keepsWorkstations: z.boolean(),
    }),
  },
  'devices.revoke': {
    path: `${ADMIN_ROOT}devices.revoke`,
    request: z.strictObject({ id: deviceId }),
    answer: z.strictObject({
      id: deviceId,
      name: claimedName,
      /** Of the phone; `null` for a workstation. */
      userId: userId.nullable(),
      /** Closed by it; `null` where they are not counted. */
      sessions: count.nullable(),
    }),
  },
  'codes.enroll': {
    path: `${ADMIN_ROOT}codes.enroll`,
    /** `displayName` makes the person if there is none; without it an unknown one is refused, as a slip of the pen. */
    request: z.strictObject({ userId, displayName: displayName.optional() }),
    answer: link,
  },
  'codes.lost': {
    path: `${ADMIN_ROOT}codes.lost`,
    request: z.strictObject({ userId }),
    answer: link.extend({ phones: count, sessions: count }),
  },
  'codes.recovery': {
    path: `${ADMIN_ROOT}codes.recovery`,
    request: z.strictObject({ userId }),
    answer: z.strictObject({ userId, recoveryCode: z.string().max(64) }),
  },
  'codes.list': {
    path: `${ADMIN_ROOT}codes.list`,
    request: z.strictObject({ userId: userId.optional() }),
    answer: z.strictObject({ rows: z.array(CodeRowSchema), more }),
  },
  'codes.revoke': {
    path: `${ADMIN_ROOT}codes.revoke`,
    request: z.strictObject({ userId, only: z.enum(['link', 'recovery']).optional() }),
    answer: z.strictObject({ userId, links: count, recoveryCodes: count }),
  },
} as const satisfies Record<string, AdminCallRow<unknown, unknown>>;

export type AdminCall = keyof typeof ADMIN_CALLS;
export type AdminRequest<C extends AdminCall> = z.infer<(typeof ADMIN_CALLS)[C]['request']>;
export type AdminAnswer<C extends AdminCall> = z.infer<(typeof ADMIN_CALLS)[C]['answer']>;

/** Why a call was not carried out, its HTTP status and the sentence the administrator reads. Nothing has changed then. */
export const ADMIN_ERRORS = {
  BAD_REQUEST: {
    status: 400,
    text: 'The gateway does not understand this call: command and gateway differ in version.',
  },
  TOO_LARGE: { status: 413, text: 'The call is too large.' },
  UNKNOWN_CALL: { status: 404, text: 'The gateway has no such call: command and gateway differ in version.' },
  USER_UNKNOWN: { status: 404, text: 'Nobody is known under this user id.' },
  DEVICE_UNKNOWN: { status: 404, text: 'There is no device with this id.' },
  TOO_MANY_PHONES: { status: 409, text: 'This person has as many phones as may be. Revoke one first.' },
  KEPT_BY_SERVICE: {
    status: 409,
    text: 'This gateway keeps no people, phones or codes: the service it asks does. Manage them there.',
  },
  INTERNAL: { status: 500, text: 'The gateway could not do it. Its log says why.' },
} as const satisfies Record<string, { readonly status: number; readonly text: string }>;
export type AdminErrorCode = keyof typeof ADMIN_ERRORS;

export const AdminFailureSchema = z.strictObject({ code: z.string().max(40), message: z.string().max(500) });
