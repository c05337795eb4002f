import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PolicyOverride } from '../../protocol/policy.ts';
import { buildApproverPage } from '../approver/built-page.ts';
import { requireTools } from '../system/desktop/tools.ts';
import { FIRST_PHONE, PasskeyDesk } from './driver/passkey-desk.ts';
import { DESK } from './driver/passkey-gateway.ts';
import { SOON_MS } from './driver/patience.ts';

const POLICY = { leaseMs: 8_000, pollIntervalMs: 1_000 } as const satisfies PolicyOverride;

/** The gateway program with provider `passkey`, a second Chromium as the phone, and a real desktop with a real locker. */
describe.skipIf(requireTools(['x-server', 'logind', 'locker', 'keychain']))(
  'with a phone and a server of one’s own',
  () => {
    let page: Awaited<ReturnType<typeof buildApproverPage>>;
    let desk: PasskeyDesk;

    beforeAll(async () => {
      page = await buildApproverPage();
      desk = await PasskeyDesk.start(POLICY, page.folder);
      await desk.enroll();
      await desk.approve();
    });
    afterAll(async () => {
      await desk?.stop();
      await page?.remove();
    });
    beforeEach(async () => {
      const { app } = desk.guarded;
      if (app.state === 'locking') await app.untilState('locked', SOON_MS, app.mark);
      // Left behind by an attempt that failed.
      if (app.state === 'paused') await desk.guarded.lockByHand();
      if (app.state === 'locked') await desk.unlock();
      if (app.state === 'verifying') await desk.approve();
      expect(app.state).toBe('present');
    });
    afterEach(({ task }) => {
      if (task.result?.state === 'fail') console.error(`${desk.guarded.app.tail()}\n${desk.gateway.output}`);
    });

    async function lockedBecause(from: number, cause: string): Promise<void> {
      expect((await desk.guarded.app.untilState('locked', SOON_MS, from)).cause).toBe(cause);
      expect(await desk.guarded.lockerRuns()).toBe(true);
    }

    it('the workstation is called on the phone what it was called at enrollment, and on the curtain too', async () => {
      await desk.guarded.lockByHand();
      await desk.unlock();
      await desk.phone.sees(`${DESK} asks for you`);
      expect(await desk.guarded.read('curtain', 'header')).toContain(DESK);
    });

    it('“Lock now” on the phone locks the real desktop, and the history says who wanted it', async () => {
      const from = desk.guarded.app.mark;
      await desk.lockFromPhone();
      await lockedBecause(from, 'remote-lock');
      await desk.unlock();
      await desk.approve();
      const { history } = await desk.guarded.view();
      expect(JSON.stringify(history.find(({ about }) => about.includes('lock')))).toContain('Locked from your phone');
    });

    it('a pause granted on the phone is one, says so on both sides, and “Lock now” ends it', async () => {
      const from = desk.guarded.app.mark;
      await desk.pauseFromPhone();
      await desk.guarded.app.untilState('paused', SOON_MS, from);
      const { history } = await desk.guarded.view();
      expect(history[0]).toMatchObject({ title: 'Paused from your phone' });
      expect(await desk.guarded.lockerRuns()).toBe(false);
      await desk.phone.press('Lock now');
      await lockedBecause(from, 'remote-lock');
    });

    it('another number than the curtain’s is refused and locks', async () => {
      await desk.guarded.lockByHand();
      await desk.unlock();
      const from = desk.guarded.app.mark;
      await desk.approveWrongNumber();
      await lockedBecause(from, 'denied');
    });

    it('“that wasn’t me” locks and blocks, the curtain says so, and only the phone takes it back', async () => {
      await desk.guarded.lockByHand();
      await desk.unlock();
      await desk.numberAsked();
      const from = desk.guarded.app.mark;
      await desk.reportNotMe();
      await lockedBecause(from, 'remote-lock');
      await desk.unlock();
      expect(await desk.guarded.read('curtain', 'h1:has-text("that wasn’t me")')).toBe(
        'Your phone said “that wasn’t me”',
      );
      await desk.guarded.press('curtain', 'role=button[name=/Ask again/]');
      await desk.guarded.app.until((line) => line.step === 'session.refused', 'it is refused again', SOON_MS, from);
      expect(await desk.guarded.covered()).toBe(true);
      await desk.takeBackBlock();
      await desk.approve();
    });

    it('a lost phone is revoked with another one: what it approved is over, and the workstation locks', async () => {
      const second = await desk.addPhone();
      const from = desk.guarded.app.mark;
      await second.revoke(FIRST_PHONE);
      await lockedBecause(from, 'session-closed');
      await desk.phone.press('Sign in with passkey');
      await desk.phone.sees('This phone can no longer approve');
      await desk.unlock();
      await desk.approve(second);
    });
  },
);
