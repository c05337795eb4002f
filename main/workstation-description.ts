import type { WorkstationDescription } from '../protocol/frames.ts';
import type { Policy } from '../protocol/policy.ts';
import type { LockEvent } from './core/lock-types.ts';
import type { KeptNetworkName } from './os/network-name/kept-network-name.ts';

/** As protocol/frames.ts bounds it. */
const MAX_NAME_CHARACTERS = 80;

/** What the phone is told about this computer. Never waits: a network's name that is not known by now is left out. @param name what the person calls it */
export function describeWorkstation(
  name: string,
  networkName: Pick<KeptNetworkName, 'current'>,
  { tellNetworkName }: Pick<Policy, 'tellNetworkName'>,
): WorkstationDescription {
  const network = tellNetworkName ? networkName.current() : null;
  return { name: name.slice(0, MAX_NAME_CHARACTERS), ...(network === null ? {} : { network }) };
}

/** Looks again when the computer may have been carried elsewhere; most systems do not say so by themselves. */
export function lookAtNetworkAfter(
  { type }: LockEvent,
  networkName: Pick<KeptNetworkName, 'refresh' | 'networkMayHaveChanged'>,
): void {
  if (type === 'os.resumed') networkName.networkMayHaveChanged();
  else if (type === 'os.locked' || type === 'os.unlocked') networkName.refresh();
}
