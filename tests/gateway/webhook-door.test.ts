import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MAX_WEBHOOK_BYTES } from '../../gateway/limits.ts';
import { ProviderError, type ProviderWebhook, type WebhookNews } from '../../gateway/providers/provider.ts';
import { FakeGatewayClock } from './fake-gateway-clock.ts';
import { FakeProvider } from './fake-provider.ts';
import { type GatewayUnderTest, START, startGateway, type TestClient, WAIT_MS } from './gateway-under-test.ts';

const LEASE_MS = 15_000;
const PATH = '/webhooks/fake';

/** A service that calls, and says what a test wants. */
class CallingProvider extends FakeProvider {
  says: () => WebhookNews | null = () => null;
  readonly bodies: string[] = [];
  readonly webhook: ProviderWebhook = {
    path: PATH,
    receive: async (rawBody) => {
      this.bodies.push(rawBody);
      return this.says();
    },
  };
}

let clock: FakeGatewayClock;
let provider: CallingProvider;
let running: GatewayUnderTest;
let sessionId: string;
beforeEach(async () => {
  clock = new FakeGatewayClock();
  provider = new CallingProvider();
  running = await startGateway({ provider, clock, leaseMs: LEASE_MS, random: () => 0 });
});
afterEach(async () => {
  const closing = running.close();
  await clock.advance(10_000);
  await closing;
});

function call(body: string, options: { method?: string; path?: string; claimedLength?: number } = {}) {
  const { method = 'POST', path = PATH, claimedLength } = options;
  return new Promise<{ status: number; allow: string | undefined; body: string }>((resolve, reject) => {
    const headers = claimedLength === undefined ? {} : { 'Content-Length': String(claimedLength) };
    const asked = request({ socketPath: running.socketPath, path, method, headers, timeout: WAIT_MS }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += String(chunk);
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, allow: response.headers.allow, body: text });
        asked.destroy();
      });
    });
    asked.on('error', reject);
    if (claimedLength === undefined) asked.end(body);
    else asked.write(body);
  });
}

