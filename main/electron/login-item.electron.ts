import { app } from 'electron';
import { assertNever } from '../../protocol/result.ts';
import type { SettingsView } from '../../protocol/view-model.ts';
import { isStartedBySystemd, UNIT_NAME } from './systemd-unit.ts';
import { autostartFilePath, readAutostartFile, removeAutostartFile, writeAutostartFile } from './xdg-autostart.ts';

/** Start at login, as the settings show it. A guard that is not started guards nothing (CVE-2013-1050). */
export interface LoginItem {
  read(): Promise<SettingsView['startAtLogin']>;
  /** @throws with a sentence for the person when the system refuses. */
  set(value: boolean): Promise<void>;
}

export interface LoginItemOptions {
  readonly platform: NodeJS.Platform;
  readonly env: { readonly APPIMAGE?: string | undefined; readonly XDG_CONFIG_HOME?: string | undefined };
  readonly homeDirectory: string;
  readonly execPath: string;
}

const NOT_INSTALLED = 'Available once Presence Locker is installed.';

export function createLoginItem(options: LoginItemOptions): LoginItem {
  switch (options.platform) {
    case 'darwin':
    case 'win32':
      return systemLoginItem(options.platform);
    case 'linux':
      return xdgLoginItem(options);
    case 'aix':
    case 'android':
    case 'cygwin':
    case 'freebsd':
    case 'haiku':
    case 'netbsd':
    case 'openbsd':
    case 'sunos':
      return unavailable('This system is not supported.');
    default:
      return assertNever(options.platform, 'platform');
  }
}

function unavailable(detail: string): LoginItem {
  return {
    read: async () => ({ value: false, available: false, detail }),
    set: async () => {
      throw new Error(detail);
    },
  };
}

function systemLoginItem(platform: 'darwin' | 'win32'): LoginItem {
  // Run from its sources, the program that would be entered is bare Electron, which starts nothing.
  if (!app.isPackaged) return unavailable(NOT_INSTALLED);
  const where = platform === 'darwin' ? 'Login Items in System Settings' : 'Startup apps in Windows Settings';
  return {
    async read() {
      const { openAtLogin } = app.getLoginItemSettings();
      return { value: openAtLogin, available: true, detail: `Also shown under ${where}.` };
    },
    async set(value) {
      app.setLoginItemSettings({ openAtLogin: value });
      if (app.getLoginItemSettings().openAtLogin !== value) {
        throw new Error(`The system did not accept this. Look under ${where}.`);
      }
    },
  };
}

/**
 * @returns what starts this installation again. An AppImage runs from a mount that vanishes with the process: the file the person
 * keeps, named in APPIMAGE, is what must be started at the next login.
 */
function installedCommand({ env, execPath }: LoginItemOptions): readonly string[] {
  const appImage = env.APPIMAGE;
  return [appImage === undefined || appImage === '' ? execPath : appImage];
}

function xdgLoginItem(options: LoginItemOptions): LoginItem {
  if (!app.isPackaged) return unavailable(NOT_INSTALLED);
  const path = autostartFilePath(options.env, options.homeDirectory);
  const command = installedCommand(options);
  const startedBySystemd = () => isStartedBySystemd(options.env, options.homeDirectory);
  return {
    async read() {
      if (await startedBySystemd())
        return {
          value: true,
          available: true,
          detail: `Started by systemd (${UNIT_NAME}), which also starts it again.`,
        };
      const found = await readAutostartFile(path, command);
      switch (found) {
        case 'on':
          return { value: true, available: true, detail: 'Starts with your desktop session.' };
        case 'off':
          return { value: false, available: true, detail: 'After the next login nothing guards until you start it.' };
        case 'other':
          return {
            value: false,
            available: true,
            detail: 'An entry exists but starts something else or is switched off.',
          };
        default:
          return assertNever(found, 'autostart entry');
      }
    },
    async set(value) {
      const bySystemd = await startedBySystemd();
      // One way of starting at a time: the unit is the better one, and what it does is its owner's to change.
      if (value && !bySystemd) await writeAutostartFile(path, command);
      else await removeAutostartFile(path);
      if (!value && bySystemd) throw new Error(`systemd starts it: run “systemctl --user disable ${UNIT_NAME}”.`);
    },
  };
}
