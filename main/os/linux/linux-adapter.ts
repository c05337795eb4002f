import type { OsSignal } from '../../core/ports.ts';
import { LadderOfRungs, type LockRung } from '../ladder-of-rungs.ts';
import type { LockSource } from '../lock-source.ts';
import type { OsAdapter, OsAdapterOptions } from '../os-adapter.ts';
import { createCommandRunner } from '../run-command.ts';
import { SessionWatchOfSources } from '../session-watch-of-sources.ts';
import { type IdleProbe, UserActivitySource } from '../user-activity-source.ts';
import { anyDesktopLockRung, desktopLockRung, ScreenSaverSource } from './desktop-screensaver.ts';
import { displayServer, namedScreenSaver, SCREEN_SAVERS_TO_LOOK_FOR } from './desktops.ts';
import { lockerCommands } from './installed-lockers.ts';
import { LockerChildren } from './locker-children.ts';
import { LockerProcessSource } from './locker-process-source.ts';
import { callOwnSession, LogindSource } from './logind-source.ts';
import { mutterIdleProbe } from './mutter-idle-probe.ts';
import { findOwnSession, LOGIND, type OwnSession } from './own-session.ts';
import { procTable } from './process-table.ts';
import { ReconnectingBus } from './reconnecting-bus.ts';
import { SleepInhibitor } from './sleep-inhibitor.ts';
import { X11Screen } from './x11-screen.ts';

/** Source named to `onTrouble`: what the session service is reached by. */
export const SYSTEM_BUS = 'system bus';
const DEFAULT_SYSTEM_BUS = 'unix:path=/run/dbus/system_bus_socket';

/** Watch and ladder for Linux: logind, the desktop's own screen saver, locker processes, lockers that we start. */
export function createLinuxAdapter(options: OsAdapterOptions): OsAdapter {
  const { env } = options;
  const { DBUS_SYSTEM_BUS_ADDRESS, DBUS_SESSION_BUS_ADDRESS, XDG_SESSION_ID } = env;
  const { DISPLAY, WAYLAND_DISPLAY, PATH } = env;
  const userId = process.getuid?.() ?? -1;
  const now = (): number => performance.now();
  const runner = options.commandRunner ?? createCommandRunner(env);

  const systemBus = new ReconnectingBus({
    address: DBUS_SYSTEM_BUS_ADDRESS ?? DEFAULT_SYSTEM_BUS,
    onTrouble: trouble(SYSTEM_BUS),
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

  const server = displayServer(env);
  const x11 = server === 'x11' ? new X11Screen(env) : null;
  const cover = x11?.cover ?? (async () => 'unknown' as const);

  const lockers = new LockerProcessSource({
    table: procTable,
    expected: { userId, processId: process.pid, display: DISPLAY, waylandDisplay: WAYLAND_DISPLAY },
    cover,
    now,
    isNone: (locker) => children.isUnproven(locker),
    onGone: () => logind.lockerGone(),
    ...(options.lockerNames === undefined ? {} : { names: options.lockerNames }),
  });
  const children: LockerChildren = new LockerChildren({
    runner,
    cover,
    onEnded: () => lockers.expectChange(),
    anotherCovers: () => lockers.seesLocker,
  });
  const idleProbes: IdleProbe[] = [];
  if (x11 !== null) idleProbes.push(async () => await x11.idleMs());
  if (sessionBus !== null) idleProbes.push(mutterIdleProbe(sessionBus));
  const activity = new UserActivitySource(idleProbes, now);
  const logind: LogindSource = new LogindSource({
    bus: systemBus,
    findSession,
    cover,
    listeners: {
      onLockOrUnlockRequested: () => lockers.expectChange(),
      onIdleHintCleared: () => activity.idleHintCleared(),
    },
  });
  const named = namedScreenSaver(env);
  const sources: LockSource[] = [logind, lockers, children, activity];
  if (sessionBus !== null) {
    const savers = named === null ? SCREEN_SAVERS_TO_LOOK_FOR : [named];
    for (const saver of savers.filter(({ activeMeansLocked }) => activeMeansLocked))
      sources.push(new ScreenSaverSource(sessionBus, saver, { expected: saver === named }));
  }

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
    // A bus without logind on it is no return; logind's own arrival calls here again.
    findSession().then(
      () => options.onSessionServiceBack?.(),
      (error: unknown) => trouble(SYSTEM_BUS)(error instanceof Error ? error.message : 'no session service'),
    );
  });

  const rungs: LockRung[] = [];
  if (sessionBus !== null && named !== null) rungs.push(desktopLockRung(sessionBus, named));
  rungs.push({
    name: 'logind Session.Lock',
    request: async () => await callOwnSession(systemBus, await findSession(), 'Lock'),
  });
  // After logind, which an unknown desktop is more likely to obey than to have a screen saver of these names.
  if (sessionBus !== null && named === null) rungs.push(anyDesktopLockRung(sessionBus, SCREEN_SAVERS_TO_LOOK_FOR));
  for (const command of lockerCommands(options.lockCommand, server, PATH ?? '')) rungs.push(children.rung(command));

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
    terminate: async () => await callOwnSession(systemBus, await findSession(), 'Terminate'),
    watch,
  });

  return {
    ladder,
    watch: {
      start: async (listener) => {
        for (const [name, bus] of [
          [SYSTEM_BUS, systemBus],
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
