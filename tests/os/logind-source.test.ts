import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OsSignal } from '../../main/core/ports.ts';
import { HINT_WITHOUT_LOCKER_MS, LogindSource } from '../../main/os/linux/logind-source.ts';
import { findOwnSession } from '../../main/os/linux/own-session.ts';
import { FakeBus } from './fake-bus.ts';

const PATH = '/org/freedesktop/login1/session/_32';
const SESSION = 'org.freedesktop.login1.Session';
const MANAGER = 'org.freedesktop.login1.Manager';
const PROPERTIES = 'org.freedesktop.DBus.Properties';

describe('the logind source', () => {
  let bus: FakeBus;
  let heard: OsSignal[];
  let lockedHint: boolean;
  let source: LogindSource;
  const listeners = { onLockOrUnlockRequested: vi.fn(), onIdleHintCleared: vi.fn() };

  beforeEach(async () => {
    vi.useFakeTimers();
    listeners.onLockOrUnlockRequested.mockReset();
    listeners.onIdleHintCleared.mockReset();
    lockedHint = false;
    heard = [];
    bus = new FakeBus().answer(`${PROPERTIES}.Get`, (call) => [call.body?.[1] === 'LockedHint' ? lockedHint : false]);
    source = new LogindSource({ bus, findSession: async () => ({ id: '2', path: PATH, type: 'x11' }), listeners });
    await source.start((signal) => heard.push(signal));
    expect(heard.map(({ type }) => type)).toEqual(['os.unlocked']);
    heard.length = 0;
  });
  afterEach(async () => {
    await source.stop();
    vi.useRealTimers();
  });

  const changed = (
    properties: Readonly<Record<string, unknown>>,
    of = SESSION,
    invalidated: readonly string[] = [],
  ): void => bus.emit(PATH, PROPERTIES, 'PropertiesChanged', [of, properties, invalidated]);

  it('reports sleep and waking once each although the signal comes twice', () => {
    for (const preparing of [true, true, false, false])
      bus.emit('/org/freedesktop/login1', MANAGER, 'PrepareForSleep', [preparing]);
    expect(heard.map(({ type }) => type)).toEqual(['os.suspending', 'os.resumed']);
  });

  it('reads LockedHint again when it was only invalidated', async () => {
    lockedHint = true;
    changed({}, SESSION, ['LockedHint']);
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual([{ type: 'os.locked', evidence: 'logind LockedHint=true' }]);
  });

  it('finds a change whose signal was lost, by asking again', async () => {
    lockedHint = true;
    await vi.advanceTimersByTimeAsync(6_000);
    expect(heard.map(({ type }) => type)).toEqual(['os.locked']);
  });

  describe('when a locker that covered is gone', () => {
    let cover: 'covered' | 'uncovered' | 'unknown';
    beforeEach(async () => {
      await source.stop();
      bus = new FakeBus().answer(`${PROPERTIES}.Get`, (call) => [call.body?.[1] === 'LockedHint' ? lockedHint : false]);
      cover = 'covered';
      source = new LogindSource({
        bus,
        findSession: async () => ({ id: '2', path: PATH, type: 'x11' }),
        listeners,
        cover: async () => cover,
      });
      lockedHint = true;
      await source.start((signal) => heard.push(signal));
      expect(heard.map(({ type }) => type)).toEqual(['os.locked']);
      heard.length = 0;
    });

    it('tells an unlock although the hint was left behind, and does not take it for a lock again', async () => {
      cover = 'uncovered';
      source.lockerGone();
      await vi.advanceTimersByTimeAsync(HINT_WITHOUT_LOCKER_MS - 1);
      expect(heard).toEqual([]);
      changed({ IdleHint: false });
      await vi.advanceTimersByTimeAsync(1);
      expect(heard.map(({ type }) => type)).toEqual(['os.unlocked']);
      await vi.advanceTimersByTimeAsync(20_000);
      expect(heard).toHaveLength(1);
      changed({ LockedHint: false });
      cover = 'covered';
      changed({ LockedHint: true });
      await vi.advanceTimersByTimeAsync(0);
      expect(heard.at(-1)?.type).toBe('os.locked');
    });

    it.each(['covered', 'unknown'] as const)('believes the hint while the screen is %s', async (said) => {
      cover = said;
      source.lockerGone();
      await vi.advanceTimersByTimeAsync(20_000);
      expect(heard).toEqual([]);
    });

    it('believes a hint that was set anew meanwhile: that is another lock', async () => {
      cover = 'uncovered';
      source.lockerGone();
      changed({ LockedHint: false });
      changed({ LockedHint: true });
      await vi.advanceTimersByTimeAsync(20_000);
      expect(heard.map(({ type }) => type)).toEqual(['os.unlocked', 'os.locked']);
    });
  });

  it('does not apply an answer that is older than a change signal', async () => {
    let answer: (value: readonly unknown[]) => void = () => undefined;
    bus.answer(`${PROPERTIES}.Get`, (call) =>
      call.body?.[1] === 'LockedHint' ? new Promise((resolve) => (answer = resolve)) : [false],
    );
    source.expectChange();
    await vi.advanceTimersByTimeAsync(0);
    changed({ LockedHint: true });
    answer([false]);
    await vi.advanceTimersByTimeAsync(0);
    expect(heard.map(({ type }) => type)).toEqual(['os.locked']);
  });

  it.each([
    ['of another interface', () => changed({ LockedHint: true }, 'org.example.Session')],
    ['with a hint that is no boolean', () => changed({ LockedHint: 'yes' })],
    ['with a body of another shape', () => bus.emit(PATH, PROPERTIES, 'PropertiesChanged', ['x'])],
    [
      'for another session',
      () =>
        bus.emit('/org/freedesktop/login1/session/_33', PROPERTIES, 'PropertiesChanged', [
          SESSION,
          { LockedHint: true },
          [],
        ]),
    ],
  ])('ignores a change signal %s', async (_what, send) => {
    send();
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual([]);
  });

  it('takes Lock for a request and not for a state', async () => {
    bus.emit(PATH, SESSION, 'Lock', []);
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual([]);
    expect(listeners.onLockOrUnlockRequested).toHaveBeenCalledOnce();
  });

  it('tells when the session stops being idle', () => {
    changed({ IdleHint: true });
    expect(listeners.onIdleHintCleared).not.toHaveBeenCalled();
    changed({ IdleHint: false });
    expect(listeners.onIdleHintCleared).toHaveBeenCalledOnce();
  });

  it('keeps its last word while logind is away', async () => {
    changed({ LockedHint: true });
    await vi.advanceTimersByTimeAsync(0);
    heard.length = 0;
    bus.answer(`${PROPERTIES}.Get`, () => Promise.reject(new Error('gone')));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(heard).toEqual([]);
    expect(source.trouble).toBe('gone');
  });

  it('passes a hint on only when the screen is covered, where that can be seen', async () => {
    await source.stop();
    let cover: 'covered' | 'uncovered' = 'uncovered';
    const careful = new LogindSource({
      bus,
      findSession: async () => ({ id: '2', path: PATH, type: 'x11' }),
      listeners,
      cover: async () => cover,
    });
    await careful.start((signal) => heard.push(signal));
    heard.length = 0;
    changed({ LockedHint: true });
    await vi.advanceTimersByTimeAsync(100);
    expect(heard).toEqual([]);
    cover = 'covered';
    await vi.advanceTimersByTimeAsync(50);
    expect(heard.map(({ type }) => type)).toEqual(['os.locked']);
    await careful.stop();
  });

  it('forgets a hint that was withdrawn before anything was covered', async () => {
    await source.stop();
    const careful = new LogindSource({
      bus,
      findSession: async () => ({ id: '2', path: PATH, type: 'x11' }),
      listeners,
      cover: async () => 'uncovered',
    });
    await careful.start((signal) => heard.push(signal));
    heard.length = 0;
    changed({ LockedHint: true });
    await vi.advanceTimersByTimeAsync(100);
    changed({ LockedHint: false });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(heard.filter(({ type }) => type === 'os.locked')).toEqual([]);
    await careful.stop();
  });
});

