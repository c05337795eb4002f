import type { IncomingMessage, ServerResponse } from 'node:http';
import { assertNever } from '../assert-never.ts';
import type { Reply, WireAnswer } from './reply.ts';

/** No documented call comes near this; what is larger is refused without being kept. */
export const MAX_BODY_BYTES = 64 * 1024;

/** The phone's page loads nothing from elsewhere and runs only its own script file: what people typed cannot become code. */
const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Not `no-referrer`: that makes a browser send `Origin: null` with the page's own forms, which are refused below.
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
} as const;

export interface Address {
  /** As the caller wrote it, port included where it wrote one. */
  readonly host: string;
  /** Still encoded, without the query. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** What a signature covers: the URL as sent with everything up to `://` removed. */
  readonly signatureTarget: string;
}

/**
 * Derived from the Host header and the raw request target alone. `Forwarded` and `X-Forwarded-*` are not honoured:
 * anybody can send them, and a signature must cover where the caller really meant to go.
 */
export function readAddress(request: IncomingMessage): Address | undefined {
  const host = request.headers.host;
  const target = request.url;
  // The host goes into the links this service hands out, so nothing but a host may pass.
  if (host === undefined || !/^[A-Za-z0-9._~:[\]-]{1,255}$/.test(host) || target?.startsWith('/') !== true)
    return undefined;
  const queryAt = target.indexOf('?');
  const path = queryAt === -1 ? target : target.slice(0, queryAt);
  const query = new URLSearchParams(queryAt === -1 ? '' : target.slice(queryAt + 1));
  return { host, path: path.slice(1).split('/'), query, signatureTarget: `${host}${target}` };
}

/** A page of another site may make this browser send a POST, but not without naming itself. */
export function isFromElsewhere(request: IncomingMessage, host: string): boolean {
  const { origin } = request.headers;
  return origin !== undefined && origin !== `http://${host}`;
}

export async function readBody(request: IncomingMessage): Promise<Buffer | 'too-large'> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('a request body without an encoding consists of buffers');
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return 'too-large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @returns undefined where the text is not JSON. */
export function parseJson(body: Buffer): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return { value };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function sendText(response: ServerResponse, answer: WireAnswer & { readonly kind: 'text' }): void {
  if (response.destroyed || response.headersSent) return;
  const body = Buffer.from(answer.text, 'utf8');
  response.writeHead(answer.status, {
    ...SECURITY_HEADERS,
    ...answer.headers,
    'Content-Type': answer.contentType,
    'Content-Length': body.length,
  });
  response.end(body);
}

export function sendJson(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  sendText(response, { kind: 'text', status, contentType: 'application/json', text: JSON.stringify(body), headers });
}

/** Also what no honest service does: silence, and a dropped connection. */
export function putOnTheWire(answer: WireAnswer, response: ServerResponse): void {
  switch (answer.kind) {
    case 'reply':
      sendJson(response, answer.reply);
      return;
    case 'text':
      sendText(response, answer);
      return;
    case 'silence':
      return;
    case 'drop':
      response.destroy();
      return;
    default:
      assertNever(answer);
  }
}
