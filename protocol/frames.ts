import { z } from 'zod';
import { MethodSettingsSchema, MethodsOfPersonSchema, methodId } from './confirmation-methods.ts';
import { DeviceKeySchema, NonceSchema, SignatureSchema } from './device-proof.ts';
import { e164, id, link, text, userId } from './fields.ts';
import { MAX_PAUSE_MINUTES, PolicyOverrideSchema } from './policy.ts';

/**
 * WebSocket frames between workstation and gateway: JSON text, `v: 1`, at most MAX_FRAME_BYTES, strict schemas
 * (an unknown key is a refusal, so a typo never silently weakens a request). See docs/protocol.md.
 */
export const PROTOCOL_VERSION = 1;
export const MAX_FRAME_BYTES = 16 * 1024;

const version = z.literal(PROTOCOL_VERSION);

/** Canonical session status. Whatever a provider says beyond these is mapped to one of them before it gets here. */
export const SESSION_STATUSES = [
  'pending',
  'identifying',
  'active',
  'walkaway',
  'timeout',
  'closed',
  'failed',
  'cancelled',
] as const;
export const SessionStatusSchema = z.enum(SESSION_STATUSES);
export type SessionStatus = z.infer<typeof SessionStatusSchema>;

/** How the person is to approve. */
export const PromptSchema = z.discriminatedUnion('kind', [
  /** The phone shows a request by itself. */
  z.strictObject({ kind: z.literal('phone') }),
  /** The phone shows several numbers; this is the right one. */
  z.strictObject({ kind: z.literal('number'), number: z.string().regex(/^\d{2,6}$/) }),
  /** A link to open on the phone, shown as a QR code. */
  z.strictObject({ kind: z.literal('link'), url: link }),
  /** Something to type on the curtain. `triesLeft`: there since a wrong code was typed; how many more may be. */
  z.strictObject({
    kind: z.literal('code'),
    label: text(80),
    length: z.int().min(1).max(64).optional(),
    triesLeft: z.int().min(1).max(100).optional(),
  }),
]);
export type Prompt = z.infer<typeof PromptSchema>;

/** What a provider can do; screens follow these, never a provider's name. */
export const CapabilitiesSchema = z.strictObject({
  /** Name for the person, e.g. `IAMPASS`. */
  title: text(60),
  /** The service notices when the phone leaves. */
  proximity: z.boolean(),
  /** Results are pushed rather than only polled. */
  push: z.boolean(),
  prompts: z.array(z.enum(['phone', 'number', 'link', 'code'])).max(4),
  /**
   * How a person gets ready to approve: a link to open on the phone (QR), that link by SMS, a phone number or address known already,
   * or confirmation methods set up with a form.
   */
  enrollment: z.array(z.enum(['link', 'sms', 'contact', 'methods'])).max(4),
  lostDevice: z.boolean(),
  /** The service keeps to the length asked for; otherwise the gateway ends the session when it is over. */
  durations: z.boolean(),
  /** Confirmation methods the service can be asked for. */
  methods: z.array(text(40)).max(16),
  /** Not a real service: everything is marked as a trial. */
  simulated: z.boolean(),
  /** The person picks the number on the phone that the workstation shows. Absent: no. */
  numberMatching: z.boolean().optional(),
  /** The phone can lock the workstation. Absent: no. */
  remoteLock: z.boolean().optional(),
  /** The phone shows which workstation asks: `session.start` may say so. Absent: no, and `workstation` is refused. */
  showsWorkstation: z.boolean().optional(),
});
export type Capabilities = z.infer<typeof CapabilitiesSchema>;

/** A number or address that somebody has verified already, e.g. the organisation when it issued the phone. */
export const KnownContactSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('phone'), phoneNumber: e164 }),
  z.strictObject({ kind: z.literal('email'), email: z.email().max(254) }),
]);
export type KnownContact = z.infer<typeof KnownContactSchema>;

export const StartReasonSchema = z.enum(['unlock', 'retry', 'renewal', 'pause', 'enrollment-test']);
export type StartReason = z.infer<typeof StartReasonSchema>;

/** What the workstation says about itself: for the person only, never a ground to decide anything. */
export const WorkstationDescriptionSchema = z.strictObject({
  name: text(80).min(1),
  /** The network's name and nothing else: no address, no place. */
  network: text(80).min(1).optional(),
});
export type WorkstationDescription = z.infer<typeof WorkstationDescriptionSchema>;

/** `enroll.state.detail` as long as a phone has the link open and has not registered. */
export const LINK_OPENED = 'link-opened';

