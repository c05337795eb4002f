import { Authsignal } from '@authsignal/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../gateway/configuration-error.ts';
import type { createAuthsignalProvider } from '../../gateway/providers/authsignal/provider.ts';
import type { FaultRequest } from '../../simulators/authsignal/faults.ts';
import { type AuthsignalSimulator, startAuthsignalSimulator } from '../../simulators/authsignal/simulator.ts';
import { failureOf, OneTime, providerAt, startRequest, USER } from './authsignal-provider.ts';

const SECRET = 'the-secret-key-of-the-tenant';
const signal = AbortSignal.timeout(120_000);
let simulator: AuthsignalSimulator;
let provider: ReturnType<typeof createAuthsignalProvider>;
const opened: { close(): void }[] = [];

beforeEach(async () => {
  simulator = await startAuthsignalSimulator({ secret: SECRET, users: [{ userId: USER, methods: ['PUSH'] }] });
  provider = open(simulator);
});
afterEach(async () => {
  for (const each of opened.splice(0)) each.close();
  await simulator.close();
});

function open(account: { readonly url: string; readonly secret: string }) {
  const another = providerAt(account, { timeoutMs: 2_000 });
  opened.push(another);
  return another;
}

/** Everything an error could tell somebody who prints it whole. */
function everythingIn(fault: unknown): string {
  const told: string[] = [];
  for (let each = fault; each instanceof Error; each = each.cause) {
    told.push(each.message, String(each.stack), JSON.stringify({ ...each }));
  }
  return told.join('\n');
}

/** Besides what every provider is asked in provider-contract-matrix.ts. */
describe('what the service may answer wrongly', () => {
  const FAULTS: readonly (readonly [FaultRequest, string])[] = [
    [{ kind: 'status', status: 429, emptyBody: true }, 'PROVIDER_RATE_LIMITED'],
    [{ kind: 'status', status: 502, emptyBody: true }, 'PROVIDER_UNAVAILABLE'],
    [{ kind: 'status', status: 400 }, 'START_REFUSED'],
    [{ kind: 'status', status: 404 }, 'USER_UNKNOWN'],
    [{ kind: 'status', status: 204 }, 'PROVIDER_BAD_ANSWER'],
    [{ kind: 'members', members: { isEnrolled: 'yes' } }, 'PROVIDER_BAD_ANSWER'],
    [{ kind: 'members', members: { isEnrolled: null } }, 'PROVIDER_BAD_ANSWER'],
    [{ kind: 'members', members: { state: null } }, 'PROVIDER_BAD_ANSWER'],
  ];

  test.each(FAULTS)('a start answered with %o is %s', async (fault, code) => {
    simulator.injectFault({ ...fault, call: 'track' });
    const failure = await failureOf(provider.startSession(startRequest(), signal));
    expect(failure.code).toBe(code);
    expect(everythingIn(failure)).not.toContain(SECRET);
    expect(everythingIn(failure)).not.toContain(Buffer.from(`${SECRET}:`).toString('base64'));
  });

  test.each(['javascript:alert(1)', 'http://elsewhere.example/', ''])(
    'the link %s is not shown to anybody by a real tenant',
    async (url) => {
      const strict = providerAt(simulator, { simulated: false });
      opened.push(strict);
      simulator.injectFault({ kind: 'members', call: 'track', members: { url, defaultVerificationMethod: 'PASSKEY' } });
      expect((await failureOf(strict.startSession(startRequest(), signal))).code).toBe('PROVIDER_BAD_ANSWER');
    },
  );
});

describe('repetitions', () => {
  test('a question is repeated after a fault of the service', async () => {
    simulator.injectFault({ kind: 'status', status: 503, call: 'get_user', times: 2 });
    expect(await provider.enrollment.check(USER, signal)).toEqual({ registered: true });
  });

  test('a start that may have arrived is not, even where the SDK elsewhere in the process repeats by default', async () => {
    // Installs repetitions on all of axios, for good: what an SDK of somebody else in this process would do.
    new Authsignal({ apiSecretKey: 'somebody-else' });
    simulator.injectFault({ kind: 'drop', call: 'track', processed: true });
    simulator.injectFault({ kind: 'status', status: 429, call: 'track' });
    expect((await failureOf(provider.startSession(startRequest(), signal))).code).toBe('PROVIDER_UNAVAILABLE');
    // Still there for the next start: the first was sent once.
    expect((await failureOf(provider.startSession(startRequest(), signal))).code).toBe('PROVIDER_RATE_LIMITED');
    expect(simulator.phone(USER).state().request?.waiting).toBe(1);
  });
});

describe('the address and the key', () => {
  const openAt = (apiUrl: string | null, secret = SECRET, simulated = false) =>
    providerAt({ url: '', secret }, { apiUrl, simulated, clock: new OneTime() });

  test.each([
    ['ftp://api.example', 'provider.apiUrl'],
    ['https://user:pass@api.example/v1', 'provider.apiUrl'],
    ['https://api.example/v1?x=1', 'provider.apiUrl'],
    ['https://api.example/v1#x', 'provider.apiUrl'],
    ['http://api.example/v1', 'provider.apiUrl'],
  ])('%s is refused', (apiUrl, key) => {
    expect(() => openAt(apiUrl)).toThrow(ConfigurationError);
    expect(() => openAt(apiUrl)).toThrow(key);
  });

  test.each([null, 'https://eu.api.example/v1/', 'http://127.0.0.1:1/v1'])('%s is taken', (apiUrl) => {
    expect(openAt(apiUrl).id).toBe('authsignal');
  });

  test('plain http elsewhere is taken only for a simulator', () => {
    expect(openAt('http://desk.example/v1', SECRET, true).capabilities.simulated).toBe(true);
  });

  test.each(['', 'two words', 'a:b', 'ünlaut'])('the key "%s" is refused without being named', (secret) => {
    expect(() => openAt(null, secret)).toThrow('provider.secret');
  });
});
