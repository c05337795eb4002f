import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTwoFactorSimulator, type TwoFactorSimulator } from '../../simulators/wcd-2factor/simulator.ts';
import { record } from './vendor-client.ts';

let simulator: TwoFactorSimulator;
beforeEach(async () => {
  simulator = await startTwoFactorSimulator({ allowFaults: true });
});
afterEach(() => simulator.close());

interface Seen {
  readonly status: number;
  readonly json: unknown;
  readonly text: string;
}

async function ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Seen> {
  const response = await fetch(`${simulator.url}${path}`, {
    method,
    redirect: 'manual',
    headers: headers ?? { Authorization: simulator.authorization },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, json, text };
}
const anonymously = {};
const DUMMY = { method_config_id: 1, config: { code: 'some' }, is_active: false, is_default: false };

/** Written from the vendor's own tests and serializers; what is expected is what its server answers. */
describe('the simulated 2factor server', () => {
  test('lists active methods to anybody, without their schemas', async () => {
    const { status, json } = await ask('GET', 'method-config/list/active/', undefined, anonymously);
    expect(status).toBe(200);
    expect(json).toEqual([
      { id: 1, title: expect.any(String), method: 'dummy', is_default: true },
      { id: 2, title: expect.any(String), method: 'email', is_default: false },
      { id: 3, title: expect.any(String), method: 'sms', is_default: false },
      { id: 4, title: expect.any(String), method: 'push', is_default: false },
    ]);
  });

  test.each([
    ['GET', 'user-config/own/list/'],
    ['POST', 'user-config/own/create/'],
    ['PUT', 'user-config/own/1/update/'],
    ['DELETE', 'user-config/own/1/destroy/'],
  ])('%s %s is 403 for who is not signed in, or wrongly', async (method, path) => {
    const nobody = await ask(method, path, undefined, anonymously);
    expect(nobody).toMatchObject({ status: 403, json: { detail: 'Authentication credentials were not provided.' } });
    const wrong = await ask(method, path, undefined, { Authorization: 'Token wrong' });
    expect(wrong).toMatchObject({ status: 403, json: { detail: 'Invalid token.' } });
  });

  test('goes with a config the way the vendor’s own test goes', async () => {
    const noCode = await ask('POST', 'user-config/own/create/', { ...DUMMY, config: {} });
    expect(noCode).toMatchObject({ status: 400, json: { config: { code: ['Field required'] } } });
    const created = await ask('POST', 'user-config/own/create/', DUMMY);
    expect(created.status).toBe(200);
    const { item, comfirmation_id: confirmationId, ...rest } = record(created.json);
    expect(rest).toEqual({});
    expect(item).toEqual({
      id: 1,
      title: '',
      status: '025-in_process',
      method_config_id: 1,
      config: { code: 'some' },
      is_active: false,
      is_default: false,
    });
    const early = await ask('POST', 'confirmation/confirm/', { id: confirmationId, data: { code: 'some' } });
    expect(early).toMatchObject({ status: 400, json: { id: ['Can not be confirmed with unavailable config.'] } });
    const proof = { id: 1, confirmation_id: confirmationId };
    const wrong = await ask('POST', 'user-config/own/confirm/', { ...proof, data: { code: 'wrong' } });
    expect(wrong).toMatchObject({ status: 400, json: { non_field_errors: ['Failed to confirm.'] } });
    const right = await ask('POST', 'user-config/own/confirm/', { ...proof, data: { code: 'some' } });
    expect(right).toMatchObject({
      status: 200,
      json: { status: '085-confirmed', method_config: { id: 1 }, is_available: false },
    });
    const update = { config: { code: 'some' }, is_active: true, is_default: false };
    const same = await ask('PUT', 'user-config/own/1/update/', update);
    expect(same).toMatchObject({ status: 200, json: { item: { status: '085-confirmed' }, comfirmation_id: null } });
    const other = await ask('PUT', 'user-config/own/1/update/', { ...update, config: { code: 'new' } });
    expect(other).toMatchObject({ json: { item: { status: '025-in_process' }, comfirmation_id: expect.any(String) } });
    expect(await ask('DELETE', 'user-config/own/1/destroy/')).toMatchObject({ status: 204, text: '' });
    expect(await ask('DELETE', 'user-config/own/1/destroy/')).toMatchObject({ status: 404 });
  });

  test('goes with a confirmation of a method the way the vendor’s own test goes', async () => {
    const send = (path: string, body: unknown) => ask('POST', `confirmation/${path}/`, body, anonymously);
    expect(await send('request', { data: {} })).toMatchObject({
      status: 400,
      json: { non_field_errors: ['Either method_config_id or user_config_id is required.'] },
    });
    const requested = await send('request', { method_config_id: 1, data: { code: 'wrong' } });
    const { id } = record(requested.json);
    expect(requested).toMatchObject({ status: 200, json: { id, status: '025-in_process', is_available: false } });
    const wrong = await send('confirm', { id, data: { code: 'wrong' } });
    expect(wrong).toMatchObject({ status: 400, json: { non_field_errors: ['Failed to confirm.'] } });
    const right = await send('confirm', { id, data: { code: 'dummy-method' } });
    expect(right).toMatchObject({ status: 200, json: { id, status: '085-confirmed', is_available: true } });
    const again = await send('confirm', { id, data: { code: 'dummy-method' } });
    expect(again).toMatchObject({ status: 400, json: { id: [`Invalid pk "${id}" - object does not exist.`] } });
    const checked = await ask('GET', `confirmation/${id}/check/`, undefined, anonymously);
    expect(checked).toMatchObject({ status: 200, json: { id, status: '085-confirmed', is_available: true } });
  });

  test('answers a check of what nobody knows with null', async () => {
    expect(await ask('GET', 'confirmation/5f0a2c9e-7f5e-4a86-9d0c-2b8b8a4f0001/check/')).toMatchObject({
      status: 200,
      json: { id: null, status: null, is_available: false },
    });
    expect((await ask('GET', 'confirmation/nonsense/check/')).status).toBe(500);
  });

  test('a config of one person is nothing to another', async () => {
    await ask('POST', 'user-config/own/create/', DUMMY);
    const asBob = { Authorization: `${simulator.authorization}:bob` };
    expect((await ask('GET', 'user-config/own/list/', undefined, asBob)).json).toEqual([]);
    expect((await ask('DELETE', 'user-config/own/1/destroy/', undefined, asBob)).status).toBe(404);
    const requested = await ask('POST', 'confirmation/request/', { user_config_id: 1, data: {} }, asBob);
    expect(requested).toMatchObject({
      status: 400,
      json: { user_config_id: ['Invalid pk "1" - object does not exist.'] },
    });
  });

  test('a deleted config leaves its confirmed confirmation available, as the vendor’s database does', async () => {
    const id = simulator.phone().setUp('dummy', { code: 'some' });
    const { id: confirmation } = record(
      (await ask('POST', 'confirmation/request/', { user_config_id: id, data: {} })).json,
    );
    await ask('POST', 'confirmation/confirm/', { id: confirmation, data: { code: 'some' } });
    await ask('DELETE', `user-config/own/${id}/destroy/`);
    expect((await ask('GET', `confirmation/${confirmation}/check/`)).json).toMatchObject({ is_available: true });
  });

  test('only one config of a person is the default', async () => {
    simulator.phone().setUp('dummy', { code: 'some' });
    simulator.phone().register();
    const { json } = await ask('GET', 'user-config/own/list/');
    expect(json).toMatchObject([{ is_default: false }, { is_default: true, is_available: true }]);
  });

  test.each<[unknown, unknown]>([
    ['no JSON', { detail: 'JSON parse error.' }],
    [[], { non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] }],
    [
      {},
      {
        method_config_id: ['This field is required.'],
        config: ['This field is required.'],
        is_active: ['This field is required.'],
        is_default: ['This field is required.'],
      },
    ],
    [{ ...DUMMY, method_config_id: 9 }, { method_config_id: ['Invalid pk "9" - object does not exist.'] }],
    [{ ...DUMMY, method_config_id: [] }, { method_config_id: ['Incorrect type. Expected pk value, received list.'] }],
    [{ ...DUMMY, is_active: 'maybe' }, { is_active: ['Must be a valid boolean.'] }],
    [{ ...DUMMY, is_active: null }, { is_active: ['This field may not be null.'] }],
    [{ ...DUMMY, config: { code: 7 } }, { config: { code: ['Input should be a valid string'] } }],
    [{ ...DUMMY, config: { code: '' } }, { non_field_errors: ['Unknown error.'] }],
  ])('%j is refused', async (body, expected) => {
    const { status, json } = await ask('POST', 'user-config/own/create/', body);
    expect(status).toBe(400);
    expect(json).toEqual(expected);
  });

  test('other paths are 404, other methods 405', async () => {
    expect((await ask('GET', 'user-config/own/list')).status).toBe(404);
    expect((await ask('GET', 'user-config/own/x/update/')).status).toBe(404);
    expect(await ask('POST', 'user-config/own/list/')).toMatchObject({
      status: 405,
      json: { detail: 'Method "POST" not allowed.' },
    });
  });
});

