import { afterEach, describe, expect, it } from 'vitest';
import { createOsAdapter } from '../../main/os/create-os-adapter.ts';
import type { OsAdapter } from '../../main/os/os-adapter.ts';
import { describeLockAdapter, type LockWorld, type RequestTaken } from '../os/lock-adapter-contract.ts';
import { busClients } from './desktop/bus-clients.ts';
import { type Desktop, startDesktop } from './desktop/desktop.ts';
import { forgeSignal } from './desktop/forged-signal.ts';
import { LogindDouble } from './desktop/logind-double.ts';
import { waitFor } from './desktop/managed-process.ts';
import { PrivateBus } from './desktop/private-bus.ts';
import { type DesktopName, type LockBehaviour, ScreenSaverDouble } from './desktop/screensaver-double.ts';
import { requireTools } from './desktop/tools.ts';
import { HeardSignals } from './heard-signals.ts';

const XDG_CURRENT_DESKTOP: Readonly<Record<DesktopName, string>> = {
  GNOME: 'ubuntu:GNOME',
  KDE: 'KDE',
  Cinnamon: 'X-Cinnamon',
  MATE: 'MATE',
};

const BEHAVIOURS: Readonly<Record<RequestTaken, LockBehaviour>> = {
  normally: 'locks',
  late: 'late',
  never: 'never',
  refused: 'refuses',
  'without locking': 'acknowledges',
  'by dying': 'dies',
};

interface DesktopWorld extends LockWorld {
  readonly saver: ScreenSaverDouble;
  readonly logind: LogindDouble;
}

async function startWorld(desktop: DesktopName, named = XDG_CURRENT_DESKTOP[desktop]): Promise<DesktopWorld> {
  const place: Desktop = await startDesktop({ parts: [] });
  const systemBus = await PrivateBus.start('system', place.folder, place.env);
  const sessionBus = await PrivateBus.start('session', place.folder, place.env);
  const logind = new LogindDouble(systemBus.address);
  await logind.start();
  const saver = new ScreenSaverDouble(desktop, sessionBus.address, logind);
  await saver.start();
  const adapter = createOsAdapter('linux', {
    env: {
      ...place.env,
      XDG_CURRENT_DESKTOP: named,
      XDG_SESSION_TYPE: 'wayland',
      DBUS_SYSTEM_BUS_ADDRESS: systemBus.address,
      DBUS_SESSION_BUS_ADDRESS: sessionBus.address,
    },
    sessionId: 'c1',
  });
  return {
    adapter,
    rung: 0,
    saver,
    logind,
    takeRequests: (how) => {
      saver.behaviour = BEHAVIOURS[how];
    },
    lockFromOutside: () => saver.lockScreen(),
    unlockFromOutside: () => saver.unlockScreen(),
    lockWhileAway: async () => {
      await Promise.all([systemBus.crash(), sessionBus.crash()]);
      await Promise.all([systemBus.startAgain(), sessionBus.startAgain()]);
      saver.isSilently(true);
      await saver.start();
      await logind.start();
      if (desktop === 'GNOME' || desktop === 'KDE') logind.setLockedHint(true);
    },
    forgeLock: async () => {
      await forgeSignal(sessionBus.address, {
        path: saver.path,
        interface: saver.interface,
        member: 'ActiveChanged',
        signature: 'b',
        body: [true],
      });
      await forgeSignal(systemBus.address, {
        path: logind.sessionPath,
        interface: 'org.freedesktop.DBus.Properties',
        member: 'PropertiesChanged',
        signature: 'sa{sv}as',
        body: ['org.freedesktop.login1.Session', [['LockedHint', ['b', true]]], []],
      });
    },
    held: async () => (await busClients(systemBus.address)) + (await busClients(sessionBus.address)),
    stop: async () => {
      await saver.stop();
      await logind.stop();
      await sessionBus.stop();
      await systemBus.stop();
      await place.stop();
    },
  };
}

describe.skipIf(requireTools(['logind']))("a desktop's own lock call", () => {
  for (const desktop of ['GNOME', 'KDE', 'Cinnamon', 'MATE'] as const)
    describeLockAdapter(`${desktop}'s screen saver`, () => startWorld(desktop));

  describe('beyond the contract', () => {
    let world: DesktopWorld | null = null;
    const heard = new HeardSignals();

    afterEach(async () => {
      await world?.adapter.watch.stop();
      await world?.stop();
      world = null;
      heard.clear();
    });

    async function begin(desktop: DesktopName, named?: string): Promise<DesktopWorld> {
      world = await startWorld(desktop, named);
      expect(await world.adapter.watch.start(heard.listen)).toBe('unlocked');
      heard.clear();
      return world;
    }
    const rungOf = (adapter: OsAdapter, name: RegExp): number => adapter.ladder.rungs.findIndex((it) => name.test(it));

    it('GNOME that is active but not locked is not locked', async () => {
      const { adapter, saver, logind } = await begin('GNOME');
      saver.behaviour = 'only-active';
      await adapter.ladder.requestLock(0);
      // The hint comes later on another bus; what was heard before it would be the activity.
      logind.setLockedHint(true);
      expect((await heard.next('os.locked')).evidence).toContain('LockedHint');
      expect(heard.all).toHaveLength(1);
    });

    it('GNOME refuses the name that other desktops use', async () => {
      const { adapter } = await begin('GNOME', 'KDE');
      await expect(adapter.ladder.requestLock(0)).rejects.toMatchObject({
        name: 'LockRungFailed',
        rung: 'KDE: org.freedesktop.ScreenSaver.Lock',
      });
    });

    it('MATE locks without ever answering, and the request does not wait for it', async () => {
      const { adapter } = await begin('MATE');
      const askedAt = performance.now();
      await adapter.ladder.requestLock(0);
      expect(performance.now() - askedAt).toBeLessThan(2_000);
      expect((await heard.next('os.locked')).evidence).toContain('org.mate.ScreenSaver active=true');
    });

    it.each(['Cinnamon', 'MATE'] as const)('%s that dies while it locks leaves an open desktop', async (desktop) => {
      const { adapter, saver } = await begin(desktop);
      await adapter.ladder.requestLock(0);
      await heard.next('os.locked');
      heard.clear();
      saver.die();
      expect((await heard.next('os.unlocked')).evidence).toContain('left the bus');
    });

    it.each(['GNOME', 'Cinnamon', 'MATE'] as const)(
      '%s is found on the bus where no desktop is named, after logind',
      async (desktop) => {
        const { adapter, saver } = await begin(desktop, '');
        const rung = rungOf(adapter, /screen saver on the session bus/);
        expect(rung).toBe(rungOf(adapter, /logind/) + 1);
        await adapter.ladder.requestLock(rung);
        expect(saver.lockCalls).toBe(1);
        await heard.next('os.locked');
      },
    );

    it('a desktop that honours logind is locked by the rung below, and its lock is seen the same way', async () => {
      const { adapter, logind } = await begin('Cinnamon');
      await adapter.ladder.requestLock(rungOf(adapter, /logind/));
      expect((await heard.next('os.locked')).evidence).toContain('org.cinnamon.ScreenSaver');
      expect(logind.called).toEqual(['Lock']);
    });

    it('has its session ended through logind when nothing else is left', async () => {
      const { adapter, logind } = await begin('KDE');
      await adapter.ladder.terminateSession();
      await waitFor('the call', () => logind.called.includes('Terminate'), 1_000);
    });
  });
});
