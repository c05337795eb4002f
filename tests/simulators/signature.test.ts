import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ActiveconnectSimulator, startActiveconnectSimulator } from '../../simulators/activeconnect/simulator.ts';
import { HandMovedClock } from './hand-moved-clock.ts';
import { type Deviations, signatureOf, VendorClient } from './vendor-client.ts';

const OLD = 'X-Sonikpass-Authentication';
const NEW = 'X-IAMPASS-Authentiaction';
let simulator: ActiveconnectSimulator;
let clock: HandMovedClock;
let client: VendorClient;

beforeEach(async () => {
  clock = new HandMovedClock(1_234_567_890_000);
  simulator = await startActiveconnectSimulator({ appId: 'ABCD', appSecret: 'S3CRET', clock });
  client = new VendorClient(simulator.url, 'ABCD', 'S3CRET', () => clock.wallMs());
  await client.addUsers('ada');
});
afterEach(() => simulator.close());

const ask = (deviations: Deviations = {}) => client.get(client.of('has_registered_mobile_device', 'ada'), deviations);

describe('the test vector of PROVIDERS, computed by openssl', () => {
  const nonce = '9223372036854775807';
  const target = 'main.iam-api.com/management/add_users/ABCD';
  const openssl = (args: string[], input: string) =>
    execFileSync('openssl', ['dgst', '-sha256', '-binary', ...args], { input });
  const vector = () => {
    const key = openssl([], `${nonce}S3CRET`).subarray(0, 16).toString('hex');
    const mac = openssl(['-mac', 'HMAC', '-macopt', `hexkey:${key}`], `${nonce}${target}1234567890`);
    return mac.subarray(0, 16).toString('base64');
  };

  test('is what this suite’s own client computes', () => {
    expect(signatureOf(nonce, 'S3CRET', target, '1234567890')).toBe(vector());
  });

  test('is accepted by the simulator when it is addressed as that host', async () => {
    const headers = () => ({
      Authentication: `hmac ABCD:${nonce}:${vector()}`,
      [`${OLD}-Timestamp`]: '1234567890',
      [`${OLD}-Version`]: '1',
    });
    const answer = await client.post(
      '/management/add_users/ABCD',
      { users: ['grace'] },
      { headers, host: 'main.iam-api.com' },
    );
    expect(answer.json).toEqual({ status: true, users: { created: ['grace'], existing: [] } });
    expect(answer.status).toBe(201);
  });
});

describe('a good signature is accepted', () => {
  test.each([
    ['with the shipped clients’ headers alone', { prefixes: [OLD] }],
    ['with the documented, misspelt headers alone', { prefixes: [NEW] }],
    ['with both', { prefixes: [OLD, NEW] }],
    ['with the largest nonce', { nonce: '18446744073709551615' }],
    ['with a nonce of 0', { nonce: '0' }],
    ['with a timestamp 300 s old', { timestamp: '1234567590' }],
    ['with a timestamp 300 s ahead', { timestamp: '1234568190' }],
  ] satisfies [string, Deviations][])('%s', async (_, deviations) => {
    expect((await ask(deviations)).status).toBe(200);
  });

  test('over a target with a query and an encoded user id', async () => {
    await client.addUsers('Ada Lovelace+1@host/ö');
    const path = client.of('device_registration_link', 'Ada Lovelace+1@host/ö', '?display_name=Ada+L%2E');
    expect((await client.get(path)).status).toBe(200);
  });

  test('for the same nonce signed by somebody else', async () => {
    simulator.phone('ada').register();
    const session = await client.startSession('ada');
    expect((await ask({ nonce: '77' })).status).toBe(200);
    expect((await client.call('GET', session.statusUrl, session, { nonce: '77' })).status).toBe(200);
  });
});

