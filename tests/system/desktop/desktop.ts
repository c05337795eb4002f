import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PrivateKeychain, startKeychain } from './keychain.ts';
import { type PrivateLocker, startLocker } from './locker.ts';
import { type PrivateLogind, startLogind } from './logind.ts';
import { baseEnvironment } from './managed-process.ts';
import type { DesktopPart } from './tools.ts';
import { type PrivateXServer, startXServer } from './x-server.ts';

/** A desktop of real parts that touches nothing of the machine's own: own buses, session, X server, HOME and XDG folders. */
export interface Desktop {
  /** What a program started "on this desktop" gets as its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Private folder for sockets, HOME and files; removed by `stop()`. */
  readonly folder: string;
  readonly logind: PrivateLogind | null;
  readonly x: PrivateXServer | null;
  readonly locker: PrivateLocker | null;
  readonly keychain: PrivateKeychain | null;
  /** Ends everything in reverse order. Idempotent. */
  stop(): Promise<void>;
}

/** Starts the parts asked for; `locker` needs `logind` and `x-server`. What was started is ended again when a later part fails. */
export async function startDesktop(options: {
  readonly parts: readonly DesktopPart[];
  readonly elogindCache?: string;
  readonly screen?: { readonly width: number; readonly height: number };
  readonly windowManager?: boolean;
}): Promise<Desktop> {
  const wanted = new Set(options.parts);
  const folder = await mkdtemp(join(tmpdir(), 'presence-locker-desktop-'));
  const undo: (() => Promise<void>)[] = [
    async () => await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  ];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const env = await privateFolders(folder);
    let x: PrivateXServer | null = null;
    let logind: PrivateLogind | null = null;
    let locker: PrivateLocker | null = null;
    let keychain: PrivateKeychain | null = null;
    if (wanted.has('x-server')) {
      x = await startXServer({ env, ...options.screen, windowManager: options.windowManager ?? true });
      undo.push(x.stop);
      Object.assign(env, { DISPLAY: x.display, XDG_SESSION_TYPE: 'x11' });
    }
    if (wanted.has('keychain')) {
      keychain = await startKeychain({ folder, env });
      undo.push(keychain.stop);
      Object.assign(env, { DBUS_SESSION_BUS_ADDRESS: keychain.busAddress });
    }
    if (wanted.has('logind')) {
      const cache = options.elogindCache;
      logind = await startLogind({
        folder,
        env,
        display: x?.display ?? ':0',
        ...(cache === undefined ? {} : { cache }),
      });
      undo.push(logind.stop);
      Object.assign(env, { DBUS_SYSTEM_BUS_ADDRESS: logind.busAddress, XDG_SESSION_ID: logind.sessionId });
    }
    if (wanted.has('locker')) {
      if (logind === null || x === null) throw new Error('a locker needs logind and an X server');
      locker = await startLocker({ env, logind });
      undo.push(locker.stop);
    }
    return { env, folder, logind, x, locker, keychain, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function privateFolders(folder: string): Promise<Record<string, string>> {
  const home = join(folder, 'home');
  const runtime = join(folder, 'run');
  const env = {
    ...baseEnvironment(home),
    XDG_RUNTIME_DIR: runtime,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local/share'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_STATE_HOME: join(home, '.local/state'),
  };
  for (const path of [home, runtime, env.XDG_CONFIG_HOME, env.XDG_DATA_HOME, env.XDG_CACHE_HOME, env.XDG_STATE_HOME]) {
    await mkdir(path, { recursive: true });
  }
  await chmod(runtime, 0o700);
  return env;
}
