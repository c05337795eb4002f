import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { openBusConnection } from '../../../main/os/linux/bus-connection.ts';
import { startManaged, waitFor } from './managed-process.ts';
import { PrivateBus } from './private-bus.ts';

const START_TIMEOUT_MS = 10_000;
const booleanReply = z.tuple([z.boolean()]);

export interface PrivateKeychain {
  /** For DBUS_SESSION_BUS_ADDRESS. */
  readonly busAddress: string;
  readonly bus: PrivateBus;
  /** Locks the login collection, as a person or a screen locker does. Nobody can answer the prompt to unlock it. */
  lock(): Promise<void>;
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
    const lock = async (): Promise<never> => Promise.reject(new Error('this keychain has no keyring to lock'));
    return { busAddress: bus.address, bus, lock, stop: async () => await bus.stop() };
  }
  const daemon = await startManaged(['gnome-keyring-daemon', '--foreground', '--unlock', '--components=secrets'], {
    ...options.env,
    DBUS_SESSION_BUS_ADDRESS: bus.address,
  });
  // Never in argv or the environment: gnome-keyring reads it from standard input.
  daemon.writeAndEnd(randomBytes(16).toString('hex'));
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
  return {
    busAddress: bus.address,
    bus,
    lock: async () => {
      const locker = await openBusConnection({
        address: bus.address,
        onSignal: () => undefined,
        onClosed: () => undefined,
      });
      await locker.call({
        destination: 'org.freedesktop.secrets',
        path: '/org/freedesktop/secrets',
        interface: 'org.freedesktop.Secret.Service',
        member: 'Lock',
        signature: 'ao',
        body: [['/org/freedesktop/secrets/collection/login']],
      });
      await locker.close();
    },
    stop: async () => {
      await daemon.stop();
      await bus.stop();
    },
  };
}
