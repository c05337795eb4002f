import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OsSignal } from '../../main/core/ports.ts';
import { createOsAdapter } from '../../main/os/create-os-adapter.ts';
import { asksForPasswordImmediately } from '../../main/os/macos/macos-rungs.ts';
import type { NativeCalls } from '../../main/os/native-calls.ts';
import type { OsAdapter } from '../../main/os/os-adapter.ts';
import { LOCK_EVENT_PRECEDENCE_MS } from '../../main/os/power-monitor-lock-source.ts';
import { requestSessionNotifications } from '../../main/os/windows/session-notification.ts';
import { FakeCommandRunner } from './fake-command-runner.ts';
import { FakePowerMonitor } from './fake-power-monitor.ts';

const missing: NativeCalls = {
  lockWorkStation: async () => Promise.reject(new Error('user32.dll cannot be loaded')),
  sacLockScreenImmediate: async () => Promise.reject(new Error('symbol not found')),
  registerSessionNotification: async () => Promise.reject(new Error('wtsapi32.dll cannot be loaded')),
};

let power: FakePowerMonitor;
let heard: OsSignal[];
let adapter: OsAdapter | null;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
  power = new FakePowerMonitor();
  heard = [];
  adapter = null;
});
afterEach(async () => {
  await adapter?.watch.stop();
  vi.useRealTimers();
});

function create(
  platform: 'win32' | 'darwin',
  native: Partial<NativeCalls> = {},
  runner = new FakeCommandRunner(),
): OsAdapter {
  adapter = createOsAdapter(platform, {
    env: {},
    powerMonitor: power,
    nativeCalls: { ...missing, ...native },
    commandRunner: runner,
  });
  return adapter;
}
const start = async (subject: OsAdapter) => await subject.watch.start((signal) => heard.push(signal));
const types = (): readonly string[] => heard.map(({ type }) => type);

describe.each(['win32', 'darwin'] as const)('the session watch on %s', (platform) => {
  it('reads the initial state, which no event gives', async () => {
    power.idleState = 'locked';
    expect(await start(create(platform))).toBe('locked');
  });

  it('reports lock and unlock of the power monitor', async () => {
    expect(await start(create(platform))).toBe('unlocked');
    heard.length = 0;
    power.emit('lock-screen');
    power.idleState = 'locked';
    power.emit('unlock-screen');
    expect(types()).toEqual(['os.locked', 'os.unlocked']);
  });

  it('finds a lock whose event was missed', async () => {
    await start(create(platform));
    heard.length = 0;
    power.idleState = 'locked';
    await vi.advanceTimersByTimeAsync(1_100);
    expect(types()).toEqual(['os.locked']);
  });

  it('finds an unlock whose event was missed, but not while the idle state may lag behind the lock event', async () => {
    await start(create(platform));
    heard.length = 0;
    power.emit('lock-screen');
    await vi.advanceTimersByTimeAsync(LOCK_EVENT_PRECEDENCE_MS - 1_000);
    expect(types()).toEqual(['os.locked']);
    await vi.advanceTimersByTimeAsync(2_100);
    expect(types()).toEqual(['os.locked', 'os.unlocked']);
  });

  it('takes an unknown idle state for no news', async () => {
    power.idleState = 'unknown';
    expect(await start(create(platform))).toBe('unknown');
    expect(heard).toEqual([]);
  });

  it('passes on suspend and resume', async () => {
    await start(create(platform));
    heard.length = 0;
    power.emit('suspend');
    power.emit('resume');
    expect(types()).toEqual(['os.suspending', 'os.resumed']);
  });

  it('reports activity only while locked, and not the movement of the person who leaves', async () => {
    await start(create(platform));
    await vi.advanceTimersByTimeAsync(5_000);
    power.idleState = 'locked';
    power.emit('lock-screen');
    await vi.advanceTimersByTimeAsync(1_900);
    expect(types()).not.toContain('os.activity');
    power.idleSeconds = 60;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(types()).not.toContain('os.activity');
    power.idleSeconds = 0;
    await vi.advanceTimersByTimeAsync(1_100);
    expect(types()).toContain('os.activity');
  });

  it('cannot unlock', () => {
    expect(create(platform).ladder.canUnlock).toBe(false);
  });

  it('leaves no listener behind', async () => {
    const subject = create(platform);
    await start(subject);
    expect(power.listenerCount).toBeGreaterThan(0);
    await subject.watch.stop();
    expect(power.listenerCount).toBe(0);
  });

  it('does not start without a power monitor', () => {
    expect(() => createOsAdapter(platform, { env: {} })).toThrow(/power monitor/);
  });
});

