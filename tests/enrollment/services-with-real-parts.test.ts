import { afterEach, describe, expect, it } from 'vitest';
import type { Account } from '../../protocol/ipc.ts';
import { startAuthsignalSimulator } from '../../simulators/authsignal/simulator.ts';
import { startTwoFactorSimulator } from '../../simulators/wcd-2factor/simulator.ts';
import { eventually } from '../link/eventually.ts';
import { temporaryFolder } from '../settings/temporary-folder.ts';
import { realWorkstation, type Workstation } from './real-workstation.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function workstation(folder?: string, keychain = new Map<string, string>()): Promise<Workstation> {
  const made = realWorkstation(folder ?? (await temporaryFolder()), keychain);
  stops.push(() => made.stop());
  return made;
}
async function tenant() {
  const simulator = await startAuthsignalSimulator();
  stops.push(() => simulator.close());
  const account = { mode: 'embedded', kind: 'authsignal', apiUrl: simulator.url, secret: simulator.secret } as const;
  return { simulator, account };
}
async function site() {
  const simulator = await startTwoFactorSimulator({ schemas: true, authorization: 'Token S3CRET-token' });
  stops.push(() => simulator.close());
  const account: Extract<Account, { kind: 'wcd-2factor' }> = {
    mode: 'embedded',
    kind: 'wcd-2factor',
    baseUrl: new URL(simulator.url).origin,
    prefix: '',
    headerName: '',
    headerTemplate: '',
    token: 'S3CRET-token',
    outOfBandMethods: ['push'],
  };
  return { simulator, account };
}
const userOf = ({ flow }: Workstation): string => flow.record()?.userId ?? '';
const guarded = ({ events }: Workstation) =>
  events.filter((event) => event.type === 'enrollment.changed').at(-1)?.enrollment ?? null;

describe('enrolling with an account at Authsignal', { timeout: 30_000 }, () => {
  it('goes by the link to an approved test, and on after a restart', async () => {
    const { simulator, account } = await tenant();
    const folder = await temporaryFolder();
    const keychain = new Map<string, string>();
    const made = await workstation(folder, keychain);
    expect(await made.begin(account, 'Ada')).toEqual({ ok: true });
    expect(made.flow.view()).toMatchObject({
      step: 'phone',
      service: { title: 'Authsignal', proximity: false, enrollment: ['link', 'contact'], lostDevice: true },
      registration: { registered: false },
    });
    const phone = simulator.phone(userOf(made));
    await phone.register();
    await eventually('the registered phone', () => made.flow.view().step === 'test');
    await made.flow.test();
    await eventually('the request', () => made.flow.view().testPrompt !== null);
    await phone.approve();
    await eventually('the approval', () => made.flow.view().test === 'approved');
    expect(await made.flow.finish()).toEqual({ ok: true });
    expect([...keychain.values()]).toContain(simulator.secret);
    await made.stop();

    const second = await workstation(folder, keychain);
    await second.flow.resume();
    expect(second.flow.view()).toMatchObject({ step: 'manage', problem: null, service: { title: 'Authsignal' } });
    expect(guarded(second)?.userId).toBe(userOf(second));
  });

  it('goes by a known number as well, and says of a wrong key what is wrong', async () => {
    const { account } = await tenant();
    const made = await workstation();
    expect(await made.begin({ ...account, secret: 'wrong' }, 'Ada')).toMatchObject({ ok: false });
    expect(made.flow.view()).toMatchObject({
      step: 'account',
      kind: 'authsignal',
      problem: { code: 'wrong-secret', wayOn: 'edit-account' },
    });
    expect(await made.begin(account, 'Ada')).toEqual({ ok: true });
    expect(await made.flow.addContact({ kind: 'phone', phoneNumber: '+441632960961' })).toEqual({ ok: true });
    expect(made.flow.view()).toMatchObject({ step: 'test', contact: 'added', registration: { registered: true } });
  });
});

