import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../gateway/configuration-error.ts';
import { TwoFactorClient, type TwoFactorClientOptions } from '../../gateway/providers/wcd-2factor/client.ts';
import { refusalOf, TwoFactorRefusal } from '../../gateway/providers/wcd-2factor/refusal.ts';
import { pathOf } from '../../gateway/providers/wcd-2factor/wire.ts';
import { json, type Reply, ServiceDouble } from './service-double.ts';
import { codeOf, thrownBy } from './wcd-2factor-under-test.ts';

const TOKEN = 'the-token-of-the-host-project';
const ID = '5f0a2c9e-7f5e-4a86-9d0c-2b8b8a4f0001';
const METHOD = { id: 1, title: 'Dummy', method: 'dummy', is_default: true };
const CONFIG = {
  id: 7,
  title: '',
  status: '085-confirmed',
  method_config_id: 1,
  method_config: METHOD,
  config: { code: 'x' },
  is_active: true,
  is_default: true,
  is_available: true,
};
const { method_config: _m, is_available: _a, ...ITEM } = CONFIG;
const CONFIRMATION = { id: ID, status: '025-in_process', is_available: false };

let double: ServiceDouble;
let client: TwoFactorClient;
beforeEach(async () => {
  double = new ServiceDouble();
  await double.listen();
  client = clientWith({});
});
afterEach(async () => {
  client.close();
  await double.close();
});

function clientWith(options: Partial<TwoFactorClientOptions>): TwoFactorClient {
  return new TwoFactorClient({ baseUrl: double.url, token: TOKEN, timeoutMs: 300, random: () => 0, ...options });
}
const answers = (body: unknown, status = 200): void => {
  double.reply = (_request, response) => json(response, status, body);
};
const CHANGE = { config: {}, is_active: true, is_default: false };
const request = () => client.requestConfirmation({ user_config_id: 7, data: {} });

describe('an answer without what it must have is not understood', () => {
  const cases: readonly [string, object, () => Promise<unknown>][] = [
    ['method', METHOD, () => client.listActiveMethods()],
    ['config', CONFIG, () => client.listOwnConfigs()],
  ];
  for (const [name, whole, call] of cases) {
    test.each(Object.keys(whole))(`a ${name} of a list without %s`, async (member) => {
      answers([whole]);
      await expect(call()).resolves.toHaveLength(1);
      answers([{ ...whole, [member]: undefined }]);
      expect(await codeOf(call())).toBe('PROVIDER_BAD_ANSWER');
    });
  }

  test.each(Object.keys(CONFIRMATION))('a confirmation without %s', async (member) => {
    answers(CONFIRMATION);
    await expect(request()).resolves.toEqual(CONFIRMATION);
    answers({ ...CONFIRMATION, [member]: undefined });
    expect(await codeOf(request())).toBe('PROVIDER_BAD_ANSWER');
    expect(await codeOf(client.checkConfirmation(ID))).toBe('PROVIDER_BAD_ANSWER');
  });

  test.each(Object.keys(ITEM))('a changed config without %s', async (member) => {
    answers({ item: ITEM, comfirmation_id: null });
    await expect(client.updateConfig(7, CHANGE)).resolves.toMatchObject({ confirmationId: null });
    answers({ item: { ...ITEM, [member]: undefined }, comfirmation_id: null });
    expect(await codeOf(client.updateConfig(7, CHANGE))).toBe('PROVIDER_BAD_ANSWER');
  });

  test('a change that does not say whether it has to be confirmed', async () => {
    answers({ item: ITEM });
    expect(await codeOf(client.updateConfig(7, CHANGE))).toBe('PROVIDER_BAD_ANSWER');
    answers({ item: ITEM, confirmation_id: ID });
    await expect(client.updateConfig(7, CHANGE)).resolves.toMatchObject({ confirmationId: ID });
  });

  test('a set-up link that is none', async () => {
    answers({ item: ITEM, comfirmation_id: ID, set_up_link: 'otpauth://totp/x?secret=ABC' });
    await expect(client.updateConfig(7, CHANGE)).resolves.toMatchObject({ setUpLink: 'otpauth://totp/x?secret=ABC' });
    answers({ item: ITEM, comfirmation_id: ID, set_up_link: 'javascript:alert(1)' });
    expect(await codeOf(client.updateConfig(7, CHANGE))).toBe('PROVIDER_BAD_ANSWER');
  });

  test('a word about another confirmation than the one asked about', async () => {
    answers({ ...CONFIRMATION, id: ID.replace('0001', '0002'), status: '085-confirmed', is_available: true });
    expect(await codeOf(client.checkConfirmation(ID))).toBe('PROVIDER_BAD_ANSWER');
    expect(await codeOf(client.confirmConfirmation({ id: ID, data: {} }))).toBe('PROVIDER_BAD_ANSWER');
  });
});

