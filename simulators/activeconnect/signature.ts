import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Either set is accepted. The misspelling is the service's own (PROVIDERS §1). Node hands header names in lower case. */
const PREFIXES = ['x-sonikpass-authentication', 'x-iampass-authentiaction'] as const;
/** Not `Authorization`: the header is really called this. */
const AUTHENTICATION_HEADER = 'authentication';
const EXPECTED_VERSION = '1';
const KEY_BYTES = 16;
const LARGEST_NONCE = 2n ** 64n - 1n;
/** How far a call's timestamp may lie from this service's clock, either way. */
export const TIMESTAMP_TOLERANCE_S = 300;

/** What a caller says about itself, taken apart but not believed yet. */
export interface ClaimedSignature {
  readonly clientId: string;
  readonly nonce: string;
  readonly signature: Buffer;
  readonly timestamp: string;
}

export type UnreadableSignature = 'MISSING_AUTHENTICATION' | 'MALFORMED_AUTHENTICATION' | 'UNSUPPORTED_VERSION';

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/**
 * Reads the `Authentication` header and one complete pair of `-Timestamp` and `-Version`. A client may send both
 * sets; when they differ it is refused, because only one of them can be what was signed.
 */
export function readClaimedSignature(headers: IncomingHttpHeaders): ClaimedSignature | UnreadableSignature {
  const authentication = single(headers[AUTHENTICATION_HEADER]);
  const pairs = PREFIXES.map((prefix) => ({
    timestamp: single(headers[`${prefix}-timestamp`]),
    version: single(headers[`${prefix}-version`]),
  }));
  const pair = pairs.find((each) => each.timestamp !== undefined && each.version !== undefined);
  if (authentication === undefined || pair?.timestamp === undefined) return 'MISSING_AUTHENTICATION';
  const { timestamp, version } = pair;
  const agrees = (sent: string | undefined, chosen: string | undefined) => sent === undefined || sent === chosen;
  if (!pairs.every((each) => agrees(each.timestamp, timestamp) && agrees(each.version, version))) {
    return 'MALFORMED_AUTHENTICATION';
  }
  if (version !== EXPECTED_VERSION) return 'UNSUPPORTED_VERSION';

  const parts = /^hmac ([\x21-\x7e]{1,256}):(\d{1,20}):([A-Za-z0-9+/]{22}==)$/.exec(authentication);
  const [, clientId, nonce, signature] = parts ?? [];
  if (clientId === undefined || nonce === undefined || signature === undefined) return 'MALFORMED_AUTHENTICATION';
  if (BigInt(nonce) > LARGEST_NONCE || !/^\d{1,15}$/.test(timestamp)) return 'MALFORMED_AUTHENTICATION';
  return { clientId, nonce, timestamp, signature: Buffer.from(signature, 'base64') };
}

/** The signature "authentication protocol 1" asks for: 16 bytes. `target` is the URL as sent, without its scheme. */
export function expectedSignature(secret: string, nonce: string, target: string, timestamp: string): Buffer {
  const token = createHash('sha256').update(`${nonce}${secret}`).digest().subarray(0, KEY_BYTES);
  return createHmac('sha256', token).update(`${nonce}${target}${timestamp}`).digest().subarray(0, KEY_BYTES);
}

export function isWithinTolerance(timestamp: string, nowWallMs: number): boolean {
  return Math.abs(nowWallMs / 1000 - Number(timestamp)) <= TIMESTAMP_TOLERANCE_S;
}

export function signatureMatches(claimed: ClaimedSignature, secret: string, target: string): boolean {
  const expected = expectedSignature(secret, claimed.nonce, target, claimed.timestamp);
  return expected.length === claimed.signature.length && timingSafeEqual(expected, claimed.signature);
}
