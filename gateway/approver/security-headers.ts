import type { ApproverSite } from '../providers/passkey/site.ts';

const HSTS_SECONDS = 31_536_000;

/**
 * On every answer of the door. No `Access-Control-…` is ever sent: no other origin reads anything here. The page runs its own files only,
 * talks to its own origin only, and is shown in nobody's frame.
 */
export function securityHeaders(site: ApproverSite): Readonly<Record<string, string>> {
  const live = site.origin.replace(/^http/, 'ws');
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${live}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    // No text becomes markup or code; the one policy gives the address of the service worker (web/phone/notifications.ts).
    "require-trusted-types-for 'script'",
    'trusted-types service-worker',
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy':
      'publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    ...(site.https ? { 'Strict-Transport-Security': `max-age=${HSTS_SECONDS}` } : {}),
  };
}
