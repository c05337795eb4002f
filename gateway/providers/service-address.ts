import { isLoopbackHost } from '../../protocol/loopback.ts';
import { err, ok, type Result } from '../../protocol/result.ts';
import { ConfigurationError } from '../configuration-error.ts';

/**
 * A URL in the exact characters that are signed and sent. `URL` alone would normalise them, and the signature covers every one
 * (PROVIDERS §1: "the full request URL exactly as sent").
 */
export interface ServiceAddress {
  readonly text: string;
  readonly secure: boolean;
  /** `Host` header, as in `text`. */
  readonly authority: string;
  /** Without the brackets of an IPv6 address. */
  readonly hostname: string;
  readonly port: number;
  /** Path and query, as in `text`. */
  readonly pathAndQuery: string;
}

const MAX_ADDRESS_CHARACTERS = 2_048;
/** Scheme, authority without user info, path of visible ASCII without `\` and `#`: what two parsers might read differently is refused. */
const ADDRESS = /^(https?):\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?(\/[!"$-[\]-~]*|)$/;

export function parseServiceAddress(claimedUrl: string): Result<ServiceAddress, 'not-an-address'> {
  if (claimedUrl.length > MAX_ADDRESS_CHARACTERS) return err('not-an-address');
  const parts = ADDRESS.exec(claimedUrl);
  const scheme = parts?.[1];
  const host = parts?.[2];
  if (scheme === undefined || host === undefined) return err('not-an-address');
  const secure = scheme === 'https';
  const claimedPort = parts?.[3];
  const port = claimedPort === undefined ? (secure ? 443 : 80) : Number(claimedPort);
  if (port < 1 || port > 65_535) return err('not-an-address');
  const path = parts?.[4] ?? '';
  const authority = claimedPort === undefined ? host : `${host}:${claimedPort}`;
  const pathAndQuery = path === '' ? '/' : path;
  return ok({
    text: `${scheme}://${authority}${pathAndQuery}`,
    secure,
    authority,
    hostname: host.replace(/^\[|\]$/g, '').toLowerCase(),
    port,
    pathAndQuery,
  });
}

/**
 * A configured base URL, without a trailing slash.
 * @throws ConfigurationError for an address that cannot be used, or plain `http` to a real service elsewhere: its answers and our headers
 *   carry secrets
 */
export function expectedBaseAddress(baseUrl: string, simulated: boolean): ServiceAddress {
  const base = parseServiceAddress(baseUrl.replace(/\/+$/, ''));
  // A query would end up in the middle of every call's path.
  if (!base.ok || base.value.pathAndQuery.includes('?')) {
    throw new ConfigurationError('baseUrl', 'an https:// address without user, query or fragment');
  }
  if (!base.value.secure && !isLoopback(base.value) && !simulated) {
    throw new ConfigurationError('baseUrl', 'https:// (http:// only on loopback or with simulated: true)');
  }
  return base.value;
}

export function isLoopback(address: ServiceAddress): boolean {
  return isLoopbackHost(address.hostname);
}

/**
 * A session's `status_url`/`logout_url` comes from the service's answer, so it is followed only to the service itself: same scheme, host and
 * port as one of `expectedOrigins` (the base URL and, if configured, more). Otherwise an answer could make the gateway call
 * any address of the internal network. Two leniencies that open nothing: the loopback names are one host, and
 * `http` is raised to `https` where only the scheme differs (servers behind a TLS proxy say so; the scheme is not signed).
 */
export function expectedSessionAddress(
  claimedUrl: string,
  expectedOrigins: readonly ServiceAddress[],
): Result<ServiceAddress, 'not-an-address' | 'foreign-origin'> {
  const parsed = parseServiceAddress(claimedUrl);
  if (!parsed.ok) return parsed;
  const claimed = parsed.value;
  for (const origin of expectedOrigins) {
    const sameHost = claimed.hostname === origin.hostname || (isLoopback(claimed) && isLoopback(origin));
    if (!sameHost) continue;
    if (claimed.secure === origin.secure && claimed.port === origin.port) return ok(claimed);
    if (
      origin.secure &&
      !claimed.secure &&
      claimed.port === 80 &&
      origin.port === 443 &&
      !claimed.authority.includes(':')
    ) {
      return parseServiceAddress(`https://${claimed.authority}${claimed.pathAndQuery}`);
    }
  }
  return err('foreign-origin');
}
