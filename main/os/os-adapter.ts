import type { LockLadder, PowerMonitorSource } from '../core/ports.ts';
import type { NativeCalls } from './native-calls.ts';
import type { CommandRunner } from './run-command.ts';
import type { ExpectantSessionWatch } from './session-watch-of-sources.ts';

/** The session watch of an operating system. */
export interface SystemSessionWatch extends ExpectantSessionWatch {
  /** The core has dealt with `os.suspending` (a lock is requested): the machine may sleep now. Does nothing otherwise. */
  sleepHandled(): void;
}

/** Watch and ladder belong together: a request makes the watch look closely. */
export interface OsAdapter {
  readonly watch: SystemSessionWatch;
  readonly ladder: LockLadder;
}

export interface OsAdapterOptions {
  /** Supplies DISPLAY, XDG_*, DBUS_*_BUS_ADDRESS and PATH; inherited by lockers that we start. */
  readonly env: NodeJS.ProcessEnv;
  /** Linux: guard this logind session instead of looking for ours. */
  readonly sessionId?: string;
  /** Linux: the last rung's command with its arguments, e.g. `['i3lock', '-n']`. Default by session type and what is installed. */
  readonly lockCommand?: readonly string[];
  /** Linux: names of locker programs to look for. Default DEFAULT_LOCKER_NAMES. */
  readonly lockerNames?: readonly string[];
  /** Windows and macOS: what Electron's power monitor reports. Required there. */
  readonly powerMonitor?: PowerMonitorSource;
  /** Windows and macOS: calls into system libraries. Default koffi. */
  readonly nativeCalls?: NativeCalls;
  /** Default: real programs. */
  readonly commandRunner?: CommandRunner;
  /** Hears in one sentence what cannot be observed at present, for the log. Never called with a secret. */
  readonly onTrouble?: (source: string, reason: string) => void;
  /** Linux: the session service (logind) answers again after `onTrouble` was told of the system bus. Repeats itself. */
  readonly onSessionServiceBack?: () => void;
}
