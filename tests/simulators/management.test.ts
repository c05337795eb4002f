import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ActiveconnectSimulator, startActiveconnectSimulator } from '../../simulators/activeconnect/simulator.ts';
import { quotePlus, record, VendorClient } from './vendor-client.ts';

/** A user id that every careless encoder gets wrong somewhere. */
const AWKWARD = 'Ada Lovelace+1@host/a?b=ö&c%20';
let simulator: ActiveconnectSimulator;
let client: VendorClient;

beforeEach(async () => {
  simulator = await startActiveconnectSimulator();
  client = new VendorClient(simulator.url, simulator.appId, simulator.appSecret);
});
afterEach(() => simulator.close());

async function registerUrl(path: string): Promise<URL> {
  const answer = await client.get(path);
  expect(answer.status).toBe(200);
  const { status, register_url: url } = record(answer.json);
  expect(status).toBe(true);
  return new URL(String(url));
}

describe('adding and deleting people', () => {
  test('answers 201 and who is new and who is not', async () => {
    const first = await client.addUsers('ada', AWKWARD);
    expect(first.status).toBe(201);
    expect(first.json).toEqual({ status: true, users: { created: ['ada', AWKWARD], existing: [] } });
    const second = await client.addUsers('ada', 'grace');
    expect(second.status).toBe(201);
    expect(second.json).toEqual({ status: true, users: { created: ['grace'], existing: ['ada'] } });
  });

  test.each([
    ['no list', {}],
    ['an empty list', { users: [] }],
    ['a number as a user id', { users: [7] }],
    ['an empty user id', { users: [''] }],
    ['a control character in a user id', { users: ['a\u0000b'] }],
  ])('answers 200 and a false status to %s', async (_, body) => {
    const answer = await client.post(`/management/add_users/${simulator.appId}`, body);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ status: false, reason: 'INVALID_USERS' });
  });

  test('deletes, and knows the deleted person no longer', async () => {
    await client.addUsers('ada', AWKWARD);
    const deleted = await client.post(`/management/delete_users/${simulator.appId}`, { users: [AWKWARD, 'nobody'] });
    expect(deleted.status).toBe(200);
    expect(deleted.json).toEqual({ status: true });
    expect((await client.get(client.of('has_registered_mobile_device', AWKWARD))).status).toBe(404);
    expect((await client.get(client.of('has_registered_mobile_device', 'ada'))).status).toBe(200);
    expect((await client.post(`/management/delete_users/${simulator.appId}`, { users: [AWKWARD] })).status).toBe(404);
  });

  test('refuses a body that is not JSON, and one that is too large', async () => {
    const path = `/management/add_users/${simulator.appId}`;
    expect((await client.post(path, undefined, { body: '{"users":[' })).status).toBe(400);
    const large = await client.post(path, { users: ['x'.repeat(70_000)] });
    expect(large.status).toBe(413);
    expect(large.headers['connection']).toBe('close');
  });
});

