import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../gateway/clock.ts';
import { AuthenticationAPI } from '../../gateway/providers/activeconnect/authentication-api.ts';
import { ManagementAPI } from '../../gateway/providers/activeconnect/management-api.ts';
import { openService, type Service } from '../../gateway/providers/activeconnect/service.ts';
import { json, ServiceDouble, signatureFault } from './service-double.ts';

const APPLICATION = { clientId: 'APP1', secret: 'app-secret-1' };
const SESSION = { clientId: 'session-token-1', secret: 'session-secret-1' };
const PREFIXES = ['X-Sonikpass-Authentication', 'X-IAMPASS-Authentiaction'];
const never = new AbortController().signal;

let double: ServiceDouble;
let service: Service;

beforeEach(async () => {
  double = new ServiceDouble();
  await double.listen();
  service = openService({
    profile: 'iampass',
    baseUrl: double.url,
    appId: APPLICATION.clientId,
    appSecret: APPLICATION.secret,
    simulated: true,
    clock: createSystemClock(),
  });
});
afterEach(async () => {
  service.http.close();
  await double.close();
});

function expectSignedBy(credentials: typeof APPLICATION): void {
  for (const request of double.seen) {
    for (const headerPrefix of PREFIXES) expect(signatureFault(request, { ...credentials, headerPrefix })).toBeNull();
  }
}

function startedSession(status = 'pending') {
  return {
    authentication_status: {
      authenticated: true,
      session_status: status,
      reason: null,
      status_url: `${double.url}/session/1/status?x=1+2`,
      logout_url: `${double.url}/session/1/logout`,
      session_token: SESSION.clientId,
      session_secret: SESSION.secret,
    },
  };
}

