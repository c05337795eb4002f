import { z } from 'zod';
import { type ConfigField, ConfigFieldSchema, MAX_CONFIG_FIELDS } from '../../../protocol/confirmation-methods.ts';
import type { MethodConfig } from './wire.ts';

const MAX_LABEL_CHARACTERS = 80;
const MAX_HELP_CHARACTERS = 200;

/**
 * The part of JSON schema that a flat form can show. What else a schema says is for the server to judge: the form only asks, it does not
 * validate.
 */
const PropertySchema = z.object({
  type: z.enum(['string', 'integer', 'number', 'boolean']),
  title: z.string().optional(),
  description: z.string().optional(),
  enum: z.array(z.string().min(1).max(MAX_LABEL_CHARACTERS)).min(1).max(32).optional(),
  maxLength: z.int().min(1).optional(),
  format: z.string().optional(),
  writeOnly: z.boolean().optional(),
});
const ObjectSchema = z.object({
  type: z.literal('object').optional(),
  properties: z.record(z.string(), z.unknown()),
  required: z.array(z.string()).optional(),
});
/** How pydantic writes a value that may be null. */
const NullableSchema = z.looseObject({ anyOf: z.array(z.looseObject({ type: z.string() })).length(2) });

/** The one setting of a method whose server offers no schema: the vendor's own server never does. The names are those of its documentation. */
const ONLY_SETTING: Readonly<Record<string, { readonly name: string; readonly label: string }>> = {
  email: { name: 'email', label: 'E-mail address' },
  sms: { name: 'phone', label: 'Phone number' },
  phone: { name: 'phone', label: 'Phone number' },
};
const CODE_SETTING = { name: 'code', label: 'Code' };

/** What is asked for to set the method up. A schema with a required member that no form can show counts as none. */
export function formOf(method: MethodConfig): ConfigField[] {
  const schema = ObjectSchema.safeParse(method.config_user_schema ?? method.config_schema);
  return (schema.success ? formOfSchema(schema.data) : null) ?? [onlySetting(method.method)];
}

function formOfSchema({ properties, required = [] }: z.infer<typeof ObjectSchema>): ConfigField[] | null {
  const form: ConfigField[] = [];
  for (const [name, claimedProperty] of Object.entries(properties)) {
    const isRequired = required.includes(name);
    const field = fieldOf(name, withoutNull(claimedProperty), isRequired);
    if (field !== null) form.push(field);
    else if (isRequired) return null;
  }
  if (required.some((name) => !form.some((field) => field.name === name))) return null;
  return form.length <= MAX_CONFIG_FIELDS ? form : null;
}

function fieldOf(name: string, claimedProperty: unknown, required: boolean): ConfigField | null {
  const property = PropertySchema.safeParse(claimedProperty);
  if (!property.success) return null;
  const { type, title, description, enum: choices, maxLength, format, writeOnly } = property.data;
  const help = plainText(description ?? '', MAX_HELP_CHARACTERS);
  const label = plainText(title ?? '', MAX_LABEL_CHARACTERS);
  const isText = type === 'string' && choices === undefined;
  const field = ConfigFieldSchema.safeParse({
    name,
    label: label === '' ? name : label,
    kind: choices !== undefined ? 'choice' : type === 'boolean' ? 'boolean' : type === 'string' ? 'text' : 'number',
    required,
    secret: isText && (writeOnly === true || format === 'password'),
    ...(help === '' ? {} : { help }),
    ...(choices === undefined ? {} : { choices }),
    ...(isText && maxLength !== undefined ? { maxLength: Math.min(maxLength, 500) } : {}),
  });
  // A choice among numbers would come back as text, which the server refuses.
  return field.success && (choices === undefined || type === 'string') ? field.data : null;
}

function withoutNull(claimedProperty: unknown): unknown {
  const nullable = NullableSchema.safeParse(claimedProperty);
  if (!nullable.success) return claimedProperty;
  const { anyOf, ...rest } = nullable.data;
  const values = anyOf.filter((each) => each.type !== 'null');
  return values.length === 1 ? { ...rest, ...values[0] } : claimedProperty;
}

function onlySetting(method: string): ConfigField {
  const { name, label } = (Object.hasOwn(ONLY_SETTING, method) ? ONLY_SETTING[method] : undefined) ?? CODE_SETTING;
  return { name, label, kind: 'text', required: true, secret: false, maxLength: 500 };
}

/** Text of the service made fit for a screen: one line, bounded. */
export function plainText(claimedText: string, maxCharacters: number): string {
  const line = claimedText.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
  return (line.length <= maxCharacters ? line : `${line.slice(0, maxCharacters - 1)}…`).toWellFormed();
}
