import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where setup unpacks it (scripts/system-packages.json), seen from this file. */
const UNPACKED_CADDY = join(import.meta.dirname, '../../../.setup/caddy/root/usr/bin/caddy');

/** The Caddy that setup unpacked, else the machine's own. A name that is not found says what is missing. */
export function findCaddy(): string {
  return findProgram(UNPACKED_CADDY) ?? 'caddy';
}

/** The parts of a desktop that the harness can start. */
export type DesktopPart = 'bus' | 'logind' | 'x-server' | 'locker' | 'keychain' | 'wayland' | 'network' | 'proxy';

/** Programs each part needs, with the Debian package that brings them. */
const NEEDED: Readonly<Record<DesktopPart, readonly (readonly [program: string, debianPackage: string])[]>> = {
  bus: [['dbus-daemon', 'dbus']],
  logind: [
    ['dbus-daemon', 'dbus'],
    ['apt-get', 'apt'],
    ['dpkg', 'dpkg'],
    ['unshare', 'util-linux'],
    ['/usr/bin/python3', 'python3-dbus'],
    ['/usr/lib/python3/dist-packages/dbus/__init__.py', 'python3-dbus'],
  ],
  'x-server': [
    ['Xvfb', 'xvfb'],
    ['openbox', 'openbox'],
    ['import', 'imagemagick'],
    ['xdotool', 'xdotool'],
  ],
  locker: [
    ['xss-lock', 'xss-lock'],
    ['i3lock', 'i3lock'],
  ],
  wayland: [
    ['sway', 'sway'],
    ['swaylock', 'swaylock'],
    ['setpriv', 'util-linux'],
  ],
  keychain: [
    ['dbus-daemon', 'dbus'],
    ['gnome-keyring-daemon', 'gnome-keyring'],
  ],
  network: [
    ['unshare', 'util-linux'],
    ['nsenter', 'util-linux'],
    ['ip', 'iproute2'],
    ['openssl', 'openssl'],
  ],
  proxy: [
    [findCaddy(), 'caddy'],
    ['ss', 'iproute2'],
  ],
};

function environment(): { readonly PATH?: string; readonly CI?: string } {
  return process.env;
}

/** The file a program name stands for, or null when it is not installed. */
export function findProgram(name: string, path = environment().PATH ?? ''): string | null {
  const candidates = name.startsWith('/') ? [name] : path.split(delimiter).map((folder) => join(folder, name));
  for (const candidate of candidates) {
    try {
      accessSync(candidate, name.endsWith('.py') ? constants.R_OK : constants.X_OK);
      return candidate;
    } catch {
      // not here; the next folder may have it
    }
  }
  return null;
}

/** What is missing for these parts, one phrase each, e.g. `i3lock (Debian package i3lock)`. Empty when all can be started. */
export function missingTools(parts: readonly DesktopPart[]): readonly string[] {
  const missing = new Set<string>();
  for (const part of parts) {
    for (const [program, debianPackage] of NEEDED[part]) {
      if (findProgram(program) === null) missing.add(`${program} (Debian package ${debianPackage})`);
    }
    if (part === 'logind' && process.getuid?.() !== 0) missing.add('root (logind is started privately)');
    if (part === 'network' && process.getuid?.() !== 0) missing.add('root (networks are made)');
    if (process.platform !== 'linux') missing.add('Linux');
  }
  return [...missing];
}

/**
 * For the top of a system test file: `describe.skipIf(requireTools(['logind']))`. A person's machine skips with a sentence; a machine
 * that sets CI fails, because there a missing tool means that nothing was tested.
 * @returns whether to skip. @throws when CI is set and a tool is missing.
 */
export function requireTools(parts: readonly DesktopPart[]): boolean {
  const missing = missingTools(parts);
  if (missing.length === 0) return false;
  const sentence = `System test needs ${missing.join(', ')}.`;
  if ((environment().CI ?? '') !== '') throw new Error(sentence);
  console.warn(`Skipped: ${sentence}`);
  return true;
}
