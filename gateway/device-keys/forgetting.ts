import type { AuditLog } from '../audit-log.ts';
import type { SessionRegistry, Workstation } from '../session-registry.ts';
import type { Workstations } from '../workstations.ts';
import type { DeviceKeys } from './registry.ts';

export interface ForgettingPorts {
  readonly deviceKeys: DeviceKeys;
  readonly registry: SessionRegistry;
  readonly workstations: Workstations;
  readonly audit: AuditLog;
}

/** Removes a workstation's key and everything that hangs on it. @param onRemoved called once the key is gone, before the connections are */
export function forgetWorkstation(
  { deviceKeys, registry, workstations, audit }: ForgettingPorts,
  { tokenName, deviceId }: Workstation,
  onRemoved: () => void = () => undefined,
): boolean {
  if (!deviceKeys.remove({ tokenName, deviceId })) return false;
  audit.append({ event: 'workstation.forgotten', tokenName, deviceId });
  onRemoved();
  // Sessions first: whoever watches one is told why before it is cut.
  registry.closeSessionsOfWorkstation({ tokenName, deviceId }, 'the workstation was removed');
  for (const connection of workstations.connectionsOf({ tokenName, deviceId })) {
    connection.refuse('DEVICE_KEY_REFUSED', { detail: 'removed' });
  }
  return true;
}
