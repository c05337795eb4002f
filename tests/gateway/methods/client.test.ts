import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../../gateway/clock.ts';
import { TwoFactorClient } from '../../../gateway/providers/wcd-2factor/client.ts';
import { createTwoFactorProvider } from '../../../gateway/providers/wcd-2factor/provider.ts';
import { TwoFactorRefusal } from '../../../gateway/providers/wcd-2factor/refusal.ts';
import { AuthenticatorApp } from './authenticator-app.ts';
import { MethodsUnderTest, SERVICE_TOKEN, tokenOf } from './methods-under-test.ts';

const signal = AbortSignal.timeout(60_000);
let host: MethodsUnderTest;
let client: TwoFactorClient;
const opened: { close(): void }[] = [];
beforeEach(async () => {
  host = await MethodsUnderTest.start();
  client = new TwoFactorClient(accountAt(host.url));
  opened.push(client);
});
afterEach(async () => {
  for (const each of opened.splice(0)) each.close();
  await host.close();
});

function accountAt(baseUrl: string) {
  return { baseUrl, token: tokenOf('ada'), timeoutMs: 5_000, simulated: true, clock: createSystemClock() };
}

async function withApp(): Promise<{ id: string | number; app: AuthenticatorApp }> {
  const [totp] = await client.listActiveMethods();
  if (totp === undefined) throw new Error('no method');
  const wanted = { method_config_id: totp.id, config: { label: 'phone' }, is_active: true, is_default: true };
  const { item, confirmationId, setUpLink } = await client.createConfig(wanted);
  const app = new AuthenticatorApp(setUpLink ?? '', () => host.clock.wallMs());
  const request = { id: item.id, confirmation_id: confirmationId ?? '', data: { code: app.fresh() } };
  await client.confirmConfig(request);
  return { id: item.id, app };
}

describe('our own client', () => {
  test('sets up, asks, confirms, changes and removes', async () => {
    const { id, app } = await withApp();
    expect(await client.listOwnConfigs()).toMatchObject([{ id, title: 'phone', is_available: true }]);
    const asked = await client.requestConfirmation({ user_config_id: id, data: {} });
    const wrong = client.confirmConfirmation({ id: asked.id, data: { code: 'wrong' } });
    await expect(wrong).rejects.toBeInstanceOf(TwoFactorRefusal);
    await client.confirmConfirmation({ id: asked.id, data: { code: app.fresh() } });
    expect(await client.checkConfirmation(asked.id)).toMatchObject({ status: '085-confirmed', is_available: true });
    await client.updateConfig(id, { config: { label: 'phone' }, is_active: false, is_default: false });
    expect(await client.checkConfirmation(asked.id)).toMatchObject({ is_available: false });
    await client.deleteConfig(id);
    expect(await client.checkConfirmation(asked.id)).toMatchObject({ id: null });
  });

  test('shows a form for what a method asks, made of the schema that is sent', async () => {
    const provider = createTwoFactorProvider(accountAt(host.url));
    opened.push(provider);
    const { methods } = (await provider.enrollment.methods?.list('ada', signal)) ?? { methods: [] };
    expect(methods.map(({ key, form }) => [key, form === null])).toEqual([
      ['totp', false],
      ['recovery_code', false],
    ]);
    expect(methods[0]?.form).toMatchObject([{ label: 'Name' }, { label: 'Algorithm' }, { label: 'Digits' }]);
  });
});

test('a session of our own provider lives on after the service was restarted, and ends with its permit', async () => {
  const { app } = await withApp();
  const provider = () => {
    const account = { ...accountAt(host.url), token: SERVICE_TOKEN, header: { template: 'Bearer {token}:{userId}' } };
    const made = createTwoFactorProvider(account);
    opened.push(made);
    return made;
  };
  const before = provider();
  const start = {
    userId: 'ada',
    methods: [],
    durationSeconds: 3_600,
    idempotencyKey: 'key',
    deviceId: 'desk',
    reason: 'unlock',
  } as const;
  const { handle } = await before.startSession(start, signal);
  expect(await before.answerSession?.(handle, app.fresh(), signal)).toMatchObject({ status: 'active' });
  await host.restart();
  const after = provider();
  expect(await after.pollSession(handle, signal)).toMatchObject({ status: 'active' });
  host.service.confirmations.use('ada', idOf(handle.serialized));
  expect(await after.pollSession(handle, signal)).toMatchObject({ status: 'closed' });
});

function idOf(serialized: string): string {
  return /"confirmationId":"([^"]+)"/.exec(serialized)?.[1] ?? '';
}
