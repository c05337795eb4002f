import { z } from 'zod';
import {
  APPLICATION_ID,
  AUTHSIGNAL_SECRET,
  isServiceAddress,
  MAX_OUT_OF_BAND_METHODS,
  METHOD_KEY,
  TWO_FACTOR_HEADER_NAME,
  TWO_FACTOR_HEADER_TEMPLATE,
  TWO_FACTOR_PREFIX,
  TWO_FACTOR_TOKEN,
} from './account-fields.ts';
import { type MethodSettings, MethodSettingsSchema, methodId } from './confirmation-methods.ts';
import { type KnownContact, KnownContactSchema } from './frames.ts';
import { EnrollmentViewSchema, SettingsViewSchema, ViewModelSchema } from './view-model.ts';

/**
 * The whole IPC surface between renderer pages and main, in one table. `invoke`: the page asks, main answers. `push`: main tells.
 * Arguments are decoded with these schemas in main (the page is hostile once a bug lets script in) and pushes in the preload.
 * `pages` lists which pages may call: the curtain must not be able to remove the enrollment.
 */
export const PAGES = ['curtain', 'status', 'enrollment'] as const;
export type Page = (typeof PAGES)[number];

const nothing = z.undefined();
const shortText = z
  .string()
  .max(200)
  .regex(/^\P{Cc}*$/u);

/** What main answers to an action: done, or a sentence why not. */
export const ActionResultSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ ok: z.literal(false), sentence: z.string() }),
]);
export type ActionResult = z.infer<typeof ActionResultSchema>;

/** Where a copy was saved, null when the person chose nowhere; or a sentence why there is none. */
export const ExportResultSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), savedAs: z.string().nullable() }),
  z.strictObject({ ok: z.literal(false), sentence: z.string() }),
]);
export type ExportResult = z.infer<typeof ExportResultSchema>;

/**
 * A new set of codes, told once, to the page that asked for it: never part of a view, because views go to every window of their page.
 */
export const MadeCodesSchema = z.strictObject({
  recovery: z.array(z.string()),
  totp: z.strictObject({
    /** `otpauth://…`, for the QR code. */
    link: z.string(),
    /** The same secret for apps that cannot scan, in groups of four. */
    secret: z.string(),
  }),
});
export type MadeCodes = z.infer<typeof MadeCodesSchema>;

const MadeCodesResultSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), codes: MadeCodesSchema }),
  z.strictObject({ ok: z.literal(false), sentence: z.string() }),
]);
export type MadeCodesResult = z.infer<typeof MadeCodesResultSchema>;

/** Six digits of an app or a recovery code, with whatever people put between the groups. */
const typedCode = z.strictObject({
  code: z
    .string()
    .min(1)
    .max(64)
    .regex(/^\P{Cc}*$/u),
});

const serviceAddress = z
  .url({ protocol: /^https?$/ })
  .refine(isServiceAddress, { error: 'https://, or http:// on this computer' });
/** Empty: the usual one. */
const orDefault = (schema: z.ZodType<string>) => z.union([z.literal(''), schema]);
const own = z.literal('embedded');

