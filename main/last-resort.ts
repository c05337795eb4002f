import type { Logger } from 'pino';

/**
 * What no part of the app caught. The state of the process is unknown from then on, so it ends — but locked: a crash is not a key (S5).
 * @param lockAndEnd asks for the lock, waits for it within a bound, and ends the process.
 */
export function endOnFault(
  processItself: Pick<NodeJS.Process, 'on'>,
  log: Pick<Logger, 'fatal'>,
  lockAndEnd: () => void,
): void {
  let ending = false;
  const end = (kind: string) => (error: unknown) => {
    log.fatal({ err: error }, kind);
    // A second fault while ending must not begin again, nor stop the first from finishing.
    if (ending) return;
    ending = true;
    lockAndEnd();
  };
  processItself.on('uncaughtException', end('uncaught exception'));
  processItself.on('unhandledRejection', end('unhandled rejection'));
}
