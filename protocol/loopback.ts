/**
 * Names of this computer: what is sent to them does not leave it, so `http` and `ws` are as good as TLS. Just these: the rest of 127/8 and other
 * spellings of `::1` are refused rather than interpreted.
 */
const NAMES: readonly string[] = ['localhost', '127.0.0.1'];

/** @param host to listen on or connect to; in lower case, an IPv6 address without brackets */
export function isLoopbackHost(host: string): boolean {
  return NAMES.includes(host) || host === '::1';
}

/** @param hostname as `URL.hostname` has it: in lower case, an IPv6 address in brackets */
export function isLoopbackHostname(hostname: string): boolean {
  return NAMES.includes(hostname) || hostname === '[::1]';
}
