import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TwoFactorRefusal } from '../../gateway/providers/wcd-2factor/refusal.ts';
import { codeOf, TwoFactorWorld, thrownBy } from './wcd-2factor-under-test.ts';

let world: TwoFactorWorld;
beforeEach(async () => {
  world = await TwoFactorWorld.start();
});
afterEach(() => world.close());

async function methodId(key: string) {
  const found = (await world.client().listActiveMethods()).find((each) => each.method === key);
  if (found === undefined) throw new Error(`no method ${key}`);
  return found.id;
}

async function refusalOf(call: Promise<unknown>): Promise<{ fields: readonly string[]; codes: readonly string[] }> {
  const thrown = await thrownBy(call);
  if (!(thrown instanceof TwoFactorRefusal)) throw new Error(`not a refusal: ${String(thrown)}`);
  return { fields: thrown.fields, codes: thrown.codes };
}

const DUMMY = { config: { code: 'some' }, is_active: true, is_default: true };

describe('a client of a 2factor server', () => {
  test('lists active methods, and only those', async () => {
    world.simulator.setMethodActive('sms', false);
    const methods = await world.client().listActiveMethods();
    expect(methods.map((each) => each.method)).toEqual(['dummy', 'email', 'push']);
    expect(methods[0]).toEqual({ id: 1, title: 'Your own code', method: 'dummy', is_default: true });
  });

  test('takes a config from its creation over its confirmation and change to its end', async () => {
    const client = world.client();
    expect(await client.listOwnConfigs()).toEqual([]);
    const created = await client.createConfig({ method_config_id: await methodId('dummy'), ...DUMMY });
    expect(created.item).toMatchObject({ status: '025-in_process', config: { code: 'some' }, is_default: true });
    const confirmation_id = created.confirmationId ?? 'none';
    const { id } = created.item;

    // A config that is not confirmed cannot approve anything.
    expect(await refusalOf(client.confirmConfirmation({ id: confirmation_id, data: { code: 'some' } }))).toEqual({
      fields: ['id'],
      codes: ['wrong_config'],
    });
    expect(await refusalOf(client.confirmConfig({ id, confirmation_id, data: { code: 'wrong' } }))).toEqual({
      fields: ['non_field_errors'],
      codes: ['failed_to_confirm'],
    });
    const confirmed = await client.confirmConfig({ id, confirmation_id, data: { code: 'some' } });
    expect(confirmed).toMatchObject({ status: '085-confirmed', is_available: true });
    // The permit was used with it.
    expect(await client.checkConfirmation(confirmation_id)).toEqual({ id: null, status: null, is_available: false });

    const same = await client.updateConfig(id, { ...DUMMY, is_default: false });
    expect(same).toMatchObject({ confirmationId: null, item: { status: '085-confirmed', is_default: false } });
    const other = await client.updateConfig(id, { ...DUMMY, config: { code: 'new' } });
    expect(other.item.status).toBe('025-in_process');
    expect(other.confirmationId).not.toBeNull();

    await client.deleteConfig(id);
    expect(await client.listOwnConfigs()).toEqual([]);
    expect(await codeOf(client.deleteConfig(id))).toBe('USER_UNKNOWN');
  });

  test('asks for a confirmation, and confirms it once', async () => {
    const client = world.client();
    const config = world.simulator.phone().setUp('email', { email: 'ada@example.org' });
    const requested = await client.requestConfirmation({ user_config_id: config, data: {} });
    expect(requested).toMatchObject({ status: '025-in_process', is_available: false });
    const code = world.simulator.phone().code();
    const wrong = code === '000000' ? '000001' : '000000';
    expect(await refusalOf(client.confirmConfirmation({ id: requested.id, data: { code: wrong } }))).toMatchObject({
      codes: ['failed_to_confirm'],
    });
    const confirmed = { id: requested.id, status: '085-confirmed', is_available: true };
    expect(await client.confirmConfirmation({ id: requested.id, data: { code } })).toEqual(confirmed);
    expect(await client.checkConfirmation(requested.id)).toEqual(confirmed);
    expect((await refusalOf(client.confirmConfirmation({ id: requested.id, data: { code } }))).fields).toEqual(['id']);
  });

  test('understands the mended spelling of the confirmation id too', async () => {
    world.simulator.injectFault({ kind: 'mended-spelling' });
    const created = await world.client().createConfig({ method_config_id: await methodId('dummy'), ...DUMMY });
    expect(created.confirmationId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('finds the code of a refusal whether it is sent or only worded', async () => {
    const call = () => refusalOf(world.client().requestConfirmation({ data: {} }));
    expect(await call()).toEqual({ fields: ['non_field_errors'], codes: ['empty_config'] });
    world.simulator.injectFault({ kind: 'coded-errors' });
    expect(await call()).toEqual({ fields: ['non_field_errors'], codes: ['empty_config'] });
  });

  test('names every field that was refused', async () => {
    const client = world.client();
    const request = { method_config_id: 99, config: {}, is_active: true, is_default: true };
    expect((await refusalOf(client.createConfig(request))).fields).toEqual(['method_config_id']);
    const noCode = { ...request, method_config_id: await methodId('dummy') };
    expect((await refusalOf(client.createConfig(noCode))).fields).toEqual(['config']);
    const both = client.requestConfirmation({ user_config_id: 98, method_config_id: 99, data: {} });
    expect((await refusalOf(both)).fields).toEqual(['method_config_id', 'user_config_id']);
  });

  test('is not let in without the right header', async () => {
    expect(await codeOf(world.client({ token: 'wrong' }).listOwnConfigs())).toBe('PROVIDER_UNAUTHORIZED');
    expect(await codeOf(world.client({ header: { name: 'X-Token' } }).listOwnConfigs())).toBe('PROVIDER_UNAUTHORIZED');
  });

  test('speaks for the person of each call where the template says so', async () => {
    world.simulator.phone('ada').register();
    const client = world.client({ header: { template: 'Token {token}:{userId}' } });
    expect(await client.listOwnConfigs({ userId: 'ada' })).toHaveLength(1);
    expect(await client.listOwnConfigs({ userId: 'bob' })).toHaveLength(0);
  });

  test('goes on by itself when the server stumbles over a question, and never asks for a second code', async () => {
    const client = world.client();
    const config = world.simulator.phone().setUp('email', { email: 'ada@example.org' });
    world.simulator.injectFault({ kind: 'drop', times: 2 });
    expect(await client.listOwnConfigs()).toHaveLength(1);
    world.simulator.injectFault({ kind: 'drop', processed: true });
    expect(await codeOf(client.requestConfirmation({ user_config_id: config, data: {} }))).toBe('PROVIDER_UNAVAILABLE');
    expect(world.simulator.phone().state().codes).toHaveLength(1);
  });

  test('breaks off when told to', async () => {
    world.simulator.injectFault({ kind: 'hang' });
    const controller = new AbortController();
    const call = codeOf(world.client().checkConfirmation('any', { signal: controller.signal }));
    controller.abort();
    expect(await call).toBe('PROVIDER_TIMEOUT');
  });
});
