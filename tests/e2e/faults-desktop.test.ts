import { describe, expect, it } from 'vitest';
import type { PolicyOverride } from '../../protocol/policy.ts';
import { type PrivateLocker, startLocker } from '../system/desktop/locker.ts';
import { runToEnd } from '../system/desktop/managed-process.ts';
import { requireTools } from '../system/desktop/tools.ts';
import { untilWindow } from './driver/app-control.ts';
import { bareShare, mostBareWhile, paintDesktop, untilNothingShows } from './driver/bare-screen.ts';
import { GuardedDesktop } from './driver/guarded-desktop.ts';
import { SOON_MS } from './driver/patience.ts';
import { effectsSince, presentBeforeEach, toVerifying } from './present-before-each.ts';

const POLICY = {
  approvalTimeoutMs: 30_000,
  leaseMs: 8_000,
  pollIntervalMs: 1_000,
  networkGraceMs: 5_000,
  lockConfirmMs: 1_500,
  maxStartsPerHour: 120,
} as const satisfies PolicyOverride;
const SCREEN = { width: 1200, height: 600 } as const;
const WHOLE = { ...SCREEN, x: 0, y: 0 } as const;
const LEFT = { width: 600, height: 600, x: 0, y: 0 } as const;
const RIGHT = { ...LEFT, x: 600 } as const;
/** A new display is covered at the latest by the next look at the displays (2 s), and one window is made. */
const COVERED_WITHIN_MS = 2_500;