describe('management calls', () => {
  test('add users posts them and reads who was created', async () => {
    double.reply = (_request, response) =>
      json(response, 201, { status: true, users: { created: ['u1'], existing: ['u2'] } });
    const added = await new ManagementAPI(service).addUsers(['u1', 'u2'], never);
    expect(added).toEqual({ created: ['u1'], existing: ['u2'] });
    expect(double.seen).toHaveLength(1);
    expect(double.seen[0]).toMatchObject({
      method: 'POST',
      path: '/management/add_users/APP1',
      body: '{"users":["u1","u2"]}',
    });
    expect(double.seen[0]?.headers['content-type']).toBe('application/json');
    expectSignedBy(APPLICATION);
  });

  test('add users answered with status false is a refusal', async () => {
    double.reply = (_request, response) => json(response, 200, { status: 'False', reason: 'TOO_MANY' });
    await expect(new ManagementAPI(service).addUsers(['u1'], never)).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      message: expect.stringContaining('TOO_MANY'),
    });
  });

  test('one person is added and deleted like many, and a signal is no must', async () => {
    double.reply = (_request, response) =>
      json(response, 200, { status: true, users: { created: [], existing: ['u1'] } });
    expect(await new ManagementAPI(service).addUser('u1')).toBe('existing');
    double.reply = (_request, response) => json(response, 201, { status: true });
    expect(await new ManagementAPI(service).addUser('u1')).toBe('created');
    await new ManagementAPI(service).deleteUser('u1');
    expect(double.seen.map(({ path, body }) => `${path} ${body}`)).toEqual([
      '/management/add_users/APP1 {"users":["u1"]}',
      '/management/add_users/APP1 {"users":["u1"]}',
      '/management/delete_users/APP1 {"users":["u1"]}',
    ]);
  });

  test('delete users posts them', async () => {
    double.reply = (_request, response) => json(response, 200, { status: 'True' });
    await new ManagementAPI(service).deleteUsers(['u1'], never);
    expect(double.seen[0]).toMatchObject({
      method: 'POST',
      path: '/management/delete_users/APP1',
      body: '{"users":["u1"]}',
    });
    expectSignedBy(APPLICATION);
  });

  test('the registration link is asked with the form-encoded user and name', async () => {
    double.reply = (_request, response) =>
      json(response, 200, { status: true, register_url: 'https://p.example/r?x=1' });
    const link = await new ManagementAPI(service).getRegistrationLink('u 1/ö', 'Ada Lovelace & Co', never);
    expect(link).toBe('https://p.example/r?x=1');
    expect(double.seen[0]).toMatchObject({
      method: 'GET',
      path: '/management/device_registration_link/APP1/u+1%2F%C3%B6?display_name=Ada+Lovelace+%26+Co',
    });
    expectSignedBy(APPLICATION);
  });

  test('the registration SMS names number, name and message', async () => {
    double.reply = (_request, response) => json(response, 200, { status: true });
    const sms = { phoneNumber: '+491701234567', displayName: 'Ada', message: 'Hello' };
    await new ManagementAPI(service).sendRegistrationSms('u1', sms, never);
    expect(double.seen[0]).toMatchObject({ method: 'POST', path: '/management/send_registration_sms/APP1/u1' });
    expect(JSON.parse(double.seen[0]?.body ?? '')).toEqual({
      phone_number: '+491701234567',
      display_name: 'Ada',
      message: 'Hello',
    });
    expectSignedBy(APPLICATION);
  });

  test('a refused SMS is SMS_REFUSED and is not sent again', async () => {
    double.reply = (_request, response) => json(response, 200, { status: false, reason: 'INVALID_NUMBER' });
    await expect(
      new ManagementAPI(service).sendRegistrationSms('u1', { phoneNumber: '+491701234567' }, never),
    ).rejects.toMatchObject({ code: 'SMS_REFUSED' });
    expect(double.seen).toHaveLength(1);
  });

  test.each([
    [true, true],
    ['True', true],
    [false, false],
    ['False', false],
  ])('device_registered %j reads as %j', async (answered, expected) => {
    double.reply = (_request, response) => json(response, 200, { status: true, device_registered: answered });
    expect(await new ManagementAPI(service).hasRegisteredMobileDevice('u1', never)).toBe(expected);
    expect(double.seen[0]).toMatchObject({ method: 'GET', path: '/management/has_registered_mobile_device/APP1/u1' });
  });

  test('a lost phone is reported with a GET and gives a new link', async () => {
    double.reply = (_request, response) => json(response, 200, { status: true, register_url: 'https://p.example/new' });
    expect(await new ManagementAPI(service).lostUserMobileDevice('u1', never)).toBe('https://p.example/new');
    expect(double.seen[0]).toMatchObject({ method: 'GET', path: '/management/lost_user_mobile_device/APP1/u1' });
  });

  test.each(['.', '..', ''])('the user id %j is never sent: a proxy would make another call of it', async (userId) => {
    await expect(new ManagementAPI(service).lostUserMobileDevice(userId, never)).rejects.toMatchObject({
      code: 'USER_UNKNOWN',
    });
    expect(double.seen).toHaveLength(0);
  });

  test('a link that is not http(s) is refused', async () => {
    double.reply = (_request, response) => json(response, 200, { status: true, register_url: 'javascript:alert(1)' });
    await expect(new ManagementAPI(service).getRegistrationLink('u1', null, never)).rejects.toMatchObject({
      code: 'PROVIDER_BAD_ANSWER',
    });
  });
});

describe('authentication calls', () => {
  test('authenticate user posts {} with methods and duration, and gives a session in progress', async () => {
    double.reply = (_request, response) => json(response, 202, startedSession());
    const options = { methods: ['acceptance', 'facial'], durationSeconds: 900 };
    const session = await new AuthenticationAPI(service).authenticateUser('u1', options, never);
    expect(double.seen[0]).toMatchObject({
      method: 'POST',
      path: '/authentication/authenticate_user/APP1/u1?methods=acceptance,facial&duration_seconds=900',
      body: '{}',
    });
    expect([session.inProgress(), session.active(), session.failed()]).toEqual([true, false, false]);
    expectSignedBy(APPLICATION);
  });

  test('without methods and duration the service chooses', async () => {
    double.reply = (_request, response) => json(response, 202, startedSession());
    await new AuthenticationAPI(service).authenticateUser('u1', {}, never);
    expect(double.seen[0]?.path).toBe('/authentication/authenticate_user/APP1/u1');
  });

  test('a session that was not started says why', async () => {
    double.reply = (_request, response) =>
      json(response, 200, { authentication_status: { authenticated: 'False', reason: 'NO_MOBILE_DEVICE' } });
    await expect(new AuthenticationAPI(service).authenticateUser('u1', {}, never)).rejects.toMatchObject({
      code: 'NO_MOBILE_DEVICE',
    });
    double.reply = (_request, response) =>
      json(response, 200, { authentication_status: { authenticated: false, reason: 'QUOTA\n<b>' } });
    await expect(new AuthenticationAPI(service).authenticateUser('u1', {}, never)).rejects.toMatchObject({
      code: 'START_REFUSED',
      message: 'The service did not start the approval (QUOTAb).',
    });
    expect(double.seen).toHaveLength(2);
  });

  test.each([
    'http://169.254.169.254/latest',
    'http://127.0.0.1:1/x',
    'file:///etc/passwd',
    'http://127.0.0.1:80@evil.example/',
    'gopher://x/',
  ])('a session whose status_url is %s is not believed', async (status_url) => {
    double.reply = (_request, response) => {
      const started = startedSession();
      json(response, 202, { authentication_status: { ...started.authentication_status, status_url } });
    };
    await expect(new AuthenticationAPI(service).authenticateUser('u1', {}, never)).rejects.toMatchObject({
      code: 'PROVIDER_BAD_ANSWER',
    });
    expect(double.seen).toHaveLength(1);
  });
});

