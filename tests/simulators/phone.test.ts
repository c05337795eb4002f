import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ActiveconnectSimulator, startActiveconnectSimulator } from '../../simulators/activeconnect/simulator.ts';
import { HandMovedClock } from './hand-moved-clock.ts';
import { quotePlus, record, send, VendorClient } from './vendor-client.ts';

let clock: HandMovedClock;
let simulator: ActiveconnectSimulator;
let client: VendorClient;

beforeEach(async () => {
  clock = new HandMovedClock();
  simulator = await startActiveconnectSimulator({ clock });
  client = new VendorClient(simulator.url, simulator.appId, simulator.appSecret, () => clock.wallMs());
  await client.addUsers('ada');
});
afterEach(() => simulator.close());

const press = (action: string, headers: Record<string, string> = {}, user = 'ada') =>
  send('POST', `${simulator.url}/phone/${quotePlus(user)}/${action}`, headers);

test('every action answers with the state it led to', async () => {
  expect((await press('register')).json).toMatchObject({
    registered: true,
    near: true,
    request: null,
    actions: ['leave'],
  });
  await client.startSession('ada', '?duration_seconds=120');
  const state = await send('GET', `${simulator.url}/phone/ada/state`, {});
  expect(state.json).toMatchObject({
    sessionStatus: 'pending',
    request: {
      application: simulator.appId,
      askedAt: '2026-01-05T09:14:00.000Z',
      expiresAt: '2026-01-05T09:15:00.000Z',
      waiting: 1,
    },
    actions: ['approve', 'deny', 'ignore', 'leave'],
  });
  clock.advance(5000);
  expect((await press('approve')).json).toMatchObject({
    request: null,
    session: {
      status: 'active',
      approvedAt: '2026-01-05T09:14:05.000Z',
      endsAt: '2026-01-05T09:16:05.000Z',
      walkawayAt: null,
    },
  });
  expect((await press('leave')).json).toMatchObject({
    near: false,
    session: { status: 'active', walkawayAt: '2026-01-05T09:14:15.000Z', closesAt: '2026-01-05T09:19:05.000Z' },
  });
  clock.advance(10_001);
  expect((await press('return')).json).toMatchObject({ near: true, sessionStatus: 'active' });
  expect((await press('close')).json).toMatchObject({
    session: null,
    sessionStatus: 'closed',
    ended: { cause: 'closed-on-phone' },
  });
  await client.startSession('ada');
  expect((await press('deny')).json).toMatchObject({ sessionStatus: 'cancelled', ended: { cause: 'denied' } });
  await client.startSession('ada');
  expect((await press('ignore')).json).toMatchObject({ sessionStatus: 'pending', request: null });
});

describe('an action that makes no sense now is 409, says why and changes nothing', () => {
  test.each(['approve', 'deny', 'ignore', 'leave', 'return', 'close'])(
    '%s without a registered phone',
    async (action) => {
      const answer = await press(action);
      expect(answer.status).toBe(409);
      expect(answer.json).toMatchObject({
        status: false,
        reason: 'No phone is registered.',
        state: { registered: false },
      });
    },
  );

  test.each([
    ['register', 'A phone is registered already. A new registration link can replace it.'],
    ['approve', 'Nothing waits for an answer.'],
    ['deny', 'Nothing waits for an answer.'],
    ['ignore', 'Nothing waits for an answer.'],
    ['return', 'The phone is near already.'],
    ['close', 'No session is running.'],
  ])('%s on a phone that has nothing to do', async (action, reason) => {
    await press('register');
    const answer = await press(action);
    expect(answer.status).toBe(409);
    expect(answer.json).toMatchObject({ reason, state: { registered: true, near: true } });
  });

  test('leave twice', async () => {
    await press('register');
    await press('leave');
    clock.advance(1000);
    expect((await press('leave')).status).toBe(409);
  });

  test('register with a link that was never given', async () => {
    expect((await press('register?registration=aaaa')).status).toBe(409);
    expect(simulator.phone('ada').state().registered).toBe(false);
  });
});

test('an unknown person is 404 everywhere, and an unknown action too', async () => {
  for (const action of ['register', 'approve', 'leave']) expect((await press(action, {}, 'nobody')).status).toBe(404);
  for (const path of ['', '/state', '/view']) {
    expect((await send('GET', `${simulator.url}/phone/nobody${path}`, {})).status).toBe(404);
  }
  expect((await press('explode')).status).toBe(404);
  expect((await send('GET', `${simulator.url}/phone/ada/approve`, {})).status).toBe(405);
});

test('a page of another site cannot press the buttons', async () => {
  await press('register');
  await client.startSession('ada');
  const answer = await press('approve', { Origin: 'https://elsewhere.example' });
  expect(answer.status).toBe(403);
  expect((await press('approve', { Origin: 'null' })).status).toBe(403);
  expect(simulator.phone('ada').state().sessionStatus).toBe('pending');
  expect((await press('approve', { Origin: simulator.url })).status).toBe(200);
});

test('no state and no page shows a session’s secret or the application’s', async () => {
  await press('register');
  const session = await client.startSession('ada');
  for (const path of ['', '/state', '/view']) {
    const { text } = await send('GET', `${simulator.url}/phone/ada${path}`, {});
    for (const secret of [session.secret, session.clientId, simulator.appSecret]) expect(text).not.toContain(secret);
  }
});

test('what people typed is text on the page, not code', async () => {
  const userId = `"><img src=x onerror=alert(1)>'&`;
  await client.addUsers(userId);
  await client.get(client.of('device_registration_link', userId, '?display_name=%3Cscript%3Ealert(1)%3C/script%3E'));
  await client.post(client.of('send_registration_sms', userId), {
    phone_number: '+491701234567',
    message: '<b>"Hello"</b>',
  });
  const { text } = await send('GET', `${simulator.url}/phone/${quotePlus(userId)}`, {});
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(text).toContain('&lt;b&gt;&quot;Hello&quot;&lt;/b&gt;');
  for (const code of ['<img', '<script>', '<b>', ' onerror="']) expect(text).not.toContain(code);
});

test('the page allows no code but its own file, is not kept, and cannot be framed', async () => {
  const { headers } = await send('GET', `${simulator.url}/phone/ada`, {});
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
});

test('a browser without script is sent back to the page by the buttons', async () => {
  const answer = await press('register', { Accept: 'text/html,*/*' });
  expect(answer.status).toBe(303);
  expect(answer.headers['location']).toBe('/phone/ada');
  expect(simulator.phone('ada').state().registered).toBe(true);
});

test('a phone in a program’s hand refuses with the page’s own sentence', () => {
  expect(() => simulator.phone('ada').approve()).toThrow('No phone is registered.');
  expect(() => simulator.phone('nobody')).toThrow('knows nobody');
  expect(record(simulator.phone('ada').register())['registered']).toBe(true);
});
