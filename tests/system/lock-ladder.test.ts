import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { UnlockProof } from '../../main/core/unlock-proof.ts';
import { proofFromOfflineCode } from '../../main/core/unlock-proof.ts';
import { createOsAdapter } from '../../main/os/create-os-adapter.ts';
import { procTable } from '../../main/os/linux/process-table.ts';
import { X11Screen } from '../../main/os/linux/x11-screen.ts';
import type { OsAdapter } from '../../main/os/os-adapter.ts';
import { type Desktop, startDesktop } from './desktop/desktop.ts';
import type { PrivateLocker } from './desktop/locker.ts';
import { runToEnd, waitFor } from './desktop/managed-process.ts';
import { requireTools } from './desktop/tools.ts';
import { HeardSignals } from './heard-signals.ts';

/** Policy `lockConfirmMs`: a rung that is not observed by then is climbed over. */
const LOCK_CONFIRM_MS = 3_000;

function proof(): UnlockProof {
  const accepted = proofFromOfflineCode(
    { codeKind: 'recovery', lockCycle: 1 },
    { enrollment: { userId: 'u', deviceId: 'd' }, lockCycle: 1 },
    0,
  );
  if (accepted === null) throw new Error('no proof');
  return accepted;
}

describe.skipIf(requireTools(['logind', 'x-server', 'locker']))('the lock ladder with a real locker', () => {
  let desktop: Desktop;
  let locker: PrivateLocker;
  let adapter: OsAdapter;
  let heard: HeardSignals;
  let logindRung: number;
  let commandRung: number;

  beforeAll(async () => {
    desktop = await startDesktop({ parts: ['x-server', 'logind', 'locker'] });
    if (desktop.locker === null) throw new Error('a locker was asked for');
    locker = desktop.locker;
  });
  afterAll(async () => await desktop?.stop());

  beforeEach(async () => {
    heard = new HeardSignals();
    adapter = createOsAdapter('linux', { env: { ...desktop.env }, lockCommand: ['i3lock', '-n', '-c', '101010'] });
    logindRung = adapter.ladder.rungs.indexOf('logind Session.Lock');
    commandRung = adapter.ladder.rungs.findIndex((name) => name.startsWith('command: i3lock'));
    expect(await adapter.watch.start(heard.listen)).toBe('unlocked');
    heard.clear();
  });
  afterEach(async () => {
    await adapter.ladder.requestUnlock(proof());
    await locker.waitForLocker('gone');
    await waitFor('our own lockers to end', async () => (await ownLockers()).length === 0, LOCK_CONFIRM_MS);
    // xss-lock takes its hint back a moment after its locker ended; the next test begins unlocked.
    await waitFor('the hint to be taken back', async () => !(await desktop.logind?.lockedHint()), LOCK_CONFIRM_MS);
    await adapter.watch.stop();
    await adapter.ladder.dispose();
  });

  it('requests a lock through logind, sees i3lock cover the screen, and sees it gone after the unlock', async () => {
    const requestedAt = performance.now();
    await adapter.ladder.requestLock(logindRung);
    const locked = await heard.next('os.locked', LOCK_CONFIRM_MS);
    expect(await locker.lockerProcess()).not.toBeNull();
    const screen = new X11Screen({ ...desktop.env });
    expect(await screen.cover()).toBe('covered');
    screen.close();

    heard.clear();
    const unlockRequestedAt = performance.now();
    await adapter.ladder.requestUnlock(proof());
    const unlocked = await heard.next('os.unlocked', LOCK_CONFIRM_MS);
    expect(await locker.lockerProcess()).toBeNull();
    console.info(
      `lock observed ${Math.round(locked.at - requestedAt)} ms after the request, unlock ${Math.round(unlocked.at - unlockRequestedAt)} ms`,
    );
  });

  it('sees a lock that somebody else asked for', async () => {
    await desktop.logind?.lock();
    await heard.next('os.locked', LOCK_CONFIRM_MS);
  });

  it('takes a locker that was killed for an unlocked session, which proves nothing', async () => {
    await adapter.ladder.requestLock(logindRung);
    await heard.next('os.locked', LOCK_CONFIRM_MS);
    heard.clear();
    const killedAt = performance.now();
    await locker.signalLocker('SIGKILL');
    const unlocked = await heard.next('os.unlocked', LOCK_CONFIRM_MS);
    expect(await locker.lockerProcess()).toBeNull();
    expect(heard.all.map(({ signal }) => signal.type)).toEqual(['os.unlocked']);
    console.info(`a killed locker was noticed after ${Math.round(unlocked.at - killedAt)} ms`);
  });

  it('reports the lock again when it is requested while one stands, so that the request is confirmed', async () => {
    await adapter.ladder.requestLock(logindRung);
    await heard.next('os.locked', LOCK_CONFIRM_MS);
    heard.clear();
    await adapter.ladder.requestLock(logindRung);
    await heard.next('os.locked', LOCK_CONFIRM_MS);
  });

  it('starts a locker itself, sees it cover the screen, and ends it on a proof', async () => {
    await adapter.ladder.requestLock(commandRung);
    const locked = await heard.next('os.locked', LOCK_CONFIRM_MS);
    expect(locked.evidence).toContain('i3lock');
    heard.clear();
    await adapter.ladder.requestUnlock(proof());
    await heard.next('os.unlocked', LOCK_CONFIRM_MS);
  });

  it('does not start a second locker over the first', async () => {
    await adapter.ladder.requestLock(commandRung);
    await heard.next('os.locked', LOCK_CONFIRM_MS);
    await adapter.ladder.requestLock(commandRung);
    expect(await ownLockers()).toHaveLength(1);
  });

  it('leaves a locker that it started running when it is disposed of, and a new watch finds the lock', async () => {
    await adapter.ladder.requestLock(commandRung);
    await heard.next('os.locked', LOCK_CONFIRM_MS);
    await adapter.ladder.dispose();
    expect(await ownLockers()).toHaveLength(1);
    const successor = createOsAdapter('linux', { env: { ...desktop.env } });
    const found = new HeardSignals();
    expect(await successor.watch.start(found.listen)).toBe('locked');
    await successor.watch.stop();
  });

  it('fails the rung when the locker is refused', async () => {
    const hopeless = createOsAdapter('linux', {
      env: { ...desktop.env, DISPLAY: ':59999' },
      lockCommand: ['i3lock', '-n'],
    });
    const rung = hopeless.ladder.rungs.indexOf('command: i3lock -n');
    await expect(hopeless.ladder.requestLock(rung)).rejects.toMatchObject({ name: 'LockRungFailed' });
  });

  it('reports the activity of somebody who comes to the locked screen', async () => {
    await adapter.ladder.requestLock(logindRung);
    await heard.next('os.locked', LOCK_CONFIRM_MS);
    heard.clear();
    const moving = setInterval(() => {
      const at = String(200 + (Date.now() % 400));
      runToEnd(['xdotool', 'mousemove', at, at], desktop.env, { timeoutMs: 2_000 }).catch((error: unknown) =>
        console.error(error),
      );
    }, 300);
    try {
      await heard.next('os.activity', 10_000);
    } finally {
      clearInterval(moving);
    }
  });

  it('takes a picture of the locked screen', async () => {
    const x = desktop.x;
    if (x === null) throw new Error('an X server was asked for');
    const file = join(desktop.folder, 'locked.png');
    await adapter.ladder.requestLock(logindRung);
    await heard.next('os.locked', LOCK_CONFIRM_MS);
    await x.screenshot(file);
    const identified = await runToEnd(['identify', '-format', '%wx%h', file], desktop.env, { timeoutMs: 10_000 });
    expect(identified).toBe('1280x800');
  });

  async function ownLockers(): Promise<readonly number[]> {
    const lockers: number[] = [];
    for (const id of await procTable.ids()) {
      const facts = await procTable.facts(id);
      if (facts?.alive && facts.name === 'i3lock' && facts.parentId === process.pid) lockers.push(id);
    }
    return await waitFor('the process table', () => lockers, 1_000);
  }
});