/** What the desktop does to a guarded workstation: displays that come and go, sleep, buses that die. */
describe.skipIf(requireTools(['x-server', 'logind', 'locker', 'keychain']))('on a desktop', () => {
  let guarded: GuardedDesktop;

  presentBeforeEach({
    start: async () => {
      guarded = await GuardedDesktop.start(POLICY, SCREEN);
      return guarded;
    },
    enroll: async () => {
      await paintDesktop(guarded);
      await guarded.enrollTrial();
    },
  });

  it('displays come and go under the cover: none is left bare, and none covered after approval', async () => {
    const env = guarded.desktop.env;
    const xrandr = async (...args: string[]) => void (await runToEnd(['xrandr', ...args], env, { timeoutMs: SOON_MS }));
    const display = (name: string, { width, height, x, y }: typeof LEFT | typeof RIGHT, output: string) =>
      xrandr('--setmonitor', name, `${width}/200x${height}/150+${x}+${y}`, output);
    try {
      // The one display shrinks to the left half; on the right there is nothing that could be seen.
      await display('LEFT', LEFT, 'screen');
      await toVerifying(guarded);
      const { share } = await mostBareWhile(guarded, LEFT, async () => {
        await display('RIGHT', RIGHT, 'none');
        await untilNothingShows(guarded, RIGHT, COVERED_WITHIN_MS);
        await guarded.display.unplug('RIGHT');
        await guarded.display.untilCurtains((curtains) => curtains.length === 1);
        // Power-cycled: gone and there again at once, and again.
        for (const _ of [1, 2, 3]) {
          await display('RIGHT', RIGHT, 'none');
          await guarded.display.unplug('RIGHT');
        }
        await display('RIGHT', RIGHT, 'none');
        await untilNothingShows(guarded, RIGHT, COVERED_WITHIN_MS);
      });
      expect(share).toBe(0);
      // The first display goes, another one has its place and more.
      await xrandr('--delmonitor', 'LEFT');
      await untilNothingShows(guarded, WHOLE, COVERED_WITHIN_MS);
      expect(guarded.app.state).toBe('verifying');
      await guarded.approve();
      await guarded.display.untilCurtains((curtains) =>
        curtains.every(({ viewable, visible }) => !viewable && !visible),
      );
      expect(await bareShare(guarded, RIGHT)).toBeGreaterThan(0.3);
      // One that comes while the person is here is not covered.
      const curtainsBefore = (await guarded.app.control.windows()).filter(({ page }) => page === 'curtain').length;
      await display('THIRD', LEFT, 'none');
      await guarded.display.untilCurtains((curtains) => curtains.length > curtainsBefore);
      await guarded.display.untilCurtains((curtains) => curtains.every(({ viewable }) => !viewable));
      expect(guarded.app.state).toBe('present');
    } finally {
      for (const name of ['LEFT', 'RIGHT', 'THIRD']) await guarded.display.unplug(name).catch(() => undefined);
    }
  });

  it('sleep waits for the lock, and what was approved before it is no proof after it', async () => {
    const from = guarded.app.mark;
    const sleptAt = await guarded.desktop.logind?.suspend();
    const asked = await guarded.app.until(({ cause }) => cause === 'suspend', 'the lock is asked for', SOON_MS, from);
    const locked = await guarded.app.untilState('locked', SOON_MS, from);
    expect(locked.cause).toBe('suspend');
    expect(asked.time).toBeLessThanOrEqual(sleptAt ?? 0);
    expect(locked.time).toBeLessThanOrEqual(sleptAt ?? 0);
    await guarded.app.until(
      ({ msg, step }) => step === 'os.resumed' || msg === 'gateway ready',
      'waking',
      SOON_MS,
      from,
    );
    expect(await guarded.lockerRuns()).toBe(true);
    await guarded.unlockByHand();
    await guarded.untilCovered(true);
    expect(guarded.app.state).toBe('verifying');
    expect(effectsSince(guarded, from)).not.toContain('lowerCurtain');
  });

  it('the session bus dies while present: nothing locks, and a lock is still seen', async () => {
    const from = guarded.app.mark;
    await guarded.desktop.keychain?.bus.crash();
    // Long enough for several polls: what depends on that bus must not be needed for presence.
    await new Promise((resolve) => setTimeout(resolve, 2 * POLICY.pollIntervalMs));
    expect(guarded.app.state).toBe('present');
    expect(effectsSince(guarded, from)).not.toContain('requestLock');
    await toVerifying(guarded);
    await guarded.desktop.keychain?.bus.startAgain();
    await guarded.approve();
  });

  it('the system bus dies while present: it says so, “Lock now” still locks, and after its return locks are seen', async () => {
    const from = guarded.app.mark;
    const { id } = await guarded.window('curtain');
    await guarded.desktop.logind?.bus.crash();
    await guarded.app.until(({ msg }) => msg === 'not observed', 'the loss is noticed', SOON_MS, from);
    // Chromium ends itself when it loses that bus; its windows are made anew.
    const anew = (window: { readonly id: number; readonly page: string; readonly crashed: boolean }) =>
      window.page === 'curtain' && window.id !== id && !window.crashed;
    await untilWindow(guarded.app.control, anew, SOON_MS);
    expect(guarded.app.state).toBe('present');
    await guarded.untilView(({ problem }) => problem?.code === 'SESSION_SERVICE_AWAY', 'the person is told');
    await guarded.app.control.trayClick('Lock now');
    // logind cannot be asked: the next rung starts a locker of the app's own, and sees it.
    const locked = await guarded.app.untilState('locked', SOON_MS, from);
    expect(locked.cause).toBe('user-lock');
    const own = await guarded.ownLocker();
    expect(own).not.toBe(null);
    await guarded.desktop.logind?.restart();
    await guarded.untilView(({ problem }) => problem === null, 'the problem is over');
    let again: PrivateLocker | null = null;
    try {
      if (guarded.desktop.logind === null) throw new Error('no logind');
      again = await startLocker({ env: guarded.desktop.env, logind: guarded.desktop.logind });
      // The password is typed into the app's own locker.
      if (own !== null) process.kill(own, 'SIGTERM');
      await guarded.app.untilState('verifying', SOON_MS, from);
      await guarded.approve();
      const back = guarded.app.mark;
      await guarded.desktop.logind.lock();
      await guarded.app.untilState('locked', SOON_MS, back);
      await again.waitForLocker('running');
      await guarded.desktop.logind.unlock();
      await guarded.app.untilState('verifying', SOON_MS, back);
      await guarded.untilCovered(true);
    } finally {
      await again?.stop();
    }
  });
});
