import { isIP } from 'node:net';
import { APPROVER_ROOT, ENROLL_FRAGMENT } from '../../../protocol/approver.ts';
import { ConfigurationError } from '../../configuration-error.ts';

/** Where phones reach the approver. The passkeys are bound to it for good: with another host name all phones enroll anew. */
export interface ApproverSite {
  /** As a browser writes it. */
  readonly origin: string;
  /** WebAuthn's relying party: the host name. */
  readonly rpId: string;
  /** Cookies with `Secure`; only `http://localhost` goes without. */
  readonly https: boolean;
}

/** WebAuthn needs a secure context and a host name. @throws ConfigurationError */
export function siteOf(publicUrl: string): ApproverSite {
  const expected = 'https:// and a host name, or http://localhost, without a path';
  if (!URL.canParse(publicUrl)) throw new ConfigurationError('provider.publicUrl', expected);
  const url = new URL(publicUrl);
  const { protocol, hostname, origin } = url;
  const bare = url.href === `${origin}/`;
  const local = protocol === 'http:' && hostname === 'localhost';
  const named = protocol === 'https:' && isIP(hostname.replace(/^\[|\]$/g, '')) === 0;
  if (!bare || !(local || named)) throw new ConfigurationError('provider.publicUrl', expected);
  return { origin, rpId: hostname, https: protocol === 'https:' };
}

export const enrollmentLink = (site: ApproverSite, code: string): string =>
  `${site.origin}${APPROVER_ROOT}#${ENROLL_FRAGMENT}=${code}`;
