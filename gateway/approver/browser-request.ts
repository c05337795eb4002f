import type { IncomingMessage } from 'node:http';
import type { ApproverSite } from '../providers/passkey/site.ts';

/** `__Host-`: a browser takes it only over https, for this host alone, so that no sister site can set one. */
const SECURE_COOKIE = '__Host-presence-approver';
const PLAIN_COOKIE = 'presence-approver';
const MAX_COOKIE_HEADER = 4_096;

export const cookieName = (site: ApproverSite): string => (site.https ? SECURE_COOKIE : PLAIN_COOKIE);

/** Set-Cookie. Not to be read by scripts, and not sent with anything that another site started. */
export function cookieFor(site: ApproverSite, token: string, maxAgeSeconds: number): string {
  const secure = site.https ? '; Secure' : '';
  return `${cookieName(site)}=${token}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
}

/** The token of the request's cookie. Two cookies of the name: somebody else set one, so neither counts. */
export function tokenOf(request: IncomingMessage, site: ApproverSite): string | null {
  const header = request.headers.cookie ?? '';
  if (header.length > MAX_COOKIE_HEADER) return null;
  const wanted = `${cookieName(site)}=`;
  const found = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(wanted));
  const [only] = found;
  return only === undefined || found.length > 1 ? null : only.slice(wanted.length);
}

/**
 * Whether a call that changes something comes from our own page. A browser sends `Origin` with every POST and WebSocket, and a page cannot
 * choose it; `Sec-Fetch-Site` says the same where a browser has it.
 */
export function isOwnPage(request: IncomingMessage, site: ApproverSite): boolean {
  return request.headers.origin === site.origin && isNotCrossSite(request);
}

/** For what only reads: no `Origin` is sent then. */
export function isNotCrossSite(request: IncomingMessage): boolean {
  const fetchSite = request.headers['sec-fetch-site'];
  return fetchSite === undefined || fetchSite === 'same-origin';
}

export function isJson(request: IncomingMessage): boolean {
  return /^application\/json(?:\s*;|$)/i.test(request.headers['content-type'] ?? '');
}
