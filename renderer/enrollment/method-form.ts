import type { ConfigField, MethodSettings } from '../../protocol/confirmation-methods.ts';
import { assertNever } from '../shared/assert-never.ts';
import { words } from '../shared/words.ts';

export type ReadSettings =
  | { readonly ok: true; readonly settings: MethodSettings }
  /** By name of the field. */
  | { readonly ok: false; readonly mistakes: Readonly<Record<string, string>> };

/** Reads a form that was made of a method's fields. What is left empty and not needed is left out; the service judges the rest. */
export function readSettings(form: readonly ConfigField[], read: (name: string) => string): ReadSettings {
  const settings: MethodSettings = {};
  const mistakes: Record<string, string> = {};
  for (const field of form) {
    const value = settingFrom(field, read(field.name));
    if (value === undefined && field.required) mistakes[field.name] = words.enrollment.methods.required;
    else if (Number.isNaN(value)) mistakes[field.name] = words.enrollment.methods.notANumber;
    else if (value !== undefined) settings[field.name] = value;
  }
  return Object.keys(mistakes).length === 0 ? { ok: true, settings } : { ok: false, mistakes };
}

function settingFrom({ kind, secret }: ConfigField, typed: string): string | number | boolean | undefined {
  switch (kind) {
    case 'boolean':
      return typed !== '';
    case 'number':
      // A comma is how half of Europe writes it.
      return typed.trim() === '' ? undefined : Number(typed.trim().replace(',', '.'));
    case 'text': {
      const text = secret ? typed : typed.trim();
      return text === '' ? undefined : text;
    }
    case 'choice':
      return typed === '' ? undefined : typed;
    default:
      return assertNever(kind);
  }
}

/** The key in an `otpauth:` link in groups of four, for apps that cannot scan; null for any other link. */
export function keyInLink(link: string): string | null {
  const url = URL.parse(link);
  const secret = url?.protocol === 'otpauth:' ? url.searchParams.get('secret') : null;
  return secret === null || secret === '' ? null : (secret.match(/.{1,4}/g) ?? []).join(' ');
}
