import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type LockerCommand, lockerCommandOf } from './locker-command.ts';

/** Tried in this order when no command is configured: on X11 a locker of our own is seen for certain, the last two may only blank. */
const LOCKERS: Readonly<Record<'x11' | 'wayland', readonly (readonly [program: string, ...options: string[]])[]>> = {
  x11: [['i3lock', '-n'], ['xsecurelock'], ['slock'], ['xset', 's', 'activate'], ['xdg-screensaver', 'lock']],
  wayland: [['swaylock', '-f'], ['hyprlock'], ['gtklock', '-d']],
};

/** @param configured the only command tried, when there is one. @param path PATH, in which the others are looked for. */
export function lockerCommands(
  configured: readonly string[] | undefined,
  server: 'x11' | 'wayland',
  path: string,
): readonly LockerCommand[] {
  if (configured !== undefined && configured.length > 0) return [lockerCommandOf(configured)];
  return LOCKERS[server].filter(([program]) => isInstalled(program, path)).map(lockerCommandOf);
}

function isInstalled(program: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    if (folder === '') return false;
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // not in this folder
    }
  });
}