describe('its phone', () => {
  const origin = () => new URL(simulator.url).origin;
  const press = async (action: string, headers: Record<string, string> = {}) =>
    fetch(`${origin()}/phone/person/${action}`, { method: 'POST', headers, redirect: 'manual' });
  const view = async () => (await fetch(`${origin()}/phone/person`)).text();

  test('shows the code that was sent, until it is used', async () => {
    const id = simulator.phone().setUp('sms', { phone: '+441632960961' });
    const { id: confirmation } = record(
      (await ask('POST', 'confirmation/request/', { user_config_id: id, data: {} })).json,
    );
    const code = simulator.phone().code();
    expect(code).toMatch(/^\d{6}$/);
    const page = await view();
    expect(page).toContain(`<h1>${code}</h1>`);
    expect(page).toContain('+441632960961');
    await ask('POST', 'confirmation/confirm/', { id: confirmation, data: { code } });
    expect(await view()).not.toContain(code);
  });

  test('approves and denies what it is asked, and only that', async () => {
    expect((await press('approve')).status).toBe(409);
    expect((await press('register')).status).toBe(200);
    const request = { user_config_id: 1, data: {} };
    const { id } = record((await ask('POST', 'confirmation/request/', request)).json);
    expect(await view()).toContain('Is this you?');
    expect((await press('approve')).status).toBe(200);
    expect((await ask('GET', `confirmation/${id}/check/`)).json).toMatchObject({ is_available: true });
    expect((await press('close')).status).toBe(200);
    expect((await ask('GET', `confirmation/${id}/check/`)).json).toMatchObject({ id: null });
    await ask('POST', 'confirmation/request/', request);
    expect((await press('deny')).status).toBe(200);
    expect((await press('deny')).status).toBe(409);
  });

  test('is operated from its own page only, by who knows the person', async () => {
    expect((await press('register', { Origin: 'http://elsewhere.example' })).status).toBe(403);
    expect((await press('register', { Accept: 'text/html' })).status).toBe(303);
    expect((await press('explode')).status).toBe(404);
    expect((await fetch(`${origin()}/phone/nobody`)).status).toBe(404);
    expect((await fetch(`${origin()}/phone/nobody/approve`, { method: 'POST' })).status).toBe(404);
    expect(await (await fetch(`${origin()}/phone/person/state`)).json()).toEqual(
      JSON.parse(JSON.stringify(simulator.phone().state())),
    );
    expect((await fetch(`${origin()}/assets/phone.js`)).status).toBe(200);
  });

  test('what people typed does not become markup', async () => {
    const id = simulator.phone().setUp('email', { email: '<script>alert(1)</script>' });
    await ask('POST', 'confirmation/request/', { user_config_id: id, data: {} });
    expect(await view()).not.toContain('<script>alert');
  });
});

