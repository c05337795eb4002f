import { describe, expect, it } from 'vitest';
import type { PolicyOverride } from '../../protocol/policy.ts';
import { requireTools } from '../system/desktop/tools.ts';
import { untilWindow } from './driver/app-control.ts';
import { mostBareWhile, paintDesktop } from './driver/bare-screen.ts';
import { browserOf, rendererOf } from './driver/faulty-processes.ts';
import { GuardedDesktop } from './driver/guarded-desktop.ts';
import { SOON_MS } from './driver/patience.ts';
import { effectsSince, presentBeforeEach } from './present-before-each.ts';

const POLICY = {
  approvalTimeoutMs: 30_000,
  leaseMs: 8_000,
  pollIntervalMs: 1_000,
  networkGraceMs: 6_000,
  maxStartsPerHour: 120,
} as const satisfies PolicyOverride;
const SCREEN = { width: 1024, height: 768 } as const;
const WHOLE = { ...SCREEN, x: 0, y: 0 } as const;
const KILL_AGAIN_MS = 20;

/** kill -9 of everything but main; what becomes of main is the guard's matter, and the story's (an app killed …). */
describe.skipIf(requireTools(['x-server', 'logind', 'locker', 'keychain']))('a process is killed', () => {
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

  it('the gateway, while present: it comes back within the network grace, and nothing locks', async () => {
    const from = guarded.app.mark;
    const killed = await guarded.app.control.gatewayProcessId();
    process.kill(killed, 'SIGKILL');
    await guarded.app.until(({ step }) => step === 'gateway.down', 'the loss is noticed', SOON_MS, from);
    await guarded.app.untilState('present', SOON_MS, from);
    expect(await guarded.app.control.gatewayProcessId()).not.toBe(killed);
    expect(effectsSince(guarded, from)).not.toContain('requestLock');
    expect(await guarded.lockerRuns()).toBe(false);
    expect(await guarded.covered()).toBe(false);
  });

  it('the gateway, as often as it comes back: the workstation locks, and the curtain says why', async () => {
    const from = guarded.app.mark;
    let killing = true;
    const killer = (async () => {
      while (killing) {
        await guarded.app.control.gatewayProcessId().then(
          (id) => process.kill(id, 'SIGKILL'),
          () => undefined, // None runs at this moment.
        );
        await new Promise((resolve) => setTimeout(resolve, KILL_AGAIN_MS));
      }
    })();
    try {
      const left = await guarded.app.untilState('leaving', SOON_MS, from);
      const locked = await guarded.app.untilState('locked', POLICY.networkGraceMs + SOON_MS, from);
      expect(locked.cause).toBe('gateway-unreachable');
      expect(locked.time - left.time).toBeLessThan(POLICY.networkGraceMs + 2_000);
      expect(await guarded.lockerRuns()).toBe(true);
      await guarded.unlockByHand();
      await guarded.untilCovered(true);
      expect(await guarded.read('curtain', 'h1 >> text=gateway cannot be reached')).toContain('gateway');
      const { history } = await guarded.view();
      expect(history.find(({ about }) => about.includes('lock'))).toMatchObject({ title: 'Network lost' });
    } finally {
      killing = false;
      await killer;
    }
    // Left alone it comes back by itself, and the phone is asked.
    await guarded.approve();
  });

  it('the gateway, while the phone is asked: the cover stays, and an approval afterwards still counts', async () => {
    await guarded.lockByHand();
    await guarded.unlockByHand();
    await guarded.untilCovered(true);
    await guarded.app.until(({ step }) => step === 'session.started', 'the phone is asked', SOON_MS);
    const from = guarded.app.mark;
    const { share, looks } = await mostBareWhile(guarded, WHOLE, async () => {
      process.kill(await guarded.app.control.gatewayProcessId(), 'SIGKILL');
      await guarded.app.until(({ msg }) => msg.startsWith('no gateway'), 'the loss is noticed', SOON_MS, from);
      await guarded.app.until(({ msg }) => msg === 'gateway ready', 'it is back', SOON_MS, from);
    });
    expect({ share, looks: looks > 0 }).toEqual({ share: 0, looks: true });
    expect(guarded.app.state).toBe('verifying');
    expect(effectsSince(guarded, from)).not.toContain('lowerCurtain');
    await guarded.approve();
    await guarded.untilCovered(false);
  });

  it('what draws the curtain, while it covers: nothing shows, it is back; a second time the system is locked', async () => {
    await guarded.lockByHand();
    await guarded.unlockByHand();
    await guarded.untilCovered(true);
    const kill = async () => {
      const { id } = await guarded.window('curtain');
      process.kill(await rendererOf(guarded.app.processId, guarded.app.control, id), 'SIGKILL');
      return id;
    };
    const from = guarded.app.mark;
    const first = await mostBareWhile(guarded, WHOLE, async () => {
      const killed = await kill();
      const again = await untilWindow(
        guarded.app.control,
        ({ id, page, crashed, viewable }) => id !== killed && page === 'curtain' && !crashed && viewable,
        SOON_MS,
      );
      expect(await guarded.app.control.textOf(again.id, 'h1', SOON_MS)).toContain('phone');
    });
    expect(first).toMatchObject({ share: 0 });
    expect(guarded.app.state).toBe('verifying');
    const second = await mostBareWhile(guarded, WHOLE, async () => {
      await kill();
      const locked = await guarded.app.untilState('locked', SOON_MS, from);
      expect(locked.cause).toBe('curtain-lost');
    });
    expect(second).toMatchObject({ share: 0 });
    expect(await guarded.lockerRuns()).toBe(true);
    expect(effectsSince(guarded, from)).not.toContain('lowerCurtain');
    await guarded.unlockByHand();
    await guarded.display.untilWordsShow();
  });

  it('what draws the hidden curtain, while present: nothing locks, and the next cover is whole', async () => {
    const from = guarded.app.mark;
    const { id } = await guarded.window('curtain');
    process.kill(await rendererOf(guarded.app.processId, guarded.app.control, id), 'SIGKILL');
    await untilWindow(guarded.app.control, (window) => window.page === 'curtain' && window.id !== id, SOON_MS);
    expect(guarded.app.state).toBe('present');
    expect(effectsSince(guarded, from)).not.toContain('requestLock');
    expect(await guarded.covered()).toBe(false);
    await guarded.lockByHand();
    await guarded.unlockByHand();
    await guarded.untilCovered(true);
    await guarded.display.untilWordsShow();
  });

  it('the whole browser, while it covers: nothing shows without proof', async ({ skip }) => {
    skip(guarded.runsOn !== 'chromium-host', 'in Electron the browser is main itself');
    await guarded.lockByHand();
    await guarded.unlockByHand();
    await guarded.untilCovered(true);
    const from = guarded.app.mark;
    const { share } = await mostBareWhile(guarded, WHOLE, async () => {
      const { id } = await guarded.window('curtain');
      process.kill(await browserOf(guarded.app.processId), 'SIGKILL');
      // Made anew at once, or given up for the system's own lock when that fails too.
      await Promise.race([
        untilWindow(
          guarded.app.control,
          (window) => window.page === 'curtain' && window.id !== id && !window.crashed && window.viewable,
          SOON_MS,
        ),
        guarded.app.until(({ cause }) => cause === 'curtain-lost', 'it is given up', SOON_MS, from),
      ]);
    });
    expect(share).toBe(0);
    if (guarded.app.state !== 'verifying') {
      const locked = await guarded.app.untilState('locked', SOON_MS, from);
      expect(locked.cause).toBe('curtain-lost');
      expect(await guarded.lockerRuns()).toBe(true);
      await guarded.unlockByHand();
    }
    expect(effectsSince(guarded, from)).not.toContain('lowerCurtain');
    await guarded.untilCovered(true);
    await guarded.display.untilWordsShow();
  });

  it('the whole browser, while present: nothing locks, and the next unlock is covered', async ({ skip }) => {
    skip(guarded.runsOn !== 'chromium-host', 'in Electron the browser is main itself');
    const from = guarded.app.mark;
    process.kill(await browserOf(guarded.app.processId), 'SIGKILL');
    await untilWindow(guarded.app.control, ({ page, crashed }) => page === 'curtain' && !crashed, SOON_MS);
    expect(guarded.app.state).toBe('present');
    expect(effectsSince(guarded, from)).not.toContain('requestLock');
    await guarded.lockByHand();
    await guarded.unlockByHand();
    await guarded.untilCovered(true);
    await guarded.display.untilWordsShow();
    expect(effectsSince(guarded, from)).not.toContain('lowerCurtain');
  });
});
