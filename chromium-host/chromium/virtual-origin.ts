/**
 * Chromium cannot be taught a new scheme from outside, so `app://presence-locker/x` is served as
 * `https://presence-locker.app.invalid/x`: an origin of its own, a secure context, and a name (RFC 2606) that no server can have.
 * The app never sees it: every URL is translated back before it reaches an event, a frame or a handler.
 */
const privilegedSchemes = new Set<string>();
const SUFFIX = '.invalid';

export function registerVirtualScheme(scheme: string): void {
  privilegedSchemes.add(scheme);
}

/** @returns `url` as Chromium can load it. URLs of ordinary schemes come back unchanged. */
export function toChromiumUrl(url: string): string {
  const parsed = URL.parse(url);
  const scheme = parsed?.protocol.slice(0, -1);
  if (parsed === null || scheme === undefined || !privilegedSchemes.has(scheme)) return url;
  return `https://${parsed.host}.${scheme}${SUFFIX}${parsed.pathname}${parsed.search}${parsed.hash}`;
}

/** @returns `url` as the app knows it. */
export function toAppUrl(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.protocol !== 'https:' || !parsed.hostname.endsWith(SUFFIX)) return url;
  const labels = parsed.hostname.slice(0, -SUFFIX.length).split('.');
  const scheme = labels.pop();
  if (scheme === undefined || !privilegedSchemes.has(scheme)) return url;
  return `${scheme}://${labels.join('.')}${parsed.pathname}${parsed.search}${parsed.hash}`;
}

/** A Content-Security-Policy that names the app's own scheme must name the origin it is served from. */
export function toChromiumPolicy(policy: string): string {
  let translated = policy;
  for (const scheme of privilegedSchemes) {
    translated = translated
      .replaceAll(new RegExp(`\\b${scheme}://([a-z0-9.-]+)`, 'gi'), `https://$1.${scheme}${SUFFIX}`)
      .replaceAll(new RegExp(`(^|[\\s;])${scheme}:(?=[\\s;]|$)`, 'gi'), `$1https://*.${scheme}${SUFFIX}`);
  }
  return translated;
}