describe('its faults', () => {
  test('are taken over HTTP when allowed, and only then', async () => {
    const faults = `${new URL(simulator.url).origin}/faults`;
    const send = (body: unknown) => fetch(faults, { method: 'POST', body: JSON.stringify(body) });
    expect((await send({ kind: 'status', status: 503, call: 'listOwnConfigs' })).status).toBe(201);
    expect((await send({ kind: 'unheard-of' })).status).toBe(400);
    expect((await ask('GET', 'method-config/list/active/')).status).toBe(200);
    expect((await ask('GET', 'user-config/own/list/')).status).toBe(503);
    expect((await ask('GET', 'user-config/own/list/')).status).toBe(200);
    await send({ kind: 'garbage', times: 9 });
    expect((await fetch(faults, { method: 'DELETE' })).status).toBe(200);
    expect((await ask('GET', 'user-config/own/list/')).status).toBe(200);
    const closed = await startTwoFactorSimulator();
    expect((await fetch(`${new URL(closed.url).origin}/faults`, { method: 'POST' })).status).toBe(404);
    await closed.close();
  });

  test.each([
    [{ kind: 'garbage' as const }, 200, undefined],
    [{ kind: 'redirect' as const, location: 'http://127.0.0.1:1/' }, 307, undefined],
    [{ kind: 'status' as const, status: 429, retryAfterSeconds: 3 }, 429, { detail: 'Injected fault.' }],
  ])('%j', async (fault, status, json) => {
    simulator.injectFault(fault);
    expect(await ask('GET', 'user-config/own/list/')).toMatchObject({ status, json });
  });
});
