import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyRecord } from '../../main/audit/verify-record.ts';
import { EXIT_CODES } from '../../main/cli.ts';
import type { PolicyOverride } from '../../protocol/policy.ts';
import { requireTools } from '../system/desktop/tools.ts';
import { untilWindow } from './driver/app-control.ts';
import { GuardedDesktop } from './driver/guarded-desktop.ts';
import { SOON_MS } from './driver/patience.ts';

/** Short enough to wait for, long enough for a busy machine to renew a lease twice. */
const POLICY = {
  approvalTimeoutMs: 8_000,
  leaseMs: 8_000,
  pollIntervalMs: 1_000,
  walkawayGraceMs: 5_000,
  networkGraceMs: 3_000,
} as const satisfies PolicyOverride;
/** The simulated service notices after ten seconds that the phone is away. */
const WALKAWAY_NOTICED_MS = 30_000;

describe.skipIf(requireTools(['x-server', 'logind', 'locker', 'keychain']))('on a real desktop', () => {
  let guarded: GuardedDesktop;

  beforeAll(async () => {
    guarded = await GuardedDesktop.start(POLICY);
    console.log(`The app runs on ${guarded.runsOn}.`);
    await guarded.enrollTrial();
    await guarded.app.untilState('verifying', SOON_MS);
  });
  afterAll(async () => await guarded?.stop());
  beforeEach(() => toPresent());
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(guarded.app.tail());
  });

  /** Every story begins with the person here: unlocked by password where needed, approved on the phone. */
  async function toPresent(): Promise<void> {
    await guarded.phone.act('return').catch(() => undefined); // Refused when it never left.
    if (guarded.app.state === 'leaving' || guarded.app.state === 'locking')
      await guarded.app.untilState('locked', SOON_MS, guarded.app.mark);
    if (guarded.app.state === 'locked') await guarded.unlockByHand();
    if (guarded.app.state === 'verifying') await guarded.approve();
    expect(guarded.app.state).toBe('present');
    await guarded.untilCovered(false);
  }

  /** Covered and asked, the phone not yet answered. */
  async function toVerifying(): Promise<void> {
    await guarded.lockByHand();
    await guarded.unlockByHand();
    expect(guarded.app.state).toBe('verifying');
    await guarded.untilCovered(true);
  }

  async function seenLocked(from: number, cause: string, withinMs = SOON_MS): Promise<void> {
    const locked = await guarded.app.untilState('locked', withinMs, from);
    expect(locked.cause).toBe(cause);
    expect(await guarded.lockerRuns()).toBe(true);
  }

  it('an unlock by password shows the curtain and not the desktop, until the phone approves', async () => {
    await toVerifying();
    expect(await guarded.covered()).toBe(true);
    await guarded.display.untilWordsShow();
    await guarded.approve();
    await guarded.untilCovered(false);
    expect((await guarded.view()).headline).toBe('You’re here');
  });

  it('a denied request locks', async () => {
    await toVerifying();
    const from = guarded.app.mark;
    await guarded.phone.actOnceAsked('deny');
    await seenLocked(from, 'denied');
  });

  it('an ignored request locks when its time is over', async () => {
    await toVerifying();
    const from = guarded.app.mark;
    await seenLocked(from, 'approval-timeout', POLICY.approvalTimeoutMs + SOON_MS);
  });

  it('a phone that comes back within the grace locks nothing', async () => {
    const from = guarded.app.mark;
    await guarded.phone.act('leave');
    await guarded.app.untilState('leaving', WALKAWAY_NOTICED_MS, from);
    await guarded.phone.act('return');
    await guarded.app.untilState('present', SOON_MS, from);
    expect(guarded.app.lines.slice(from).some(({ effects }) => effects?.includes('requestLock'))).toBe(false);
    expect(await guarded.lockerRuns()).toBe(false);
  });

  it('a phone that stays away locks after the warning, and the status window says why', async () => {
    const from = guarded.app.mark;
    await guarded.phone.act('leave');
    const left = await guarded.app.untilState('leaving', WALKAWAY_NOTICED_MS, from);
    await seenLocked(from, 'walkaway');
    const locked = await guarded.app.untilState('locked', SOON_MS, from);
    expect(locked.time - left.time).toBeGreaterThanOrEqual(POLICY.walkawayGraceMs - 100);
    await toPresent();
    const { history } = await guarded.view();
    expect(history.find(({ about }) => about.includes('lock'))).toMatchObject({ title: 'Your phone left' });
  });

  it('a copy of the record is saved from the status window, and verifies', async () => {
    await guarded.window('status');
    await guarded.press('status', 'role=button[name=/Save a copy/]');
    const filePath = await guarded.app.control.savedFile(SOON_MS);
    const { id } = await guarded.window('status');
    await guarded.app.control.textOf(id, 'text=A copy is in', SOON_MS);
    const report = await verifyRecord(filePath);
    expect(report).toMatchObject({ ok: true, losses: [] });
    expect(report.entries).toBeGreaterThan(5);
  });

  it('a session closed by the service locks at once', async () => {
    const from = guarded.app.mark;
    await guarded.phone.act('close');
    await seenLocked(from, 'session-closed');
  });

  it('a gateway that is killed is started again and the session goes on', async () => {
    const from = guarded.app.mark;
    process.kill(await guarded.app.control.gatewayProcessId(), 'SIGKILL');
    await guarded.app.until(({ step }) => step === 'gateway.down', 'the loss is noticed', SOON_MS, from);
    // A new process starts; on a machine that does much else besides, that takes its time.
    await guarded.app.untilState('present', 3 * SOON_MS, from);
    expect(await guarded.lockerRuns()).toBe(false);
  });

  it('a gateway that hangs locks after the network grace', async () => {
    const gateway = await guarded.app.control.gatewayProcessId();
    const from = guarded.app.mark;
    process.kill(gateway, 'SIGSTOP');
    try {
      const left = await guarded.app.untilState('leaving', POLICY.leaseMs + SOON_MS, from);
      const locked = await guarded.app.untilState('locked', POLICY.networkGraceMs + SOON_MS, from);
      expect(['service-silent', 'gateway-unreachable']).toContain(locked.cause);
      expect(locked.time - left.time).toBeLessThan(POLICY.networkGraceMs + 2_000);
      expect(await guarded.lockerRuns()).toBe(true);
    } finally {
      process.kill(gateway, 'SIGCONT');
    }
  });

  it('a manual lock is not undone by a phone that is near', async () => {
    const from = guarded.app.mark;
    await guarded.app.control.trayClick('Lock now');
    await seenLocked(from, 'user-lock');
    const after = guarded.app.mark;
    // Several polls of the session that was active a moment ago.
    await new Promise((resolve) => setTimeout(resolve, 5 * POLICY.pollIntervalMs));
    expect(await guarded.lockerRuns()).toBe(true);
    expect(
      guarded.app.lines
        .slice(after)
        .some(({ effects }) => effects?.includes('requestUnlock') || effects?.includes('lowerCurtain')),
    ).toBe(false);
    await guarded.unlockByHand();
    expect(guarded.app.state).toBe('verifying');
  });

  it('an approval for a request from before the lock changes nothing', async () => {
    await toVerifying();
    const from = guarded.app.mark;
    await guarded.press('curtain', 'role=button[name=/Lock now/]');
    await seenLocked(from, 'user-lock');
    const refusedOrLate = await guarded.phone.act('approve').then(
      () => 'late',
      () => 'refused',
    );
    expect(['late', 'refused']).toContain(refusedOrLate);
    await guarded.unlockByHand();
    expect(guarded.app.state).toBe('verifying');
    expect(guarded.app.lines.slice(from).some(({ effects }) => effects?.includes('lowerCurtain'))).toBe(false);
    expect(await guarded.covered()).toBe(true);
  });

  it('a second start brings no second curtain and changes no state', async () => {
    await toVerifying();
    const before = (await guarded.app.control.windows()).filter(({ page }) => page === 'curtain').length;
    expect(await guarded.beside.startSecondInstance()).toBe(0);
    const curtains = (await guarded.app.control.windows()).filter(({ page }) => page === 'curtain');
    expect(curtains.length).toBe(before);
    expect(guarded.app.state).toBe('verifying');
    expect(await guarded.covered()).toBe(true);
  });

  it('a curtain whose renderer dies is drawn again while nothing shows', async () => {
    await toVerifying();
    const { id } = await guarded.window('curtain');
    await guarded.app.control.killRenderer(id, SOON_MS);
    const again = await untilWindow(
      guarded.app.control,
      ({ page, crashed, viewable }) => page === 'curtain' && !crashed && viewable,
      SOON_MS,
    );
    const text = await guarded.app.control.textOf(again.id, 'h1', SOON_MS);
    expect(text).toContain('phone');
    expect(guarded.app.state).toBe('verifying');
  });

  it('a display that is plugged in while covered is covered too, and unplugging it uncovers nothing', async () => {
    await toVerifying();
    const curtains = async () => (await guarded.app.control.windows()).filter(({ page }) => page === 'curtain');
    const before = (await curtains()).length;
    await guarded.display.plugIn('SECOND', { width: 640, height: 480, x: 800, y: 0 });
    try {
      await guarded.display.untilCurtains(
        (windows) => windows.length > before && windows.every(({ viewable }) => viewable),
      );
    } finally {
      await guarded.display.unplug('SECOND');
    }
    await guarded.display.untilCurtains(
      (windows) => windows.length === before && windows.every(({ viewable }) => viewable),
    );
    expect(guarded.app.state).toBe('verifying');
  });

  it('a pause begins only once the phone approved it, and “Lock now” ends it', async () => {
    const from = guarded.app.mark;
    await guarded.app.control.trayClick('For 5 minutes, after approval');
    await guarded.app.until(
      ({ effects }) => effects?.includes('startSession') === true,
      'the phone is asked',
      SOON_MS,
      from,
    );
    expect(guarded.app.state).toBe('present');
    await guarded.phone.actOnceAsked('approve');
    await guarded.app.untilState('paused', SOON_MS, from);
    expect((await guarded.view()).headline).toBe('Paused');
    await guarded.app.control.trayClick('Lock now');
    await seenLocked(from, 'user-lock');
  });

  it('presence-locker disable from a console locks first and stops guarding; enable asks the phone again', async () => {
    const from = guarded.app.mark;
    expect(await guarded.beside.console('disable')).toBe(EXIT_CODES.done);
    await guarded.app.untilState('unenrolled', SOON_MS, from);
    expect(await guarded.lockerRuns()).toBe(true);
    await guarded.unlockByHandUnguarded();
    expect(await guarded.covered()).toBe(false);
    expect((await guarded.view()).headline).toBe('Guarding is off');
    const disabled = guarded.app.mark;
    expect(await guarded.beside.console('enable')).toBe(EXIT_CODES.done);
    await guarded.app.untilState('verifying', SOON_MS, disabled);
    await guarded.untilCovered(true);
  });

  it('an app killed while the person is present starts untrusted', async () => {
    await guarded.app.kill();
    await guarded.startApp();
    await guarded.app.untilState('verifying', SOON_MS);
    await guarded.untilCovered(true);
    expect(guarded.app.lines.some(({ effects }) => effects?.includes('lowerCurtain'))).toBe(false);
  });

  it('a phone reported lost stops approving without locking out who reports it; a new one guards again', async () => {
    const from = guarded.app.mark;
    await guarded.bridge('enrollment', 'window.presenceLocker.enrollment.lostDevice()');
    await guarded.app.untilState('unenrolled', SOON_MS, from);
    expect(await guarded.lockerRuns()).toBe(false);
    await guarded.phone.act('register');
    await guarded.finishEnrollment();
    await guarded.app.untilState('verifying', SOON_MS, from);
    await guarded.approve();
  });

  it('quitting while present locks first', async () => {
    expect(await guarded.app.quit()).toBe(0);
    expect(await guarded.lockerRuns()).toBe(true);
    await guarded.desktop.logind?.unlock();
    await guarded.desktop.locker?.waitForLocker('gone');
    await guarded.startApp();
    await guarded.app.untilState('verifying', SOON_MS);
  });

  it('no secret is in the log or in a file of the app', async () => {
    const secrets = await guarded.beside.keychainSecrets();
    expect(secrets.length).toBeGreaterThan(0);
    const texts = [
      guarded.app.everything(),
      ...(await Promise.all(
        ['enrollment.json', 'record.jsonl'].map((file) => readFile(join(guarded.userData, file), 'utf8')),
      )),
    ];
    for (const secret of secrets) for (const text of texts) expect(text.includes(secret)).toBe(false);
  });
});

describe.skipIf(requireTools(['x-server', 'logind', 'locker', 'keychain']))('with unlock on approval', () => {
  it('a touch at the locked screen asks the phone, and approval ends the real locker', async () => {
    const guarded = await GuardedDesktop.start({ ...POLICY, unlockOnApproval: 'session' });
    try {
      await guarded.enrollTrial();
      await guarded.app.untilState('verifying', SOON_MS);
      await guarded.approve();
      await guarded.lockByHand();
      await guarded.touchKeyboardUntilAsked();
      expect(await guarded.lockerRuns()).toBe(true);
      await guarded.approve();
      expect(await guarded.lockerRuns()).toBe(false);
      await guarded.untilCovered(false);
    } finally {
      await guarded.stop();
    }
  });
});
