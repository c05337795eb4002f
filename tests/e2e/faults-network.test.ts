import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { PolicyOverride } from '../../protocol/policy.ts';
import { requireTools } from '../system/desktop/tools.ts';
import { mostBareWhile, paintDesktop } from './driver/bare-screen.ts';
import { GuardedDesktop } from './driver/guarded-desktop.ts';
import { SOON_MS } from './driver/patience.ts';
import { SharedGateway } from './driver/shared-gateway.ts';
import { effectsSince, presentBeforeEach } from './present-before-each.ts';

const POLICY = {
  approvalTimeoutMs: 30_000,
  leaseMs: 9_500,
  pollIntervalMs: 1_000,
  networkGraceMs: 4_000,
  maxStartsPerHour: 120,
} as const satisfies PolicyOverride;
const SCREEN = { width: 1024, height: 768 } as const;
const WHOLE = { ...SCREEN, x: 0, y: 0 } as const;
/** Until what was granted last has run out at the latest. */
const GONE_MS = POLICY.leaseMs + 2_000;
const ON_ELECTRON = (process.env['PRESENCE_LOCKER_E2E_ELECTRON'] ?? '') !== '';

/**
 * Workstation, gateway and service on three computers, with cables that can be pulled so that nobody gets an error: packets vanish. Not on
 * Electron, which Playwright starts in the network of its own.
 */
describe.skipIf(ON_ELECTRON || requireTools(['x-server', 'logind', 'locker', 'keychain', 'network']))(
  'a network',
  () => {
    let guarded: GuardedDesktop;
    let shared: SharedGateway;

    // Before the desktop's, so that it runs after it.
    afterAll(async () => await shared?.stop());
    presentBeforeEach({
      start: async () => {
        guarded = await GuardedDesktop.start(POLICY, SCREEN, async (made) => {
          shared = await SharedGateway.start(made.desktop, POLICY.leaseMs);
          made.surroundings = shared.surroundings;
        });
        return guarded;
      },
      enroll: async () => {
        await paintDesktop(guarded);
        await shared.enroll(guarded);
      },
    });
    afterEach(({ task }) => {
      if (task.result?.state === 'fail') console.error(shared.output);
    });

    const whyLocked = async () => (await guarded.view()).history.find(({ about }) => about.includes('lock'))?.title;

    it('that comes back within the grace: the dead socket is noticed, and presence goes on without a lock', async () => {
      const from = guarded.app.mark;
      await shared.lab.cut('workstation');
      try {
        await guarded.app.untilState('leaving', GONE_MS, from);
        expect((await guarded.view()).headline).toBe('Network lost');
      } finally {
        await shared.lab.mend('workstation');
      }
      await guarded.app.untilState('present', POLICY.networkGraceMs, from);
      expect(effectsSince(guarded, from)).not.toContain('requestLock');
      expect(await guarded.lockerRuns()).toBe(false);
    });

    it('that stays away: the workstation locks when the grace ends, and says that it is the network', async () => {
      const from = guarded.app.mark;
      await shared.lab.cut('workstation');
      try {
        const left = await guarded.app.untilState('leaving', GONE_MS, from);
        const locked = await guarded.app.untilState('locked', POLICY.networkGraceMs + SOON_MS, from);
        expect(locked.cause).toBe('gateway-unreachable');
        expect(locked.time - left.time).toBeLessThan(POLICY.networkGraceMs + 1_500);
        expect(await guarded.lockerRuns()).toBe(true);
        expect(await whyLocked()).toBe('Network lost');
        await guarded.unlockByHand();
        await guarded.read('curtain', 'h1 >> text=gateway cannot be reached');
      } finally {
        await shared.lab.mend('workstation');
      }
      // Whoever waits at the curtain is asked for as soon as there is a network again.
      await guarded.approve();
    });

    it('between gateway and service: the socket is healthy, the lease runs out all the same, and the service is named', async () => {
      const from = guarded.app.mark;
      await shared.lab.cut('service');
      try {
        const left = await guarded.app.untilState('leaving', GONE_MS + 2_000, from);
        const locked = await guarded.app.untilState('locked', POLICY.networkGraceMs + SOON_MS, from);
        expect(locked.cause).toBe('service-silent');
        expect(locked.time - left.time).toBeLessThan(POLICY.networkGraceMs + 1_500);
        expect(guarded.app.lines.slice(from).some(({ msg }) => msg.startsWith('no gateway'))).toBe(false);
        expect(await guarded.lockerRuns()).toBe(true);
        expect(await whyLocked()).toBe('The service went silent');
      } finally {
        await shared.lab.mend('service');
      }
      await guarded.unlockByHand();
      await guarded.approve();
    });

    it('with a gateway that is killed and started again: the approved session goes on from its store', async () => {
      const from = guarded.app.mark;
      await shared.kill();
      await guarded.app.untilState('leaving', SOON_MS, from);
      await shared.startAgain();
      await guarded.app.untilState('present', POLICY.networkGraceMs, from);
      expect(effectsSince(guarded, from)).not.toContain('requestLock');
      expect(effectsSince(guarded, from)).not.toContain('startSession');
    });

    it('with a session that is still approved when the app is killed: what starts again asks anew', async () => {
      const before = await guarded.phone.state();
      expect(before['session']).not.toBe(null);
      await guarded.app.kill();
      const { share } = await (async () => {
        await guarded.startApp();
        await guarded.app.untilState('verifying', SOON_MS);
        await guarded.untilCovered(true);
        // Several polls of anything that might still be taken for proof.
        return await mostBareWhile(guarded, WHOLE, async () => {
          await new Promise((resolve) => setTimeout(resolve, 3 * POLICY.pollIntervalMs));
        });
      })();
      expect(share).toBe(0);
      expect(guarded.app.state).toBe('verifying');
      expect(effectsSince(guarded, 0)).not.toContain('lowerCurtain');
      await guarded.approve();
      await guarded.untilCovered(false);
    });
  },
);
