import { describe, expect, it } from 'vitest';
import type { Account } from '../../protocol/ipc.ts';
import { ok } from '../../protocol/result.ts';
import { EnrollmentViewSchema } from '../../protocol/view-model.ts';
import { FakeSurroundings, failing, LINK_URL } from './fake-surroundings.ts';
import { WALL_START } from './virtual-time.ts';

const SECRET = 'S3CRET-of-the-application';
const TOKEN = 'T0KEN-of-the-shared-gateway';
const trial: Account = { mode: 'trial' };
const embedded: Account = {
  mode: 'embedded',
  kind: 'activeconnect',
  profile: 'iampass',
  baseUrl: '',
  appId: 'app-1',
  appSecret: SECRET,
};
const shared: Account = { mode: 'shared', gatewayUrl: 'wss://gateway.example.org/', gatewayToken: TOKEN };

describe('beginning an enrollment', () => {
  it('in a trial starts the simulated service and shows its phone page, marked as a trial', async () => {
    const world = new FakeSurroundings();
    expect(await world.begin(trial, 'Ada')).toEqual({ ok: true });
    const view = world.flow.view();
    expect(view).toMatchObject({ step: 'phone', mode: 'trial', trial: true, busy: false, problem: null });
    const userId = world.disk.record?.userId ?? '';
    expect(view.phonePage).toBe(`http://127.0.0.1:45678/phone/${userId}`);
    expect(view.registration).toEqual({
      link: LINK_URL,
      expiresInMs: null,
      sms: 'idle',
      opened: false,
      registered: false,
    });
    expect(world.gateways[0]?.provider).toMatchObject({
      baseUrl: 'http://127.0.0.1:45678',
      appId: 'trial-app',
      appSecret: 'SIMULATED-SECRET',
      simulated: true,
    });
    expect(world.simulators[0]?.host).toBe('127.0.0.1');
  });

  it('with an account starts the gateway with it, on a socket with a token of this run', async () => {
    const world = new FakeSurroundings();
    expect(await world.begin(embedded, 'Ada')).toEqual({ ok: true });
    const config = world.gateways[0];
    expect(config).toMatchObject({
      socketPath: '/run/gw.sock',
      storeDirectory: '/data/store',
      provider: { kind: 'activeconnect', profile: 'iampass', baseUrl: null, appId: 'app-1', simulated: false },
    });
    expect(world.targets.at(-1)).toEqual({ socketPath: '/run/gw.sock', token: config?.token });
    expect(world.flow.view()).toMatchObject({
      trial: false,
      phonePage: null,
      service: {
        title: 'IAMPASS',
        via: 'via this computer',
        proximity: true,
        enrollment: ['link', 'sms'],
        lostDevice: true,
        remoteLock: false,
      },
    });
  });

  it('with a shared gateway starts nothing here and never sees an application secret', async () => {
    const world = new FakeSurroundings();
    expect(await world.begin(shared, 'Ada')).toEqual({ ok: true });
    expect(world.gateways).toEqual([]);
    expect(world.targets).toMatchObject([{ url: 'wss://gateway.example.org/', token: TOKEN }]);
    expect(world.flow.view().service?.via).toBe('via gateway.example.org');
  });

  it('makes a user token of 128 random bits, another one each time', async () => {
    const tokens = new Set<string>();
    for (let i = 0; i < 20; i += 1) {
      const world = new FakeSurroundings();
      await world.begin(trial, 'Ada');
      const { userId } = world.disk.record ?? { userId: '' };
      expect(Buffer.from(userId, 'base64url')).toHaveLength(16);
      tokens.add(userId);
    }
    expect(tokens.size).toBe(20);
  });

  it('tells the service the name, cut to what a frame may carry', async () => {
    const world = new FakeSurroundings();
    await world.begin(trial, `  ${'é'.repeat(200)}`);
    expect(world.calls[0]).toMatchObject({ type: 'enroll.begin', displayName: 'é'.repeat(80) });
  });

  it('guards nothing yet', async () => {
    const world = new FakeSurroundings();
    await world.begin(trial, 'Ada');
    expect(world.enrollments()).toEqual([]);
    expect(world.disk.record).toMatchObject({ registered: false, enrolledAtWall: null });
  });

  it('keeps secrets in the keychain, under names of this enrollment, and nowhere else', async () => {
    for (const [account, secret] of [
      [embedded, SECRET],
      [trial, 'SIMULATED-SECRET'],
    ] as const) {
      const world = new FakeSurroundings();
      await world.begin(account, 'Ada');
      expect([...world.disk.keychain.values()]).toContain(secret);
      const userId = world.disk.record?.userId ?? 'none';
      for (const name of world.disk.keychain.keys()) expect(name).toContain(userId);
      for (const kept of world.disk.keychain.values()) expect(world.everythingShown()).not.toContain(kept);
      for (const { token } of world.gateways) expect(world.everythingShown()).not.toContain(token);
    }
  });

  it('shows only views the pages accept', async () => {
    const world = new FakeSurroundings();
    await world.begin(trial, 'Ada');
    await world.time.pass(10_000);
    for (const view of [...world.views, JSON.stringify(world.flow.view())]) {
      const shown: unknown = JSON.parse(view);
      expect(EnrollmentViewSchema.parse(shown)).toEqual(shown);
    }
  });

  it('counts the life of the link from now, whatever the wall clock does later', async () => {
    const world = new FakeSurroundings();
    const link = LINK_URL;
    world.answers['enroll.begin'] = ok({
      registered: false,
      link,
      expiresAt: WALL_START + 1_000 + 60_000,
      detail: undefined,
    });
    await world.begin(trial, 'Ada');
    expect(world.flow.view().registration?.expiresInMs).toBe(60_000);
    await world.time.pass(20_000);
    expect(world.flow.view().registration?.expiresInMs).toBe(40_000);
  });

  it('does one thing at a time', async () => {
    const world = new FakeSurroundings();
    const first = world.begin(trial, 'Ada');
    expect(await world.begin(trial, 'Ada')).toMatchObject({ ok: false });
    expect(world.flow.view().busy).toBe(true);
    expect(await first).toEqual({ ok: true });
    expect(world.simulators).toHaveLength(1);
  });
});

