import { describe, expect, it } from 'vitest';
import type { ConfirmationMethod, PersonConfig } from '../../protocol/confirmation-methods.ts';
import { type Account, AccountSchema } from '../../protocol/ipc.ts';
import { err, ok } from '../../protocol/result.ts';
import { EnrollmentViewSchema } from '../../protocol/view-model.ts';
import { CAPABILITIES, type Disk, FakeSurroundings, failing } from './fake-surroundings.ts';

const SECRET = 'S3CRET-of-the-account';
const authsignal: Account = { mode: 'embedded', kind: 'authsignal', apiUrl: '', secret: SECRET };
const twoFactor: Account = {
  mode: 'embedded',
  kind: 'wcd-2factor',
  baseUrl: 'https://login.example.org',
  prefix: '/2fa/',
  headerName: '',
  headerTemplate: 'Bearer {token}',
  token: SECRET,
  outOfBandMethods: ['push'],
};
const METHOD: ConfirmationMethod = { id: '1', key: 'email', title: 'E-mail', isDefault: true, form: [] };
const CONFIG: PersonConfig = {
  id: '11',
  methodId: '1',
  title: 'E-mail',
  status: 'confirmed',
  isActive: true,
  isDefault: true,
  isAvailable: true,
};
const answered = (registered: boolean, link?: string) =>
  ok({ registered, link, expiresAt: undefined, detail: undefined });

function withMethods(disk?: Disk): FakeSurroundings {
  const world = new FakeSurroundings(disk);
  world.capabilities = { ...CAPABILITIES, proximity: false, enrollment: ['methods'], lostDevice: false };
  world.answers['enroll.begin'] = answered(false);
  world.methodsOfPerson = { methods: [METHOD], configs: [] };
  return world;
}
function withContact(): FakeSurroundings {
  const world = new FakeSurroundings();
  world.capabilities = { ...CAPABILITIES, enrollment: ['contact'] };
  world.answers['enroll.begin'] = answered(false);
  return world;
}
/** A method is set up, its test approved, and the workstation guarded. */
async function guardedWithMethods(): Promise<FakeSurroundings> {
  const world = withMethods();
  world.methodsOfPerson = { methods: [METHOD], configs: [CONFIG] };
  await world.begin(twoFactor, 'Ada');
  await world.flow.test();
  world.tests[0]?.update({ kind: 'status', status: 'active', prompt: null });
  await world.flow.finish();
  await world.flow.back();
  return world;
}

describe('an own account', () => {
  const cases = [
    [authsignal, { kind: 'authsignal', apiUrl: null, secret: SECRET, simulated: false }],
    [
      twoFactor,
      {
        kind: 'wcd-2factor',
        baseUrl: 'https://login.example.org',
        prefix: '/2fa/',
        header: { template: 'Bearer {token}' },
        token: SECRET,
        outOfBandMethods: ['push'],
        simulated: false,
      },
    ],
  ] as const;
  for (const [account, provider] of cases) {
    it(`at ${account.kind} is what the gateway is started with, at first and after a restart`, async () => {
      const world = new FakeSurroundings();
      expect(AccountSchema.parse(account)).toEqual(account);
      expect(await world.begin(account, 'Ada')).toEqual({ ok: true });
      expect(world.gateways[0]?.provider).toEqual(provider);
      expect(world.flow.view().kind).toBe(account.kind);
      const again = new FakeSurroundings(world.disk);
      await again.flow.resume();
      expect(again.gateways[0]?.provider).toEqual(provider);
      for (const shown of [world, again]) expect(shown.everythingShown()).not.toContain(SECRET);
    });

    it(`at ${account.kind} with a wrong secret shows its form again`, async () => {
      const world = new FakeSurroundings();
      world.answers['enroll.begin'] = failing('PROVIDER_UNAUTHORIZED');
      expect(await world.begin(account, 'Ada')).toMatchObject({ ok: false });
      const { kind } = account;
      expect(world.flow.view()).toMatchObject({ step: 'account', kind, problem: { code: 'wrong-secret' } });
      expect(world.disk.keychain.size).toBe(0);
    });

    it(`at ${account.kind} is not begun while the keychain is locked`, async () => {
      const world = new FakeSurroundings();
      world.keychainFault = 'locked';
      expect(await world.begin(account, 'Ada')).toMatchObject({ ok: false });
      expect(world.flow.view().problem?.code).toBe('keychain-locked');
      expect(world.gateways).toEqual([]);
    });
  }

  it('at an address that answers strangely points at the address; without one typed, at the service', async () => {
    for (const [account, code] of [
      [twoFactor, 'not-the-service'],
      [authsignal, 'service-fault'],
    ] as const) {
      const world = new FakeSurroundings();
      world.answers['enroll.begin'] = failing('PROVIDER_BAD_ANSWER');
      await world.begin(account, 'Ada');
      expect(world.flow.view().problem?.code).toBe(code);
    }
  });

  const refused: readonly [string, object][] = [
    ['a secret that cannot be sent', { ...authsignal, secret: 'with:colon' }],
    ['plain http to elsewhere', { ...authsignal, apiUrl: 'http://api.example.org/v1' }],
    ['a password in the address', { ...twoFactor, baseUrl: 'https://ada:pw@login.example.org' }],
    ['a query in the address', { ...twoFactor, baseUrl: 'https://login.example.org/?a=b' }],
    ['another scheme', { ...twoFactor, baseUrl: 'file:///etc/passwd' }],
    ['a path that leaves its place', { ...twoFactor, prefix: 'no-slash' }],
    ['a header without a place for the token', { ...twoFactor, headerTemplate: 'Bearer' }],
    ['two lines in a header', { ...twoFactor, headerTemplate: '{token}\r\nX: y' }],
    ['two lines in a token', { ...twoFactor, token: 'a\nb' }],
    ['a field of another kind', { ...authsignal, appId: 'a' }],
    ['no kind', { mode: 'embedded', profile: 'iampass', baseUrl: '', appId: 'a', appSecret: 's' }],
  ];
  for (const [what, account] of refused) {
    it(`with ${what} is refused before anything is done`, () => {
      expect(AccountSchema.safeParse(account).success).toBe(false);
    });
  }
});

