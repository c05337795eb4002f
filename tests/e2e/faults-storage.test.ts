import { mkdir, readFile, rm, statfs, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { verifyRecord } from '../../main/audit/verify-record.ts';
import { EXIT_CODES } from '../../main/cli.ts';
import type { PolicyOverride } from '../../protocol/policy.ts';
import { runToEnd } from '../system/desktop/managed-process.ts';
import { requireTools } from '../system/desktop/tools.ts';
import { GuardedDesktop } from './driver/guarded-desktop.ts';
import { SOON_MS } from './driver/patience.ts';
import { effectsSince, presentBeforeEach } from './present-before-each.ts';

const POLICY = {
  approvalTimeoutMs: 60_000,
  leaseMs: 8_000,
  pollIntervalMs: 1_000,
  networkGraceMs: 5_000,
  maxStartsPerHour: 120,
} as const satisfies PolicyOverride;
const DISK_BYTES = 2 * 1024 * 1024;

/** What the app keeps is out of its reach: a keychain that is locked or hangs, a disk that is full. */
describe.skipIf(requireTools(['x-server', 'logind', 'locker', 'keychain']))('a store', () => {
  let guarded: GuardedDesktop;

  presentBeforeEach({
    start: async () => {
      guarded = await GuardedDesktop.start({}, { width: 1024, height: 768 }, async ({ userData, desktop }) => {
        // A disk of its own for all that the app keeps; the browser's profile is not the app's, and lies elsewhere.
        await runToEnd(['mount', '-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=700`, 'none', userData], desktop.env, {
          timeoutMs: SOON_MS,
        });
        const profile = join(desktop.folder, 'browser-profile');
        await mkdir(profile, { mode: 0o700 });
        await symlink(profile, join(userData, 'chromium-host'));
        await writeFile(join(userData, 'policy.json'), JSON.stringify(POLICY), { mode: 0o600 });
      });
      return guarded;
    },
  });
  // After the desktop's, so that it runs before it.
  afterAll(async () => {
    if (guarded === undefined) return;
    await guarded.stopApp();
    await runToEnd(['umount', guarded.userData], guarded.desktop.env, { timeoutMs: SOON_MS });
  });

  it('keychain that is locked while present: nothing changes, and what is asked for next still works', async () => {
    const from = guarded.app.mark;
    await guarded.desktop.keychain?.lock();
    try {
      await guarded.lockByHand();
      await guarded.unlockByHand();
      await guarded.untilCovered(true);
      await guarded.approve();
      process.kill(await guarded.app.control.gatewayProcessId(), 'SIGKILL');
      await guarded.app.until(({ step }) => step === 'gateway.down', 'the loss is noticed', SOON_MS, from);
      await guarded.app.untilState('present', SOON_MS, guarded.app.mark);
      expect(effectsSince(guarded, from)).not.toContain('requestLock');
    } finally {
      await guarded.desktop.keychain?.unlock();
    }
  });

  it('keychain that is locked at the start: covered at once, it is named, and the phone is asked once it is unlocked', async () => {
    await guarded.desktop.keychain?.lock();
    try {
      await guarded.app.kill();
      await guarded.startApp();
      await guarded.app.untilState('verifying', SOON_MS);
      await guarded.untilCovered(true);
      await guarded.read('curtain', 'h1 >> text=The keychain is locked');
      expect(effectsSince(guarded, 0)).not.toContain('lowerCurtain');
    } finally {
      await guarded.desktop.keychain?.unlock();
    }
    await guarded.approve();
    await guarded.untilCovered(false);
    expect((await guarded.view()).problem).toBe(null);
  });

  it('keychain that hangs at the start: covered at once, and it goes on when the keychain does', async () => {
    guarded.desktop.keychain?.hang(true);
    try {
      await guarded.app.kill();
      await guarded.startApp();
      await guarded.app.untilState('verifying', SOON_MS);
      await guarded.untilCovered(true);
    } finally {
      guarded.desktop.keychain?.hang(false);
    }
    await guarded.approve();
    await guarded.untilCovered(false);
  });

  it('disk that is full: it says so, locks and lets in all the same, and the record tells what it lost', async () => {
    const ballast = join(guarded.userData, 'ballast');
    const { bavail, bsize } = await statfs(guarded.userData);
    await writeFile(ballast, Buffer.alloc(bavail * bsize));
    const from = guarded.app.mark;
    let settings = '';
    try {
      await guarded.app.control.trayClick('Lock now');
      const locked = await guarded.app.untilState('locked', SOON_MS, from);
      expect(locked.cause).toBe('user-lock');
      expect(await guarded.lockerRuns()).toBe(true);
      await guarded.unlockByHand();
      await guarded.untilCovered(true);
      await guarded.approve();
      // The last block of the record may take a few more entries.
      for (let lock = 0; lock < 4; lock += 1) {
        await guarded.lockByHand();
        await guarded.unlockByHand();
        await guarded.untilCovered(true);
        await guarded.approve();
      }
      await guarded.untilView(({ problem }) => problem?.code === 'AUDIT_FAILED', 'the person is told');
      settings = await guarded.bridge('enrollment', "window.presenceLocker.settings.set('walkawayGraceMs', 7)").then(
        () => 'done',
        (error: unknown) => (error instanceof Error ? error.message : ''),
      );
      // Switching off has to be written down to hold, and is refused rather than forgotten.
      expect(await guarded.beside.console('disable')).not.toBe(EXIT_CODES.done);
      expect(guarded.app.state).toBe('present');
    } finally {
      await rm(ballast);
    }
    expect(settings).toContain('disk');
    expect(JSON.parse(await readFile(join(guarded.userData, 'policy.json'), 'utf8'))).toEqual(POLICY);
    await guarded.lockByHand();
    await guarded.untilView(({ problem }) => problem === null, 'the record is written again');
    const report = await verifyRecord(join(guarded.userData, 'record.jsonl'));
    expect(report.ok).toBe(true);
    expect(report.losses.length).toBeGreaterThan(0);
  });
});
