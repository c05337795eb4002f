/** What a call answers. Bodies are JSON objects throughout, refusals included. */
export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Refusals have the shape of the documented `{"status":false,"reason":…}`, whatever their HTTP status. */
export function refused(status: number, reason: string, headers?: Readonly<Record<string, string>>): Reply {
  return { status, body: { status: false, reason }, ...(headers === undefined ? {} : { headers }) };
}

/** What is put on the wire: a reply, other text (the phone's page), or no answer at all (injected faults only). */
export type WireAnswer =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | {
      readonly kind: 'text';
      readonly status: number;
      readonly contentType: string;
      readonly text: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'silence' }
  | { readonly kind: 'drop' };

export function asAnswer(reply: Reply): WireAnswer {
  return { kind: 'reply', reply };
}
