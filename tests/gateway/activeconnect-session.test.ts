import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../gateway/clock.ts';
import { createActiveconnectProvider } from '../../gateway/providers/activeconnect/provider.ts';
import { openService, openSessionService } from '../../gateway/providers/activeconnect/service.ts';
import { Session } from '../../gateway/providers/activeconnect/session.ts';
import { expectedSessionAddress, parseServiceAddress } from '../../gateway/providers/service-address.ts';

const service = openService({
  profile: 'iampass',
  baseUrl: 'https://service.example',
  appId: 'A',
  appSecret: 'S',
  simulated: false,
  clock: createSystemClock(),
});
const STORED = {
  session_status: 'active',
  session_token: 'tok',
  session_secret: 'very-secret',
  status_url: 'https://service.example/s/1',
  logout_url: 'https://service.example/l/1',
  failure_reason: null,
};
afterEach(() => service.http.close());

describe('a stored session', () => {
  test('is the vendor’s JSON object, there and back', () => {
    const session = Session.fromJSON(JSON.stringify(STORED), service);
    expect(JSON.parse(JSON.stringify(session))).toEqual(STORED);
    expect(session.active()).toBe(true);
    expect(Session.fromJSON(session.toJSON(), service).toJSON()).toEqual(STORED);
  });

  test.each(Object.keys(STORED))('is refused without %s', (member) => {
    const { [member]: _, ...rest } = { ...STORED } as Record<string, unknown>;
    expect(() => Session.fromJSON(rest, service)).toThrow('not a stored session');
  });

  test('is refused when it names another host', () => {
    expect(() => Session.fromJSON({ ...STORED, logout_url: 'https://other.example/l' }, service)).toThrow(
      'not the service',
    );
  });

  test('is refused as broken JSON without quoting it', () => {
    expect(() => Session.fromJSON('{"session_secret":"very-secret"', service)).toThrow(
      /^This is not a stored session\.$/,
    );
  });

  test('seals to bytes without the secret and opens only with the key', () => {
    const key = randomBytes(32);
    const sealed = Session.fromJSON(STORED, service).seal(key);
    expect(sealed.includes('very-secret')).toBe(false);
    const opened = Session.unseal(sealed, key, service);
    expect(opened.ok && opened.value.toJSON()).toEqual(STORED);
    expect(Session.unseal(sealed, randomBytes(32), service)).toEqual({ ok: false, error: 'not-authentic' });
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
    expect(Session.unseal(sealed, key, service)).toEqual({ ok: false, error: 'not-authentic' });
    expect(Session.unseal(sealed.subarray(0, 10), key, service)).toEqual({ ok: false, error: 'torn' });
  });
});

function addressOf(url: string) {
  const parsed = parseServiceAddress(url);
  if (!parsed.ok) throw new Error(url);
  return parsed.value;
}

describe('where a session may be asked', () => {
  test.each([
    ['https://service.example', 'https://service.example/a?b=c', 'https://service.example/a?b=c'],
    ['https://service.example', 'https://service.example:443/a', 'https://service.example:443/a'],
    ['https://service.example', 'http://service.example/a', 'https://service.example/a'],
    ['http://127.0.0.1:8080', 'http://localhost:8080/a', 'http://localhost:8080/a'],
  ])('with %s, %s is asked as %s', (base, claimed, asked) => {
    const result = expectedSessionAddress(claimed, [addressOf(base)]);
    expect(result.ok && result.value.text).toBe(asked);
  });

  test.each([
    ['https://service.example', 'https://service.example:8443/a'],
    ['https://service.example', 'http://service.example:8080/a'],
    ['https://service.example', 'https://service.example.evil.example/a'],
    ['https://service.example', 'https://user@service.example/a'],
    ['https://service.example', 'https://service.example\\@evil.example/a'],
    ['https://service.example', 'https://service.example/a#b'],
    ['https://service.example', 'https://service.example/a b'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:9090/a'],
    ['http://service.example', 'https://service.example/a'],
  ])('with %s, %s is not asked', (base, claimed) => {
    expect(expectedSessionAddress(claimed, [addressOf(base)]).ok).toBe(false);
  });

  test('another origin may be allowed by configuration', () => {
    const origins = [addressOf('https://service.example'), addressOf('https://sessions.example')];
    expect(expectedSessionAddress('https://sessions.example/s', origins).ok).toBe(true);
  });
});

test('plain http to a real service elsewhere is refused, naming the option', () => {
  const options = { profile: 'iampass' as const, appId: 'A', appSecret: 'S', clock: createSystemClock() };
  expect(() => openService({ ...options, baseUrl: 'http://service.example', simulated: false })).toThrow(/^baseUrl:/);
  expect(() => openService({ ...options, baseUrl: 'http://service.example', simulated: true })).not.toThrow();
});

describe('what the library leaves open', () => {
  test('a connection without an account opens stored sessions', () => {
    const connection = openSessionService({ profile: 'iampass', baseUrl: 'https://service.example' });
    expect(Session.fromJSON(STORED, connection).toJSON()).toEqual(STORED);
    expect(() => Session.fromJSON(STORED, openSessionService({ profile: 'iampass' }))).toThrow('not the service');
    connection.close();
  });

  test('a failed session keeps its reason over a restart', () => {
    const failed = { ...STORED, session_status: 'failed', failure_reason: 'FACE_NOT_RECOGNISED' };
    const session = Session.fromJSON(failed, service);
    expect(session.failed()).toBe(true);
    expect(session.reading).toEqual({ status: 'failed', reason: 'FACE_NOT_RECOGNISED' });
    expect(session.toJSON()).toEqual(failed);
  });

  test.each([
    ['appId', { appId: 'a:b' }],
    ['appId', { appId: '' }],
    ['appSecret', { appSecret: 'one line\nand another' }],
    ['baseUrl', { baseUrl: 'https://service.example/?a' }],
    ['sessionOrigins', { sessionOrigins: ['ftp://x'] }],
  ])('a wrong %s is named', (option, wrong) => {
    const account = { profile: 'iampass' as const, appId: 'A', appSecret: 'S' };
    expect(() => openService({ ...account, ...wrong })).toThrow(new RegExp(`^${option}: expected`));
  });

  test('a gateway names its own setting', () => {
    const account = { profile: 'iampass' as const, appId: 'a:b', appSecret: 'S', baseUrl: null, simulated: false };
    expect(() => createActiveconnectProvider({ ...account, clock: createSystemClock() })).toThrow(/^provider\.appId: /);
  });
});
