import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type BusConnection, openBusConnection } from '../../../main/os/linux/bus-connection.ts';
import { type ManagedProcess, runToEnd, startManaged, waitFor } from './managed-process.ts';
import { PrivateBus } from './private-bus.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Where elogind is unpacked, once per checkout. */
export const ELOGIND_CACHE = join(HERE, '../../../.setup/elogind');
const FETCH_TIMEOUT_MS = 60_000;
const START_TIMEOUT_MS = 10_000;

const SESSION = 'org.freedesktop.login1.Session';
const booleanReply = z.tuple([z.boolean()]);
const inhibitorsReply = z.tuple([
  z.array(z.tuple([z.string(), z.string(), z.string(), z.string(), z.number(), z.number()])),
]);
const matchRulesReply = z.tuple([z.record(z.string(), z.array(z.string()))]);

export interface PrivateLogind {
  /** For DBUS_SYSTEM_BUS_ADDRESS. */
  readonly busAddress: string;
  readonly sessionId: string;
  readonly sessionPath: string;
  readonly bus: PrivateBus;
  /** Broadcasts `Lock` as `loginctl lock-session` does. */
  lock(): Promise<void>;
  unlock(): Promise<void>;
  setLockedHint(locked: boolean): Promise<void>;
  setIdleHint(idle: boolean): Promise<void>;
  lockedHint(): Promise<boolean>;
  /** `what` of every inhibitor held with this `who`. */
  inhibitedBy(who: string): Promise<readonly string[]>;
  /**
   * logind goes through a whole sleep: `PrepareForSleep`, the wait for delay inhibitors, the sleep itself (a word in a file of its own
   * namespace; the machine stays awake), and waking. @returns wall time at which it "slept". @throws where the kernel knows no sleep at all.
   */
  suspend(): Promise<number>;
  /** Whether a desktop program (as xss-lock) listens for every signal of the session; before that a `Lock` is lost on it. */
  hasDesktopListener(): Promise<boolean>;
  /** The bus daemon and logind crash and come back with a new session of the same kind, as after a restart of the services. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * elogind is unpacked and not installed: installing would replace systemd's packages.
 * @returns the folder that holds the unpacked packages. @throws when they cannot be fetched.
 */
export async function fetchElogind(cache: string, env: Readonly<Record<string, string>>): Promise<string> {
  const root = join(cache, 'root');
  if (existsSync(join(root, 'lib/elogind/elogind'))) return root;
  await mkdir(cache, { recursive: true });
  // Unpacked aside and moved into place as a whole: two runs may fetch at the same time, and one may be interrupted.
  const aside = await mkdtemp(join(cache, 'fetching-'));
  try {
    await runToEnd(['apt-get', 'download', 'elogind', 'libelogind0'], env, { timeoutMs: FETCH_TIMEOUT_MS, cwd: aside });
    for (const file of await readdir(aside)) {
      if (!file.endsWith('.deb')) continue;
      await runToEnd(['dpkg', '-x', join(aside, file), join(aside, 'root')], env, { timeoutMs: FETCH_TIMEOUT_MS });
    }
    await rename(join(aside, 'root'), root).catch((error: unknown) => {
      if (!existsSync(join(root, 'lib/elogind/elogind'))) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return root;
}

/** Starts a private bus, elogind on it, and one session. `folder` is for the socket; `display` is told to logind. */
export async function startLogind(options: {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly display: string;
  readonly cache?: string;
}): Promise<PrivateLogind> {
  const root = await fetchElogind(options.cache ?? ELOGIND_CACHE, options.env);
  const bus = await PrivateBus.start('system', options.folder, options.env);
  const env = { ...options.env, DBUS_SYSTEM_BUS_ADDRESS: bus.address };
  let parts = await startParts(root, env, options.display).catch(async (error: unknown) => {
    await bus.stop();
    throw error;
  });

  const call = async (path: string, at: string, member: string, body?: readonly [string, ...unknown[]]) =>
    await parts.client.call({
      destination: 'org.freedesktop.login1',
      path,
      interface: at,
      member,
      ...(body === undefined ? {} : { signature: body[0], body: body.slice(1) }),
    });
  const session = async (member: string, body?: readonly [string, ...unknown[]]) =>
    await call(parts.sessionPath, SESSION, member, body);

  return {
    busAddress: bus.address,
    get sessionId() {
      return parts.sessionId;
    },
    get sessionPath() {
      return parts.sessionPath;
    },
    bus,
    lock: async () => void (await session('Lock')),
    unlock: async () => void (await session('Unlock')),
    setLockedHint: async (locked) => void (await session('SetLockedHint', ['b', locked])),
    setIdleHint: async (idle) => void (await session('SetIdleHint', ['b', idle])),
    lockedHint: async () =>
      booleanReply.parse(
        await call(parts.sessionPath, 'org.freedesktop.DBus.Properties', 'Get', ['ss', SESSION, 'LockedHint']),
      )[0],
    inhibitedBy: async (who) => {
      const [all] = inhibitorsReply.parse(
        await call('/org/freedesktop/login1', 'org.freedesktop.login1.Manager', 'ListInhibitors'),
      );
      return all.filter(([, holder]) => holder === who).map(([what]) => what);
    },
    suspend: async () => {
      const state = `/proc/${parts.daemon.processId}/root/sys/power/state`;
      const before = (await stat(state)).mtimeMs;
      await call('/org/freedesktop/login1', 'org.freedesktop.login1.Manager', 'Suspend', ['b', false]);
      return await waitFor(
        'logind to put the machine to sleep',
        async () => {
          const { mtimeMs } = await stat(state);
          return mtimeMs > before ? mtimeMs : undefined;
        },
        START_TIMEOUT_MS,
      );
    },
    hasDesktopListener: async () => {
      const reply = await parts.client.call({
        destination: 'org.freedesktop.DBus',
        path: '/org/freedesktop/DBus',
        interface: 'org.freedesktop.DBus.Debug.Stats',
        member: 'GetAllMatchRules',
      });
      const [rulesByClient] = matchRulesReply.parse(reply);
      return Object.values(rulesByClient)
        .flat()
        .some((rule) => rule.includes(`path='${parts.sessionPath}'`) && !rule.includes('member='));
    },
    restart: async () => {
      await bus.crash();
      await stopParts(parts);
      await bus.startAgain();
      parts = await startParts(root, env, options.display);
    },
    stop: async () => {
      await stopParts(parts);
      await bus.stop();
    },
  };
}

type SystemBusEnvironment = Readonly<Record<string, string>> & { readonly DBUS_SYSTEM_BUS_ADDRESS: string };

interface Parts {
  readonly daemon: ManagedProcess;
  readonly holder: ManagedProcess;
  readonly client: BusConnection;
  readonly sessionId: string;
  readonly sessionPath: string;
}

async function startParts(root: string, env: SystemBusEnvironment, display: string): Promise<Parts> {
  const libraries = [join(root, 'lib/elogind'), join(root, 'lib/x86_64-linux-gnu'), join(root, 'lib')].join(':');
  // A mount namespace with a /run of its own: logind keeps state and a lock file there and takes /run/user/<uid> away when a session
  // ends; none of it may touch the machine's own, and several test runs may go on side by side. For the same reason what would put the
  // machine to sleep is a plain file there: logind writes the word into it and takes it for a sleep.
  const script = [
    'mount -t tmpfs -o mode=755 tmpfs /run',
    'mkdir -m 755 /run/systemd /run/user',
    '{ [ ! -d /sys/power ] || { mount -t tmpfs -o mode=755 tmpfs /sys/power && echo mem > /sys/power/state; }; }',
    'exec "$0"',
  ].join(' && ');
  const daemon = await startManaged(
    ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, join(root, 'lib/elogind/elogind')],
    { ...env, LD_LIBRARY_PATH: libraries },
  );
  const client = await openBusConnection({
    address: env.DBUS_SYSTEM_BUS_ADDRESS,
    onSignal: () => undefined,
    onClosed: () => undefined,
  });
  await waitFor('logind on its private bus', () => nameHasOwner(client, daemon), START_TIMEOUT_MS);
  const holder = await startManaged(['/usr/bin/python3', join(HERE, 'hold-session.py'), 'x11', display], env);
  const [sessionId, sessionPath] = await waitFor(
    'the login session',
    () => {
      if (!holder.alive) throw new Error(`hold-session.py ended: ${holder.output}`);
      const [id, path] = holder.stdout.trim().split(' ');
      return id !== undefined && path !== undefined && holder.stdout.endsWith('\n') ? ([id, path] as const) : undefined;
    },
    START_TIMEOUT_MS,
  );
  return { daemon, holder, client, sessionId, sessionPath };
}

async function stopParts(parts: Parts): Promise<void> {
  await parts.client.close();
  await parts.holder.stop();
  await parts.daemon.stop();
}

async function nameHasOwner(client: BusConnection, daemon: ManagedProcess): Promise<boolean> {
  if (!daemon.alive) throw new Error(`elogind ended: ${daemon.output}`);
  const reply = await client.call({
    destination: 'org.freedesktop.DBus',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
    member: 'NameHasOwner',
    signature: 's',
    body: ['org.freedesktop.login1'],
  });
  return booleanReply.parse(reply)[0];
}