describe('the search for the own session', () => {
  const session = (id: string, type: string, user = 1_000, sessionClass = 'user') => [
    { Id: id, Type: type, Class: sessionClass, User: [user, '/org/freedesktop/login1/user/_1000'] },
  ];
  const find = (bus: FakeBus) => findOwnSession(bus, { xdgSessionId: '2', processId: 7, userId: 1_000 });

  it('prefers the graphical session over the login that the process was started from', async () => {
    const bus = new FakeBus()
      .answer(`${MANAGER}.GetSessionByPID`, () => ['/s/ssh'])
      .answer(`${MANAGER}.GetSession`, (call) => [call.body?.[0] === 'ssh' ? '/s/ssh' : '/s/desktop'])
      .answer(`${PROPERTIES}.GetAll`, (call) =>
        call.path === '/s/ssh' ? session('ssh', 'tty') : session('2', 'wayland'),
      );
    expect(await find(bus)).toEqual({ id: '2', path: '/s/desktop', type: 'wayland' });
  });

  it('resolves the alias `auto` to the real path, which signals come from', async () => {
    const bus = new FakeBus()
      .answer(`${MANAGER}.GetSession`, (call) => {
        if (call.body?.[0] === '9') return ['/org/freedesktop/login1/session/_39'];
        throw new Error('no such session');
      })
      .answer(`${PROPERTIES}.GetAll`, (call) => {
        if (call.path.endsWith('/auto')) return session('9', 'x11');
        throw new Error('no such object');
      });
    expect(await find(bus)).toEqual({ id: '9', path: '/org/freedesktop/login1/session/_39', type: 'x11' });
  });

  it.each([
    ['another user', session('2', 'x11', 1_001), /belongs to another user/],
    ['the user manager instead of a person', session('2', 'unspecified', 1_000, 'manager'), /is of class manager/],
  ])('refuses a session of %s', async (_what, properties, reason) => {
    const bus = new FakeBus()
      .answer(`${MANAGER}.GetSession`, () => ['/s/2'])
      .answer(`${PROPERTIES}.GetAll`, () => properties);
    await expect(find(bus)).rejects.toThrow(reason);
  });
});