async function metricOf(outcome: string): Promise<number> {
  const { body } = await call('', { method: 'GET', path: '/metrics' });
  const line = body
    .split('\n')
    .find((each) => each.startsWith(`presence_gateway_webhooks_total{outcome="${outcome}"}`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

const news = (answer: WebhookNews['answer'], ageMs = 0): WebhookNews => ({ answer, ageMs, concerns: () => true });

async function started(): Promise<TestClient> {
  const client = await (await running.connect()).hello();
  client.send(START);
  const state = await client.next('session.state', ({ status }) => status === 'pending');
  sessionId = state.sessionId;
  expect(state.seq).toBe(1);
  return client;
}

/** What the gateway tells when asked; `seq` says how much it has told so far. */
async function told(client: TestClient) {
  client.send({ v: 1, type: 'session.poll', sessionId, seq: 0 });
  return client.next('session.state');
}

describe('the door for webhooks', () => {
  test('takes no notice of who breaks off in the middle, beyond a line of information', async () => {
    const asked = request({
      socketPath: running.socketPath,
      path: PATH,
      method: 'POST',
      headers: { 'Content-Length': '50' },
    });
    asked.on('error', () => undefined);
    asked.write('{"half":');
    asked.once('socket', (socket) => socket.once('connect', () => setImmediate(() => socket.destroy())));
    await vi.waitFor(() => expect(running.logger.lines.join()).toContain('an HTTP request failed'), WAIT_MS);
    expect(running.logger.lines.join()).not.toContain('"level":"error"');
    expect(provider.bodies).toEqual([]);
  });

  test('acknowledges with 204 and an empty body, and hands on the body as it came', async () => {
    expect(await call('{"ä": 1}')).toEqual({ status: 204, allow: undefined, body: '' });
    expect(provider.bodies).toEqual(['{"ä": 1}']);
    expect(await metricOf('nothing-new')).toBe(1);
  });

  test.each([
    ['PROVIDER_UNAUTHORIZED', 401, 'unsigned'],
    ['PROVIDER_BAD_ANSWER', 400, 'malformed'],
  ] as const)('answers %s with %i and not a word why', async (code, status, outcome) => {
    provider.says = () => {
      throw new ProviderError(code, 'for the log only');
    };
    expect(await call('{}')).toMatchObject({ status, body: '' });
    expect(await metricOf(outcome)).toBe(1);
    expect(running.logger.lines.join('\n')).not.toContain('for the log only');
  });

  test('a fault of its own is 500, so that the service delivers again', async () => {
    provider.says = () => {
      throw new TypeError('a bug');
    };
    expect((await call('{}')).status).toBe(500);
  });

  test('takes only POST', async () => {
    expect(await call('', { method: 'GET' })).toMatchObject({ status: 405, allow: 'POST' });
    expect((await call('{}', { method: 'PUT' })).status).toBe(405);
  });

  test.each([
    ['by its own claim', { claimedLength: MAX_WEBHOOK_BYTES + 1 }, '{'],
    ['without a claim', {}, 'x'.repeat(MAX_WEBHOOK_BYTES + 1)],
  ])('a body that is too large %s is 413 and reaches nobody', async (_how, options, body) => {
    expect((await call(body, options)).status).toBe(413);
    expect(provider.bodies).toEqual([]);
    expect(await metricOf('too-large')).toBe(1);
  });

  test('is not there where the service never calls', async () => {
    const plain = await startGateway();
    const [was, socketPath] = [running, plain.socketPath];
    running = { ...was, socketPath };
    expect((await call('{}')).status).toBe(404);
    running = was;
    await plain.close();
  });
});

describe('what the service says by itself', () => {
  test('reaches the workstation at once, without a poll', async () => {
    const client = await started();
    provider.says = () => news({ status: 'active' });
    await call('{}');
    expect(await client.next('session.state')).toMatchObject({ status: 'active', validForMs: LEASE_MS });
    expect(provider.polls).toBe(0);
    expect(await metricOf('accepted')).toBe(1);
  });

  test('its age shortens the lease', async () => {
    const client = await started();
    await clock.advance(500);
    provider.says = () => news({ status: 'active' }, 400);
    await call('{}');
    expect(await client.next('session.state')).toMatchObject({ status: 'active', validForMs: LEASE_MS - 400 });
  });

  test('old news undoes nothing newer (S6): the service is asked instead', async () => {
    const client = await started();
    provider.onPoll = () => ({ status: 'walkaway' });
    await clock.advance(1_000);
    await client.next('session.state', ({ status }) => status === 'walkaway');
    const { polls } = provider;
    provider.says = () => news({ status: 'active' }, 60_000);
    await call('{}');
    await clock.advance(300);
    expect(provider.polls).toBe(polls + 1);
    expect(await told(client)).toMatchObject({ status: 'walkaway', seq: 3 });
  });

  test('about another session changes nothing', async () => {
    const client = await started();
    provider.says = () => ({ ...news({ status: 'active' }), concerns: (handle) => handle.serialized === 'handle-2' });
    await call('{}');
    await clock.advance(300);
    expect(provider.polls).toBe(0);
    expect(await told(client)).toMatchObject({ status: 'pending', seq: 2 });
  });

  test('that something happens makes it ask at once, and once more a moment later', async () => {
    const client = await started();
    await clock.advance(300);
    provider.says = () => news(null);
    await call('{}');
    await clock.advance(0);
    expect(provider.polls).toBe(1);
    provider.onPoll = () => ({ status: 'active' });
    await clock.advance(400);
    expect(await client.next('session.state')).toMatchObject({ status: 'active' });
    expect(provider.polls).toBe(2);
  });

  test('a flood of it does not become a flood of questions', async () => {
    await started();
    provider.says = () => news(null);
    for (let delivery = 0; delivery < 20; delivery += 1) {
      await call('{}');
      await clock.advance(10);
    }
    expect(provider.polls).toBeLessThanOrEqual(1);
  });

  test('the end of a session is told at once, and nothing it says later opens it again', async () => {
    const client = await started();
    provider.says = () => news({ status: 'closed', reason: 'BLOCK' });
    await call('{}');
    expect(await client.next('session.state')).toMatchObject({ status: 'closed', reason: 'BLOCK', validForMs: 0 });
    provider.says = () => news({ status: 'active' });
    await call('{}');
    await clock.advance(2_000);
    expect(await told(client)).toMatchObject({ status: 'closed', seq: 3 });
  });
});