/** The account as typed by the person. The secret goes to the keychain and is never sent back to a page. */
export const AccountSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('trial') }),
  /** An own account: one member per kind of provider (protocol/embedded.ts). */
  z.discriminatedUnion('kind', [
    z.strictObject({
      mode: own,
      kind: z.literal('activeconnect'),
      profile: z.enum(['activeconnect', 'iampass']),
      /** Empty: the profile's own address. */
      baseUrl: orDefault(serviceAddress),
      appId: z.string().regex(APPLICATION_ID),
      appSecret: z.string().min(1).max(500),
    }),
    z.strictObject({
      mode: own,
      kind: z.literal('authsignal'),
      apiUrl: orDefault(serviceAddress),
      secret: z.string().regex(AUTHSIGNAL_SECRET),
    }),
    z.strictObject({
      mode: own,
      kind: z.literal('wcd-2factor'),
      baseUrl: serviceAddress,
      prefix: orDefault(z.string().max(200).regex(TWO_FACTOR_PREFIX)),
      headerName: orDefault(z.string().regex(TWO_FACTOR_HEADER_NAME)),
      headerTemplate: orDefault(z.string().regex(TWO_FACTOR_HEADER_TEMPLATE)),
      token: z.string().regex(TWO_FACTOR_TOKEN),
      /** Methods that are answered on the phone: nothing is typed here. */
      outOfBandMethods: z.array(z.string().regex(METHOD_KEY)).max(MAX_OUT_OF_BAND_METHODS),
    }),
  ]),
  z.strictObject({
    mode: z.literal('shared'),
    gatewayUrl: z.url({ protocol: /^wss?$/ }).max(500),
    gatewayToken: z.string().min(16).max(512),
  }),
]);
export type Account = z.infer<typeof AccountSchema>;
export type OwnAccount = Extract<Account, { mode: 'embedded' }>;

/**
 * Done, and what the person needs once to finish the set-up (e.g. `otpauth://…`), told to the page that asked and in no view: it holds a
 * secret.
 */
export const MethodChangedSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), setUpLink: z.string().nullable() }),
  z.strictObject({ ok: z.literal(false), sentence: z.string() }),
]);
export type MethodChanged = z.infer<typeof MethodChangedSchema>;

