import { homedir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_POLICY } from '../protocol/policy.ts';
import { createAppLog } from './app-log.ts';
import { isCliCommand, processCliIo, runCli } from './cli.ts';
import { notificationText } from './core/sentences.ts';
import { beginShell, type Shell } from './electron/shell.electron.ts';
import { assemble, type GuardedApp } from './guarded-app.ts';
import { endOnFault } from './last-resort.ts';
import { lockFirst } from './lock-first.ts';
import { createMonotonicClock } from './os/monotonic-clock.ts';
import { koffiNativeCalls } from './os/native-calls.ts';
import { requestSessionNotifications } from './os/windows/session-notification.ts';
import { NODE_TIMERS } from './runtime/wake-up.ts';
import { NO_DISPLAY_SWITCHES, ROLE_FLAGS } from './sentinel/own-command.ts';
import { SentinelKeeper } from './sentinel/sentinel-keeper.ts';
import { startWithWire } from './sentinel/start-with-wire.ts';
import { commandOf, inheritedWire, runSentinel } from './sentinel-process.ts';

/** Application id of the package (electron-builder.yml). */
const APP_ID = 'app.presence-locker';
const log = createAppLog();
const clock = createMonotonicClock();
const notObserved = (source: string, reason: string): void => log.warn({ source, reason }, 'not observed');
const alarmText = () => ({
  title: 'This workstation could not be locked',
  body: 'Treat it as open and lock it by hand. It is tried again every few seconds.',
});

/** Command-line words, without the program and, where there is one, the app's folder. */
const words = process.argv
  .slice('defaultApp' in process ? 2 : 1)
  // Switches of the browser, which the console command is started with where there is no display (build/linux).
  .filter((word) => !NO_DISPLAY_SWITCHES.includes(word));
if (isCliCommand(words)) process.exit(await runCli(words, processCliIo()));
if (process.argv.includes(ROLE_FLAGS.sentinel)) {
  const ended = runSentinel(clock, log);
  if (process.platform === 'linux') process.exit(await ended);
  void ended.then((code) => process.exit(code));
} else main();

/** The table of contents: everything is made here and joined to what it needs; no rule is here. */
function main(): void {
  let shell: Shell | null = null;
  let app: GuardedApp | null = null;
  const here = import.meta.dirname;
  const sentinel = new SentinelKeeper({
    start: () => startWithWire(commandOf('sentinel'), process.env),
    processId: process.pid,
    clock,
    timers: NODE_TIMERS,
    log,
  });
  const beginning = beginShell({
    appUserModelId: APP_ID,
    process,
    homeDirectory: homedir(),
    paths: {
      renderer: join(here, '../renderer'),
      preload: join(here, '../preload/index.cjs'),
      gateway: join(here, 'gateway.js'),
      simulator: join(here, 'simulator.js'),
      trayIcons: join(here, '../../build/icons/tray'),
    },
    monotonicNow: () => clock.monotonicNow(),
    textOf: notificationText,
    alarmText,
    expectedLinkHosts: () => [],
    onCurtainLost: (reason) => app?.guard.dispatch({ type: 'curtain.lost', reason, at: clock.monotonicNow() }),
    onCurtainMeasured: (measured) => log.info(measured, 'curtain painted'),
    registerSessionNotification: (handle) => requestSessionNotifications(handle, koffiNativeCalls, notObserved),
    onSecondInstance: () => shell?.windows.open('status'),
    // Until the app is assembled nobody is guarded.
    onQuitRequested: async () => (app === null ? endUnguarded() : app.quit()),
    log,
  });
  const endUnguarded = (): void => void sentinel.dismiss().finally(() => beginning.lifecycle.exit(0));
  const startedBySentinel = process.argv.includes(ROLE_FLAGS.watched);
  if (!beginning.lifecycle.isOnlyInstance) {
    if (startedBySentinel) sentinel.begin(inheritedWire());
    endUnguarded();
    return;
  }
  // As early as anything can die.
  sentinel.begin(startedBySentinel ? inheritedWire() : null);
  /** Whatever failed, and whatever policy says about leaving: locked first, then gone. */
  const lockAndEnd = (): void => {
    const locked =
      app === null ? Promise.resolve(true) : lockFirst(app.guard, 'quit', { clock, policy: () => DEFAULT_POLICY });
    void locked.finally(() => beginning.lifecycle.exit(1));
  };
  endOnFault(process, log, lockAndEnd);
  beginning
    .whenReady()
    .then(async (ready) => {
      shell = ready;
      app = await assemble({
        beginning,
        shell: ready,
        sentinel,
        clock,
        log,
        keychainModule: join(here, 'keychain-worker.js'),
      });
      await app.begin();
    })
    .catch((error: unknown) => {
      // An app that only looks as if it guarded would be worse than none.
      log.fatal({ err: error }, 'could not start');
      lockAndEnd();
    });
}
