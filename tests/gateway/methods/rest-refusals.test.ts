import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMethodsDoor } from '../../../gateway/methods/rest.ts';
import { FakeGatewayClock } from '../fake-gateway-clock.ts';
import { MethodsUnderTest, tokenOf } from './methods-under-test.ts';
import { begin, confirmSetUp, request, TOTP, withApp } from './set-up.ts';

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
const REQUIRED = ['This field is required.'];
const NO_SUCH = ['Invalid pk - object does not exist.'];

describe('a request that is wrong', () => {
  test.each([
    ['user-config/own/create/', {}, { method_config_id: REQUIRED, config: REQUIRED, is_active: REQUIRED }],
    ['user-config/own/create/', [], { non_field_errors: [expect.stringContaining('but got list')] }],
    ['user-config/own/create/', 'text', { non_field_errors: [expect.stringContaining('but got str')] }],
    ['user-config/own/create/', { ...CREATE, method_config_id: 99 }, { method_config_id: NO_SUCH }],
    ['user-config/own/create/', { ...CREATE, method_config_id: null }, { method_config_id: [expect.any(String)] }],
    ['user-config/own/create/', { ...CREATE, is_active: 'yes' }, { is_active: ['Must be a valid boolean.'] }],
    ['user-config/own/create/', { ...CREATE, config: 7 }, { config: [expect.stringContaining('got type "int"')] }],
    [
      'user-config/own/create/',
      { ...CREATE, config: { secret: 'MINE' } },
      { config: { secret: [expect.any(String)] } },
    ],
    ['user-config/own/create/', { ...CREATE, config: { digits: '7' } }, { config: { digits: [expect.any(String)] } }],
    ['user-config/own/confirm/', {}, { id: REQUIRED, confirmation_id: REQUIRED, data: REQUIRED }],
    ['user-config/own/confirm/', { id: 99, confirmation_id: UUID, data: {} }, { id: NO_SUCH }],
    ['confirmation/request/', {}, { data: REQUIRED }],
    ['confirmation/request/', { data: {} }, { non_field_errors: [expect.stringContaining('is required')] }],
    ['confirmation/request/', { data: {}, method_config_id: 99 }, { method_config_id: NO_SUCH }],
    ['confirmation/request/', { data: {}, method_config_id: TOTP }, { non_field_errors: [expect.any(String)] }],
    ['confirmation/request/', { data: {}, user_config_id: '1 OR 1=1' }, { user_config_id: NO_SUCH }],
    ['confirmation/confirm/', {}, { id: REQUIRED, data: REQUIRED }],
    ['confirmation/confirm/', { id: UUID, data: {} }, { id: NO_SUCH }],
    ['confirmation/use/', {}, { id: REQUIRED }],
    ['confirmation/use/', { id: UUID }, { id: NO_SUCH }],
  ])('is told field by field: %s %j', async (path, json, errors) => {
    const answer = await host.call('POST', path, { json });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject(errors);
    expect(JSON.stringify(answer.body)).not.toContain('MINE');
  });

  test('names a config that is confirmed with another’s confirmation as WebCase does', async () => {
    const [one, other] = [await begin(host), await begin(host)];
    expect(await confirmSetUp(host, { ...one, confirmationId: other.confirmationId }, '0')).toMatchObject({
      status: 400,
      body: { non_field_errors: ['User config can not be confirmed with this confirmation.'] },
    });
  });

  test.each(['99', 'abc', '1%20', '9'.repeat(40), '-1'])('is not found: config %s', async (id) => {
    expect((await host.call('PUT', `user-config/own/${id}/update/`, { json: UPDATE })).status).toBe(404);
    expect((await host.call('DELETE', `user-config/own/${id}/destroy/`)).status).toBe(404);
  });

  test.each(['', 'user-config/own/list', 'user-config/own/list/x', 'confirmation//check/', '__proto__/'])(
    'is not found: path "%s"',
    async (path) => {
      expect(await host.call('GET', path)).toMatchObject({ status: 404, body: { detail: 'Not found.' } });
    },
  );

  test('has a method that the path does not take', async () => {
    const answer = await host.call('POST', 'user-config/own/list/', { json: {} });
    expect(answer).toMatchObject({ status: 405, body: { detail: 'Method "POST" not allowed.' } });
    expect(answer.headers.get('allow')).toBe('GET');
  });

  test.each([
    ['a form', 415, { 'Content-Type': 'application/x-www-form-urlencoded' }, 'id=1'],
    ['plain text', 415, { 'Content-Type': 'text/plain' }, '{}'],
    ['half of an object', 400, {}, '{"id":'],
    ['bytes that are no JSON', 400, {}, '\u0000\u0001'],
    ['16 KiB and more', 413, {}, `{"id":"${'x'.repeat(16 * 1024)}"}`],
    ['depth', 400, {}, `${'['.repeat(8_000)}${']'.repeat(8_000)}`],
  ])('is refused for its body: %s', async (_what, status, headers, text) => {
    const answer = await host.call('POST', 'confirmation/confirm/', { text, headers });
    expect(answer.status).toBe(status);
    expect((await host.call('GET', 'user-config/own/list/')).status).toBe(200);
    expect(host.logged).toEqual([]);
  });

  test('is refused when it is too large without saying so before', async () => {
    const sent = httpRequest(`${host.url}confirmation/confirm/`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${tokenOf('ada')}`, 'Content-Type': 'application/json' },
    });
    sent.on('error', () => sent.destroy());
    for (let chunk = 0; chunk < 20; chunk += 1) sent.write('x'.repeat(1_024));
    const [response]: unknown[] = await once(sent, 'response', { signal: AbortSignal.timeout(10_000) });
    expect(response).toMatchObject({ statusCode: 413, headers: { connection: 'close' } });
    sent.destroy();
  });
});

describe('every answer', () => {
  test('may be kept and read by nobody else', async () => {
    const headers = { Origin: 'https://evil.example' };
    const answers = [
      await host.call('GET', 'user-config/own/list/', { headers }),
      await host.call('GET', 'method-config/list/active/', { as: null, headers }),
      await host.call('GET', 'nowhere/', { headers }),
    ];
    for (const { headers: answered } of answers) {
      expect(answered.get('cache-control')).toBe('no-store');
      expect(answered.get('x-content-type-options')).toBe('nosniff');
      expect([...answered.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
    const preflight = await host.call('OPTIONS', 'user-config/own/list/', { as: null, headers });
    expect(preflight.status).toBe(405);
  });

  test('is a plain 500 for a fault of ours, and the log holds no word of the request', async () => {
    const lines: unknown[] = [];
    const { service } = host;
    const door = createMethodsDoor({
      signIn: () => ({ userId: 'ada', service: null }),
      methods: {
        methods: () => {
          throw new Error('out of order');
        },
      },
      ...service,
      clock,
      audit: { append: () => undefined },
      logger: { info: () => undefined, warn: () => undefined, error: (fields) => void lines.push(fields) },
    });
    const { createServer } = await import('node:http');
    const server = createServer((incoming, response) => void door.answer(incoming, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/auth/2factor/method-config/list/active/`);
    expect([response.status, await response.json()]).toEqual([500, { detail: 'Server error.' }]);
    door.close();
    const closed = await fetch(`http://127.0.0.1:${port}/api/v1/auth/2factor/method-config/list/active/`);
    expect([closed.status, lines.length]).toEqual([503, 1]);
    server.close();
    server.closeAllConnections();
  });
});

describe('limits of one person', () => {
  test('hold for calls, and let go with time', async () => {
    const statuses: number[] = [];
    for (let call = 0; call < 61; call += 1) statuses.push((await host.call('GET', 'user-config/own/list/')).status);
    expect([statuses.indexOf(429), statuses.filter((status) => status === 200).length]).toEqual([60, 60]);
    clock.sleep(1_000);
    expect((await host.call('GET', 'user-config/own/list/')).status).toBe(200);
  });

  test('hold for configs', async () => {
    for (let config = 0; config < 16; config += 1) await begin(host);
    expect(await host.call('POST', 'user-config/own/create/', { json: CREATE })).toMatchObject({
      status: 400,
      body: { non_field_errors: ['There are too many configs.'] },
    });
  });

  test('hold for confirmations that wait', async () => {
    const { configId } = await withApp(host);
    for (let asked = 0; asked < 32; asked += 1) await request(host, configId);
    const json = { user_config_id: configId, data: {} };
    const answer = await host.call('POST', 'confirmation/request/', { json });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '300']);
  });
});
