import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { LockEvent } from '../../main/core/lock-types.ts';
import type { EnrollmentFlow } from '../../main/enrollment/enrollment-flow.ts';
import { eventually } from '../link/eventually.ts';
import { temporaryFolder } from '../settings/temporary-folder.ts';
import { realProcesses } from './real-processes.ts';
import { DEVICE, realWorkstation, type Workstation } from './real-workstation.ts';

const running: Workstation[] = [];
afterEach(async () => {
  for (const workstation of running.splice(0)) await workstation.stop();
});
function workstation(folder: string, keychain: Map<string, string>): Workstation {
  const made = realWorkstation(folder, keychain);
  running.push(made);
  return made;
}

async function press(flow: EnrollmentFlow, action: string): Promise<void> {
  const answer = await fetch(`${flow.view().phonePage}/${action}`, { method: 'POST' });
  if (!answer.ok) throw new Error(`the phone refused ${action}: ${await answer.text()}`);
}

async function register({ flow, processes }: Workstation): Promise<void> {
  const { link } = flow.view().registration ?? { link: '' };
  const phonePage = new URL(flow.view().phonePage ?? '');
  const userId = decodeURIComponent(phonePage.pathname.split('/').at(-1) ?? '');
  expect(link).toContain(processes.simulator().url);
  processes.simulator().phone(userId).register();
  await eventually('the registered phone', () => flow.view().step === 'test');
}

const eventOf = <T extends LockEvent['type']>(events: readonly LockEvent[], type: T, nth = 0) =>
  events.filter((event): event is Extract<LockEvent, { type: T }> => event.type === type).at(nth);

describe('enrolling with the real gateway and the simulated service', { timeout: 30_000 }, () => {
  it('goes from a trial’s first click to presence, survives a restart, and can be removed', async () => {
    const folder = await temporaryFolder();
    const keychain = new Map<string, string>();
    const first = workstation(folder, keychain);
    expect(await first.flow.useAccount({ mode: 'trial' }, 'Ada')).toEqual({ ok: true });
    await register(first);

    expect(await first.flow.test()).toEqual({ ok: true });
    await eventually('the request on the phone', () => first.flow.view().testPrompt !== null);
    await press(first.flow, 'approve');
    await eventually('the approval', () => first.flow.view().test === 'approved');
    expect(await first.flow.finish()).toEqual({ ok: true });
    const enrollment = eventOf(first.events, 'enrollment.changed')?.enrollment;
    expect(enrollment).toMatchObject({ deviceId: DEVICE });
    const userId = enrollment?.userId ?? '';
    expect(eventOf(first.events, 'session.started')).toBeUndefined();
    await first.stop();

    const second = workstation(folder, keychain);
    await second.flow.resume();
    expect(eventOf(second.events, 'enrollment.changed')?.enrollment).toEqual(enrollment);
    expect(second.flow.view()).toMatchObject({ step: 'manage', trial: true, problem: null });

    await second.link.startSession({
      type: 'startSession',
      requestId: 'r.1',
      userId,
      reason: 'unlock',
      durationSeconds: 600,
    });
    const { sessionId } = await eventually('the session', () => eventOf(second.events, 'session.started'));
    second.link.setPolling({ sessionId, intervalMs: 250 });
    await press(second.flow, 'approve');
    const isActive = (event: LockEvent) => event.type === 'session.status' && event.status === 'active';
    await eventually('presence', () => second.events.some(isActive));
    const active = second.events
      .filter((event) => event.type === 'session.status')
      .filter(isActive)
      .at(-1);
    if (active === undefined) throw new Error('not active');
    expect(active.asOf + active.validForMs).toBeGreaterThan(active.at);
    expect(active.asOf + active.validForMs).toBeLessThanOrEqual(active.at + 5_000);

    const seen = second.events.filter(isActive).length;
    await second.processes.loseGateway();
    await eventually('the loss', () => eventOf(second.events, 'gateway.down'));
    await eventually('the return', () => second.events.filter((event) => event.type === 'gateway.up').length === 2);
    await eventually('presence of the same session again', () => second.events.filter(isActive).length > seen);

    await press(second.flow, 'close');
    const isClosed = (event: LockEvent) => event.type === 'session.status' && event.status === 'closed';
    await eventually('the close', () => second.events.some(isClosed));

    expect(await second.flow.remove()).toEqual({ ok: true });
    expect(second.flow.view()).toMatchObject({ step: 'choose', problem: null });
    expect(keychain.size).toBe(0);
    expect(eventOf(second.events, 'enrollment.changed', -1)?.enrollment).toBeNull();
  });

  it('says which part of an account is wrong, in the words of the page', async () => {
    const service = realProcesses();
    const { url, appId, appSecret } = await service.startSimulator({ host: '127.0.0.1', port: 0 });
    const { flow } = workstation(await temporaryFolder(), new Map());
    const account = {
      mode: 'embedded',
      kind: 'activeconnect',
      profile: 'iampass',
      baseUrl: url,
      appId,
      appSecret,
    } as const;
    await flow.useAccount({ ...account, appSecret: 'wrong' }, 'Ada');
    expect(flow.view().problem).toMatchObject({ code: 'wrong-secret', wayOn: 'edit-account' });
    await flow.useAccount({ ...account, appId: 'nobody' }, 'Ada');
    expect(flow.view().problem).toMatchObject({ code: 'unknown-application', wayOn: 'edit-account' });
    expect(await flow.useAccount(account, 'Ada')).toEqual({ ok: true });
    expect(await flow.sendSms('+4915112345678')).toEqual({ ok: true });
    await flow.back();
    await service.stopSimulator();
    await flow.useAccount(account, 'Ada');
    expect(flow.view().problem).toMatchObject({ code: 'no-network', wayOn: 'retry' });
  });

  it('leaves no secret in any file, view or log line', async () => {
    const folder = await temporaryFolder();
    const keychain = new Map<string, string>();
    const made = workstation(folder, keychain);
    const views: string[] = [];
    made.flow.onChange((view) => views.push(JSON.stringify(view)));
    await made.flow.useAccount({ mode: 'trial' }, 'Ada');
    await register(made);
    await made.flow.test();
    await eventually('the request on the phone', () => made.flow.view().testPrompt !== null);
    await press(made.flow, 'approve');
    await eventually('the approval', () => made.flow.view().test === 'approved');
    await made.flow.finish();
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readUnlessGone(join(file.parentPath, file.name))),
    );
    expect(texts.length).toBeGreaterThan(0);
    const everything = [...texts, ...views, ...made.log, ...made.processes.gatewayLog].join('\n');
    expect(keychain.size).toBe(2);
    for (const secret of keychain.values()) expect(everything).not.toContain(secret);
  });
});

/** A file that is being replaced may be gone by the time it is read; then it keeps no secret either. */
async function readUnlessGone(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