describe('session calls', () => {
  async function started() {
    double.reply = (_request, response) => json(response, 202, startedSession());
    const session = await new AuthenticationAPI(service).authenticateUser('u1', {}, never);
    double.seen.length = 0;
    return session;
  }

  test.each([
    ['wrapped', { authentication_status: { authenticated: true, session_status: 'active' } }],
    ['unwrapped', { authenticated: 'True', session_status: 'active' }],
  ])('the %s status is read, signed by the session', async (_shape, answer) => {
    const session = await started();
    double.reply = (_request, response) => json(response, 200, answer);
    expect(await session.getStatus(never)).toEqual({ status: 'active' });
    expect(session.active()).toBe(true);
    expect(double.seen[0]).toMatchObject({ method: 'GET', path: '/session/1/status?x=1+2' });
    expectSignedBy(SESSION);
  });

  test.each([
    ['pending', 'pending'],
    ['identifying', 'identifying'],
    ['walkaway', 'walkaway'],
    ['timeout', 'timeout'],
    ['failed', 'failed'],
    ['cancelled', 'cancelled'],
    ['closed', 'closed'],
    ['inactive', 'closed'],
    ['expired', 'timeout'],
    ['ACTIVE', 'failed'],
    ['aktiv', 'failed'],
  ])('the word %s is %s', async (word, status) => {
    const session = await started();
    double.reply = (_request, response) =>
      json(response, 200, { authentication_status: { authenticated: true, session_status: word } });
    expect((await session.getStatus(never)).status).toBe(status);
  });

  test('an unknown word stays as evidence, made readable', async () => {
    const session = await started();
    double.reply = (_request, response) =>
      json(response, 200, { authenticated: true, session_status: 'half<script>\n-open' });
    expect(await session.getStatus(never)).toEqual({ status: 'failed', reason: 'unknown status: halfscript-open' });
  });

  test.each([[false], ['False'], [undefined]])('active with authenticated %j is not active', async (authenticated) => {
    const session = await started();
    double.reply = (_request, response) => json(response, 200, { authenticated, session_status: 'active' });
    expect((await session.getStatus(never)).status).toBe('failed');
  });

  test.each([
    [404, 'closed', 'SESSION_UNKNOWN'],
    [401, 'failed', 'PROVIDER_UNAUTHORIZED'],
  ])('HTTP %i on the status ends the session as %s', async (http, status, reason) => {
    const session = await started();
    double.reply = (_request, response) => json(response, http, {});
    expect(await session.getStatus(never)).toEqual({ status, reason });
  });

  test('logout posts an empty body with the JSON content type', async () => {
    const session = await started();
    double.reply = (_request, response) => json(response, 200, { status: true });
    await session.destroy(never);
    expect(double.seen[0]).toMatchObject({ method: 'POST', path: '/session/1/logout', body: '' });
    expect(double.seen[0]?.headers['content-type']).toBe('application/json');
    expect(double.seen[0]?.headers['content-length']).toBe('0');
    expectSignedBy(SESSION);
  });

  test('logging out of a session that is gone succeeds', async () => {
    const session = await started();
    double.reply = (_request, response) => json(response, 404, {});
    await expect(session.destroy(never)).resolves.toBeUndefined();
  });
});
