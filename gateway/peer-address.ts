import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';

/** No address: a Unix socket, or a proxy that wrote none. All of those count as one. */
const UNKNOWN_ADDRESS = 'unknown';

/**
 * Whom limits count. Behind a proxy every call comes from the proxy; it appends whom it heard from, so only the last entry is true.
 *
 * @returns an IPv4 address, or the /64 of an IPv6 one: a household or a phone has all of it
 */
export function addressOf(request: IncomingMessage, behindProxy: boolean): string {
  const forwarded = request.headers['x-forwarded-for'];
  const last = behindProxy && typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined;
  const address = (last ?? request.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(address)) return address;
  return isIPv6(address) ? networkOf(address) : UNKNOWN_ADDRESS;
}

function networkOf(address: string): string {
  const [head = '', tail] = address.split('%', 1)[0]?.toLowerCase().split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...after];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