describe('Windows', () => {
  it.each([
    [0x2, 'os.locked'],
    [0x4, 'os.locked'],
    [0x6, 'os.locked'],
    [0x7, 'os.locked'],
  ])('session change %i is a lock', async (code, type) => {
    await start(create('win32'));
    heard.length = 0;
    power.emit('session-change', code);
    expect(types()).toEqual([type]);
  });

  it.each([0x1, 0x3, 0x8])('session change %i undoes it', async (code) => {
    await start(create('win32'));
    power.emit('session-change', 0x4);
    heard.length = 0;
    power.emit('session-change', code);
    expect(types()).toEqual(['os.unlocked']);
  });

  it('stays locked when the console is connected again while the lock screen still shows', async () => {
    await start(create('win32'));
    power.idleState = 'locked';
    power.emit('lock-screen');
    power.emit('session-change', 0x2);
    heard.length = 0;
    power.emit('session-change', 0x1);
    expect(heard).toEqual([]);
  });

  it('ignores a session change it does not know', async () => {
    await start(create('win32'));
    heard.length = 0;
    power.emit('session-change', 0x9);
    expect(heard).toEqual([]);
  });

  it.each([
    ['a 64-bit', Buffer.from('8877665544332211', 'hex'), 0x1122334455667788n],
    ['a 32-bit', Buffer.from('44332211', 'hex'), 0x11223344n],
  ])('asks for session changes with %s window handle', async (_what, buffer, handle) => {
    const registerSessionNotification = vi.fn(async () => true);
    requestSessionNotifications(buffer, { registerSessionNotification }, () => undefined);
    expect(registerSessionNotification).toHaveBeenCalledWith(handle);
  });

  it.each([
    ['refused', async () => false],
    ['impossible', missing.registerSessionNotification],
  ])('says so when session changes are %s', async (_what, registerSessionNotification) => {
    const onTrouble = vi.fn();
    requestSessionNotifications(Buffer.alloc(8), { registerSessionNotification }, onTrouble);
    await vi.waitFor(() => expect(onTrouble).toHaveBeenCalledOnce());
  });

  it('asks user32 first', async () => {
    const lockWorkStation = vi.fn(async () => true);
    const { ladder } = create('win32', { lockWorkStation });
    await ladder.requestLock(0);
    expect(lockWorkStation).toHaveBeenCalledOnce();
    expect(heard).toEqual([]);
  });

  it('fails the rung when user32 returns FALSE', async () => {
    const { ladder } = create('win32', { lockWorkStation: async () => false });
    await expect(ladder.requestLock(0)).rejects.toMatchObject({
      name: 'LockRungFailed',
      rung: 'user32 LockWorkStation',
    });
  });

  it('fails the rung when user32 cannot be called', async () => {
    await expect(create('win32').ladder.requestLock(0)).rejects.toMatchObject({ name: 'LockRungFailed' });
  });

  it('asks rundll32 next', async () => {
    const runner = new FakeCommandRunner({ 'rundll32.exe user32.dll,LockWorkStation': { code: 0, output: '' } });
    await create('win32', {}, runner).ladder.requestLock(1);
    expect(runner.ran).toEqual(['rundll32.exe user32.dll,LockWorkStation']);
  });
});

describe('macOS', () => {
  it('takes switching to another user for a lock', async () => {
    await start(create('darwin'));
    heard.length = 0;
    power.emit('user-did-resign-active');
    power.emit('user-did-become-active');
    expect(types()).toEqual(['os.locked', 'os.unlocked']);
  });

  it('asks login.framework first', async () => {
    await create('darwin', { sacLockScreenImmediate: async () => 0 }).ladder.requestLock(0);
  });

  it('fails the rung when login.framework answers an error', async () => {
    const { ladder } = create('darwin', { sacLockScreenImmediate: async () => -1 });
    await expect(ladder.requestLock(0)).rejects.toThrow('macOS answered -1');
  });

  it('fails the rung when the private symbol is gone', async () => {
    await expect(create('darwin').ladder.requestLock(0)).rejects.toMatchObject({
      name: 'LockRungFailed',
      message: 'symbol not found',
    });
  });

  it('puts the display to sleep only where that asks for the password at once', async () => {
    const runner = new FakeCommandRunner({
      'sysadminctl -screenLock status': {
        code: 0,
        output: '2026-01-01 sysadminctl[77:1] screenLock delay is immediate\n',
      },
      'pmset displaysleepnow': { code: 0, output: '' },
    });
    await create('darwin', {}, runner).ladder.requestLock(1);
    expect(runner.ran.at(-1)).toBe('pmset displaysleepnow');
  });

  it('does not pretend to lock by a dark screen that asks for nothing', async () => {
    const runner = new FakeCommandRunner({
      'sysadminctl -screenLock status': { code: 0, output: 'screenLock delay is 300 seconds' },
      'pmset displaysleepnow': { code: 0, output: '' },
    });
    await expect(create('darwin', {}, runner).ladder.requestLock(1)).rejects.toMatchObject({ name: 'LockRungFailed' });
    expect(runner.ran).not.toContain('pmset displaysleepnow');
  });

  it.each(['screenLock is off', 'screenLock delay is 5 seconds', ''])('%j does not ask immediately', (output) => {
    expect(asksForPasswordImmediately(output)).toBe(false);
  });
});

it('refuses a platform it knows nothing about', () => {
  expect(() => createOsAdapter('freebsd', { env: {} })).toThrow('freebsd');
});
