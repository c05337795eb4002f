import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock, type GatewayClock } from '../../gateway/clock.ts';
import { createGateway, type Gateway } from '../../gateway/gateway.ts';
import { MAX_WEBHOOK_BYTES, URGENT_POLL_INTERVAL_MS } from '../../gateway/limits.ts';
import { PRESENCE_ACTION, UNLOCK_ACTION } from '../../gateway/providers/authsignal/calls.ts';
import type { createAuthsignalProvider } from '../../gateway/providers/authsignal/provider.ts';
import type { ProviderWebhook } from '../../gateway/providers/provider.ts';
import { type AuthsignalSimulator, startAuthsignalSimulator } from '../../simulators/authsignal/simulator.ts';
import { signatureHeader } from '../../simulators/authsignal/webhooks.ts';
import { failureOf, providerAt, startRequest, USER } from './authsignal-provider.ts';
import { ACCEPTED_TOKENS, rememberingLogger, START, TestClient } from './gateway-under-test.ts';

const SECRET = 'the-secret-key-of-the-tenant';
const KEY = 'a'.repeat(40);
const signal = AbortSignal.timeout(60_000);

/** Never comes due for a poll: what is heard within a test was pushed, or asked because of a push. */
function clockWithoutPolls(): GatewayClock {
  const clock = createSystemClock();
  return {
    ...clock,
    schedule: (delayMs, task) =>
      delayMs >= URGENT_POLL_INTERVAL_MS / 2 ? () => undefined : clock.schedule(delayMs, task),
  };
}

describe('what is believed', () => {
  const provider = providerAt(
    { url: 'http://127.0.0.1:9/v1', secret: SECRET },
    { webhooks: true, clock: createSystemClock() },
  );
  const webhook = (): ProviderWebhook => {
    if (provider.webhook === undefined) throw new Error('no webhook');
    return provider.webhook;
  };
  const nowS = () => Math.floor(Date.now() / 1_000);
  let serial = 0;
  const event = (overrides: Record<string, unknown> = {}, data: Record<string, unknown> = {}) => {
    serial += 1;
    return JSON.stringify({
      version: 1,
      id: `event-${serial}`,
      source: 'https://authsignal.com',
      time: new Date().toISOString(),
      tenantId: 'tenant',
      type: 'action.verify',
      data: { userId: USER, action: UNLOCK_ACTION, idempotencyKey: KEY, state: 'CHALLENGE_SUCCEEDED', ...data },
      ...overrides,
    });
  };
  const receive = (body: string, signature: string | undefined) =>
    webhook().receive(body, { 'x-signature-v2': signature });
  const signed = (body: string, secrets = [SECRET], seconds = nowS()) =>
    receive(body, signatureHeader(secrets, seconds, body));
  const handleOf = (userId: string, idempotencyKey: string) => ({
    providerId: 'authsignal',
    serialized: JSON.stringify({ v: 1, userId, deviceId: 'd', reason: 'unlock', idempotencyKey, prompt: null }),
  });

  test('an event about one of our actions is a reason to ask about that session, and no answer', async () => {
    const news = await signed(event());
    expect(news).toMatchObject({ answer: null, ageMs: 0 });
    expect(news?.concerns(handleOf(USER, KEY))).toBe(true);
    expect(news?.concerns(handleOf('somebody-else', KEY))).toBe(false);
    expect(news?.concerns(handleOf(USER, 'b'.repeat(40)))).toBe(false);
  });

  test('an event about presence concerns the session it belongs to', async () => {
    const news = await signed(event({}, { action: PRESENCE_ACTION, idempotencyKey: `${KEY}-p29` }));
    expect(news?.concerns(handleOf(USER, KEY))).toBe(true);
  });

  test('the older name of the member is understood', async () => {
    expect(await signed(event({}, { action: undefined, actionCode: UNLOCK_ACTION }))).not.toBeNull();
  });

  test('two signatures are enough when one is right: the tenant is changing its key', async () => {
    expect(await signed(event(), ['the-old-key', SECRET])).not.toBeNull();
  });

  test('a delivery made twice is acknowledged and changes nothing', async () => {
    const body = event();
    expect(await signed(body)).not.toBeNull();
    expect(await signed(body)).toBeNull();
    expect(await signed(body, [SECRET], nowS() - 10)).toBeNull();
  });

  const REFUSED: readonly (readonly [string, (body: string) => string | undefined])[] = [
    ['without a signature', () => undefined],
    ['with an empty signature', () => ''],
    ['with a signature of another form', () => '123'],
    ['with a signature of another version', (body) => signatureHeader([SECRET], nowS(), body).replace('v2=', 'v1=')],
    ['signed with another key', (body) => signatureHeader(['another'], nowS(), body)],
    ['signed for another body', () => signatureHeader([SECRET], nowS(), '{}')],
    ['signed for another time', (body) => signatureHeader([SECRET], nowS(), body).replace(/t=\d+/, `t=${nowS() - 9}`)],
    ['with a time that is none', (body) => signatureHeader([SECRET], nowS(), body).replace(/t=\d+/, 't=now')],
    ['of six minutes ago', (body) => signatureHeader([SECRET], nowS() - 360, body)],
    ['of six minutes from now', (body) => signatureHeader([SECRET], nowS() + 360, body)],
  ];
  test.each(REFUSED)('a delivery %s is refused', async (_how, signature) => {
    const body = event();
    const failure = await failureOf(receive(body, signature(body)));
    expect(failure.code).toBe('PROVIDER_UNAUTHORIZED');
    expect(`${failure.message}${failure.stack}`).not.toContain(SECRET);
    // Nothing was remembered of it: the genuine one still counts.
    expect(await signed(body)).not.toBeNull();
  });

  test.each([
    ['no JSON', 'hello'],
    ['a string', '"hello"'],
    ['no event', '{"hello": 1}'],
    ['an event without an id', '{"type": "action.verify", "data": {}}'],
    ['an order to deliver a code, which would be lost', event({ type: 'sms.created' })],
  ])('a signed body that is %s is not understood', async (_what, body) => {
    expect((await failureOf(signed(body))).code).toBe('PROVIDER_BAD_ANSWER');
  });

  test.each([
    ['about another action', event({}, { action: 'login' })],
    ['about an authenticator', event({ type: 'authenticator.created', data: { userId: USER } })],
    ['in a batch of log events', '{"records": [{"type": "action.log_created", "record": {}}]}'],
  ])('an event %s is acknowledged and changes nothing', async (_what, body) => {
    expect(await signed(body)).toBeNull();
  });

  test('without webhooks in the settings there is no door and no push', () => {
    const silent = providerAt({ url: 'http://127.0.0.1:9/v1', secret: SECRET }, { clock: createSystemClock() });
    expect([silent.webhook, silent.capabilities.push]).toEqual([undefined, false]);
    expect(provider.capabilities.push).toBe(true);
  });
});

