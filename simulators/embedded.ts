import { type FromSimulatorProcess, type ToSimulatorProcess, ToSimulatorProcessSchema } from '../protocol/embedded.ts';
import { assertNever } from '../protocol/result.ts';
import {
  type ActiveconnectSimulator,
  SimulatorOptionError,
  startActiveconnectSimulator,
} from './activeconnect/simulator.ts';

/**
 * Entry of the simulated service of a trial, run by main as a utility process. Everything it needs comes over the message port; when
 * main is gone, the port is gone, and the process ends with it.
 */
type StartMessage = Extract<ToSimulatorProcess, { type: 'start' }>;

function report(message: FromSimulatorProcess): void {
  process.parentPort.postMessage(message);
}

function start(message: StartMessage): Promise<ActiveconnectSimulator> {
  const { host, port, appId, appSecret, users } = message;
  // Faults stay off: nobody in a trial asked for a door that breaks the service.
  return startActiveconnectSimulator({
    host,
    port,
    appId,
    appSecret,
    users: users?.map((userId) => ({ userId, registered: true })),
  });
}

/** Port in use and wrong options are the person's to solve; of anything else only the kind is told. */
function sentenceFor(thrown: unknown): string {
  if (thrown instanceof SimulatorOptionError) return thrown.message;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
  if (code === 'EADDRINUSE') return 'The simulated service could not start: its port is in use.';
  return `The simulated service could not start (${code}).`;
}

function main(): void {
  let running: Promise<ActiveconnectSimulator> | null = null;

  const end = async (): Promise<void> => {
    const simulator = await running?.catch(() => null);
    await simulator?.close();
    process.exit(0);
  };

  process.parentPort.on('message', ({ data }) => {
    const decoded = ToSimulatorProcessSchema.safeParse(data);
    if (!decoded.success) {
      report({ type: 'failed', sentence: 'The simulated service was started with settings it does not understand.' });
      return;
    }
    const message = decoded.data;
    switch (message.type) {
      case 'start':
        if (running !== null) return;
        running = start(message);
        running.then(
          ({ url, appId, appSecret }) => report({ type: 'listening', url, appId, appSecret }),
          (thrown: unknown) => report({ type: 'failed', sentence: sentenceFor(thrown) }),
        );
        return;
      case 'stop':
        end().catch(() => process.exit(1));
        return;
      default:
        assertNever(message, 'message to the simulator');
    }
  });
}

main();
