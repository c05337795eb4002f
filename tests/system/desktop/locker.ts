import { procTable } from '../../../main/os/linux/process-table.ts';
import type { PrivateLogind } from './logind.ts';
import { startManaged, waitFor } from './managed-process.ts';

const LOCKER_TIMEOUT_MS = 5_000;

export interface PrivateLocker {
  /** Process id of the i3lock that runs now, or null. */
  lockerProcess(): Promise<number | null>;
  waitForLocker(state: 'running' | 'gone'): Promise<number | null>;
  /** Ends the running locker with a signal, e.g. SIGKILL for a crash. @throws when none runs. */
  signalLocker(signal: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

/** xss-lock bound to one session: logind `Lock` starts i3lock, `Unlock` ends it. `env` holds DISPLAY and the bus of that session. */
export async function startLocker(options: {
  readonly env: Readonly<Record<string, string>>;
  readonly logind: PrivateLogind;
}): Promise<PrivateLocker> {
  const daemon = await startManaged(
    ['xss-lock', '-s', options.logind.sessionId, '-l', '--', 'i3lock', '-n', '-c', '20242c'],
    options.env,
  );

  const lockerProcess = async (): Promise<number | null> => {
    for (const id of await procTable.ids()) {
      const facts = await procTable.facts(id);
      if (facts?.alive && facts.parentId === daemon.processId && facts.name === 'i3lock') return id;
    }
    return null;
  };
  const signalLocker = async (signal: NodeJS.Signals): Promise<void> => {
    const id = await lockerProcess();
    if (id === null) throw new Error('no locker runs');
    process.kill(id, signal);
  };

  await waitFor(
    'xss-lock to listen to logind',
    () => {
      if (!daemon.alive) throw new Error(`xss-lock ended: ${daemon.output}`);
      return options.logind.hasDesktopListener();
    },
    LOCKER_TIMEOUT_MS,
  ).catch(async (error: unknown) => {
    await daemon.stop();
    throw error;
  });

  return {
    lockerProcess,
    signalLocker,
    waitForLocker: async (state) =>
      await waitFor(
        `i3lock to be ${state}`,
        async () => {
          if (!daemon.alive) throw new Error(`xss-lock ended: ${daemon.output}`);
          const id = await lockerProcess();
          return (id === null) === (state === 'gone') ? { id } : undefined;
        },
        LOCKER_TIMEOUT_MS,
      ).then(({ id }) => id),
    stop: async () => {
      if ((await lockerProcess()) !== null) await signalLocker('SIGKILL');
      await daemon.stop();
    },
  };
}
