import { createServer, type Server } from 'node:http';
import { Authsignal } from '@authsignal/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../gateway/configuration-error.ts';
import type { createAuthsignalProvider } from '../../gateway/providers/authsignal/provider.ts';
import { MAX_ANSWER_BYTES } from '../../gateway/providers/http-exchange.ts';
import type { FaultRequest } from '../../simulators/authsignal/faults.ts';
import { type AuthsignalSimulator, startAuthsignalSimulator } from '../../simulators/authsignal/simulator.ts';
import { failureOf, OneTime, providerAt, startRequest, USER } from './authsignal-provider.ts';

const SECRET = 'the-secret-key-of-the-tenant';
const signal = AbortSignal.timeout(120_000);
let simulator: AuthsignalSimulator;
let provider: ReturnType<typeof createAuthsignalProvider>;
const opened: { close(): void }[] = [];
const servers: Server[] = [];

beforeEach(async () => {
  simulator = await startAuthsignalSimulator({ secret: SECRET, users: [{ userId: USER, methods: ['PUSH'] }] });
  provider = open(simulator);
});
afterEach(async () => {
  for (const each of opened.splice(0)) each.close();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  await simulator.close();
});

function open(account: { readonly url: string; readonly secret: string }, timeoutMs = 2_000) {
  const another = providerAt(account, { timeoutMs });
  opened.push(another);
  return another;
}

/** A service of a test's own making. */
async function serving(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener ?? (() => undefined));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return `http://127.0.0.1:${address.port}/v1`;
}

/** Everything an error could tell somebody who prints it whole. */
function everythingIn(fault: unknown): string {
  const told: string[] = [];
  for (let each = fault; each instanceof Error; each = each.cause) {
    told.push(each.message, String(each.stack), JSON.stringify({ ...each }));
  }
  return told.join('\n');
}

describe('what the service may answer wrongly', () => {
  const FAULTS: readonly (readonly [FaultRequest, string])[] = [
    [{ kind: 'status', status: 401 }, 'PROVIDER_UNAUTHORIZED'],
    [{ kind: 'status', status: 403 }, 'PROVIDER_UNAUTHORIZED'],
    [{ kind: 'status', status: 429, retryAfterSeconds: 7 }, 'PROVIDER_RATE_LIMITED'],
    [{ kind: 'status', status: 429, emptyBody: true }, 'PROVIDER_RATE_LIMITED'],
    [{ kind: 'status', status: 500 }, 'PROVIDER_UNAVAILABLE'],
    [{ kind: 'status', status: 502, emptyBody: true }, 'PROVIDER_UNAVAILABLE'],
    [{ kind: 'status', status: 400 }, 'START_REFUSED'],
    [{ kind: 'status', status: 404 }, 'USER_UNKNOWN'],
    [{ kind: 'status', status: 302 }, 'PROVIDER_BAD_ANSWER'],
    [{ kind: 'status', status: 204 }, 'PROVIDER_BAD_ANSWER'],
    [{ kind: 'garbage' }, 'PROVIDER_BAD_ANSWER'],
    [{ kind: 'drop' }, 'PROVIDER_UNAVAILABLE'],
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

  test('Retry-After is passed on', async () => {
    simulator.injectFault({ kind: 'status', status: 429, retryAfterSeconds: 7, call: 'track' });
    expect((await failureOf(provider.startSession(startRequest(), signal))).retryAfterMs).toBe(7_000);
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

  test('a poll answered 401 is failed, for a session whose word cannot be had must not stay open', async () => {
    const { handle } = await provider.startSession(startRequest(), signal);
    await simulator.phone(USER).approve();
    simulator.injectFault({ kind: 'status', status: 401, call: 'get_action' });
    expect(await provider.pollSession(handle, signal)).toEqual({ status: 'failed', reason: 'PROVIDER_UNAUTHORIZED' });
  });

  test.each(['garbage', 'drop'] as const)('a poll answered with %s says nothing: the lease runs out', async (kind) => {
    const { handle } = await provider.startSession(startRequest(), signal);
    simulator.injectFault({ kind, call: 'get_action' });
    expect((await failureOf(provider.pollSession(handle, signal))).code).toMatch(/^PROVIDER_/);
  });

  test('an endless answer is cut off', async () => {
    const url = await serving((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.write(`"${'x'.repeat(MAX_ANSWER_BYTES)}`);
    });
    const failure = await failureOf(open({ url, secret: SECRET }).enrollment.check(USER, signal));
    expect(failure.code).toBe('PROVIDER_BAD_ANSWER');
  });

  test('a redirect is not followed: the key goes where it was meant to go and nowhere else', async () => {
    const visitors: string[] = [];
    const elsewhere = await serving((request, response) => {
      visitors.push(request.url ?? '');
      response.end('{"isEnrolled":true}');
    });
    const url = await serving((_, response) => response.writeHead(302, { Location: `${elsewhere}/users/x` }).end());
    expect((await failureOf(open({ url, secret: SECRET }).enrollment.check(USER, signal))).code).toBe(
      'PROVIDER_BAD_ANSWER',
    );
    expect(visitors).toEqual([]);
  });

  test('nobody listening is unreachable', async () => {
    await simulator.close();
    expect((await failureOf(provider.enrollment.check(USER, signal))).code).toBe('PROVIDER_UNREACHABLE');
    simulator = await startAuthsignalSimulator();
  });
});

describe('time', () => {
  test('a service that does not answer is given up, and its connection with it', async () => {
    const gone = Promise.withResolvers<void>();
    const url = await serving((request) => request.on('close', () => gone.resolve()));
    const failure = await failureOf(
      open({ url, secret: SECRET }, 100).enrollment.addContact?.(
        { userId: USER, displayName: '', contact: { kind: 'email', email: 'a@example.org' } },
        signal,
      ) ?? Promise.resolve(),
    );
    expect(failure.code).toBe('PROVIDER_TIMEOUT');
    await gone.promise;
  });

  test('whoever no longer waits breaks the call off', async () => {
    const asked = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const url = await serving((request) => {
      asked.resolve();
      request.on('close', () => gone.resolve());
    });
    const patience = new AbortController();
    const failure = failureOf(open({ url, secret: SECRET }, 15_000).enrollment.check(USER, patience.signal));
    await asked.promise;
    patience.abort();
    expect((await failure).code).toBe('PROVIDER_TIMEOUT');
    await gone.promise;
  });
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

  test('a poll is asked once: the poller is its own retry', async () => {
    const { handle } = await provider.startSession(startRequest(), signal);
    simulator.injectFault({ kind: 'status', status: 503, call: 'get_action' });
    expect((await failureOf(provider.pollSession(handle, signal))).code).toBe('PROVIDER_UNAVAILABLE');
    expect((await provider.pollSession(handle, signal)).status).toBe('pending');
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
