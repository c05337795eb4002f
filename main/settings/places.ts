import { createHash } from 'node:crypto';
import { join, posix, win32 } from 'node:path';

/** Where files are, by the conventions of each OS. Pure, so that every OS is tested on every OS. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
}

const APP_FOLDER = 'presence-locker';
/** Bytes that fit into a Unix socket address on every OS, the closing zero not counted (macOS has the least). */
const MAX_SOCKET_PATH_BYTES = 103;

/** Same place as Electron's `userData` of an app named `presence-locker`, so that app and console command agree on it. */
export function userDataDirectory({ platform, env, homeDirectory }: Surroundings): string {
  if (platform === 'win32') {
    return win32.join(env['APPDATA'] ?? win32.join(homeDirectory, 'AppData', 'Roaming'), APP_FOLDER);
  }
  if (platform === 'darwin') return posix.join(homeDirectory, 'Library', 'Application Support', APP_FOLDER);
  const configured = env['XDG_CONFIG_HOME'];
  // A relative path is to be ignored (XDG Base Directory Specification).
  const base = configured?.startsWith('/') === true ? configured : posix.join(homeDirectory, '.config');
  return posix.join(base, APP_FOLDER);
}

/** The record of what happened and why (main/audit); closed files of it lie beside it. */
export const recordFile = (userData: string): string => join(userData, 'record.jsonl');

/**
 * The machine-wide policy file. Not taken from `%ProgramData%` or any other variable: the environment is the user's, and the
 * user must not be able to choose which policy holds.
 */
export function machinePolicyFile(platform: NodeJS.Platform): string {
  switch (platform) {
    case 'win32':
      return win32.join('C:\\ProgramData', APP_FOLDER, 'policy.json');
    case 'darwin':
      return posix.join('/Library/Application Support', APP_FOLDER, 'policy.json');
    default:
      return posix.join('/etc', APP_FOLDER, 'policy.json');
  }
}

/** Where the embedded gateway listens: the runtime folder of the user where there is one, short enough for a socket address. */
export function embeddedGatewaySocket({ platform, env }: Surroundings, userData: string): string {
  // One name per user data folder, so that two users, or two installations side by side, do not meet.
  const tag = createHash('sha256').update(userData).digest('hex').slice(0, 16);
  if (platform === 'win32') return `\\\\.\\pipe\\${APP_FOLDER}-${tag}`;
  const runtime = env['XDG_RUNTIME_DIR'];
  if (platform === 'linux' && runtime?.startsWith('/') === true) {
    const path = posix.join(runtime, `${APP_FOLDER}-${tag}.sock`);
    if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return path;
  }
  // The folder is readable by its owner only, which is what keeps others from connecting.
  return posix.join(userData, 'gw.sock');
}
