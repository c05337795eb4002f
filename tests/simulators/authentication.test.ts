import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ActiveconnectSimulator, startActiveconnectSimulator } from '../../simulators/activeconnect/simulator.ts';
import { HandMovedClock } from './hand-moved-clock.ts';
import { record, VendorClient } from './vendor-client.ts';

let clock: HandMovedClock;
let simulator: ActiveconnectSimulator;
let client: VendorClient;

beforeEach(async () => {
  clock = new HandMovedClock();
  simulator = await startActiveconnectSimulator({ clock, walkawayMs: 10_000, closeMs: 300_000, pendingMs: 60_000 });
  client = new VendorClient(simulator.url, simulator.appId, simulator.appSecret, () => clock.wallMs());
  await client.addUsers('ada');
});
afterEach(() => simulator.close());

async function approvedSession(query = '') {
  if (!simulator.phone('ada').state().registered) simulator.phone('ada').register();
  const session = await client.startSession('ada', query);
  simulator.phone('ada').approve();
  return session;
}

describe('starting a session', () => {
  test('is 202 with everything a client needs to follow it', async () => {
    simulator.phone('ada').register();
    const answer = await client.authenticate('ada', '?methods=acceptance,facial&duration_seconds=120');
    expect(answer.status).toBe(202);
    expect(answer.json).toEqual({
      authentication_status: {
        authenticated: true,
        session_status: 'pending',
        reason: '',
        status_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/authentication\//),
        logout_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/authentication\//),
        session_token: expect.stringMatching(/^\w{16,}$/),
        session_secret: expect.stringMatching(/^\w{32,}$/),
      },
    });
    expect(simulator.phone('ada').state().request).toMatchObject({
      methods: ['acceptance', 'facial'],
      durationSeconds: 120,
    });
  });

  test('is 200 and says why where there is no phone', async () => {
    const answer = await client.authenticate('ada');
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ authentication_status: { authenticated: false, reason: 'NO_MOBILE_DEVICE' } });
  });

  test.each([
    ['?methods=acceptance,telepathy', 'UNSUPPORTED_METHOD'],
    ['?duration_seconds=0', 'INVALID_DURATION'],
    ['?duration_seconds=-1', 'INVALID_DURATION'],
    ['?duration_seconds=86401', 'INVALID_DURATION'],
    ['?duration_seconds=1.5', 'INVALID_DURATION'],
  ])('is 200 and says why for %s', async (query, reason) => {
    simulator.phone('ada').register();
    const answer = await client.authenticate('ada', query);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ authentication_status: { authenticated: false, reason } });
  });

  test.each(['', '?methods=', '?methods=device', '?methods=acceptance%2Cdevice%2Cfacial'])(
    'takes the query "%s"',
    async (query) => {
      simulator.phone('ada').register();
      expect((await client.authenticate('ada', query)).status).toBe(202);
    },
  );

  test('takes an empty body too', async () => {
    simulator.phone('ada').register();
    const path = `/authentication/authenticate_user/${simulator.appId}/ada`;
    expect((await client.post(path, undefined, { body: '' })).status).toBe(202);
  });

  test('is refused where the person has sixteen open ones', async () => {
    simulator.phone('ada').register();
    for (let open = 0; open < 16; open += 1) await client.startSession('ada');
    const answer = await client.authenticate('ada');
    expect(answer.json).toEqual({ authentication_status: { authenticated: false, reason: 'TOO_MANY_SESSIONS' } });
  });
});

describe('the phone decides', () => {
  test('pending until approved, then active', async () => {
    simulator.phone('ada').register();
    const session = await client.startSession('ada');
    const waiting = await client.status(session);
    expect(waiting.json).toEqual({ authentication_status: { authenticated: false, session_status: 'pending' } });
    simulator.phone('ada').approve();
    const approved = await client.status(session);
    expect(approved.status).toBe(200);
    expect(approved.json).toEqual({ authentication_status: { authenticated: true, session_status: 'active' } });
  });

  test('denied is cancelled', async () => {
    simulator.phone('ada').register();
    const session = await client.startSession('ada');
    simulator.phone('ada').deny();
    expect(await client.statusOf(session)).toBe('cancelled');
  });

  test('ignored stays pending, and times out like a request nobody saw', async () => {
    simulator.phone('ada').register();
    const session = await client.startSession('ada');
    simulator.phone('ada').ignore();
    clock.advance(59_999);
    expect(await client.statusOf(session)).toBe('pending');
    clock.advance(1);
    expect(await client.statusOf(session)).toBe('timeout');
  });

  test('an approval after the time-out comes too late', async () => {
    simulator.phone('ada').register();
    const session = await client.startSession('ada');
    clock.advance(60_000);
    expect(() => simulator.phone('ada').approve()).toThrow('Nothing waits for an answer.');
    expect(await client.statusOf(session)).toBe('timeout');
  });

  test('the newest of several requests is the one that is answered', async () => {
    simulator.phone('ada').register();
    const older = await client.startSession('ada');
    const newer = await client.startSession('ada');
    expect(simulator.phone('ada').state().request?.waiting).toBe(2);
    simulator.phone('ada').approve();
    expect(await client.statusOf(older)).toBe('pending');
    expect(await client.statusOf(newer)).toBe('active');
    simulator.phone('ada').deny();
    expect(await client.statusOf(older)).toBe('cancelled');
    expect(await client.statusOf(newer)).toBe('active');
  });
});

