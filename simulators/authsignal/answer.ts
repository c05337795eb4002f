import type { WireAnswer } from '../http/reply.ts';

/** What a call of the API answers: JSON of any shape, for some answer with a list. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const done = (body: unknown): Answer => ({ status: 200, body });

/** The service's own shape of a refusal. */
export function refused(
  status: number,
  error: string,
  errorDescription: string,
  headers?: Readonly<Record<string, string>>,
): Answer {
  return { status, body: { error, errorDescription }, ...(headers === undefined ? {} : { headers }) };
}

export const notFound = (what: string): Answer => refused(404, 'not_found', `The ${what} could not be found.`);
export const invalid = (what: string): Answer => refused(400, 'invalid_request', what);

export function onTheWire({ status, body, headers = {} }: Answer): WireAnswer {
  return { kind: 'text', status, contentType: 'application/json', text: JSON.stringify(body), headers };
}