describe('a gateway that the tenant calls', () => {
  let simulator: AuthsignalSimulator;
  let provider: ReturnType<typeof createAuthsignalProvider>;
  let gateway: Gateway;
  let client: TestClient;
  let url: string;
  beforeEach(async () => {
    simulator = await startAuthsignalSimulator({ users: [{ userId: USER, methods: ['PUSH'] }] });
    const clock = clockWithoutPolls();
    provider = providerAt(simulator, { webhooks: true, clock });
    gateway = await createGateway({ provider, clock, logger: rememberingLogger(), acceptedTokens: ACCEPTED_TOKENS });
    ({ url } = await gateway.listen({ kind: 'tcp', host: '127.0.0.1', port: 0, tls: null }));
    simulator.setWebhookUrl(`${url.replace('ws:', 'http:')}/webhooks/authsignal`);
    client = await (await TestClient.open(`${url}/v1`)).hello();
    client.send({ ...START, userId: USER });
    await client.next('session.state', ({ status }) => status === 'pending');
  });
  afterEach(async () => {
    // With this clock nobody is cut off after a grace, so the farewell is waited for.
    const gone = once(client.socket, 'close');
    client.socket.close();
    await gone;
    await gateway.close();
    provider.close();
    await simulator.close();
  });

  test('opens the workstation when the person approves, without waiting for a poll', async () => {
    await simulator.phone(USER).approve();
    const state = await client.next('session.state', ({ status }) => status === 'active');
    expect(state.validForMs).toBeGreaterThan(0);
  });

  test('does not open when the announcement is genuine but the state never changes', async () => {
    const { idempotencyKey } = simulator.phone(USER).state().request ?? {};
    const data = { userId: USER, action: UNLOCK_ACTION, idempotencyKey, state: 'CHALLENGE_SUCCEEDED' };
    expect(await simulator.sendWebhook({ data })).toBe(204);
    await simulator.phone(USER).deny();
    expect(await simulator.sendWebhook({ data })).toBe(204);
    const { status } = await client.next('session.state');
    expect(status).toBe('failed');
  });

  test.each([
    ['wrong', 401],
    ['stale', 401],
    ['ahead', 401],
    ['absent', 401],
    ['two-keys', 204],
    ['right', 204],
  ] as const)('answers a delivery with a %s signature with %i', async (signature, status) => {
    const data = { userId: USER, action: UNLOCK_ACTION, idempotencyKey: KEY };
    expect(await simulator.sendWebhook({ data, signature })).toBe(status);
  });

  test('answers what it cannot take with 400 and 413', async () => {
    expect(await simulator.sendWebhook({ rawBody: 'hello' })).toBe(400);
    expect(await simulator.sendWebhook({ rawBody: 'x'.repeat(MAX_WEBHOOK_BYTES + 1) })).toBe(413);
  });

  test('a session that is called off is not opened by a late approval', async () => {
    const request = startRequest();
    const { handle } = await provider.startSession(request, signal);
    await provider.endSession(handle, signal);
    const late = { userId: USER, action: UNLOCK_ACTION, idempotencyKey: request.idempotencyKey };
    expect(await simulator.sendWebhook({ data: late })).toBe(204);
    expect((await provider.pollSession(handle, signal)).status).toBe('failed');
  });
});
