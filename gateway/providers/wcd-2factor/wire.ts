import { z } from 'zod';

/**
 * Paths and bodies of WebCase 2factor 0.2 (PROVIDERS §3), for both sides: what a client sends is what a server decodes. Members that a
 * server adds later are ignored in answers: this is their dialect, not ours.
 */
export const DEFAULT_PREFIX = '/api/v1/auth/2factor/';

/** Below the prefix, trailing slash included: Django answers another spelling with a redirect or 404. `{id}` is a config or a confirmation. */
export const CALLS = {
  listActiveMethods: { method: 'GET', path: 'method-config/list/active/' },
  listOwnConfigs: { method: 'GET', path: 'user-config/own/list/' },
  createConfig: { method: 'POST', path: 'user-config/own/create/' },
  confirmConfig: { method: 'POST', path: 'user-config/own/confirm/' },
  updateConfig: { method: 'PUT', path: 'user-config/own/{id}/update/' },
  deleteConfig: { method: 'DELETE', path: 'user-config/own/{id}/destroy/' },
  requestConfirmation: { method: 'POST', path: 'confirmation/request/' },
  checkConfirmation: { method: 'GET', path: 'confirmation/{id}/check/' },
  confirmConfirmation: { method: 'POST', path: 'confirmation/confirm/' },
} as const satisfies Record<string, { readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'; readonly path: string }>;
export type CallName = keyof typeof CALLS;

/** @throws RangeError for an id that would be a step of the path */
export function pathOf(call: CallName, id: ConfigId | string = ''): string {
  const text = String(id);
  if (CALLS[call].path.includes('{id}') && !ID_IN_PATH.test(text)) throw new RangeError('the id does not form a path');
  return CALLS[call].path.replace('{id}', text);
}
const ID_IN_PATH = /^[A-Za-z0-9_-]{1,64}$/;

/** Bounds on what one answer may list. */
const MAX_LISTED = 100;
const MAX_TITLE_CHARACTERS = 1_024;

/** The vendor's ids are database numbers; another server of the same interface may have text. */
export const ConfigIdSchema = z.union([z.int().min(0), z.string().regex(ID_IN_PATH)]);
export type ConfigId = z.infer<typeof ConfigIdSchema>;
/** A UUID at the vendor's server. Whoever knows it may confirm, so it is as good as a session's name and never logged. */
export const ConfirmationIdSchema = z.string().regex(ID_IN_PATH);

/** Settings and data of a method: what they hold is the method's own affair. */
export const MethodDataSchema = z.record(z.string().max(200), z.json());
export type MethodData = z.infer<typeof MethodDataSchema>;

export const STATUSES = { new: '015-new', inProcess: '025-in_process', confirmed: '085-confirmed' } as const;
/** A word beyond `STATUSES` is kept as text: whoever asked decides that unknown is not confirmed. */
const status = z.string().min(1).max(32);
const title = z.string().max(MAX_TITLE_CHARACTERS);

export const MethodConfigSchema = z.object({
  id: ConfigIdSchema,
  title,
  /** Key of the method, e.g. `dummy`. */
  method: z.string().min(1).max(128),
  is_default: z.boolean(),
  /** JSON schema of a person's settings. The vendor's server has one but does not send it; a server that does, sends it under one of these names. */
  config_user_schema: z.unknown().optional(),
  config_schema: z.unknown().optional(),
});
export type MethodConfig = z.infer<typeof MethodConfigSchema>;

export const UserConfigSchema = z.object({
  id: ConfigIdSchema,
  title,
  status,
  method_config_id: ConfigIdSchema,
  method_config: MethodConfigSchema,
  config: MethodDataSchema,
  is_active: z.boolean(),
  is_default: z.boolean(),
  /** Confirmed, active, and its method is active too. */
  is_available: z.boolean(),
});
export type UserConfig = z.infer<typeof UserConfigSchema>;

/** As create and update answer it: without the method and without `is_available`. */
export const ChangedItemSchema = UserConfigSchema.omit({ method_config: true, is_available: true });
export type ChangedItem = z.infer<typeof ChangedItemSchema>;

export const MethodListSchema = z.array(MethodConfigSchema).max(MAX_LISTED);
export const UserConfigListSchema = z.array(UserConfigSchema).max(MAX_LISTED);

/** The field is really spelt `comfirmation_id`; a server that mends it is understood too. One of them must be there. */
export const ChangedConfigSchema = z
  .object({
    item: ChangedItemSchema,
    comfirmation_id: ConfirmationIdSchema.nullish(),
    confirmation_id: ConfirmationIdSchema.nullish(),
    /** Ours (docs/adr/0021): what the person needs once to finish setting up, e.g. `otpauth://…`. The vendor's server never sends it. */
    set_up_link: z
      .string()
      .max(1_024)
      .regex(/^(?:otpauth|https):\/\/[!-~]+$/)
      .nullish(),
  })
  .refine((answer) => answer.comfirmation_id !== undefined || answer.confirmation_id !== undefined);

export const ConfirmationSchema = z.object({ id: ConfirmationIdSchema, status, is_available: z.boolean() });
export type Confirmation = z.infer<typeof ConfirmationSchema>;
/** `null`: nobody knows this confirmation (any more); that is an answer with status 200. */
export const CheckedConfirmationSchema = z.object({
  id: ConfirmationIdSchema.nullable(),
  status: status.nullable(),
  is_available: z.boolean(),
});
export type CheckedConfirmation = z.infer<typeof CheckedConfirmationSchema>;

const newConfig = { config: MethodDataSchema, is_active: z.boolean(), is_default: z.boolean() };
export const CreateConfigRequestSchema = z.object({ method_config_id: ConfigIdSchema, ...newConfig });
export const UpdateConfigRequestSchema = z.object(newConfig);
export const ConfirmConfigRequestSchema = z.object({
  id: ConfigIdSchema,
  confirmation_id: ConfirmationIdSchema,
  data: MethodDataSchema,
});
export const RequestConfirmationRequestSchema = z.object({
  method_config_id: ConfigIdSchema.optional(),
  user_config_id: ConfigIdSchema.optional(),
  data: MethodDataSchema,
});
export const ConfirmRequestSchema = z.object({ id: ConfirmationIdSchema, data: MethodDataSchema });

export type CreateConfigRequest = z.infer<typeof CreateConfigRequestSchema>;
export type UpdateConfigRequest = z.infer<typeof UpdateConfigRequestSchema>;
export type ConfirmConfigRequest = z.infer<typeof ConfirmConfigRequestSchema>;
export type RequestConfirmationRequest = z.infer<typeof RequestConfirmationRequestSchema>;
export type ConfirmRequest = z.infer<typeof ConfirmRequestSchema>;
