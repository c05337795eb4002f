import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ActiveconnectSimulator, startActiveconnectSimulator } from '../../simulators/activeconnect/simulator.ts';
import { send, VendorClient } from './vendor-client.ts';

let simulator: ActiveconnectSimulator;
let client: VendorClient;

beforeEach(async () => {
  simulator = await startActiveconnectSimulator({ allowFaults: true });
  client = new VendorClient(simulator.url, simulator.appId, simulator.appSecret);
  await client.addUsers('ada');
  simulator.phone('ada').register();
});
afterEach(() => simulator.close());

const ask = () => client.get(client.of('has_registered_mobile_device', 'ada'));

test('the next N calls answer the status asked for, and the one after is well again', async () => {
  simulator.injectFault({ kind: 'status', status: 503, times: 2, retryAfterSeconds: 7 });
  const spoilt = await ask();
  expect(spoilt.status).toBe(503);
  expect(spoilt.headers['retry-after']).toBe('7');
  expect((await ask()).status).toBe(503);
  expect((await ask()).status).toBe(200);
});

test('a fault can wait for one call and leave the others alone', async () => {
  simulator.injectFault({ kind: 'status', status: 500, call: 'authenticate_user' });
  expect((await ask()).status).toBe(200);
  expect((await client.authenticate('ada')).status).toBe(500);
  expect(simulator.phone('ada').state().request).toBeNull();
});

test('a call can be carried out although its answer is spoilt', async () => {
  simulator.injectFault({ kind: 'drop', processed: true, call: 'authenticate_user' });
  await expect(client.authenticate('ada')).rejects.toThrow();
  expect(simulator.phone('ada').state().request).not.toBeNull();
});

test('a hanging call never answers, and ends with the simulator', async () => {
  simulator.injectFault({ kind: 'hang', call: 'authenticate_user', processed: true });
  const hanging = client.authenticate('ada').then(
    () => 'answered',
    () => 'cut off',
  );
  await expect.poll(() => simulator.phone('ada').state().request).not.toBeNull();
  expect((await ask()).status).toBe(200);
  await simulator.close();
  expect(await hanging).toBe('cut off');
  simulator = await startActiveconnectSimulator();
});

test('a delayed call answers late and well', async () => {
  simulator.injectFault({ kind: 'delay', delayMs: 120 });
  const before = performance.now();
  expect((await ask()).status).toBe(200);
  expect(performance.now() - before).toBeGreaterThanOrEqual(110);
});

test('garbage is announced as JSON and is none', async () => {
  simulator.injectFault({ kind: 'garbage' });
  const answer = await ask();
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('application/json');
  expect(() => JSON.parse(answer.text)).toThrow(SyntaxError);
});

describe('older dialects', () => {
  test('booleans as strings', async () => {
    simulator.injectFault({ kind: 'string-booleans', times: 2 });
    expect((await ask()).json).toEqual({ status: 'True', device_registered: 'True' });
    expect((await client.addUsers('grace')).json).toEqual({
      status: 'True',
      users: { created: ['grace'], existing: [] },
    });
  });

  test('the status unwrapped, as the documentation prints it', async () => {
    const session = await client.startSession('ada');
    simulator.injectFault({ kind: 'unwrapped-status' });
    expect((await ask()).json).toEqual({ status: true, device_registered: true });
    expect((await client.status(session)).json).toEqual({ authenticated: false, session_status: 'pending' });
  });

  test.each(['identifying', 'inactive', 'expired', 'banana'])('the session status %s', async (sessionStatus) => {
    const session = await client.startSession('ada');
    simulator.phone('ada').approve();
    simulator.injectFault({ kind: 'session-status', sessionStatus });
    expect(await client.statusOf(session)).toBe(sessionStatus);
    expect(await client.statusOf(session)).toBe('active');
  });
});

describe('over HTTP', () => {
  const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
    send('POST', `${url}/faults`, headers, JSON.stringify(body));

  test('a fault is taken, and all are cleared', async () => {
    expect((await post(simulator.url, { kind: 'status', status: 500, times: 9 })).status).toBe(201);
    expect((await ask()).status).toBe(500);
    expect((await send('DELETE', `${simulator.url}/faults`, {})).status).toBe(200);
    expect((await ask()).status).toBe(200);
  });

  test.each([{ kind: 'explode' }, { kind: 'status' }, { kind: 'status', status: 99 }, { kind: 'hang', extra: 1 }, []])(
    'a malformed fault is 400: %j',
    async (fault) => {
      expect((await post(simulator.url, fault)).status).toBe(400);
    },
  );

  test('a page of another site cannot inject one', async () => {
    expect((await post(simulator.url, { kind: 'hang' }, { Origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await ask()).status).toBe(200);
  });

  test('nothing of it exists unless it was asked for', async () => {
    const plain = await startActiveconnectSimulator();
    try {
      expect((await post(plain.url, { kind: 'hang' })).status).toBe(404);
    } finally {
      await plain.close();
    }
  });
});
