import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyOverride } from '../../protocol/policy.ts';
import { requireTools } from '../system/desktop/tools.ts';
import { GuardedDesktop } from './driver/guarded-desktop.ts';
import { SOON_MS } from './driver/patience.ts';

const POLICY = {
  offline: 'code',
  leaseMs: 8_000,
  pollIntervalMs: 1_000,
  networkGraceMs: 3_000,
  approvalTimeoutMs: 120_000,
  maxSessionSeconds: 90,
} as const satisfies PolicyOverride;
/** Until the gateway gives a service that does not answer up. */
const SERVICE_GIVEN_UP_MS = 60_000;
/** Half of the session let in by a code, then the phone is asked to take over. */
const TAKEN_OVER_MS = POLICY.maxSessionSeconds * 500 + SOON_MS;

describe.skipIf(requireTools(['x-server', 'logind', 'locker', 'keychain']))('when the phone cannot be asked', () => {
  let guarded: GuardedDesktop;
  let codes: readonly string[];
  let service: number;
  const typed: string[] = [];

  beforeAll(async () => {
    guarded = await GuardedDesktop.start(POLICY);
    await guarded.tryTrialApproval();
    await guarded.press('enrollment', 'role=button[name="Continue"]');
    await guarded.press('enrollment', 'role=button[name="Make codes"]');
    codes = (await guarded.read('enrollment', '.codes__list')).match(/[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/g) ?? [];
    await guarded.fillIn('enrollment', '.codes__proof', codes[0] ?? '');
    await guarded.press('enrollment', 'role=button[name="Start guarding"]');
    await guarded.app.untilState('verifying', SOON_MS);
    await guarded.approve();
    service = await guarded.app.control.serviceProcessId();
  });
  afterAll(async () => {
    if (service !== undefined) process.kill(service, 'SIGCONT');
    await guarded?.stop();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(guarded.app.tail());
  });

  async function enter(code: string): Promise<void> {
    typed.push(code);
    await guarded.fillIn('curtain', '.code-entry', code);
  }

  it('ten codes are shown at enrollment, and guarding starts once one was typed', () => {
    expect(new Set(codes).size).toBe(10);
    expect(guarded.app.state).toBe('present');
  });

  it('a service that does not answer is named, and a recovery code lets in, once', async () => {
    await guarded.lockByHand();
    process.kill(service, 'SIGSTOP');
    await guarded.unlockByHand();
    await guarded.untilCovered(true);
    await guarded.read('curtain', 'role=button[name="Use a recovery code"]', SERVICE_GIVEN_UP_MS);
    expect(await guarded.read('curtain', 'h1')).toContain('service');
    await guarded.press('curtain', 'role=button[name="Use a recovery code"]');
    await enter('ZYXW-VTSR-QPNM-KJHG');
    await guarded.read('curtain', 'role=alert >> text=That code is wrong.');
    expect(await guarded.covered()).toBe(true);
    const from = guarded.app.mark;
    await enter(codes[4] ?? '');
    await guarded.app.untilState('present', SOON_MS, from);
    await guarded.untilCovered(false);
    const { session, history } = await guarded.view();
    expect(session?.byOfflineCode).toBe(true);
    expect(history.slice(0, 2).map(({ title }) => title)).toEqual(['Let in with a code', 'A wrong code was typed']);
    expect((await guarded.enrollmentView()).codes).toEqual({ required: true, left: 9, proven: false });
  });

  it('when the service is back the phone is asked to take over, and the person is told of the code', async () => {
    const from = guarded.app.mark;
    process.kill(service, 'SIGCONT');
    await guarded.app.until(({ step }) => step === 'session.started', 'the phone is asked', TAKEN_OVER_MS, from);
    await guarded.phone.actOnceAsked('approve', SOON_MS);
    const told = await guarded.app.until(({ step }) => step === 'offlineCode.noted', 'it is told', SOON_MS, from);
    expect(told.effects).toEqual(['audit', 'notify']);
    await guarded.app.until(
      ({ step, effects }) => step === 'session.status' && effects?.includes('setPolling') === true,
      'the phone takes over',
      SOON_MS,
      from,
    );
    expect((await guarded.view()).session?.byOfflineCode).toBe(false);
    expect(guarded.app.state).toBe('present');
  });

  it('no code is in the log or in a file of the app, and none in the keychain as it was typed', async () => {
    const files = await Promise.all(
      ['enrollment.json', 'record.jsonl'].map((file) => readFile(join(guarded.userData, file), 'utf8')),
    );
    const kept = await guarded.beside.keychainSecrets();
    expect(kept.some((secret) => secret.includes('scrypt'))).toBe(true);
    for (const code of [...codes, ...typed]) {
      for (const text of [guarded.app.everything(), ...files, ...kept]) {
        expect(text.includes(code)).toBe(false);
        expect(text.includes(code.replaceAll('-', ''))).toBe(false);
      }
    }
  });
});
