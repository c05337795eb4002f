import type { z } from 'zod';
import type { FieldErrors } from './refusal.ts';

type Issue = z.core.$ZodIssue;

/** What is wrong with a request's body, in Django REST's shape and words: every field that was refused, with a sentence. */
export function bodyErrors(issues: readonly Issue[], body: unknown): FieldErrors {
  const errors: Record<string, string[]> = {};
  for (const issue of issues) {
    const [field] = issue.path;
    if (field === undefined) {
      return { non_field_errors: [`Invalid data. Expected a dictionary, but got ${pythonType(body)}.`] };
    }
    // One sentence for each field, also where its inside has several faults.
    errors[String(field)] = [fieldSentence(issue, memberOf(body, field))];
  }
  return errors;
}

/** What is wrong with a method's settings. */
export function settingsErrors(issues: readonly Issue[], settings: unknown): FieldErrors {
  const errors: Record<string, string[]> = {};
  for (const issue of issues) {
    const names = issue.code === 'unrecognized_keys' ? issue.keys : issue.path.slice(0, 1).map(String);
    for (const name of names.length === 0 ? ['non_field_errors'] : names) {
      errors[name] = [settingSentence(issue, memberOf(settings, name))];
    }
  }
  return errors;
}

function fieldSentence(issue: Issue, value: unknown): string {
  const common = missing(value);
  if (common !== null) return common;
  // The body's fields are keys, truth values and dictionaries (wire.ts); the union is the key of a config.
  if (issue.code === 'invalid_type' && issue.expected === 'boolean') return 'Must be a valid boolean.';
  if (issue.code === 'invalid_type' && issue.expected === 'record') {
    return `Expected a dictionary of items but got type "${pythonType(value)}".`;
  }
  if (typeof value === 'string' || typeof value === 'number') return 'Invalid pk - object does not exist.';
  return `Incorrect type. Expected pk value, received ${pythonType(value)}.`;
}

function settingSentence(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return 'Extra inputs are not permitted';
    case 'invalid_type':
      return missing(value) ?? `Input should be a valid ${issue.expected}`;
    case 'invalid_value':
      return `Input should be one of ${issue.values.map((each) => `'${String(each)}'`).join(', ')}`;
    case 'too_big':
      return `Input should have at most ${issue.maximum}`;
    case 'too_small':
      return `Input should have at least ${issue.minimum}`;
    default:
      return 'Input is not valid';
  }
}

function missing(value: unknown): string | null {
  if (value === undefined) return 'This field is required.';
  return value === null ? 'This field may not be null.' : null;
}

function memberOf(body: unknown, name: PropertyKey): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined;
}

function pythonType(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    default:
      return 'dict';
  }
}
