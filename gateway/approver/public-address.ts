import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';

/** RFC 6890 and its successors: networks that are not the Internet. */
const NOT_PUBLIC_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Of global unicast (2000::/3): what embeds or translates IPv4, and documentation. */
const NOT_PUBLIC_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const notPublic = new BlockList();
for (const [network, prefix] of NOT_PUBLIC_V4) notPublic.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of NOT_PUBLIC_V6) notPublic.addSubnet(network, prefix, 'ipv6');
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

/** Whether an IP address is on the Internet: not this machine, not the network it stands in. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  if (!isIPv6(address)) return !notPublic.check(address, 'ipv4');
  return globalUnicast.check(address, 'ipv6') && !notPublic.check(address, 'ipv6');
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

export const resolveHost: Resolve = (hostname) => lookup(hostname, { all: true });

/**
 * Where a push service is, as a phone says: `https`, the usual port, no user, and every address of the name public. The caller connects to
 * the address that is returned and not to the name again, which may resolve to another one by then (DNS rebinding).
 *
 * @returns null for an address that is not to be called
 */
export async function publicEndpoint(
  claimed: string,
  resolve: Resolve,
): Promise<(ResolvedAddress & { url: URL }) | null> {
  if (!URL.canParse(claimed)) return null;
  const url = new URL(claimed);
  if (url.protocol !== 'https:' || url.port !== '' || url.username !== '' || url.password !== '') return null;
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const found =
    isIP(hostname) === 0 ? await resolve(hostname).catch(() => []) : [{ address: hostname, family: isIP(hostname) }];
  const [first] = found;
  if (first === undefined || !found.every(({ address }) => isPublicAddress(address))) return null;
  return { url, ...first };
}