describe('is refused with 401', () => {
  const without = (name: string) => (signed: Record<string, string>) =>
    Object.fromEntries(Object.entries(signed).filter(([key]) => key !== name));
  test.each([
    ['a timestamp 301 s old', { timestamp: '1234567589' }, 'TIMESTAMP_OUT_OF_RANGE'],
    ['a timestamp 301 s ahead', { timestamp: '1234568191' }, 'TIMESTAMP_OUT_OF_RANGE'],
    ['a timestamp with a fraction', { timestamp: '1234567890.5' }, 'MALFORMED_AUTHENTICATION'],
    ['another version', { version: '2' }, 'UNSUPPORTED_VERSION'],
    ['a signature over another path', { target: '127.0.0.1/management/elsewhere' }, 'INVALID_SIGNATURE'],
    ['a nonce above 64 bits', { nonce: '18446744073709551616' }, 'MALFORMED_AUTHENTICATION'],
    ['a nonce that is no number', { nonce: '0x10' }, 'MALFORMED_AUTHENTICATION'],
    ['no Authentication header', { headers: without('Authentication') }, 'MISSING_AUTHENTICATION'],
    ['no timestamp header', { prefixes: [OLD], headers: without(`${OLD}-Timestamp`) }, 'MISSING_AUTHENTICATION'],
    ['no version header', { prefixes: [OLD], headers: without(`${OLD}-Version`) }, 'MISSING_AUTHENTICATION'],
    ['headers of an unknown prefix', { prefixes: ['X-IAMPASS-Authentication'] }, 'MISSING_AUTHENTICATION'],
    [
      'two sets that differ',
      { headers: (signed) => ({ ...signed, [`${NEW}-Timestamp`]: '1234567891' }) },
      'MALFORMED_AUTHENTICATION',
    ],
    [
      'a second set with another version',
      { headers: (signed) => ({ ...signed, [`${NEW}-Version`]: '2' }) },
      'MALFORMED_AUTHENTICATION',
    ],
    [
      'another scheme',
      { headers: (s) => ({ ...s, Authentication: `basic ${s['Authentication']?.slice(5)}` }) },
      'MALFORMED_AUTHENTICATION',
    ],
    [
      'a signature of 32 bytes',
      { headers: (s) => ({ ...s, Authentication: `${s['Authentication']?.slice(0, -24)}${'A'.repeat(43)}=` }) },
      'MALFORMED_AUTHENTICATION',
    ],
    [
      'another client id',
      { headers: (s) => ({ ...s, Authentication: String(s['Authentication']).replace('ABCD', 'ABCE') }) },
      'INVALID_SIGNATURE',
    ],
    [
      'a changed timestamp',
      { prefixes: [OLD], headers: (s) => ({ ...s, [`${OLD}-Timestamp`]: '1234567891' }) },
      'INVALID_SIGNATURE',
    ],
  ] satisfies [string, Deviations, string][])('%s', async (_, deviations, reason) => {
    const answer = await ask(deviations);
    expect(answer.json).toEqual({ status: false, reason });
    expect(answer.status).toBe(401);
  });

  test('a wrong secret', async () => {
    const stranger = new VendorClient(simulator.url, 'ABCD', 's3cret', () => clock.wallMs());
    expect((await stranger.addUsers('eve')).status).toBe(401);
  });

  test('a signature over the URL with its scheme, which the documentation describes', async () => {
    const url = simulator.url + client.of('has_registered_mobile_device', 'ada');
    expect((await ask({ target: url })).status).toBe(401);
  });

  test('a signature without the query', async () => {
    const path = client.of('device_registration_link', 'ada');
    const target = simulator.url.slice(7) + path;
    expect((await client.get(`${path}?display_name=Ada`, { target })).status).toBe(401);
  });

  test('a nonce that was used before, also with a new timestamp', async () => {
    expect((await ask({ nonce: '42' })).status).toBe(200);
    const again = await ask({ nonce: '42' });
    expect(again.json).toEqual({ status: false, reason: 'NONCE_REUSED' });
    expect(again.status).toBe(401);
    clock.advance(30_000);
    expect((await ask({ nonce: '42' })).status).toBe(401);
  });

  test('a call from the future played again as late as its timestamp allows', async () => {
    const recorded = { nonce: '42', timestamp: '1234568190' };
    expect((await ask(recorded)).status).toBe(200);
    clock.advance(600_000);
    expect((await ask(recorded)).json).toEqual({ status: false, reason: 'NONCE_REUSED' });
  });

  test('the application’s signature on a session’s URL, and one session’s on another’s', async () => {
    simulator.phone('ada').register();
    const session = await client.startSession('ada');
    const other = await client.startSession('ada');
    expect((await client.call('GET', session.statusUrl, client.application)).status).toBe(401);
    expect((await client.call('GET', session.statusUrl, other)).status).toBe(401);
    expect((await client.call('POST', session.logoutUrl, other)).status).toBe(401);
  });
});

test('a refused call does not use up its nonce', async () => {
  expect((await ask({ nonce: '42', target: 'elsewhere' })).status).toBe(401);
  expect((await ask({ nonce: '42' })).status).toBe(200);
});

test('what a proxy would add is not honoured', async () => {
  const headers = (signed: Record<string, string>) => ({
    ...signed,
    'X-Forwarded-Host': 'main.iam-api.com',
    Forwarded: 'host=main.iam-api.com',
  });
  const target = `main.iam-api.com${client.of('has_registered_mobile_device', 'ada')}`;
  expect((await ask({ target, headers })).status).toBe(401);
  expect((await ask({ headers })).status).toBe(200);
});

test('a Host header that is none is refused before it could get into a link', async () => {
  expect((await ask({ host: '127.0.0.1/"><script>' })).status).toBe(400);
});
