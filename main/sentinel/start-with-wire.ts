import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { WIRE_DESCRIPTOR } from './limits.ts';
import { type Wire, wireOver } from './wire.ts';

/** A process of ours at the other end of a wire. */
export interface ProcessOnWire {
  readonly wire: Wire;
  /** For the log. */
  readonly processId: number;
  /** Ends it at once. A process that is gone is left alone. */
  kill(): void;
}

/**
 * Starts this program again, in a session of its own so that a terminal or a main that ends does not take it along. It inherits the
 * environment (which names display, buses and session, and no secret) and the log, and one end of the wire.
 * @throws when it cannot be started.
 */
export function startWithWire(
  command: { readonly program: string; readonly args: readonly string[] },
  env: NodeJS.ProcessEnv,
): Promise<ProcessOnWire> {
  const child = spawn(command.program, command.args, {
    env,
    detached: true,
    windowsHide: true,
    // Windows: only an overlapped pipe can be read as a stream by the child. Elsewhere the same as a plain one, which is a socket pair.
    stdio: ['ignore', 'ignore', 'inherit', ...Array.from({ length: WIRE_DESCRIPTOR - 2 }, () => 'overlapped' as const)],
  });
  const stream = child.stdio[WIRE_DESCRIPTOR];
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error(`${command.program} could not be started: ${cause.message}`, { cause })),
    );
    child.once('spawn', () => {
      if (!(stream instanceof Duplex)) return reject(new Error('a process was started without its wire'));
      child.unref();
      resolve({ wire: wireOver(stream), processId: child.pid ?? 0, kill: () => void child.kill('SIGKILL') });
    });
  });
}
