import { z } from 'zod';
import { text } from './fields.ts';

/**
 * Confirmation methods a person sets up at a service that has such a registry (PROVIDERS §3): what there is, what the person has, and
 * what is asked for to set one up. Used in frames and by the pages.
 */
export const methodId = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9._:-]+$/);

/** Bound on what a person's settings of one method may hold. */
export const MAX_CONFIG_FIELDS = 16;
const MAX_METHODS = 16;
const MAX_CONFIGS = 16;

/** One input of the form for a method's settings, out of the method's JSON schema (the part of it that a form can show). */
export const ConfigFieldSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/),
  label: text(80),
  kind: z.enum(['text', 'number', 'boolean', 'choice']),
  required: z.boolean(),
  /** Never shown again once typed. */
  secret: z.boolean(),
  help: text(200).optional(),
  /** With `choice`: what can be chosen. */
  choices: z.array(text(80)).max(32).optional(),
  maxLength: z.int().min(1).max(500).optional(),
});
export type ConfigField = z.infer<typeof ConfigFieldSchema>;

/** Settings as typed: flat, bounded; the service decides whether they are right. `__proto__` is no name (ConfigFieldSchema). */
export const MethodSettingsSchema = z
  // zod's record leaves a member `__proto__` out without a word; what is left out is not what was said.
  .custom<unknown>((claimed) => typeof claimed !== 'object' || claimed === null || !Object.hasOwn(claimed, '__proto__'))
  .pipe(z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/), z.union([text(500), z.number(), z.boolean()])))
  .refine((settings) => Object.keys(settings).length <= MAX_CONFIG_FIELDS, { error: 'too many settings' });
export type MethodSettings = z.infer<typeof MethodSettingsSchema>;

export const ConfirmationMethodSchema = z.strictObject({
  id: methodId,
  /** Kind of method at the service, e.g. `totp`. */
  key: text(60),
  title: text(80),
  isDefault: z.boolean(),
  /** Empty: nothing has to be typed to set it up. */
  form: z.array(ConfigFieldSchema).max(MAX_CONFIG_FIELDS),
});
export type ConfirmationMethod = z.infer<typeof ConfirmationMethodSchema>;

export const PersonConfigSchema = z.strictObject({
  id: methodId,
  methodId,
  title: text(80),
  /** `in-process`: set up, not yet confirmed. */
  status: z.enum(['new', 'in-process', 'confirmed']),
  isActive: z.boolean(),
  isDefault: z.boolean(),
  isAvailable: z.boolean(),
});
export type PersonConfig = z.infer<typeof PersonConfigSchema>;

/** What there is to choose from and what the person has; answered to every question about methods. */
export const MethodsOfPersonSchema = z.strictObject({
  methods: z.array(ConfirmationMethodSchema).max(MAX_METHODS),
  configs: z.array(PersonConfigSchema).max(MAX_CONFIGS),
  /** A change that has to be confirmed by something typed. */
  toConfirm: z.strictObject({ configId: methodId, confirmationId: methodId, label: text(80) }).optional(),
  /** What the person needs once to finish setting up, e.g. an `otpauth:` link for a QR code. Never logged. */
  setUpLink: z.string().max(1_024).optional(),
});
export type MethodsOfPerson = z.infer<typeof MethodsOfPersonSchema>;
