import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSystemClock } from '../../../gateway/clock.ts';
import { createTwoFactorProvider } from '../../../gateway/providers/wcd-2factor/provider.ts';
import { FakeGatewayClock } from '../fake-gateway-clock.ts';
import { START, startGateway, type TestClient } from '../gateway-under-test.ts';
import { AuthenticatorApp } from './authenticator-app.ts';
import { MethodsUnderTest, SERVICE_TOKEN } from './methods-under-test.ts';

const USER = START.userId;
const REQUEST = { v: 1, userId: USER } as const;
let clock: FakeGatewayClock;
let host: MethodsUnderTest;
let provider: ReturnType<typeof createTwoFactorProvider>;
let running: Awaited<ReturnType<typeof startGateway>>;
let client: TestClient;
beforeEach(async () => {
  clock = new FakeGatewayClock();
  host = await MethodsUnderTest.start({ clock });
  provider = createTwoFactorProvider({
    baseUrl: host.url,
    token: SERVICE_TOKEN,
    header: { template: 'Bearer {token}:{userId}' },
    simulated: false,
    clock: createSystemClock(),
  });
  running = await startGateway({ provider });
  client = await (await running.connect()).hello();
});
afterEach(async () => {
  await running.close();
  provider.close();
  await host.close();
});

/** As a person does it at the workstation: a form, a link to scan, a code to type. */
async function setUpAtTheWorkstation(): Promise<AuthenticatorApp> {
  client.send({ ...REQUEST, type: 'methods.list', requestId: 'list-1' });
  const { methods } = await client.next('methods.state');
  const totp = methods.find(({ key }) => key === 'totp');
  const settings = { label: 'phone', algorithm: 'SHA1', digits: '6' };
  const create = { ...REQUEST, type: 'methods.create', requestId: 'create-1' };
  client.send({ ...create, methodId: totp?.id, settings, isDefault: true });
  const { toConfirm, setUpLink } = await client.next('methods.state');
  const app = new AuthenticatorApp(setUpLink ?? '', () => clock.wallMs());
  const confirm = { ...REQUEST, type: 'methods.confirm', requestId: 'confirm-1', data: app.fresh() };
  client.send({ ...confirm, configId: toConfirm?.configId, confirmationId: toConfirm?.confirmationId });
  expect((await client.next('methods.state')).configs).toMatchObject([{ isAvailable: true, isDefault: true }]);
  return app;
}

test('a person sets an app up at the workstation and is let in with its code, too many wrong ones make them wait', async () => {
  const app = await setUpAtTheWorkstation();
  client.send(START);
  const { sessionId, prompt } = await client.next('session.state');
  expect(prompt).toEqual({ kind: 'code', label: 'Code for phone' });
  const type = (data: string) => client.send({ v: 1, type: 'session.answer', sessionId, data });
  for (let wrong = 0; wrong < 3; wrong += 1) {
    type('000');
    expect((await client.next('error')).code).toBe('CODE_WRONG');
  }
  type(app.fresh());
  expect(await client.next('error')).toMatchObject({ code: 'PROVIDER_RATE_LIMITED', retryable: true });
  clock.sleep(30_000);
  type(app.fresh());
  await client.next('session.state', ({ status }) => status === 'active');
  const secret = /secret=(\w+)/.exec(app.link)?.[1] ?? app.link;
  for (const text of [secret, SERVICE_TOKEN]) expect(running.logger.lines.join()).not.toContain(text);
});
