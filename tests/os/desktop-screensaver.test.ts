import { describe, expect, it } from 'vitest';
import type { OsSignal } from '../../main/core/ports.ts';
import { desktopLockRung, desktopScreenSaver, ScreenSaverSource } from '../../main/os/linux/desktop-screensaver.ts';
import { FakeBus } from './fake-bus.ts';

function saverOf(desktop: string) {
  const saver = desktopScreenSaver(desktop);
  if (saver === null) throw new Error(`no screen saver for ${desktop}`);
  return saver;
}

describe("the desktop's own screen saver", () => {
  it.each([
    ['GNOME', 'org.gnome.ScreenSaver'],
    ['ubuntu:GNOME', 'org.gnome.ScreenSaver'],
    ['KDE', 'org.freedesktop.ScreenSaver'],
    ['X-Cinnamon', 'org.cinnamon.ScreenSaver'],
    ['sway', 'org.freedesktop.ScreenSaver'],
  ])('of %s is asked through %s', async (desktop, service) => {
    const bus = new FakeBus().answer(`${service}.Lock`, () => []);
    await desktopLockRung(bus, saverOf(desktop)).request();
    expect(bus.calls.map(({ destination, member }) => ({ destination, member }))).toEqual([
      { destination: service, member: 'Lock' },
    ]);
  });

  it.each([undefined, ''])('is not asked where no desktop is named (%j)', (desktop) => {
    expect(desktopScreenSaver(desktop)).toBeNull();
  });

  it('that is not on the bus fails the rung', async () => {
    await expect(desktopLockRung(new FakeBus(), saverOf('KDE')).request()).rejects.toMatchObject({
      name: 'LockRungFailed',
      rung: 'KDE: org.freedesktop.ScreenSaver.Lock',
    });
  });

  it('of GNOME is not believed when it is active, which does not mean locked there', () => {
    expect(saverOf('GNOME').activeMeansLocked).toBe(false);
  });

  it('of Cinnamon is read at the start, followed, and read again when it comes back', async () => {
    let active = true;
    const bus = new FakeBus().answer('org.cinnamon.ScreenSaver.GetActive', () => [active]);
    const heard: OsSignal[] = [];
    const source = new ScreenSaverSource(bus, saverOf('X-Cinnamon'));
    await source.start((signal) => heard.push(signal));
    bus.emit('/org/cinnamon/ScreenSaver', 'org.cinnamon.ScreenSaver', 'ActiveChanged', [false]);
    bus.emit('/org/cinnamon/ScreenSaver', 'org.cinnamon.ScreenSaver', 'ActiveChanged', ['nonsense']);
    expect(heard.map(({ type }) => type)).toEqual(['os.locked', 'os.unlocked']);
    active = true;
    bus.serviceBack('org.cinnamon.ScreenSaver');
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard.at(-1)?.type).toBe('os.locked');
  });
});