describe('enrolling with an account at WebCase 2factor', { timeout: 30_000 }, () => {
  it('sets a method up, confirms it, and approves with a typed code', async () => {
    const { simulator, account } = await site();
    const made = await workstation();
    expect(await made.begin(account, 'Ada')).toEqual({ ok: true });
    const { methods, registration, service } = made.flow.view();
    expect(service).toMatchObject({ enrollment: ['methods'], proximity: false, lostDevice: false });
    expect(registration).toMatchObject({ link: null, registered: false });
    const byMail = methods?.methods.find(({ key }) => key === 'email');
    expect(byMail?.form.map(({ name }) => name)).toEqual(['email']);
    expect(await made.flow.createMethod(byMail?.id ?? '', { email: 'ada@example.org' })).toEqual({
      ok: true,
      setUpLink: null,
    });
    expect(made.flow.view().methods).toMatchObject({
      configs: [{ status: 'in-process', isDefault: true }],
      toConfirm: { label: expect.stringContaining('Code') },
    });
    expect(await made.flow.test()).toMatchObject({ ok: false });

    expect(await made.flow.confirmMethod('000000x')).toMatchObject({ ok: false, sentence: 'That code is wrong.' });
    expect(made.flow.view()).toMatchObject({ problem: null, methods: { toConfirm: { configId: expect.any(String) } } });
    expect(await made.flow.confirmMethod(simulator.phone().code())).toEqual({ ok: true });
    expect(made.flow.view()).toMatchObject({
      step: 'phone',
      registration: { registered: true },
      methods: { configs: [{ status: 'confirmed', isAvailable: true }], toConfirm: null },
    });

    expect(await made.flow.test()).toEqual({ ok: true });
    await eventually('the question for a code', () => made.flow.view().testPrompt?.kind === 'code');
    await made.flow.answer('wrong');
    await eventually('the wrong code told', () => {
      const { testPrompt } = made.flow.view();
      return testPrompt?.kind === 'code' && testPrompt.triesLeft !== undefined;
    });
    await made.flow.answer(simulator.phone().code());
    await eventually('the approval', () => made.flow.view().test === 'approved');
    expect(await made.flow.finish()).toEqual({ ok: true });
    expect(guarded(made)?.userId).toBe(userOf(made));

    // From here on the method is what lets the person in.
    const [used] = made.flow.view().methods?.configs ?? [];
    const configId = used?.id ?? '';
    for (const action of [
      () => made.flow.deleteMethod(configId),
      () => made.flow.updateMethod({ configId, isActive: false }),
      () => made.flow.updateMethod({ configId, settings: { email: 'eve@example.org' } }),
    ]) {
      expect(await action()).toMatchObject({ ok: false, sentence: expect.stringContaining('You unlock with') });
    }
    const byText = made.flow.view().methods?.methods.find(({ key }) => key === 'sms');
    await made.flow.createMethod(byText?.id ?? '', { phone: '+441632960961' });
    const second = made.flow.view().methods?.configs.find(({ id }) => id !== configId);
    expect(second).toMatchObject({ isDefault: false, status: 'in-process' });
    const makeDefault = { configId: second?.id ?? '', isDefault: true };
    expect(await made.flow.updateMethod(makeDefault)).toMatchObject({ sentence: expect.stringContaining('Confirm') });
    await made.flow.confirmMethod(simulator.phone().code());
    expect(await made.flow.updateMethod(makeDefault)).toMatchObject({ ok: true });
    expect(await made.flow.deleteMethod(configId)).toEqual({ ok: true });
    expect(made.flow.view().methods?.configs).toMatchObject([{ id: second?.id, isDefault: true }]);
  });

  it('says what is wrong with a token and with an address, keeps the rest, and goes back without a trace', async () => {
    const { account } = await site();
    const keychain = new Map<string, string>();
    const made = await workstation(undefined, keychain);
    for (const [change, code] of [
      [{ token: 'wrong' }, 'wrong-secret'],
      [{ prefix: '/elsewhere/' }, 'unknown-application'],
    ] as const) {
      await made.begin({ ...account, ...change }, 'Ada');
      expect(made.flow.view()).toMatchObject({ step: 'account', problem: { code, wayOn: 'edit-account' } });
    }
    expect(await made.begin(account, 'Ada')).toEqual({ ok: true });
    expect(await made.flow.back()).toEqual({ ok: true });
    expect(made.flow.view()).toMatchObject({ step: 'choose', methods: null, kind: null });
    expect(keychain.size).toBe(0);
    // Nobody listens there any more.
    const gone = await site();
    await stops.pop()?.();
    await made.begin(gone.account, 'Ada');
    expect(made.flow.view().problem).toMatchObject({ code: 'no-network', wayOn: 'retry' });
  });

  it('takes a person who approves elsewhere already straight to the test', async () => {
    const { simulator, account } = await site();
    simulator.phone().setUp('push', { device: 'phone' });
    const made = await workstation();
    expect(await made.begin(account, 'Ada')).toEqual({ ok: true });
    expect(made.flow.view()).toMatchObject({ step: 'phone', registration: { registered: true } });
    expect(await made.flow.test()).toEqual({ ok: true });
    await eventually('the request', () => made.flow.view().testPrompt?.kind === 'phone');
    simulator.phone().approve();
    await eventually('the approval', () => made.flow.view().test === 'approved');
  });
});
