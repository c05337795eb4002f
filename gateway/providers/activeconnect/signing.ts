import { createHash, createHmac, randomBytes } from 'node:crypto';

/** Who signs: application id and secret, or a session's token and secret for calls to its `status_url`/`logout_url`. */
export interface Credentials {
  readonly clientId: string;
  readonly secret: string;
}

/** What must be new in every request: a service refuses a nonce it has seen and a timestamp that is off. */
export interface SigningMoment {
  /** Random unsigned 64-bit integer, decimal. */
  readonly nonce: string;
  /** Unix seconds. */
  readonly timestampSeconds: number;
}

const KEY_AND_SIGNATURE_BYTES = 16;
const AUTHENTICATION_PROTOCOL_VERSION = '1';

export function newSigningMoment(wallMs: number): SigningMoment {
  return { nonce: randomBytes(8).readBigUInt64BE().toString(), timestampSeconds: Math.floor(wallMs / 1_000) };
}

/** The URL exactly as sent, everything up to and including `://` removed. */
export function signingTarget(url: string): string {
  const schemeEnd = url.indexOf('://');
  return schemeEnd === -1 ? url : url.slice(schemeEnd + '://'.length);
}

/** "Authentication protocol 1" of PROVIDERS §1: base64 of a truncated HMAC whose key is a truncated hash. */
export function signature(secret: string, target: string, moment: SigningMoment): string {
  const token = createHash('sha256')
    .update(moment.nonce + secret)
    .digest()
    .subarray(0, KEY_AND_SIGNATURE_BYTES);
  return createHmac('sha256', token)
    .update(moment.nonce + target + String(moment.timestampSeconds))
    .digest()
    .subarray(0, KEY_AND_SIGNATURE_BYTES)
    .toString('base64');
}

/** The header is really called `Authentication`. */
export function signatureHeaders(
  credentials: Credentials,
  url: string,
  headerPrefixes: readonly string[],
  moment: SigningMoment,
): Record<string, string> {
  const signed = signature(credentials.secret, signingTarget(url), moment);
  const headers: Record<string, string> = {
    Authentication: `hmac ${credentials.clientId}:${moment.nonce}:${signed}`,
  };
  for (const prefix of headerPrefixes) {
    headers[`${prefix}-Timestamp`] = String(moment.timestampSeconds);
    headers[`${prefix}-Version`] = AUTHENTICATION_PROTOCOL_VERSION;
  }
  return headers;
}
