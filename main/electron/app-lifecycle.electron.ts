import { app } from 'electron';
import { MAX_SECOND_INSTANCE_ARGUMENT_LENGTH, MAX_SECOND_INSTANCE_ARGUMENTS } from './limits.ts';
import { reasonOf, type ShellLog } from './shell-log.ts';

export interface AppLifecycleOptions {
  /** Somebody started the app again. The arguments come from another process: bounded here, to be decoded by the receiver. */
  readonly onSecondInstance: (claimedArguments: readonly string[]) => void;
  /** The app is asked to quit (menu, signal, end of the desktop session). Locks first, then calls `exit`. */
  readonly onQuitRequested: () => Promise<void>;
  readonly log: ShellLog;
}

export interface AppLifecycle {
  /** False: another instance guards this session. It has been told; this one must call `exit(0)` and do nothing else. */
  readonly isOnlyInstance: boolean;
  /** Asks to quit, by the same way as everybody else: `onQuitRequested` decides. */
  requestQuit(): void;
  /** Ends the process now. Only for the composition root, after it has locked (or where nothing is guarded). */
  exit(code: number): void;
  /** Runs right before the process ends by `exit`: from there on windows that close are no incident. */
  beforeExit(step: () => void): void;
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];

/**
 * Takes the single-instance lock and the say over quitting. Call while the entry module is evaluated, before `ready`.
 * A second instance while the workstation is covered must not bring another curtain or another state machine (hyprlock#437).
 */
export function takeAppLifecycle(options: AppLifecycleOptions): AppLifecycle {
  let exiting = false;
  let askedToQuit = false;
  const isOnlyInstance = app.requestSingleInstanceLock();

  const lastSteps: (() => void)[] = [];
  const beforeExit = (step: () => void): void => {
    lastSteps.push(step);
  };
  const exit = (code: number): void => {
    exiting = true;
    for (const step of lastSteps.splice(0)) step();
    app.exit(code);
  };
  if (!isOnlyInstance) return { isOnlyInstance, requestQuit: () => exit(0), exit, beforeExit };

  app.on('second-instance', (_event, argv) => {
    options.onSecondInstance(
      argv
        .slice(0, MAX_SECOND_INSTANCE_ARGUMENTS)
        .filter((argument) => typeof argument === 'string' && argument.length <= MAX_SECOND_INSTANCE_ARGUMENT_LENGTH),
    );
  });
  app.on('before-quit', (event) => {
    if (exiting) return;
    event.preventDefault();
    if (askedToQuit) return;
    askedToQuit = true;
    options
      .onQuitRequested()
      .catch((thrown: unknown) => options.log.error(`Quitting was given up: ${reasonOf(thrown)}`))
      .finally(() => {
        // Still here: it was refused or failed. The guard goes on, and one may ask again.
        askedToQuit = false;
      });
  });
  // A tray application lives without windows; without this listener Electron would quit with the last one.
  app.on('window-all-closed', () => undefined);
  app.on('child-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit') return;
    options.log.warn(`A ${details.type} process ended: ${details.reason}`);
  });
  app.on('render-process-gone', (_event, _webContents, details) => {
    if (details.reason === 'clean-exit') return;
    options.log.warn(`A renderer process ended: ${details.reason}`);
  });
  for (const signal of SIGNALS) process.on(signal, () => app.quit());

  return { isOnlyInstance, requestQuit: () => app.quit(), exit, beforeExit };
}
