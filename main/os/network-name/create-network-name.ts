import { ReconnectingBus } from '../linux/reconnecting-bus.ts';
import { createCommandRunner } from '../run-command.ts';
import { IpconfigSummaryName } from './ipconfig-summary.ts';
import { KeptNetworkName } from './kept-network-name.ts';
import { NetshName } from './netsh.ts';
import { NetworkManagerName } from './network-manager.ts';
import type { NetworkNameSource } from './network-name.ts';

const DEFAULT_SYSTEM_BUS = 'unix:path=/run/dbus/system_bus_socket';
const DEFAULT_SYSTEM_ROOT = 'C:\\Windows';

/** Begins to look at once, in the background. */
export function createNetworkName(
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
  onTrouble: (reason: string) => void,
): KeptNetworkName {
  const { DBUS_SYSTEM_BUS_ADDRESS, SystemRoot } = env;
  const kept = (source: NetworkNameSource): KeptNetworkName => {
    const name = new KeptNetworkName({ source, onTrouble });
    name.refresh();
    return name;
  };
  if (platform === 'win32') return kept(new NetshName(createCommandRunner(env), SystemRoot ?? DEFAULT_SYSTEM_ROOT));
  if (platform === 'darwin') return kept(new IpconfigSummaryName(createCommandRunner(env)));
  const bus = new ReconnectingBus({ address: DBUS_SYSTEM_BUS_ADDRESS ?? DEFAULT_SYSTEM_BUS });
  const source = new NetworkManagerName(bus);
  const name = new KeptNetworkName({ source, onTrouble });
  // Subscribed first: a bus that is reached later brings the name then.
  source
    .begin()
    .then(() => bus.open())
    .then(
      () => name.refresh(),
      (error: unknown) => onTrouble(error instanceof Error ? error.message : 'the system bus cannot be reached'),
    );
  return name;
}
