import { isLoopbackHostname } from './loopback.ts';

/**
 * What the fields of an account may hold, without a schema library: main decodes with it (protocol/ipc.ts), and the page that asks says
 * with it what is wrong while the person still looks at the field.
 */
export const SERVICE_KINDS = ['activeconnect', 'authsignal', 'wcd-2factor'] as const;
/** Of an own account: one per kind of provider (protocol/embedded.ts). */
export type ServiceKind = (typeof SERVICE_KINDS)[number];

/** Default of an Authsignal account and the tenant regions the vendor names (README of `@authsignal/node`). */
export const AUTHSIGNAL_REGIONS = {
  us: 'https://api.authsignal.com/v1',
  eu: 'https://eu.api.authsignal.com/v1',
  au: 'https://au.api.authsignal.com/v1',
} as const;

/** Defaults of WebCase 2factor (PROVIDERS §3). */
export const TWO_FACTOR_DEFAULTS = {
  prefix: '/api/v1/auth/2factor/',
  headerName: 'Authorization',
  headerTemplate: 'Token {token}',
} as const;

export const APPLICATION_ID = /^[\x21-\x7e]{1,200}$/;
/** It stands before a colon in HTTP Basic, so it can hold none. */
export const AUTHSIGNAL_SECRET = /^[!-9;-~]{1,500}$/;
/** One line of printable ASCII: it goes into a header. */
export const TWO_FACTOR_TOKEN = /^[!-~](?:[ -~]{0,4094}[!-~])?$/;
export const TWO_FACTOR_PREFIX = /^\/(?:[A-Za-z0-9._~-]+\/)*$/;
export const TWO_FACTOR_HEADER_NAME = /^[A-Za-z0-9-]{1,80}$/;
/** Without the place for the token everybody would be nobody. */
export const TWO_FACTOR_HEADER_TEMPLATE = /^(?=.*\{token\})[ -~]{1,500}$/;
export const METHOD_KEY = /^[A-Za-z0-9._:-]{1,128}$/;
export const MAX_OUT_OF_BAND_METHODS = 16;
export const MAX_ADDRESS_CHARACTERS = 500;
/** As protocol/frames.ts: plus, country code, 7 to 15 digits in all. */
export const E164_NUMBER = /^\+[1-9]\d{6,14}$/;

/** Scheme, host, port, path of visible ASCII without `\`, `?` and `#`: what two parsers might read differently is refused. */
const SERVICE_ADDRESS = /^(https?):\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:\/[!"$->@-[\]-~]*)?$/;

/**
 * An address whose answers decide who may work here: `https`, or `http` on this computer only. No user name, query or fragment: a
 * secret in an address ends up in logs. Whether it is a URL at all is for the caller to see.
 */
export function isServiceAddress(claimedAddress: string): boolean {
  const parts = claimedAddress.length <= MAX_ADDRESS_CHARACTERS ? SERVICE_ADDRESS.exec(claimedAddress) : null;
  if (parts === null) return false;
  return parts[1] === 'https' || isLoopbackHostname(parts[2]?.toLowerCase() ?? '');
}
