import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  CALLS,
  ChangedConfigSchema,
  CheckedConfirmationSchema,
  ConfirmationSchema,
  MethodListSchema,
  UserConfigListSchema,
  UserConfigSchema,
} from '../../../gateway/providers/wcd-2factor/wire.ts';
import { FakeGatewayClock } from '../fake-gateway-clock.ts';
import { MethodsUnderTest, SERVICE_TOKEN, tokenOf } from './methods-under-test.ts';
import { begin, check, confirm, confirmSetUp, NOBODY_KNOWS, RECOVERY, request, TOTP, withApp } from './set-up.ts';

let clock: FakeGatewayClock;
let host: MethodsUnderTest;
beforeEach(async () => {
  clock = new FakeGatewayClock();
  host = await MethodsUnderTest.start({ clock });
});
afterEach(() => host.close());

const UUID = '5c1d4a5e-3a55-4d3f-9a0c-111111111111';
const CREATE = { method_config_id: TOTP, config: {}, is_active: true, is_default: true };
const UPDATE = { config: {}, is_active: true, is_default: true };
const NO_SUCH = ['Invalid pk - object does not exist.'];

describe('the paths of WebCase 2factor', () => {
  test('list the methods, with the JSON schema of their settings, to everybody', async () => {
    const { status, body } = await host.call('GET', 'method-config/list/active/', { as: null });
    expect(status).toBe(200);
    expect(MethodListSchema.parse(body)).toEqual(body);
    expect(body).toMatchObject([
      {
        id: TOTP,
        method: 'totp',
        is_default: true,
        config_user_schema: { type: 'object', additionalProperties: false },
      },
      { id: RECOVERY, method: 'recovery_code', is_default: false },
    ]);
  });

  test('create, list, confirm, change and delete a config of one’s own', async () => {
    const created = await host.call('POST', 'user-config/own/create/', { json: CREATE });
    expect(created.status).toBe(200);
    const { comfirmation_id } = ChangedConfigSchema.parse(created.body);
    expect(created.body).toMatchObject({
      item: { title: '', status: '025-in_process', method_config_id: TOTP, is_active: true, is_default: true },
      confirmation_id: comfirmation_id,
      set_up_link: expect.stringMatching(/^otpauth:\/\/totp\//),
    });
    const listed = await host.call('GET', 'user-config/own/list/');
    expect(UserConfigListSchema.parse(listed.body)).toEqual(listed.body);
    expect(listed.body).toMatchObject([{ is_available: false, method_config: { id: TOTP, method: 'totp' } }]);
    const { configId } = await withApp(host);
    const confirmedList = await host.call('GET', 'user-config/own/list/');
    expect(confirmedList.body).toMatchObject([{}, { id: configId, status: '085-confirmed', is_available: true }]);
    const renamed = await host.call('PUT', `user-config/own/${configId}/update/`, {
      json: { ...UPDATE, config: { label: 'desk' } },
    });
    expect(renamed).toMatchObject({
      status: 200,
      body: { item: { title: 'desk', status: '085-confirmed' }, comfirmation_id: null },
    });
    const gone = await host.call('DELETE', `user-config/own/${configId}/destroy/`);
    expect([gone.status, gone.body]).toEqual([204, null]);
    expect((await host.call('GET', 'user-config/own/list/')).body).toHaveLength(1);
  });

  test('request, check and confirm a confirmation, by config and by method', async () => {
    const { configId, app } = await withApp(host);
    const asked = [{ user_config_id: configId }, { method_config_id: TOTP }, { user_config_id: String(configId) }];
    for (const which of asked) {
      const requested = await host.call('POST', 'confirmation/request/', { json: { ...which, data: {} } });
      const { id } = ConfirmationSchema.parse(requested.body);
      expect(requested).toMatchObject({ status: 200, body: { status: '025-in_process', is_available: false } });
      expect(await check(host, id)).toEqual({ id, status: '025-in_process', is_available: false });
    }
    const id = await request(host, configId);
    const confirmed = await confirm(host, id, app.fresh());
    expect(confirmed).toMatchObject({ status: 200, body: { id, status: '085-confirmed', is_available: true } });
    const { status, body } = await host.call('GET', `confirmation/${id}/check/`);
    expect(status).toBe(200);
    expect(CheckedConfirmationSchema.parse(body)).toEqual({ id, status: '085-confirmed', is_available: true });
  });

  test('answer a check for what nobody knows with nulls', async () => {
    expect(await host.call('GET', `confirmation/${UUID}/check/`)).toMatchObject({ status: 200, body: NOBODY_KNOWS });
  });

  test('take the misspelt field back, too', async () => {
    const begun = await begin(host);
    const { AuthenticatorApp } = await import('./authenticator-app.ts');
    const code = new AuthenticatorApp(begun.link, () => clock.wallMs()).fresh();
    const json = { id: begun.configId, comfirmation_id: begun.confirmationId, data: { code } };
    const confirmed = await host.call('POST', 'user-config/own/confirm/', { json });
    expect(confirmed.status).toBe(200);
    expect(UserConfigSchema.parse(confirmed.body)).toEqual(confirmed.body);
  });

  test('stand below another prefix where that is configured', async () => {
    const elsewhere = await MethodsUnderTest.start({ prefix: '/second/factor/' });
    try {
      expect(elsewhere.url).toMatch(/\/second\/factor\/$/);
      expect(await elsewhere.call('GET', 'user-config/own/list/')).toMatchObject({ status: 200, body: [] });
      const { door } = elsewhere.service;
      expect(['/second/factor/x/', '/second/factor', '/api/v1/auth/2factor/x/'].map((path) => door.owns(path))).toEqual(
        [true, false, false],
      );
    } finally {
      await elsewhere.close();
    }
  });
});

describe('somebody who is not signed in', () => {
  const CLOSED = Object.entries(CALLS).filter(([name]) => name !== 'listActiveMethods');
  test.each(CLOSED)('is refused with 403: %s', async (_name, { method, path }) => {
    const call = path.replace('{id}', UUID);
    expect(await host.call(method, call, { as: null, ...(method === 'GET' ? {} : { json: {} }) })).toMatchObject({
      status: 403,
      body: { detail: 'Authentication credentials were not provided.' },
    });
  });

  test.each([
    ['another token', `Bearer ${tokenOf('eve')}`],
    ['a prefix of the token', `Bearer ${tokenOf('ada').slice(0, -1)}`],
    ['a token without its word', tokenOf('ada')],
    ['Basic', `Basic ${btoa(`ada:${tokenOf('ada')}`)}`],
    ['a service’s token for nobody', `Bearer ${SERVICE_TOKEN}`],
    ['a service’s token with an empty name', `Bearer ${SERVICE_TOKEN}:`],
    ['another service’s token', `Bearer ${SERVICE_TOKEN}x:ada`],
    ['a person’s token for another person', `Bearer ${tokenOf('ada')}:bob`],
    ['a name that is no text', `Bearer ${SERVICE_TOKEN}:%ff`],
    ['a name that is too long', `Bearer ${SERVICE_TOKEN}:${'a'.repeat(129)}`],
  ])('is refused with %s', async (_what, Authorization) => {
    const answer = await host.call('GET', 'user-config/own/list/', { as: null, headers: { Authorization } });
    expect(answer).toMatchObject({ status: 403, body: { detail: 'Invalid token.' } });
    expect(host.audited).toEqual([{ event: 'person.refused', detail: 'listOwnConfigs' }]);
  });

  test('is slowed down, and nobody else with them', async () => {
    const statuses = new Set<number>();
    for (let call = 0; call < 61; call += 1) {
      statuses.add((await host.call('GET', 'user-config/own/list/', { as: null })).status);
    }
    expect([...statuses]).toEqual([403, 429]);
    expect((await host.call('GET', 'user-config/own/list/')).status).toBe(200);
  });
});

describe('a trusted service', () => {
  test('speaks for the person it names, in words that a header cannot hold by itself', async () => {
    const Authorization = `Token ${SERVICE_TOKEN}:${encodeURIComponent('ada')}`;
    await withApp(host);
    const asService = { as: null, headers: { Authorization } };
    expect((await host.call('GET', 'user-config/own/list/', asService)).body).toHaveLength(1);
    const odd = { as: null, headers: { Authorization: `Token ${SERVICE_TOKEN}:${encodeURIComponent('Ünal: 50 %')}` } };
    expect((await host.call('POST', 'user-config/own/create/', { ...odd, json: CREATE })).status).toBe(200);
    expect(host.audited.at(-1)).toMatchObject({ event: 'method.created', userId: 'Ünal: 50 %' });
  });
});

describe('another person’s config', () => {
  test('is neither listed, nor asked, nor changed, nor deleted', async () => {
    const { configId } = await withApp(host);
    const bob = { as: 'bob' };
    expect((await host.call('GET', 'user-config/own/list/', bob)).body).toEqual([]);
    const ask = { json: { user_config_id: configId, data: {} }, ...bob };
    expect(await host.call('POST', 'confirmation/request/', ask)).toMatchObject({
      status: 400,
      body: { user_config_id: NO_SUCH },
    });
    const notFound = { status: 404, body: { detail: 'Not found.' } };
    const change = { json: UPDATE, ...bob };
    expect(await host.call('PUT', `user-config/own/${configId}/update/`, change)).toMatchObject(notFound);
    expect(await host.call('DELETE', `user-config/own/${configId}/destroy/`, bob)).toMatchObject(notFound);
    expect((await host.call('GET', 'user-config/own/list/')).body).toMatchObject([{ is_available: true }]);
  });

  test('is not confirmed with a confirmation of one’s own, nor the other way round', async () => {
    const adas = await begin(host);
    const bobs = await begin(host, { as: 'bob' });
    expect(await confirmSetUp(host, { ...adas, confirmationId: bobs.confirmationId }, '0')).toMatchObject({
      status: 400,
      body: { confirmation_id: NO_SUCH },
    });
    expect(await confirmSetUp(host, { ...bobs, confirmationId: adas.confirmationId }, '0')).toMatchObject({
      status: 400,
      body: { id: NO_SUCH },
    });
  });
});
