import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';

/**
 * Start at login by the XDG autostart specification: a desktop entry in the person's autostart folder, understood by GNOME, KDE, Xfce,
 * Cinnamon, MATE and others (bare window managers need `dex` or the like).
 */
const FILE_NAME = 'presence-locker.desktop';

/** Owner writes, everybody reads: a desktop entry holds no secret, and one that others could write would start their program. */
const FILE_MODE = 0o644;

/** @param env XDG_CONFIG_HOME counts only when absolute, as the base directory specification demands. */
export function autostartFilePath(
  env: { readonly XDG_CONFIG_HOME?: string | undefined },
  homeDirectory: string,
): string {
  const configured = env.XDG_CONFIG_HOME;
  const config = configured !== undefined && isAbsolute(configured) ? configured : join(homeDirectory, '.config');
  return join(config, 'autostart', FILE_NAME);
}

/**
 * One argument of an Exec key. Quoted always; inside quotes `"`, `` ` ``, `$` and `\` take a backslash, `%` would begin a field code,
 * and the value as a whole is a string whose backslashes are doubled once more (Desktop Entry Specification, "The Exec key").
 * @throws on control characters: a line break would begin another key.
 */
function quoteForExec(argument: string): string {
  if (/\p{Cc}/u.test(argument)) throw new Error('The program path cannot be written into a desktop entry');
  const quoted = argument.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%');
  return `"${quoted.replaceAll('\\', '\\\\')}"`;
}

export function autostartEntry(command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Version=1.5',
    'Name=Presence Locker',
    'Comment=Asks your phone at unlock and locks this workstation when you leave',
    `Exec=${command.map(quoteForExec).join(' ')}`,
    'Terminal=false',
    'NoDisplay=true',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** Replaces the file in one step, so that a login in between finds the old entry or the new one. */
export async function writeAutostartFile(path: string, command: readonly string[]): Promise<void> {
  const content = autostartEntry(command);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${randomUUID()}.new`;
  try {
    const file = await open(unfinished, 'wx', FILE_MODE);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (thrown) {
    await rm(unfinished, { force: true });
    throw thrown;
  }
}

/** Removing what is not there succeeds. */
export async function removeAutostartFile(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** `other`: there is an entry, but it starts something else (an AppImage that was moved) or was switched off by the desktop's settings. */
export async function readAutostartFile(
  path: string,
  expectedCommand: readonly string[],
): Promise<'on' | 'off' | 'other'> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return 'off';
    throw thrown;
  }
  const lines = content.split('\n').map((line) => line.trim());
  if (lines.includes('Hidden=true') || lines.includes('X-GNOME-Autostart-enabled=false')) return 'other';
  const expectedExec = `Exec=${expectedCommand.map(quoteForExec).join(' ')}`;
  return lines.includes(expectedExec) ? 'on' : 'other';
}