describe('what a server may answer wrongly', () => {
  const status =
    (code: number, headers: Record<string, string> = {}): Reply =>
    (_request, response) =>
      json(response, code, { detail: TOKEN }, headers);
  test.each<[string, Reply, string]>([
    ['401', status(401), 'PROVIDER_UNAUTHORIZED'],
    ['403', status(403), 'PROVIDER_UNAUTHORIZED'],
    ['404', status(404), 'USER_UNKNOWN'],
    ['429', status(429, { 'Retry-After': '7' }), 'PROVIDER_RATE_LIMITED'],
    ['500', status(500), 'PROVIDER_UNAVAILABLE'],
    ['503', status(503), 'PROVIDER_UNAVAILABLE'],
    ['418', status(418), 'PROVIDER_BAD_ANSWER'],
    ['a redirect, which is not followed', status(307, { Location: 'http://127.0.0.1:1/' }), 'PROVIDER_BAD_ANSWER'],
    ['a 400 that is no refusal', (_r, response) => json(response, 400, ['no']), 'PROVIDER_BAD_ANSWER'],
    ['a page instead of JSON', (_r, response) => response.end('<html>'), 'PROVIDER_BAD_ANSWER'],
    ['no body', (_r, response) => response.end(), 'PROVIDER_BAD_ANSWER'],
    ['two megabytes', (_r, response) => json(response, 200, 'x'.repeat(2_000_000)), 'PROVIDER_BAD_ANSWER'],
    ['nothing', () => undefined, 'PROVIDER_TIMEOUT'],
    ['a closed connection', (_r, response) => response.destroy(), 'PROVIDER_UNAVAILABLE'],
  ])('%s', async (_name, reply, expected) => {
    double.reply = reply;
    const thrown = await thrownBy(request());
    expect(thrown).toMatchObject({ name: 'ProviderError', code: expected });
    expect(String(thrown)).not.toContain(TOKEN);
    expect(double.seen).toHaveLength(1);
  });

  test('how long to wait is passed on', async () => {
    double.reply = status(429, { 'Retry-After': '7' });
    expect(await thrownBy(request())).toMatchObject({ retryAfterMs: 7_000 });
  });

  test('nobody listens', async () => {
    const nobody = clientWith({ baseUrl: 'http://127.0.0.1:1' });
    expect(await codeOf(nobody.checkConfirmation(ID))).toBe('PROVIDER_UNREACHABLE');
    nobody.close();
  });
});

describe('a refusal', () => {
  test.each<[string, unknown, readonly string[], readonly string[]]>([
    ['of a field', { id: ['Invalid pk "1" - object does not exist.'] }, ['id'], []],
    ['of a field of settings', { config: { code: ['Field required'] } }, ['config'], []],
    ['as a sentence', { non_field_errors: ['Failed to confirm.'] }, ['non_field_errors'], ['failed_to_confirm']],
    ['as a code', { id: [{ message: 'Nein.', code: 'wrong_config' }] }, ['id'], ['wrong_config']],
    ['in a language we do not know', { non_field_errors: ['Не підтверджено.'] }, ['non_field_errors'], []],
    ['nested beyond reason', { a: { b: { c: { d: { e: ['failed_to_confirm'] } } } } }, ['a'], []],
    ['of a field with a name that is none', { '<b>': ['no'] }, [], []],
  ])('%s', (_name, body, fields, codes) => {
    expect(refusalOf('a call', body)).toMatchObject({ fields, codes });
  });

  test.each([
    ['a list', ['no']],
    ['a text', 'no'],
    ['null', null],
    ['nothing', undefined],
  ])('is not %s', (_name, body) => {
    expect(refusalOf('a call', body)).toBeNull();
  });

  test('keeps no sentence of the server, which may quote what was sent', async () => {
    answers({ data: { code: [`Wrong: ${TOKEN}`] } }, 400);
    const thrown = await thrownBy(request());
    expect(thrown).toBeInstanceOf(TwoFactorRefusal);
    expect(`${String(thrown)} ${JSON.stringify(thrown)}`).not.toContain(TOKEN);
  });
});

