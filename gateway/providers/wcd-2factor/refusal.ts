import { z } from 'zod';

/** Codes of the vendor's server. On the wire they are often only sentences (see `REFUSAL_SENTENCES`), and those are translated. */
export const REFUSAL_CODES = ['wrong_config', 'failed_to_confirm', 'empty_config'] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** What belongs to no field. */
export const NON_FIELD_ERRORS = 'non_field_errors';

/** As the vendor's server words its codes in English; by default Django REST sends the sentence and not the code. */
export const REFUSAL_SENTENCES: Readonly<Record<string, RefusalCode>> = {
  'User config can not be confirmed with this confirmation.': 'wrong_config',
  'Can not be confirmed with unavailable config.': 'wrong_config',
  'Failed to confirm.': 'failed_to_confirm',
  'Either method_config_id or user_config_id is required.': 'empty_config',
};

const MAX_FIELDS = 32;
const MAX_DEPTH = 4;
const FieldsSchema = z
  .record(z.string().max(200), z.unknown())
  .refine((body) => Object.keys(body).length <= MAX_FIELDS);

/**
 * The service understood the request and refused what it holds: HTTP 400 with `{field: […]}` or `{non_field_errors: […]}`. The sentences of
 * the body are not kept: they may quote what was sent.
 */
export class TwoFactorRefusal extends Error {
  override readonly name = 'TwoFactorRefusal';
  /** Names of the fields that were refused, `non_field_errors` among them; empty when the body had another shape. */
  readonly fields: readonly string[];
  /** Codes found in the body or recognised by their English sentence. Empty is no proof that there was none. */
  readonly codes: readonly RefusalCode[];
  constructor(call: string, fields: readonly string[], codes: readonly RefusalCode[]) {
    super(`"${call}" was refused by the service${codes.length === 0 ? '' : ` (${codes.join(', ')})`}.`);
    this.fields = fields;
    this.codes = codes;
  }
}

/** @returns the refusal in a decoded 400 body, or null when the body is none */
export function refusalOf(call: string, claimedBody: unknown): TwoFactorRefusal | null {
  const body = FieldsSchema.safeParse(claimedBody);
  if (!body.success) return null;
  const fields = Object.keys(body.data).filter((name) => /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name));
  const codes = new Set<RefusalCode>();
  collectCodes(body.data, codes, MAX_DEPTH);
  return new TwoFactorRefusal(call, fields, [...codes]);
}

/** Entries are sentences, or objects with a `code` in host projects that have their own error handler; nested for fields of settings. */
function collectCodes(entry: unknown, codes: Set<RefusalCode>, depth: number): void {
  if (typeof entry === 'string') {
    const code = REFUSAL_CODES.find((known) => known === entry) ?? sentenceCode(entry);
    if (code !== undefined) codes.add(code);
    return;
  }
  if (typeof entry !== 'object' || entry === null || depth === 0) return;
  for (const each of Object.values(entry)) collectCodes(each, codes, depth - 1);
}

function sentenceCode(sentence: string): RefusalCode | undefined {
  return Object.hasOwn(REFUSAL_SENTENCES, sentence) ? REFUSAL_SENTENCES[sentence] : undefined;
}
