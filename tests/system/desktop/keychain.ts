import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type BusConnection, openBusConnection } from '../../../main/os/linux/bus-connection.ts';
import { startManaged, waitFor } from './managed-process.ts';
import { PrivateBus } from './private-bus.ts';

const START_TIMEOUT_MS = 10_000;
const booleanReply = z.tuple([z.boolean()]);
const openSessionReply = z.tuple([z.unknown(), z.string()]);
const SERVICE = {
  destination: 'org.freedesktop.secrets',
  path: '/org/freedesktop/secrets',
  interface: 'org.freedesktop.Secret.Service',
} as const;
const LOGIN_COLLECTION = '/org/freedesktop/secrets/collection/login';

export interface PrivateKeychain {
  /** For DBUS_SESSION_BUS_ADDRESS. */
  readonly busAddress: string;
  readonly bus: PrivateBus;
  /** Locks the login collection, as a person or a screen locker does. Nobody can answer the prompt to unlock it. */
  lock(): Promise<void>;
  /** Types the password, as the person at its prompt. */
  unlock(): Promise<void>;
  /** The keychain hangs: it is asked and says nothing. */
  hang(hanging: boolean): void;
  stop(): Promise<void>;
}

/** A session bus of our own, with gnome-keyring unlocked by a throw-away password unless `withKeyring` is false. `env` names private HOME and XDG folders. */
export async function startKeychain(options: {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly withKeyring?: boolean;
}): Promise<PrivateKeychain> {
  const bus = await PrivateBus.start('session', options.folder, options.env);
  if (options.withKeyring === false) {
    const nothing = async (): Promise<never> => Promise.reject(new Error('this keychain has no keyring'));
    return {
      busAddress: bus.address,
      bus,
      lock: nothing,
      unlock: nothing,
      hang: () => undefined,
      stop: async () => await bus.stop(),
    };
  }
  const daemon = await startManaged(['gnome-keyring-daemon', '--foreground', '--unlock', '--components=secrets'], {
    ...options.env,
    DBUS_SESSION_BUS_ADDRESS: bus.address,
  });
  // Never in argv or the environment: gnome-keyring reads it from standard input.
  const password = randomBytes(16).toString('hex');
  daemon.writeAndEnd(password);
  const client = await openBusConnection({
    address: bus.address,
    onSignal: () => undefined,
    onClosed: () => undefined,
  });
  try {
    await waitFor(
      'the Secret Service',
      async () => {
        if (!daemon.alive) throw new Error(`gnome-keyring-daemon ended: ${daemon.output}`);
        const reply = await client.call({
          destination: 'org.freedesktop.DBus',
          path: '/org/freedesktop/DBus',
          interface: 'org.freedesktop.DBus',
          member: 'NameHasOwner',
          signature: 's',
          body: ['org.freedesktop.secrets'],
        });
        return booleanReply.parse(reply)[0];
      },
      START_TIMEOUT_MS,
    );
  } finally {
    await client.close();
  }
  const secrets = async (calls: (call: BusConnection['call']) => Promise<void>): Promise<void> => {
    const connection = await openBusConnection({
      address: bus.address,
      onSignal: () => undefined,
      onClosed: () => undefined,
    });
    try {
      await calls((call) => connection.call(call));
    } finally {
      await connection.close();
    }
  };
  return {
    busAddress: bus.address,
    bus,
    lock: () =>
      secrets(async (call) => {
        await call({ ...SERVICE, member: 'Lock', signature: 'ao', body: [[LOGIN_COLLECTION]] });
      }),
    unlock: () =>
      secrets(async (call) => {
        const opened = await call({ ...SERVICE, member: 'OpenSession', signature: 'sv', body: ['plain', ['s', '']] });
        const [, session] = openSessionReply.parse(opened);
        // gnome-keyring's own way for programs that know the password; the Secret Service offers only a prompt.
        await call({
          ...SERVICE,
          interface: 'org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface',
          member: 'UnlockWithMasterPassword',
          signature: 'o(oayays)',
          body: [LOGIN_COLLECTION, [session, Buffer.alloc(0), Buffer.from(password), 'text/plain']],
        });
      }),
    hang: (hanging) => daemon.kill(hanging ? 'SIGSTOP' : 'SIGCONT'),
    stop: async () => {
      daemon.kill('SIGCONT');
      await daemon.stop();
      await bus.stop();
    },
  };
}