describe('a service without a link', () => {
  it('that offers nothing else cannot be enrolled with, and says so', async () => {
    const world = new FakeSurroundings();
    world.capabilities = { ...CAPABILITIES, enrollment: ['link'] };
    world.answers['enroll.begin'] = answered(false);
    expect(await world.begin(twoFactor, 'Ada')).toMatchObject({ ok: false });
    expect(world.flow.view().problem?.code).toBe('service-fault');
  });

  it('takes a number that is known, and goes on to the test', async () => {
    const world = withContact();
    await world.begin(authsignal, 'Ada');
    expect(world.flow.view()).toMatchObject({ step: 'phone', registration: { link: null, registered: false } });
    world.answers['enroll.contact'] = answered(true);
    const contact = { kind: 'email', email: 'ada@example.org' } as const;
    expect(await world.flow.addContact(contact)).toEqual({ ok: true });
    expect(world.callsOf('enroll.contact')).toMatchObject([{ contact, displayName: 'Ada' }]);
    expect(world.flow.view()).toMatchObject({ step: 'test', contact: 'added' });
  });

  it('waits for a number that the service still has to hear from', async () => {
    const world = withContact();
    await world.begin(authsignal, 'Ada');
    world.answers['enroll.contact'] = answered(false);
    await world.flow.addContact({ kind: 'phone', phoneNumber: '+441632960961' });
    expect(world.flow.view()).toMatchObject({ step: 'phone', contact: 'added' });
    world.answers['enroll.check'] = answered(true);
    await world.time.pass(2_000);
    expect(world.flow.view().step).toBe('test');
  });

  it('says when it refuses the number', async () => {
    const world = withContact();
    await world.begin(authsignal, 'Ada');
    world.answers['enroll.contact'] = failing('CONTACT_REFUSED');
    expect(await world.flow.addContact({ kind: 'phone', phoneNumber: '+441632960961' })).toMatchObject({ ok: false });
    expect(world.flow.view()).toMatchObject({ contact: 'idle', problem: { code: 'contact-refused', wayOn: 'none' } });
  });

  it('is not asked to take a number where it has no such call', async () => {
    const world = new FakeSurroundings();
    await world.begin(authsignal, 'Ada');
    expect(await world.flow.addContact({ kind: 'phone', phoneNumber: '+441632960961' })).toMatchObject({ ok: false });
    expect(world.callsOf('enroll.contact')).toEqual([]);
  });
});

