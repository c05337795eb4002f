import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { OsSignal } from '../../core/ports.ts';
import { LadderOfRungs, type LockRung } from '../ladder-of-rungs.ts';
import type { LockSource } from '../lock-source.ts';
import type { OsAdapter, OsAdapterOptions } from '../os-adapter.ts';
import { createCommandRunner } from '../run-command.ts';
import { SessionWatchOfSources } from '../session-watch-of-sources.ts';
import { type IdleProbe, UserActivitySource } from '../user-activity-source.ts';
import { desktopLockRung, desktopScreenSaver, ScreenSaverSource } from './desktop-screensaver.ts';
import { LockerChildren, type LockerCommand, lockerCommandOf } from './locker-command.ts';
import { LockerProcessSource } from './locker-process-source.ts';
import { callOwnSession, LogindSource } from './logind-source.ts';
import { mutterIdleProbe } from './mutter-idle-probe.ts';
import { findOwnSession, LOGIND, type OwnSession } from './own-session.ts';
import { procTable } from './process-table.ts';
import { ReconnectingBus } from './reconnecting-bus.ts';
import { SleepInhibitor } from './sleep-inhibitor.ts';
import { X11Screen } from './x11-screen.ts';

const DEFAULT_SYSTEM_BUS = 'unix:path=/run/dbus/system_bus_socket';

/** Tried in this order on X11 when no command is configured: a locker of our own is seen for certain, the two others may only blank. */
const X11_LOCKERS: readonly (readonly string[])[] = [
  ['i3lock', '-n'],
  ['xsecurelock'],
  ['slock'],
  ['xset', 's', 'activate'],
  ['xdg-screensaver', 'lock'],
];
const WAYLAND_LOCKERS: readonly (readonly string[])[] = [['swaylock', '-f'], ['hyprlock'], ['gtklock', '-d']];