describe('registration', () => {
  test('the link leads to the page of that person’s phone and registers it once', async () => {
    await client.addUsers(AWKWARD);
    const link = await registerUrl(client.of('device_registration_link', AWKWARD, '?display_name=Ada+%3CL%3E'));
    expect(link.pathname).toBe(`/phone/${quotePlus(AWKWARD)}`);
    expect(link.searchParams.get('registration')).toMatch(/^[\w-]{32}$/);
    expect(simulator.phone(AWKWARD).state().displayName).toBe('Ada <L>');
    expect((await client.get(client.of('has_registered_mobile_device', AWKWARD))).json).toEqual({
      status: true,
      device_registered: false,
    });

    const register = `${link.origin}${link.pathname}/register${link.search}`;
    expect((await fetch(register, { method: 'POST' })).status).toBe(200);
    expect((await client.get(client.of('has_registered_mobile_device', AWKWARD))).json).toEqual({
      status: true,
      device_registered: true,
    });
    expect((await fetch(register, { method: 'POST' })).status).toBe(409);
  });

  test('a new link replaces a registered phone and ends its sessions', async () => {
    await client.addUsers('ada');
    simulator.phone('ada').register();
    const running = await client.startSession('ada');
    simulator.phone('ada').approve();
    const waiting = await client.startSession('ada');
    const link = await registerUrl(client.of('device_registration_link', 'ada'));
    const answer = await fetch(`${link.origin}/phone/ada/register${link.search}`, { method: 'POST' });
    expect(answer.status).toBe(200);
    expect(await client.statusOf(running)).toBe('closed');
    expect(await client.statusOf(waiting)).toBe('failed');
  });

  test('a lost phone is disabled at once, its sessions end, and older links stop working', async () => {
    await client.addUsers('ada');
    const older = await registerUrl(client.of('device_registration_link', 'ada'));
    simulator.phone('ada').register();
    const session = await client.startSession('ada');
    simulator.phone('ada').approve();
    const newer = await registerUrl(client.of('lost_user_mobile_device', 'ada'));
    expect(await client.statusOf(session)).toBe('closed');
    expect((await client.get(client.of('has_registered_mobile_device', 'ada'))).json).toEqual({
      status: true,
      device_registered: false,
    });
    expect((await fetch(`${older.origin}/phone/ada/register${older.search}`, { method: 'POST' })).status).toBe(409);
    expect((await fetch(`${newer.origin}/phone/ada/register${newer.search}`, { method: 'POST' })).status).toBe(200);
  });

  test('an SMS carries the words and a link that registers', async () => {
    await client.addUsers('ada');
    const answer = await client.post(client.of('send_registration_sms', 'ada'), {
      phone_number: '+491701234567',
      display_name: 'Ada',
      message: 'Hello Ada,',
    });
    expect(answer.json).toEqual({ status: true });
    const sms = simulator.phone('ada').lastSms();
    expect(sms?.phoneNumber).toBe('+491701234567');
    expect(sms?.text).toMatch(/^Hello Ada, http:/);
    const link = new URL(sms?.text.split(' ').at(-1) ?? '');
    expect((await fetch(`${link.origin}/phone/ada/register${link.search}`, { method: 'POST' })).status).toBe(200);
  });

  test.each(['0170 1234567', '+0491701234', '491701234567', '+49', '+4917012345678901'])(
    'no SMS goes to %s',
    async (number) => {
      await client.addUsers('ada');
      const answer = await client.post(client.of('send_registration_sms', 'ada'), { phone_number: number });
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({ status: false, reason: 'INVALID_PHONE_NUMBER' });
      expect(simulator.phone('ada').lastSms()).toBeUndefined();
    },
  );
});

describe('what is not there', () => {
  test.each(['device_registration_link', 'has_registered_mobile_device', 'lost_user_mobile_device'])(
    '%s of an unknown person is 404',
    async (call) => {
      const answer = await client.get(client.of(call, 'nobody'));
      expect(answer.status).toBe(404);
      expect(answer.json).toEqual({ status: false, reason: 'UNKNOWN_USER' });
    },
  );

  test('an SMS to, and a session for, an unknown person is 404', async () => {
    expect(
      (await client.post(client.of('send_registration_sms', 'nobody'), { phone_number: '+491701234567' })).status,
    ).toBe(404);
    expect((await client.authenticate('nobody')).status).toBe(404);
  });

  test('a user id that is not UTF-8 is 404', async () => {
    expect((await client.get(`/management/has_registered_mobile_device/${simulator.appId}/%ff`)).status).toBe(404);
  });

  test('an unknown application is 404 in every call that names one', async () => {
    const stranger = new VendorClient(simulator.url, 'unknown', simulator.appSecret);
    await client.addUsers('ada');
    const answers = [
      await stranger.addUsers('ada'),
      await stranger.post('/management/delete_users/unknown', { users: ['ada'] }),
      await stranger.get(stranger.of('device_registration_link', 'ada')),
      await stranger.post(stranger.of('send_registration_sms', 'ada'), { phone_number: '+491701234567' }),
      await stranger.get(stranger.of('has_registered_mobile_device', 'ada')),
      await stranger.get(stranger.of('lost_user_mobile_device', 'ada')),
      await stranger.authenticate('ada'),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
  });

  test('another method is 405 and names the right one', async () => {
    const answer = await client.get(`/management/add_users/${simulator.appId}`);
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('POST');
  });

  test('a path with a slash at its end is 404', async () => {
    expect((await client.post(`/management/add_users/${simulator.appId}/`, { users: ['ada'] })).status).toBe(404);
  });
});