describe('confirmation methods', () => {
  it('are read at once, and shown without what confirms a change or sets up an app', async () => {
    const world = withMethods();
    await world.begin(twoFactor, 'Ada');
    expect(world.flow.view()).toMatchObject({ step: 'phone', methods: { methods: [METHOD], configs: [] } });
    world.methodAnswers['methods.create'] = ok({
      methods: [METHOD],
      configs: [{ ...CONFIG, status: 'in-process', isAvailable: false }],
      toConfirm: { configId: '11', confirmationId: 'c0nfirmation', label: 'Code' },
      setUpLink: 'otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ',
    });
    expect(await world.flow.createMethod('1', {})).toEqual({
      ok: true,
      setUpLink: 'otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ',
    });
    expect(world.flow.view().methods?.toConfirm).toEqual({ configId: '11', label: 'Code' });
    expect(world.everythingShown()).not.toContain('c0nfirmation');
    expect(world.everythingShown()).not.toContain('GEZDGNBVGY3TQOJQ');
    for (const view of world.views) {
      const shown: unknown = JSON.parse(view);
      expect(EnrollmentViewSchema.parse(shown)).toEqual(shown);
    }
    // Read anew, what waits for its confirmation still waits.
    world.methodsOfPerson = { methods: [METHOD], configs: [{ ...CONFIG, status: 'in-process', isAvailable: false }] };
    await world.flow.refreshMethods();
    expect(world.flow.view().methods?.toConfirm).not.toBeNull();
    world.methodAnswers['methods.confirm'] = ok({ methods: [METHOD], configs: [CONFIG] });
    expect(await world.flow.confirmMethod('123456')).toEqual({ ok: true });
    expect(world.methodCalls.at(-1)).toMatchObject({ confirmationId: 'c0nfirmation', data: '123456' });
    expect(world.flow.view()).toMatchObject({ methods: { toConfirm: null }, registration: { registered: true } });
  });

  it('that cannot be read leave the enrollment begun, with a way on', async () => {
    const world = withMethods();
    world.methodAnswers['methods.list'] = failing('PROVIDER_UNREACHABLE');
    expect(await world.begin(twoFactor, 'Ada')).toEqual({ ok: true });
    expect(world.flow.view()).toMatchObject({ step: 'phone', methods: null, problem: { code: 'no-network' } });
    delete world.methodAnswers['methods.list'];
    expect(await world.flow.refreshMethods()).toEqual({ ok: true });
    expect(world.flow.view()).toMatchObject({ problem: null, methods: { methods: [METHOD] } });
  });

  it('settings the service refuses, and a confirmation that is gone, are said', async () => {
    const world = withMethods();
    await world.begin(twoFactor, 'Ada');
    const refusal = (code: string) => err({ code, text: '', retryable: false });
    world.methodAnswers['methods.create'] = refusal('SETTINGS_REFUSED');
    expect(await world.flow.createMethod('1', {})).toMatchObject({ ok: false });
    expect(world.flow.view().problem?.code).toBe('settings-refused');
    const waiting = { ...CONFIG, status: 'in-process', isAvailable: false } as const;
    const toConfirm = { configId: '11', confirmationId: 'c', label: 'Code' };
    world.methodAnswers['methods.create'] = ok({ methods: [METHOD], configs: [waiting], toConfirm });
    await world.flow.createMethod('1', {});
    world.methodAnswers['methods.confirm'] = refusal('SETTINGS_REFUSED');
    expect(await world.flow.confirmMethod('1')).toMatchObject({ ok: false });
    expect(world.flow.view()).toMatchObject({ problem: { code: 'confirmation-gone' }, methods: { toConfirm: null } });
    expect(await world.flow.confirmMethod('1')).toMatchObject({ sentence: 'Nothing has to be confirmed now.' });
  });

  it('go on after a restart where they were left', async () => {
    const first = withMethods();
    await first.begin(twoFactor, 'Ada');
    const second = withMethods(first.disk);
    await second.flow.resume();
    expect(second.flow.view()).toMatchObject({ step: 'phone', kind: 'wcd-2factor', methods: { methods: [METHOD] } });
    expect(await second.flow.back()).toEqual({ ok: true });
    expect(second.flow.view()).toMatchObject({ step: 'choose', methods: null });
    expect(second.disk.keychain.size).toBe(0);
  });

  it('cannot be changed by somebody who got round the curtain', async () => {
    const world = await guardedWithMethods();
    world.mayChange = false;
    const before = world.methodCalls.length + world.calls.length;
    for (const action of [
      () => world.flow.createMethod('1', {}),
      () => world.flow.confirmMethod('1'),
      () => world.flow.updateMethod({ configId: '11', isDefault: true }),
      () => world.flow.deleteMethod('11'),
      () => world.flow.addContact({ kind: 'email', email: 'eve@example.org' }),
    ]) {
      expect(await action()).toMatchObject({ ok: false, sentence: expect.stringContaining('Approve on your phone') });
    }
    expect(world.methodCalls.length + world.calls.length).toBe(before);
  });

  it('the one that lets the person in is not taken away from under them', async () => {
    const world = await guardedWithMethods();
    expect(await world.flow.deleteMethod('11')).toMatchObject({ sentence: expect.stringContaining('You unlock with') });
    expect(world.methodCalls.some(({ type }) => type === 'methods.delete')).toBe(false);
    await world.flow.createMethod('1', {});
    expect(world.methodCalls.at(-1)).toMatchObject({ type: 'methods.create', isDefault: false });
    expect(await world.flow.deleteMethod('99')).toMatchObject({ sentence: expect.stringContaining('no longer knows') });
  });

  it('the link of a test approval can be copied, and nothing else', async () => {
    const world = await guardedWithMethods();
    expect(await world.flow.copyPrompt()).toMatchObject({ ok: false });
    await world.flow.test();
    world.tests
      .at(-1)
      ?.update({ kind: 'status', status: 'pending', prompt: { kind: 'link', url: 'https://a.example/' } });
    expect(await world.flow.copyPrompt()).toEqual({ ok: true });
    expect(world.copied).toEqual(['https://a.example/']);
  });
});