export const ClientFrameSchema = z.discriminatedUnion('type', [
  /** With a `deviceKey` a shared gateway answers `challenge`; the token is for the first contact only. One of the two there must be. */
  z
    .strictObject({
      v: version,
      type: z.literal('hello'),
      token: z.string().min(16).max(512).optional(),
      deviceKey: DeviceKeySchema.optional(),
      deviceId: id,
      appVersion: text(40),
      platform: z.enum(['linux', 'win32', 'darwin']),
    })
    .refine((hello) => hello.token !== undefined || hello.deviceKey !== undefined, { path: ['deviceKey'] }),
  /** Answer to `challenge`, once: the signature of `deviceProofText` (device-proof.ts). */
  z.strictObject({ v: version, type: z.literal('hello.proof'), signature: SignatureSchema }),
  /** The workstation leaves: the gateway is to forget the key of this connection, and of no other. */
  z.strictObject({ v: version, type: z.literal('device.forget'), requestId: id }),
  z.strictObject({
    v: version,
    type: z.literal('session.start'),
    requestId: id,
    userId,
    reason: StartReasonSchema,
    methods: z
      .array(z.string().regex(/^[a-z0-9-]{1,40}$/))
      .max(16)
      .optional(),
    durationSeconds: z.int().min(60).max(86_400).optional(),
    /** Only where the service's capabilities say `showsWorkstation`. */
    workstation: WorkstationDescriptionSchema.optional(),
  }),
  /** `seq`: the highest sequence number of this session the client has seen (0: none). */
  z.strictObject({ v: version, type: z.literal('session.poll'), sessionId: id, seq: z.int().min(0) }),
  z.strictObject({ v: version, type: z.literal('session.answer'), sessionId: id, data: text(128) }),
  z.strictObject({ v: version, type: z.literal('session.end'), sessionId: id, reason: text(80) }),
  z.strictObject({ v: version, type: z.literal('enroll.begin'), requestId: id, userId, displayName: text(80) }),
  z.strictObject({
    v: version,
    type: z.literal('enroll.sms'),
    requestId: id,
    userId,
    displayName: text(80),
    phoneNumber: e164,
  }),
  z.strictObject({
    v: version,
    type: z.literal('enroll.contact'),
    requestId: id,
    userId,
    displayName: text(80),
    contact: KnownContactSchema,
  }),
  z.strictObject({ v: version, type: z.literal('enroll.check'), requestId: id, userId }),
  z.strictObject({ v: version, type: z.literal('enroll.lostDevice'), requestId: id, userId }),
  z.strictObject({ v: version, type: z.literal('enroll.remove'), requestId: id, userId }),
  z.strictObject({ v: version, type: z.literal('methods.list'), requestId: id, userId }),
  z.strictObject({
    v: version,
    type: z.literal('methods.create'),
    requestId: id,
    userId,
    methodId,
    settings: MethodSettingsSchema,
    isDefault: z.boolean(),
  }),
  /** `data`: what the person typed; empty where a phone confirmed it. */
  z.strictObject({
    v: version,
    type: z.literal('methods.confirm'),
    requestId: id,
    userId,
    configId: methodId,
    confirmationId: methodId,
    data: text(128),
  }),
  /** Without `settings` they stay as they are. */
  z.strictObject({
    v: version,
    type: z.literal('methods.update'),
    requestId: id,
    userId,
    configId: methodId,
    settings: MethodSettingsSchema.optional(),
    isActive: z.boolean(),
    isDefault: z.boolean(),
  }),
  z.strictObject({ v: version, type: z.literal('methods.delete'), requestId: id, userId, configId: methodId }),
]);
export type ClientFrame = z.infer<typeof ClientFrameSchema>;

export const GatewayFrameSchema = z.discriminatedUnion('type', [
  /** Answer to a `hello` with a device key. `nonce` is for this connection and one answer. */
  z.strictObject({ v: version, type: z.literal('challenge'), nonce: NonceSchema }),
  /** Answer to `device.forget`; the connection ends after it. */
  z.strictObject({ v: version, type: z.literal('device.forgotten'), requestId: id }),
  z.strictObject({
    v: version,
    type: z.literal('ready'),
    policy: PolicyOverrideSchema.optional(),
    serverTime: z.int(),
    capabilities: CapabilitiesSchema,
  }),
  /**
   * `requestId` is set on the first answer to a `session.start` and binds the session to that request.
   * `seq` grows strictly with every state of one session, across gateway restarts too.
   * `validForMs` is the remaining lease: 0 unless `status` is `active`.
   * `reason` says why nothing newer is known (an error code) or why a session ended; for the person's evidence line only.
   */
  z.strictObject({
    v: version,
    type: z.literal('session.state'),
    sessionId: id,
    requestId: id.optional(),
    seq: z.int().min(1),
    status: SessionStatusSchema,
    validForMs: z.int().min(0).max(600_000),
    reason: text(120).optional(),
    prompt: PromptSchema.optional(),
  }),
  z.strictObject({ v: version, type: z.literal('session.ended'), sessionId: id }),
  /** `registered` — a phone is ready to approve. `detail` is an error-free remark, e.g. `sms-sent`, `removed`. */
  z.strictObject({
    v: version,
    type: z.literal('enroll.state'),
    requestId: id,
    registered: z.boolean(),
    link: link.optional(),
    expiresAt: z.int().optional(),
    detail: text(120).optional(),
  }),
  /** Answer to every `methods.…`: how things are then. `setUpLink` holds a secret and is never logged. */
  z.strictObject({ v: version, type: z.literal('methods.state'), requestId: id, ...MethodsOfPersonSchema.shape }),
  z.strictObject({ v: version, type: z.literal('command.lock'), reason: text(120) }),
  /** A pause granted on the phone, for this session and no other. The workstation may take less of it, or none. */
  z.strictObject({
    v: version,
    type: z.literal('command.pause'),
    sessionId: id,
    minutes: z.int().min(1).max(MAX_PAUSE_MINUTES),
  }),
  z.strictObject({ v: version, type: z.literal('policy'), policy: PolicyOverrideSchema }),
  /** `code` is one of ERROR_CODES; a plain string here so that a newer gateway's code is still read. */
  z.strictObject({
    v: version,
    type: z.literal('error'),
    requestId: id.optional(),
    code: z.string().max(64),
    message: text(240),
    retryable: z.boolean(),
  }),
]);
export type GatewayFrame = z.infer<typeof GatewayFrameSchema>;
export type GatewayFrameOf<T extends GatewayFrame['type']> = Extract<GatewayFrame, { type: T }>;
export type ClientFrameOf<T extends ClientFrame['type']> = Extract<ClientFrame, { type: T }>;
