import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyOverride } from '../../protocol/policy.ts';
import { buildApproverPage } from '../approver/built-page.ts';
import { requireTools } from '../system/desktop/tools.ts';
import { PasskeyDesk } from './driver/passkey-desk.ts';
import { SOON_MS } from './driver/patience.ts';

/** The shortest that there is: the phone is asked to go on in its last quarter. */
const SESSION_MS = 60_000;
const POLICY = {
  leaseMs: 8_000,
  pollIntervalMs: 1_000,
  maxSessionSeconds: SESSION_MS / 1_000,
} as const satisfies PolicyOverride;

/** In real time, on a real desktop: nothing else shows that a renewal disturbs nobody. */
describe.skipIf(requireTools(['x-server', 'logind', 'locker', 'keychain']))('a session that is about to end', () => {
  let page: Awaited<ReturnType<typeof buildApproverPage>>;
  let desk: PasskeyDesk;

  beforeAll(async () => {
    page = await buildApproverPage();
    desk = await PasskeyDesk.start(POLICY, page.folder);
    await desk.enroll();
  });
  afterAll(async () => {
    await desk?.stop();
    await page?.remove();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(`${desk.guarded.app.tail()}\n${desk.gateway.output}`);
  });

  it('goes on when the phone answers, without anything on the screen, and locks when it does not', async () => {
    const { app } = desk.guarded;
    await desk.approve();
    const approved = app.mark;
    expect(await desk.approveRenewal(SESSION_MS, approved)).toBe(true);

    const renewed = app.mark;
    await desk.numberOfRenewal(SESSION_MS + SOON_MS, renewed);
    const locked = await app.untilState('locked', SESSION_MS, renewed);
    expect(locked.cause).toBe('session-expired');
    expect(await desk.guarded.lockerRuns()).toBe(true);
    await desk.phone.sees('This request is over');
  });
});