describe('what is sent', () => {
  const seenWith = async (options: Partial<TwoFactorClientOptions>, userId?: string) => {
    answers([]);
    const other = clientWith(options);
    await other.listOwnConfigs({ userId });
    other.close();
    const seen = double.seen.at(-1);
    if (seen === undefined) throw new Error('nothing was sent');
    return seen;
  };

  test.each<[string, Partial<TwoFactorClientOptions>, string]>([
    ['the usual one', {}, '/api/v1/auth/2factor/user-config/own/list/'],
    ['another one', { prefix: '/second/' }, '/second/user-config/own/list/'],
    ['one without slashes', { prefix: 'second' }, '/second/user-config/own/list/'],
    ['none', { prefix: '/' }, '/user-config/own/list/'],
  ])('goes below the prefix: %s', async (_name, options, path) => {
    expect((await seenWith(options)).path).toBe(path);
  });

  test('goes below the path of the address, which is the prefix where none is named', async () => {
    const baseUrl = `${double.url}/of/its/own/`;
    expect((await seenWith({ baseUrl })).path).toBe('/of/its/own/user-config/own/list/');
    expect((await seenWith({ baseUrl, prefix: '/2f/' })).path).toBe('/of/its/own/2f/user-config/own/list/');
  });

  test('carries the header of the host project', async () => {
    expect((await seenWith({})).headers.authorization).toBe(`Token ${TOKEN}`);
    expect((await seenWith({ header: { template: 'JWT {token}' } })).headers.authorization).toBe(`JWT ${TOKEN}`);
    const named = await seenWith({ header: { name: 'X-Key', template: '{token}' }, token: '$& $1' });
    expect(named.headers['x-key']).toBe('$& $1');
    expect(named.headers.authorization).toBeUndefined();
    const header = { template: 'Service {token} for={userId}' };
    expect((await seenWith({ header }, 'ada löw\r\n')).headers.authorization).toBe(
      `Service ${TOKEN} for=ada%20l%C3%B6w%0D%0A`,
    );
  });

  test('repeats the CSRF cookie of a session as Django asks', async () => {
    const header = { name: 'Cookie', template: 'sessionid={token}; csrftoken=abc123' };
    const { headers } = await seenWith({ header });
    expect(headers.cookie).toBe(`sessionid=${TOKEN}; csrftoken=abc123`);
    expect(headers['x-csrftoken']).toBe('abc123');
    expect(headers.referer).toBe(`${double.url}/`);
  });

  test.each<[string, Partial<TwoFactorClientOptions>]>([
    ['header.name', { header: { name: 'Content-Length' } }],
    ['header.name', { header: { name: 'X Y' } }],
    ['header.template', { header: { template: 'Token' } }],
    ['header.template', { header: { template: '{token}\r\nX: y' } }],
    ['token', { token: 'two\nlines' }],
    ['token', { token: '' }],
    ['prefix', { prefix: '/a?b/' }],
    ['prefix', { prefix: '/a/../b/' }],
    ['baseUrl', { baseUrl: 'http://login.example.org' }],
    ['baseUrl', { baseUrl: 'https://user@login.example.org' }],
  ])('%s is refused where it cannot be used: %j', (key, options) => {
    expect(() => clientWith(options)).toThrow(ConfigurationError);
    expect(() => clientWith(options)).toThrow(key);
    expect(() => clientWith(options)).not.toThrow(TOKEN);
  });

  test('an id is never a step of the path', () => {
    expect(pathOf('updateConfig', 7)).toBe('user-config/own/7/update/');
    for (const id of ['', '..', 'a/b', 'a?b', '%2e']) expect(() => pathOf('checkConfirmation', id)).toThrow(RangeError);
  });
});