/** Watch and ladder for Linux: logind, the desktop's own screen saver, locker processes, lockers that we start. */
export function createLinuxAdapter(options: OsAdapterOptions): OsAdapter {
  const { env } = options;
  const { DBUS_SYSTEM_BUS_ADDRESS, DBUS_SESSION_BUS_ADDRESS, XDG_SESSION_ID, XDG_CURRENT_DESKTOP } = env;
  const { DISPLAY, WAYLAND_DISPLAY, PATH } = env;
  const userId = process.getuid?.() ?? -1;
  const now = (): number => performance.now();
  const runner = options.commandRunner ?? createCommandRunner(env);

  const systemBus = new ReconnectingBus({
    address: DBUS_SYSTEM_BUS_ADDRESS ?? DEFAULT_SYSTEM_BUS,
    onTrouble: trouble('system bus'),
  });
  const sessionBus =
    DBUS_SESSION_BUS_ADDRESS === undefined || DBUS_SESSION_BUS_ADDRESS === ''
      ? null
      : new ReconnectingBus({ address: DBUS_SESSION_BUS_ADDRESS, onTrouble: trouble('session bus') });

  function trouble(source: string) {
    return (reason: string) => options.onTrouble?.(source, reason);
  }

  const findSession = async (): Promise<OwnSession> =>
    await findOwnSession(systemBus, {
      sessionId: options.sessionId,
      xdgSessionId: XDG_SESSION_ID,
      processId: process.pid,
      userId,
    });

  const onX11 = isX11(env);
  const x11 = onX11 ? new X11Screen(env) : null;
  const cover = x11?.cover ?? (async () => 'unknown' as const);

  const lockers = new LockerProcessSource({
    table: procTable,
    expected: { userId, processId: process.pid, display: DISPLAY, waylandDisplay: WAYLAND_DISPLAY },
    cover,
    now,
    ...(options.lockerNames === undefined ? {} : { names: options.lockerNames }),
  });
  const children = new LockerChildren({ runner, cover, onEnded: () => lockers.expectChange() });
  const idleProbes: IdleProbe[] = [];
  if (x11 !== null) idleProbes.push(async () => await x11.idleMs());
  if (sessionBus !== null) idleProbes.push(mutterIdleProbe(sessionBus));
  const activity = new UserActivitySource(idleProbes, now);
  const logind = new LogindSource({
    bus: systemBus,
    findSession,
    cover,
    listeners: {
      onLockOrUnlockRequested: () => lockers.expectChange(),
      onIdleHintCleared: () => activity.idleHintCleared(),
    },
  });
  const saver = desktopScreenSaver(XDG_CURRENT_DESKTOP);
  const sources: LockSource[] = [logind, lockers, children, activity];
  if (sessionBus !== null && saver?.activeMeansLocked) sources.push(new ScreenSaverSource(sessionBus, saver));

  const inhibitor = new SleepInhibitor(runner);
  let suspending = false;
  const onSignal = (signal: OsSignal): void => {
    if (signal.type === 'os.locked') {
      activity.lockStateChanged('locked');
      if (suspending) void inhibitor.release();
    }
    if (signal.type === 'os.unlocked') activity.lockStateChanged('unlocked');
    if (signal.type === 'os.suspending') suspending = true;
    if (signal.type === 'os.resumed') {
      suspending = false;
      inhibitor.take();
    }
  };
  const watch = new SessionWatchOfSources(sources, {
    onSignal,
    ...(options.onTrouble === undefined ? {} : { onSourceUnavailable: options.onTrouble }),
  });
  systemBus.onServiceBack(LOGIND, () => {
    // Inhibitors do not survive logind.
    void inhibitor.release().then(() => inhibitor.take());
  });

  const rungs: LockRung[] = [];
  if (sessionBus !== null && saver !== null) rungs.push(desktopLockRung(sessionBus, saver));
  rungs.push({
    name: 'logind Session.Lock',
    request: async () => await callOwnSession(systemBus, await findSession(), 'Lock'),
  });
  for (const command of lockerCommands(options.lockCommand, onX11, PATH)) rungs.push(children.rung(command));

  const ladder = new LadderOfRungs({
    rungs,
    unlock: async () => {
      const endedOurs = children.unlock();
      try {
        await callOwnSession(systemBus, await findSession(), 'Unlock');
      } catch (error) {
        if (!endedOurs) throw error;
      }
    },
    watch,
  });

  return {
    ladder,
    watch: {
      start: async (listener) => {
        for (const [name, bus] of [
          ['system bus', systemBus],
          ['session bus', sessionBus],
        ] as const) {
          await bus
            ?.open()
            .catch((error: unknown) => trouble(name)(error instanceof Error ? error.message : 'unreachable'));
        }
        const state = await watch.start(listener);
        inhibitor.take();
        return state;
      },
      stop: async () => {
        await watch.stop();
        await inhibitor.release();
        x11?.close();
        await systemBus.close();
        await sessionBus?.close();
      },
      expectChange: (expected) => watch.expectChange(expected),
      sleepHandled: () => {
        if (suspending) void inhibitor.release();
      },
    },
  };
}

function isX11(env: NodeJS.ProcessEnv): boolean {
  const { DISPLAY, WAYLAND_DISPLAY, XDG_SESSION_TYPE } = env;
  if (XDG_SESSION_TYPE !== undefined) return XDG_SESSION_TYPE === 'x11';
  return DISPLAY !== undefined && WAYLAND_DISPLAY === undefined;
}

function lockerCommands(
  configured: readonly string[] | undefined,
  onX11: boolean,
  path: string | undefined,
): readonly LockerCommand[] {
  if (configured !== undefined && configured.length > 0) return [lockerCommandOf(configured)];
  const installed = (onX11 ? X11_LOCKERS : WAYLAND_LOCKERS).filter(([program]) =>
    isInstalled(program ?? '', path ?? ''),
  );
  return installed.map(lockerCommandOf);
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