describe('presence', () => {
  test('a near phone keeps a session active for as long as the session may last', async () => {
    const session = await approvedSession();
    clock.advance(3_599_999);
    expect(await client.statusOf(session)).toBe('active');
    clock.advance(1);
    expect(await client.statusOf(session)).toBe('closed');
  });

  test('an absent phone makes it walkaway past the walkaway limit, and closed for good past the close limit', async () => {
    const session = await approvedSession();
    simulator.phone('ada').leave();
    clock.advance(10_000);
    expect(await client.statusOf(session)).toBe('active');
    clock.advance(1);
    const away = await client.status(session);
    expect(away.json).toEqual({ authentication_status: { authenticated: false, session_status: 'walkaway' } });
    clock.advance(289_999);
    expect(await client.statusOf(session)).toBe('walkaway');
    clock.advance(1);
    expect(await client.statusOf(session)).toBe('closed');
    simulator.phone('ada').return();
    expect(await client.statusOf(session)).toBe('closed');
  });

  test('a phone that returns makes a walkaway active again', async () => {
    const session = await approvedSession();
    simulator.phone('ada').leave();
    clock.advance(20_000);
    expect(await client.statusOf(session)).toBe('walkaway');
    simulator.phone('ada').return();
    expect(await client.statusOf(session)).toBe('active');
    clock.advance(600_000);
    expect(await client.statusOf(session)).toBe('active');
  });

  test('a return after the close limit is too late even if nobody asked in between', async () => {
    const session = await approvedSession();
    simulator.phone('ada').leave();
    clock.advance(300_001);
    simulator.phone('ada').return();
    expect(await client.statusOf(session)).toBe('closed');
  });

  test('the duration asked for counts from the approval', async () => {
    simulator.phone('ada').register();
    const session = await client.startSession('ada', '?duration_seconds=30');
    clock.advance(25_000);
    simulator.phone('ada').approve();
    clock.advance(29_999);
    expect(await client.statusOf(session)).toBe('active');
    clock.advance(1);
    expect(await client.statusOf(session)).toBe('closed');
    expect(simulator.phone('ada').state().ended?.cause).toBe('time-used-up');
  });

  test('the phone can close the session', async () => {
    const session = await approvedSession();
    simulator.phone('ada').close();
    expect(await client.statusOf(session)).toBe('closed');
  });
});

describe('logging out', () => {
  test('closes the session, and again does no harm', async () => {
    const session = await approvedSession();
    const answer = await client.logout(session);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ status: true });
    expect(await client.statusOf(session)).toBe('closed');
    expect((await client.logout(session)).json).toEqual({ status: true });
  });

  test('of a request withdraws it from the phone', async () => {
    simulator.phone('ada').register();
    const session = await client.startSession('ada');
    await client.logout(session);
    expect(simulator.phone('ada').state().request).toBeNull();
    expect(await client.statusOf(session)).toBe('closed');
  });

  test('of a session that was denied does not rewrite how it ended', async () => {
    simulator.phone('ada').register();
    const session = await client.startSession('ada');
    simulator.phone('ada').deny();
    await client.logout(session);
    expect(await client.statusOf(session)).toBe('cancelled');
  });
});

test('a deleted person’s session ends, and whoever watches it sees that', async () => {
  const session = await approvedSession();
  await client.post(`/management/delete_users/${simulator.appId}`, { users: ['ada'] });
  expect(await client.statusOf(session)).toBe('closed');
});

test('a session nobody knows is 404', async () => {
  const session = await approvedSession();
  const statusUrl = session.statusUrl.replace(/\w{8}$/, '00000000');
  expect((await client.status({ ...session, statusUrl })).status).toBe(404);
});

test('a service started with the people of a former run goes on where that one ended', async () => {
  simulator.phone('ada').register();
  const again = await startActiveconnectSimulator({ users: simulator.knownUsers() });
  try {
    const later = new VendorClient(again.url, again.appId, again.appSecret);
    expect(record((await later.get(later.of('has_registered_mobile_device', 'ada'))).json)['device_registered']).toBe(
      true,
    );
  } finally {
    await again.close();
  }
});
