import { describe, expect, it } from 'vitest';
import type { OsSignal } from '../../main/core/ports.ts';
import { BusCallFailed } from '../../main/os/linux/bus-connection.ts';
import { anyDesktopLockRung, desktopLockRung, ScreenSaverSource } from '../../main/os/linux/desktop-screensaver.ts';
import { displayServer, namedScreenSaver, SCREEN_SAVERS_TO_LOOK_FOR } from '../../main/os/linux/desktops.ts';
import { FakeBus } from './fake-bus.ts';

function saverOf(desktop: string) {
  const saver = namedScreenSaver({ XDG_CURRENT_DESKTOP: desktop });
  if (saver === null) throw new Error(`no screen saver for ${desktop}`);
  return saver;
}

const settled = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

describe("the desktop's own screen saver", () => {
  it.each([
    ['GNOME', 'org.gnome.ScreenSaver'],
    ['ubuntu:GNOME', 'org.gnome.ScreenSaver'],
    ['KDE', 'org.freedesktop.ScreenSaver'],
    ['X-Cinnamon', 'org.cinnamon.ScreenSaver'],
    ['MATE', 'org.mate.ScreenSaver'],
  ])('of %s is asked through %s', async (desktop, service) => {
    const bus = new FakeBus().answer(`${service}.Lock`, () => []);
    await desktopLockRung(bus, saverOf(desktop)).request();
    expect(bus.calls.map(({ destination, member }) => ({ destination, member }))).toEqual([
      { destination: service, member: 'Lock' },
    ]);
  });

  it.each([[{}], [{ XDG_CURRENT_DESKTOP: '' }], [{ XDG_CURRENT_DESKTOP: 'sway', DESKTOP_SESSION: 'sway' }]])(
    'is not known by name from %j',
    (env) => {
      expect(namedScreenSaver(env)).toBeNull();
    },
  );

  it('is known from the older variables where the newest is missing', () => {
    expect(namedScreenSaver({ XDG_SESSION_DESKTOP: 'KDE' })?.desktop).toBe('KDE');
    expect(namedScreenSaver({ DESKTOP_SESSION: 'mate' })?.desktop).toBe('MATE');
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
    const source = new ScreenSaverSource(bus, saverOf('X-Cinnamon'), { expected: true });
    await source.start((signal) => heard.push(signal));
    bus.emit('/org/cinnamon/ScreenSaver', 'org.cinnamon.ScreenSaver', 'ActiveChanged', [false]);
    bus.emit('/org/cinnamon/ScreenSaver', 'org.cinnamon.ScreenSaver', 'ActiveChanged', ['nonsense']);
    expect(heard.map(({ type }) => type)).toEqual(['os.locked', 'os.unlocked']);
    active = true;
    bus.serviceBack('org.cinnamon.ScreenSaver');
    await settled();
    expect(heard.at(-1)?.type).toBe('os.locked');
  });

  it('is asked wherever one is on the bus, when no desktop is named, and none is started for it', async () => {
    const bus = new FakeBus()
      .answer('org.freedesktop.DBus.NameHasOwner', ({ body }) => [body?.[0] === 'org.gnome.ScreenSaver'])
      .answer('org.gnome.ScreenSaver.Lock', () => []);
    await anyDesktopLockRung(bus, SCREEN_SAVERS_TO_LOOK_FOR).request();
    expect(bus.calls.filter(({ member }) => member === 'Lock').map(({ destination }) => destination)).toEqual([
      'org.gnome.ScreenSaver',
    ]);
  });

  it.each([
    ['none is there', false, 'there is none'],
    ['the one that is there refuses', true, 'not now'],
  ])('fails the rung of an unnamed desktop when %s', async (_what, there, reason) => {
    const bus = new FakeBus()
      .answer('org.freedesktop.DBus.NameHasOwner', ({ body }) => [there && body?.[0] === 'org.cinnamon.ScreenSaver'])
      .answer('org.cinnamon.ScreenSaver.Lock', () => Promise.reject(new BusCallFailed('not now', null)));
    await expect(anyDesktopLockRung(bus, SCREEN_SAVERS_TO_LOOK_FOR).request()).rejects.toMatchObject({
      name: 'LockRungFailed',
      message: reason,
    });
  });

  it('that may well not be there is no trouble, is not started by asking, and is followed once it comes', async () => {
    let there = false;
    const bus = new FakeBus()
      .answer('org.freedesktop.DBus.NameHasOwner', () => [there])
      .answer('org.mate.ScreenSaver.GetActive', () => [true]);
    const heard: OsSignal[] = [];
    const source = new ScreenSaverSource(bus, saverOf('MATE'), { expected: false });
    await source.start((signal) => heard.push(signal));
    expect(bus.calls.map(({ member }) => member)).toEqual(['NameHasOwner']);
    expect(heard).toEqual([]);
    there = true;
    bus.serviceBack('org.mate.ScreenSaver');
    await settled();
    expect(heard.map(({ type }) => type)).toEqual(['os.locked']);
  });

  it('does not apply an answer that was asked for before the state changed', async () => {
    let answer: (reply: readonly unknown[]) => void = () => undefined;
    const bus = new FakeBus().answer('org.cinnamon.ScreenSaver.GetActive', () => [false]);
    const heard: OsSignal[] = [];
    const source = new ScreenSaverSource(bus, saverOf('X-Cinnamon'), { expected: true });
    await source.start((signal) => heard.push(signal));
    bus.answer(
      'org.cinnamon.ScreenSaver.GetActive',
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    source.expectChange();
    await settled();
    bus.emit('/org/cinnamon/ScreenSaver', 'org.cinnamon.ScreenSaver', 'ActiveChanged', [true]);
    answer([false]);
    await settled();
    expect(heard.at(-1)?.type).toBe('os.locked');
  });
});

describe('the display server', () => {
  it.each([
    [{ XDG_SESSION_TYPE: 'x11', WAYLAND_DISPLAY: 'wayland-0' }, 'x11'],
    [{ XDG_SESSION_TYPE: 'wayland', DISPLAY: ':0' }, 'wayland'],
    [{ XDG_SESSION_TYPE: 'tty', DISPLAY: ':0' }, 'x11'],
    [{ DISPLAY: ':0' }, 'x11'],
    [{ DISPLAY: ':0', WAYLAND_DISPLAY: 'wayland-1' }, 'wayland'],
    [{ DISPLAY: ':0', WAYLAND_DISPLAY: '' }, 'x11'],
    [{ WAYLAND_DISPLAY: 'wayland-1' }, 'wayland'],
  ])('of %j is %s', (env, server) => {
    expect(displayServer(env)).toBe(server);
  });
});