export const IPC = {
  'view.get': { kind: 'invoke', pages: ['curtain', 'status', 'enrollment'], args: nothing, result: ViewModelSchema },
  'view.changed': { kind: 'push', pages: ['curtain', 'status', 'enrollment'], payload: ViewModelSchema },

  'action.lockNow': { kind: 'invoke', pages: ['curtain', 'status'], args: nothing, result: ActionResultSchema },
  'action.askAgain': { kind: 'invoke', pages: ['curtain', 'status'], args: nothing, result: ActionResultSchema },
  'action.answer': {
    kind: 'invoke',
    pages: ['curtain', 'enrollment'],
    args: z.strictObject({
      data: z
        .string()
        .min(1)
        .max(128)
        .regex(/^\P{Cc}*$/u),
    }),
    result: ActionResultSchema,
  },
  /** Copies the link that is to be opened on the phone. Main knows which; nothing is opened (docs/adr/0023). */
  'action.copyLink': { kind: 'invoke', pages: ['curtain', 'enrollment'], args: nothing, result: ActionResultSchema },
  /** A code instead of the phone; counts only while the phone cannot be asked and policy allows codes. */
  'action.offlineCode': { kind: 'invoke', pages: ['curtain'], args: typedCode, result: ActionResultSchema },
  'action.pause': {
    kind: 'invoke',
    pages: ['status'],
    args: z.strictObject({ minutes: z.int().min(1).max(480) }),
    result: ActionResultSchema,
  },

  /** Saves a copy of the whole record where the person chooses; main asks where, the page never names a path. */
  'history.export': { kind: 'invoke', pages: ['status'], args: nothing, result: ExportResultSchema },

  /** A page tells that it has painted; the curtain counts as raised only then. */
  'page.painted': {
    kind: 'invoke',
    pages: ['curtain', 'status', 'enrollment'],
    args: nothing,
    result: ActionResultSchema,
  },
  'window.open': {
    kind: 'invoke',
    pages: ['status', 'enrollment'],
    args: z.strictObject({ page: z.enum(['status', 'enrollment', 'settings']) }),
    result: ActionResultSchema,
  },

  'enrollment.get': { kind: 'invoke', pages: ['enrollment'], args: nothing, result: EnrollmentViewSchema },
  'enrollment.changed': { kind: 'push', pages: ['enrollment'], payload: EnrollmentViewSchema },
  /** Stores the account (keychain), starts or connects the gateway, creates the user token, asks for the registration link. */
  'enrollment.useAccount': {
    kind: 'invoke',
    pages: ['enrollment'],
    args: z.strictObject({ account: AccountSchema, displayName: shortText }),
    result: ActionResultSchema,
  },
  'enrollment.sendSms': {
    kind: 'invoke',
    pages: ['enrollment'],
    args: z.strictObject({ phoneNumber: z.string().regex(/^\+[1-9]\d{6,14}$/) }),
    result: ActionResultSchema,
  },
  /** A number or address that the person knows to be theirs: the service asks there from then on. */
  'enrollment.addContact': {
    kind: 'invoke',
    pages: ['enrollment'],
    args: z.strictObject({ contact: KnownContactSchema }),
    result: ActionResultSchema,
  },
  'enrollment.newLink': { kind: 'invoke', pages: ['enrollment'], args: nothing, result: ActionResultSchema },
  'enrollment.copyLink': { kind: 'invoke', pages: ['enrollment'], args: nothing, result: ActionResultSchema },
  'enrollment.openPhonePage': {
    kind: 'invoke',
    pages: ['curtain', 'status', 'enrollment'],
    args: nothing,
    result: ActionResultSchema,
  },
  /** One approval without consequences, before anything is guarded. */
  'enrollment.test': { kind: 'invoke', pages: ['enrollment'], args: nothing, result: ActionResultSchema },
  /** From now on the workstation is guarded: the curtain comes up and the phone is asked. */
  'enrollment.finish': { kind: 'invoke', pages: ['enrollment'], args: nothing, result: ActionResultSchema },
  'enrollment.lostDevice': { kind: 'invoke', pages: ['enrollment'], args: nothing, result: ActionResultSchema },
  'enrollment.remove': { kind: 'invoke', pages: ['enrollment'], args: nothing, result: ActionResultSchema },
  /** Back to the step before; drops what was begun and not finished. */
  'enrollment.back': { kind: 'invoke', pages: ['enrollment'], args: nothing, result: ActionResultSchema },

  /** Reads what there is and what the person has; the answer is in the view. */
  'methods.refresh': { kind: 'invoke', pages: ['enrollment'], args: nothing, result: ActionResultSchema },
  'methods.create': {
    kind: 'invoke',
    pages: ['enrollment'],
    args: z.strictObject({ methodId, settings: MethodSettingsSchema }),
    result: MethodChangedSchema,
  },
  /** Of the change that the view says is to be confirmed. `data` is empty where a phone has confirmed it. */
  'methods.confirm': {
    kind: 'invoke',
    pages: ['enrollment'],
    args: z.strictObject({
      data: z
        .string()
        .max(128)
        .regex(/^\P{Cc}*$/u),
    }),
    result: ActionResultSchema,
  },
  /** What is left out stays as it is. */
  'methods.update': {
    kind: 'invoke',
    pages: ['enrollment'],
    args: z.strictObject({
      configId: methodId,
      settings: MethodSettingsSchema.optional(),
      isActive: z.boolean().optional(),
      isDefault: z.boolean().optional(),
    }),
    result: MethodChangedSchema,
  },
  'methods.delete': {
    kind: 'invoke',
    pages: ['enrollment'],
    args: z.strictObject({ configId: methodId }),
    result: ActionResultSchema,
  },

  /** Opens the step of the recovery codes: after a test approval, or to renew them. */
  'codes.open': { kind: 'invoke', pages: ['enrollment'], args: nothing, result: ActionResultSchema },
  /** A new set; the one in force stays in force until `codes.prove`. */
  'codes.make': { kind: 'invoke', pages: ['enrollment'], args: nothing, result: MadeCodesResultSchema },
  /** Shows that the person kept them; from then on the new set is in force and the old one void. */
  'codes.prove': { kind: 'invoke', pages: ['enrollment'], args: typedCode, result: ActionResultSchema },
  'codes.copy': {
    kind: 'invoke',
    pages: ['enrollment'],
    args: z.strictObject({ what: z.enum(['recovery', 'link']) }),
    result: ActionResultSchema,
  },

  'settings.get': { kind: 'invoke', pages: ['enrollment'], args: nothing, result: SettingsViewSchema },
  'settings.changed': { kind: 'push', pages: ['enrollment'], payload: SettingsViewSchema },
  'settings.set': {
    kind: 'invoke',
    pages: ['enrollment'],
    args: z.strictObject({ key: shortText, value: z.union([z.number(), z.boolean(), shortText]) }),
    result: ActionResultSchema,
  },
  'settings.setStartAtLogin': {
    kind: 'invoke',
    pages: ['enrollment'],
    args: z.strictObject({ value: z.boolean() }),
    result: ActionResultSchema,
  },
} as const satisfies Record<
  string,
  | { readonly kind: 'invoke'; readonly pages: readonly Page[]; readonly args: z.ZodType; readonly result: z.ZodType }
  | { readonly kind: 'push'; readonly pages: readonly Page[]; readonly payload: z.ZodType }
