import { describe, expect, it, vi } from 'vitest';
import { LockRungFailed, type OsSignal } from '../../main/core/ports.ts';
import { LockerChildren } from '../../main/os/linux/locker-children.ts';
import { lockerCommandOf } from '../../main/os/linux/locker-command.ts';
import type { CoverProbe } from '../../main/os/linux/locker-process-source.ts';
import { COMMAND_TIMEOUT_MS } from '../../main/os/run-command.ts';
import { FakeCommandRunner } from './fake-command-runner.ts';

describe('a locker command', () => {
  it.each<[readonly string[], 'holds' | 'returns' | 'announces']>([
    [['i3lock', '-n'], 'holds'],
    [['/usr/bin/i3lock', '--nofork', '-c', '000000'], 'holds'],
    [['i3lock'], 'returns'],
    [['swaylock'], 'announces'],
    [['/usr/bin/swaylock', '-f'], 'announces'],
    [['gtklock', '-d'], 'returns'],
    [['xsecurelock'], 'holds'],
    [['xset', 's', 'activate'], 'returns'],
    [['my-own-script'], 'returns'],
  ])('%j %s', (argv, kind) => {
    expect(lockerCommandOf(argv).kind).toBe(kind);
  });
});

async function children(cover: CoverProbe = async () => 'covered', runner = new FakeCommandRunner()) {
  const heard: OsSignal[] = [];
  const onEnded = vi.fn();
  const subject = new LockerChildren({ runner, cover, onEnded });
  await subject.start((signal) => heard.push(signal));
  return { subject, heard, runner, onEnded, rung: subject.rung({ argv: ['i3lock', '-n'], kind: 'holds' }) };
}

describe('lockers that we start', () => {
  it('are announced when they cover the screen', async () => {
    const { heard, rung } = await children();
    await rung.request();
    expect(heard).toEqual([{ type: 'os.locked', evidence: 'i3lock that we started covers the screen' }]);
  });

  it.each([
    [{ code: 0, signal: null }, 'i3lock ended with 0'],
    [{ code: null, signal: 'SIGKILL' }, 'i3lock was ended by SIGKILL'],
  ])('leave an unlocked session whichever way they end: %j', async (end, evidence) => {
    const { heard, rung, runner, onEnded } = await children();
    await rung.request();
    runner.children[0]?.end(end);
    await vi.waitFor(() => expect(onEnded).toHaveBeenCalled());
    expect(heard.at(-1)).toEqual({ type: 'os.unlocked', evidence });
  });

  it('fail the rung, and announce nothing, when they end before they cover', async () => {
    const { heard, rung, runner } = await children(async () => 'uncovered');
    const failure = rung.request().catch((error: unknown) => error);
    await vi.waitFor(() => expect(runner.children).toHaveLength(1));
    runner.children[0]?.end({ code: 1, signal: null });
    expect(await failure).toBeInstanceOf(LockRungFailed);
    expect(heard).toEqual([]);
  });

  it('are not started twice', async () => {
    const { rung, runner } = await children();
    await rung.request();
    await rung.request();
    expect(runner.children).toHaveLength(1);
  });

  it('are ended as an unlock would end them', async () => {
    const { subject, rung, runner } = await children();
    expect(subject.unlock()).toBe(false);
    await rung.request();
    expect(subject.unlock()).toBe(true);
    expect(runner.children[0]?.signals).toEqual(['SIGTERM']);
  });

  it('that only return must return 0', async () => {
    const { subject, runner } = await children(async () => 'unknown');
    const rung = subject.rung({ argv: ['xset', 's', 'activate'], kind: 'returns' });
    const failure = rung.request().catch((error: unknown) => error);
    await vi.waitFor(() => expect(runner.children).toHaveLength(1));
    runner.children[0]?.end({ code: 1, signal: null });
    expect(await failure).toMatchObject({ name: 'LockRungFailed', message: 'ended with 1' });
  });

  it('that should return and do not are left alone: they may be what covers the screen', async () => {
    vi.useFakeTimers();
    try {
      const { subject, runner } = await children(async () => 'unknown');
      const request = subject.rung({ argv: ['my-own-script'], kind: 'returns' }).request();
      await vi.advanceTimersByTimeAsync(COMMAND_TIMEOUT_MS);
      await request;
      expect(runner.children[0]?.signals).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('that are not installed fail the rung', async () => {
    const { subject } = await children();
    const rung = subject.rung({ argv: ['swaylock', '-f'], kind: 'announces' });
    await expect(rung.request()).rejects.toBeInstanceOf(LockRungFailed);
  });
});

describe('swaylock', () => {
  const argv = ['swaylock', '-f', '-c', '000000'];
  const NEW = { 'swaylock --help': { code: 0, output: '  -R, --ready-fd <fd>  File descriptor to send readiness to' } };
  const locked = async (help: ConstructorParameters<typeof FakeCommandRunner>[0] = NEW) => {
    const made = await children(async () => 'unknown', new FakeCommandRunner(help));
    const request = made.subject.rung({ argv, kind: 'announces' }).request();
    return { ...made, request };
  };

  it('stays our child and gets a descriptor to announce itself on', async () => {
    const { request, runner } = await locked();
    await request;
    expect(runner.ran.at(-1)).toBe('swaylock -c 000000 -R 3');
  });

  it('has locked when it says so, and not because it runs', async () => {
    const { request, runner, heard, subject } = await locked();
    await request;
    expect(heard).toEqual([]);
    expect(subject.isUnproven({ processId: 4_711, parentId: 1 })).toBe(true);
    expect(subject.isUnproven({ processId: 4_712, parentId: 4_711 })).toBe(true);
    expect(subject.isUnproven({ processId: 4_713, parentId: 1 })).toBe(false);
    runner.children[0]?.sayReady();
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toEqual({
      type: 'os.locked',
      evidence: 'swaylock that we started says that nothing can be seen',
    });
    expect(subject.isUnproven({ processId: 4_711, parentId: 1 })).toBe(false);
  });

  it('that ends before it is ready is a failed rung', async () => {
    const { request, runner, heard } = await locked();
    const failure = request.catch((error: unknown) => error);
    await vi.waitFor(() => expect(runner.children).toHaveLength(1));
    runner.children[0]?.end({ code: 1, signal: null });
    expect(await failure).toMatchObject({ name: 'LockRungFailed', message: 'ended with 1' });
    expect(heard).toEqual([]);
  });

  it('is unlocked by its own signal, because SIGTERM would leave the compositor locked', async () => {
    const { request, runner, subject } = await locked();
    await request;
    subject.unlock();
    expect(runner.children[0]?.signals).toEqual(['SIGUSR1']);
  });

  it('before 1.8 goes to the background once it covers, and is then seen by its process', async () => {
    const { request, runner, heard } = await locked({
      'swaylock --help': { code: 0, output: '  -f, --daemonize  Detach from the controlling terminal after locking.' },
    });
    await vi.waitFor(() => expect(runner.children).toHaveLength(1));
    runner.children[0]?.end({ code: 0, signal: null });
    await request;
    expect(runner.ran).toEqual(['swaylock --help', 'swaylock -f -c 000000']);
    expect(heard).toEqual([]);
  });
});
