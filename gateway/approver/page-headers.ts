/** Where the built page lies: `npm run setup` or `npm run build` puts it there (approver.vite.config.ts). */
export const APPROVER_PAGE_FOLDER = 'out/approver';

/**
 * Headers of every file of the approver's page. Nothing inline, nothing evaluated, nothing from anybody else, in nobody's frame.
 * @param publicUrl the gateway's address as the phone has it: browsers that do not count `wss:` to `'self'` are told the socket's.
 */
export function approverPageHeaders(publicUrl: URL): Readonly<Record<string, string>> {
  const socket = `${publicUrl.protocol === 'http:' ? 'ws' : 'wss'}://${publicUrl.host}`;
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      `connect-src 'self' ${socket}`,
      "manifest-src 'self'",
      "worker-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy':
      'publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()',
  };
}

const YEAR_SECONDS = 31_536_000;

/** @param path below the page's folder. Files in assets/ carry the hash of their content; all others are asked for anew each time. */
export function approverCacheControl(path: string): string {
  return path.startsWith('assets/') ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache';
}