>;

export type Channel = keyof typeof IPC;
export type InvokeChannel = { [C in Channel]: (typeof IPC)[C]['kind'] extends 'invoke' ? C : never }[Channel];
export type PushChannel = Exclude<Channel, InvokeChannel>;
export type ArgsOf<C extends InvokeChannel> = z.infer<(typeof IPC)[C]['args']>;
export type ResultOf<C extends InvokeChannel> = z.infer<(typeof IPC)[C]['result']>;
export type PayloadOf<C extends PushChannel> = z.infer<(typeof IPC)[C]['payload']>;

/** What `window.presenceLocker` offers a page: one function per capability, nothing else. The preload implements it. */
export interface PresenceLockerBridge {
  /** Which page this window was made for. */
  readonly page: Page;
  view: {
    get(): Promise<ResultOf<'view.get'>>;
    /** @returns a function that stops listening. */
    onChange(listener: (view: PayloadOf<'view.changed'>) => void): () => void;
  };
  action: {
    lockNow(): Promise<ActionResult>;
    askAgain(): Promise<ActionResult>;
    answer(data: string): Promise<ActionResult>;
    copyLink(): Promise<ActionResult>;
    pause(minutes: number): Promise<ActionResult>;
    offlineCode(code: string): Promise<ActionResult>;
  };
  history: {
    /** Asks where, and saves a copy of the record there. */
    export(): Promise<ExportResult>;
  };
  painted(): Promise<ActionResult>;
  openWindow(page: 'status' | 'enrollment' | 'settings'): Promise<ActionResult>;
  enrollment: {
    get(): Promise<ResultOf<'enrollment.get'>>;
    onChange(listener: (view: PayloadOf<'enrollment.changed'>) => void): () => void;
    useAccount(account: Account, displayName: string): Promise<ActionResult>;
    sendSms(phoneNumber: string): Promise<ActionResult>;
    addContact(contact: KnownContact): Promise<ActionResult>;
    newLink(): Promise<ActionResult>;
    copyLink(): Promise<ActionResult>;
    openPhonePage(): Promise<ActionResult>;
    test(): Promise<ActionResult>;
    finish(): Promise<ActionResult>;
    lostDevice(): Promise<ActionResult>;
    remove(): Promise<ActionResult>;
    back(): Promise<ActionResult>;
  };
  methods: {
    refresh(): Promise<ActionResult>;
    create(methodId: string, settings: MethodSettings): Promise<MethodChanged>;
    confirm(data: string): Promise<ActionResult>;
    update(change: ArgsOf<'methods.update'>): Promise<MethodChanged>;
    delete(configId: string): Promise<ActionResult>;
  };
  codes: {
    open(): Promise<ActionResult>;
    make(): Promise<MadeCodesResult>;
    prove(code: string): Promise<ActionResult>;
    copy(what: 'recovery' | 'link'): Promise<ActionResult>;
  };
  settings: {
    get(): Promise<ResultOf<'settings.get'>>;
    onChange(listener: (view: PayloadOf<'settings.changed'>) => void): () => void;
    set(key: string, value: number | boolean | string): Promise<ActionResult>;
    setStartAtLogin(value: boolean): Promise<ActionResult>;
  };
}