describe('an account that does not work', () => {
  const cases: readonly [string, Account, (world: FakeSurroundings) => void, string, string, string][] = [
    [
      'a wrong secret',
      embedded,
      (w) => (w.answers['enroll.begin'] = failing('PROVIDER_UNAUTHORIZED')),
      'wrong-secret',
      'edit-account',
      'does not accept the secret',
    ],
    [
      'an unknown application',
      embedded,
      (w) => (w.answers['enroll.begin'] = failing('USER_UNKNOWN')),
      'unknown-application',
      'edit-account',
      'does not know this account',
    ],
    [
      'no network',
      embedded,
      (w) => (w.answers['enroll.begin'] = failing('PROVIDER_UNREACHABLE')),
      'no-network',
      'retry',
      'cannot be reached',
    ],
    [
      'a service that does not answer',
      embedded,
      (w) => (w.answers['enroll.begin'] = failing('PROVIDER_TIMEOUT')),
      'no-network',
      'retry',
      'cannot be reached',
    ],
    [
      'a service with a fault',
      embedded,
      (w) => (w.answers['enroll.begin'] = failing('PROVIDER_UNAVAILABLE')),
      'service-fault',
      'retry',
      'fault of its own',
    ],
    [
      'a service that is busy',
      embedded,
      (w) => (w.answers['enroll.begin'] = failing('PROVIDER_RATE_LIMITED')),
      'service-busy',
      'retry',
      'asks to wait',
    ],
    [
      'a code of the future',
      embedded,
      (w) => (w.answers['enroll.begin'] = failing('TEAPOT', 'It is a teapot.')),
      'service-fault',
      'retry',
      'It is a teapot.',
    ],
    [
      'a locked keychain',
      embedded,
      (w) => (w.keychainFault = 'locked'),
      'keychain-locked',
      'retry',
      'keychain is locked',
    ],
    [
      'no keychain',
      embedded,
      (w) => (w.keychainFault = 'unavailable'),
      'keychain-unavailable',
      'retry',
      'never in a file',
    ],
    ['a silent keychain', shared, (w) => (w.keychainFault = 'timeout'), 'keychain-silent', 'retry', 'does not answer'],
    [
      'a gateway that does not start',
      embedded,
      (w) => (w.gatewayFault = 'The socket is in use.'),
      'gateway-failed',
      'retry',
      'The socket is in use.',
    ],
    [
      'a gateway that starts and does not speak',
      embedded,
      (w) => (w.ready = failing('READY_TIMEOUT', 'Silence.')),
      'gateway-failed',
      'retry',
      'Silence.',
    ],
    [
      'a simulated service that does not start',
      trial,
      (w) => (w.simulatorFault = 'No port.'),
      'simulator-failed',
      'retry',
      'No port.',
    ],
    [
      'a shared gateway that is away',
      shared,
      (w) => (w.ready = failing('CONNECT_FAILED')),
      'gateway-unreachable',
      'retry',
      'gateway cannot be reached',
    ],
    [
      'a wrong token',
      shared,
      (w) => (w.ready = failing('UNAUTHORIZED')),
      'gateway-refused',
      'edit-account',
      'does not accept this computer',
    ],
    [
      'a certificate nobody trusts',
      shared,
      (w) => (w.ready = failing('TLS_FAILED')),
      'gateway-untrusted',
      'edit-account',
      'prove its identity',
    ],
    [
      'an address without TLS',
      shared,
      (w) => (w.ready = failing('ADDRESS_REFUSED')),
      'gateway-address',
      'edit-account',
      'wss://',
    ],
    [
      'a gateway of another version',
      shared,
      (w) => (w.ready = failing('VERSION_UNSUPPORTED')),
      'gateway-version',
      'none',
      'understand each other',
    ],
    ['a full disk', embedded, (w) => (w.diskFull = true), 'record-not-written', 'retry', 'could not be saved'],
  ];
  for (const [what, account, breakIt, code, wayOn, words] of cases) {
    it(`because of ${what} is a clear sentence and a way on, and leaves nothing behind`, async () => {
      const world = new FakeSurroundings();
      breakIt(world);
      const result = await world.begin(account, 'Ada');
      const view = world.flow.view();
      expect(view.problem).toMatchObject({ code, wayOn });
      expect(result.ok ? '' : result.sentence).toContain(words);
      expect(view).toMatchObject({
        step: account.mode === 'trial' ? 'choose' : 'account',
        mode: account.mode,
        busy: false,
      });
      expect(world.disk.record).toBeNull();
      world.keychainFault = null;
      expect(world.disk.keychain.size).toBe(0);
      expect([world.gatewayRunning, world.simulatorRunning]).toEqual([false, false]);
      expect(world.enrollments()).toEqual([]);
    });
  }

  it('can be corrected and tried again', async () => {
    const world = new FakeSurroundings();
    world.answers['enroll.begin'] = failing('PROVIDER_UNAUTHORIZED');
    await world.begin(embedded, 'Ada');
    delete world.answers['enroll.begin'];
    expect(await world.begin(embedded, 'Ada')).toEqual({ ok: true });
    expect(world.flow.view()).toMatchObject({ step: 'phone', problem: null });
  });

  it('never shows a secret, even when the process puts it into its own words', async () => {
    const world = new FakeSurroundings();
    world.gatewayFault = 'cannot start with {config}';
    const result = await world.begin(embedded, 'Ada');
    const said = JSON.stringify(result) + world.everythingShown();
    expect(said).toContain('cannot start with');
    expect(said).not.toContain(SECRET);
    for (const { token, storeKeyBase64 } of world.gateways) {
      expect(said).not.toContain(token);
      expect(said).not.toContain(storeKeyBase64);
    }
  });
});
