import {
  type EmbeddedGatewayConfig,
  type FromGatewayProcess,
  FromGatewayProcessSchema,
  type FromSimulatorProcess,
  FromSimulatorProcessSchema,
  ToGatewayProcessSchema,
  ToSimulatorProcessSchema,
} from '../../protocol/embedded.ts';
import { assertNever } from '../../protocol/result.ts';
import type { EmbeddedProcesses } from '../core/ports.ts';
import { EmbeddedChild, type StartReport } from './embedded-child.electron.ts';
import type { ShellLog } from './shell-log.ts';

export interface EmbeddedProcessesOptions {
  /** Built entries: out/main/gateway.js and out/main/simulator.js. */
  readonly gatewayPath: string;
  readonly simulatorPath: string;
  /** The environment of this process; only what is named below is handed on. */
  readonly env: { readonly [name: string]: string | undefined };
  readonly log: ShellLog;
}

/** What Node needs to run, to find a folder for temporary files, and to trust an organisation's own certificate authority. */
const HANDED_ON: readonly string[] = [
  'SystemRoot',
  'windir',
  'TEMP',
  'TMP',
  'TMPDIR',
  'LANG',
  'TZ',
  'NODE_EXTRA_CA_CERTS',
];

/** An explicit, small environment: whatever else this process was started with (tokens of other tools included) stays here. */
export function environmentForChildren(env: {
  readonly [name: string]: string | undefined;
}): Readonly<Record<string, string>> {
  const handedOn: Record<string, string> = {};
  for (const name of HANDED_ON) {
    const value = env[name];
    if (value !== undefined) handedOn[name] = value;
  }
  return handedOn;
}

/** Whether to start one again after it ended is not decided here: `onGatewayGone` tells. Call after `ready`. */
export function createEmbeddedProcesses(options: EmbeddedProcessesOptions): EmbeddedProcesses {
  const { log } = options;
  const env = environmentForChildren(options.env);
  const goneListeners = new Set<(reason: string) => void>();

  const readGateway = (message: FromGatewayProcess): StartReport<string> => {
    switch (message.type) {
      case 'listening':
        return { kind: 'started', value: message.socketPath };
      case 'failed':
        return { kind: 'failed', sentence: message.sentence };
      case 'log':
        log[message.level](`gateway: ${message.message}`);
        return { kind: 'other' };
      default:
        return assertNever(message, 'message of the gateway');
    }
  };
  const readSimulator = (
    message: FromSimulatorProcess,
  ): StartReport<{ url: string; appId: string; appSecret: string }> => {
    switch (message.type) {
      case 'listening': {
        const { url, appId, appSecret } = message;
        return { kind: 'started', value: { url, appId, appSecret } };
      }
      case 'failed':
        return { kind: 'failed', sentence: message.sentence };
      default:
        return assertNever(message, 'message of the simulator');
    }
  };

  const gateway = new EmbeddedChild({
    title: 'The gateway',
    modulePath: options.gatewayPath,
    env,
    outgoing: ToGatewayProcessSchema,
    incoming: FromGatewayProcessSchema,
    read: readGateway,
    stopMessage: { type: 'stop' as const },
    onGone: (reason) => {
      for (const listener of goneListeners) listener(reason);
    },
    log,
  });
  const simulator = new EmbeddedChild({
    title: 'The simulated service',
    modulePath: options.simulatorPath,
    env,
    outgoing: ToSimulatorProcessSchema,
    incoming: FromSimulatorProcessSchema,
    read: readSimulator,
    stopMessage: { type: 'stop' as const },
    // The gateway notices at its next poll, and the lease runs out (S2); there is nothing to decide here.
    onGone: (reason) => log.error(reason),
    log,
  });

  return {
    async startGateway(config: EmbeddedGatewayConfig) {
      const socketPath = await gateway.start({ type: 'start', config });
      if (socketPath === config.socketPath) return;
      await gateway.stop();
      throw new Error('The gateway listens somewhere else than it was told');
    },
    stopGateway: () => gateway.stop(),
    onGatewayGone(listener) {
      goneListeners.add(listener);
      return () => goneListeners.delete(listener);
    },
    startSimulator({ host, port, appId, appSecret, users }) {
      return simulator.start({
        type: 'start',
        service: 'activeconnect',
        host,
        port,
        ...(appId === undefined ? {} : { appId }),
        ...(appSecret === undefined ? {} : { appSecret }),
        ...(users === undefined ? {} : { users: [...users] }),
      });
    },
    stopSimulator: () => simulator.stop(),
  };
}
