import { runEmbeddedGateway } from '../../gateway/embedded-gateway.ts';
import type { EmbeddedProcesses } from '../../main/core/ports.ts';
import type { FromGatewayProcess, ToGatewayProcess } from '../../protocol/embedded.ts';
import { type ActiveconnectSimulator, startActiveconnectSimulator } from '../../simulators/activeconnect/simulator.ts';

/** The real embedded gateway and the real simulated service, in this process instead of in processes of their own. */
export interface RealProcesses extends EmbeddedProcesses {
  readonly simulator: () => ActiveconnectSimulator;
  /** As if the process had been killed: nobody is asked first. */
  loseGateway(): Promise<void>;
  readonly gatewayLog: readonly string[];
}

export function realProcesses(): RealProcesses {
  let simulator: ActiveconnectSimulator | null = null;
  let stopGateway: (() => Promise<void>) | null = null;
  const goneListeners = new Set<(reason: string) => void>();
  const gatewayLog: string[] = [];

  const processes: RealProcesses = {
    gatewayLog,
    simulator: () => {
      if (simulator === null) throw new Error('no simulator is running');
      return simulator;
    },
    async startGateway(config) {
      await processes.stopGateway();
      await new Promise<void>((resolve, reject) => {
        let tell: ((message: unknown) => void) | null = null;
        const ended = runEmbeddedGateway({
          postMessage(message: FromGatewayProcess) {
            if (message.type === 'listening') resolve();
            else if (message.type === 'failed') reject(new Error(message.sentence));
            else gatewayLog.push(message.message);
          },
          onMessage: (listener) => {
            tell = listener;
          },
          onClose: () => undefined,
        });
        const send = (message: ToGatewayProcess) => tell?.(message);
        stopGateway = async () => {
          send({ type: 'stop' });
          await ended;
        };
        send({ type: 'start', config });
      });
    },
    async stopGateway() {
      const stop = stopGateway;
      stopGateway = null;
      await stop?.();
    },
    async loseGateway() {
      await processes.stopGateway();
      for (const listener of goneListeners) listener('killed');
    },
    onGatewayGone(listener) {
      goneListeners.add(listener);
      return () => void goneListeners.delete(listener);
    },
    async startSimulator({ host, port, appId, appSecret, users }) {
      await processes.stopSimulator();
      simulator = await startActiveconnectSimulator({
        host,
        port,
        appId,
        appSecret,
        walkawayMs: 60_000,
        users: users?.map((userId) => ({ userId, registered: true })),
      });
      return { url: simulator.url, appId: simulator.appId, appSecret: simulator.appSecret };
    },
    async stopSimulator() {
      await simulator?.close();
      simulator = null;
    },
  };
  return processes;
}
