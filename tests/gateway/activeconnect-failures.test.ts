import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../gateway/clock.ts';
import { createActiveconnectProvider } from '../../gateway/providers/activeconnect/provider.ts';
import { ProviderError } from '../../gateway/providers/provider.ts';
import { json, type Reply, ServiceDouble } from './service-double.ts';

const never = new AbortController().signal;
const START = {
  idempotencyKey: 'k1',
  userId: 'u1',
  deviceId: 'd1',
  reason: 'unlock' as const,
  methods: [],
  durationSeconds: 3_600,
};
const SECRET = 'the-application-secret';

let double: ServiceDouble;
const providers: { close(): void }[] = [];

function providerAt(baseUrl: string, timeoutMs = 2_000) {
  const provider = createActiveconnectProvider({
    profile: 'activeconnect',
    baseUrl,
    appId: 'APP1',
    appSecret: SECRET,
    timeoutMs,
    simulated: true,
    clock: createSystemClock(),
  });
  providers.push(provider);
  return provider;
}

beforeEach(async () => {
  double = new ServiceDouble();
  await double.listen();
});
afterEach(async () => {
  for (const provider of providers.splice(0)) provider.close();
  await double.close();
});

async function failureOf(call: Promise<unknown>): Promise<ProviderError> {
  const fault: unknown = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(fault instanceof ProviderError)) throw new Error(`not a ProviderError: ${String(fault)}`);
  return fault;
}

const status =
  (code: number, headers: Record<string, string> = {}): Reply =>
  (_request, response) =>
    json(response, code, { leaked: SECRET }, headers);

/** Besides what every provider is asked in provider-contract-matrix.ts. */
describe('what a service may answer wrongly', () => {
  test.each<[string, Reply, string]>([
    ['418', status(418), 'PROVIDER_BAD_ANSWER'],
    ['an empty body', (_request, response) => response.end(), 'PROVIDER_BAD_ANSWER'],
    ['JSON of another shape', (_request, response) => json(response, 200, [SECRET]), 'PROVIDER_BAD_ANSWER'],
    [
      'a change of protocol that nobody asked for',
      (_request, response) =>
        response.socket?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
      'PROVIDER_UNAVAILABLE',
    ],
    [
      'half an answer',
      (_request, response) => response.writeHead(200, { 'Content-Length': '100' }).write('{', () => response.destroy()),
      'PROVIDER_UNAVAILABLE',
    ],
  ])('a start answered with %s is asked once and has a stable code', async (_what, reply, code) => {
    double.reply = reply;
    const failure = await failureOf(providerAt(double.url).startSession(START, never));
    expect(failure.code).toBe(code);
    expect(double.seen).toHaveLength(1);
    const everything = `${failure.message} ${String(failure.cause)} ${failure.stack}`;
    expect(everything).not.toContain(SECRET);
  });

  test('Retry-After is understood as a date, too', async () => {
    double.reply = status(503, { 'Retry-After': new Date(Date.now() + 20_000).toUTCString() });
    const dated = (await failureOf(providerAt(double.url).startSession(START, never))).retryAfterMs;
    expect(dated).toBeGreaterThan(15_000);
    expect(dated).toBeLessThanOrEqual(20_000);
  });

  test('plain HTTP where TLS is expected is unreachable, with a sentence about the certificate', async () => {
    const failure = await failureOf(providerAt(double.url.replace('http:', 'https:')).startSession(START, never));
    expect(failure).toMatchObject({
      code: 'PROVIDER_UNREACHABLE',
      message: "The service's certificate was not accepted.",
    });
  });
});

describe('retries', () => {
  test('a GET is repeated after a 5xx, each time with a nonce of its own', async () => {
    double.reply = (_request, response) => {
      if (double.seen.length < 3) json(response, 502, {});
      else json(response, 200, { status: true, device_registered: true });
    };
    expect(await providerAt(double.url).enrollment.check('u1', never)).toEqual({ registered: true });
    expect(double.seen).toHaveLength(3);
    expect(new Set(double.seen.map((request) => request.headers['authentication'])).size).toBe(3);
  });

  test('a GET is given up after three attempts', async () => {
    double.reply = status(500);
    expect((await failureOf(providerAt(double.url).enrollment.check('u1', never))).code).toBe('PROVIDER_UNAVAILABLE');
    expect(double.seen).toHaveLength(3);
  });

  test('a GET told to come back later is not repeated now', async () => {
    double.reply = status(429, { 'Retry-After': '3' });
    await failureOf(providerAt(double.url).enrollment.check('u1', never));
    expect(double.seen).toHaveLength(1);
  });

  test('an SMS that broke off after delivery is not sent again', async () => {
    double.reply = (request, response) => {
      if (request.path.includes('add_users'))
        json(response, 201, { status: true, users: { created: [], existing: [] } });
      else response.destroy();
    };
    const sms = { userId: 'u1', displayName: 'Ada', phoneNumber: '+491701234567' };
    const sent = Promise.resolve(providerAt(double.url).enrollment.sendSms?.(sms, never));
    expect((await failureOf(sent)).code).toBe('PROVIDER_UNAVAILABLE');
    expect(double.seen.filter((request) => request.path.includes('sms'))).toHaveLength(1);
  });

  test('a start is sent again when the first connection was refused', async () => {
    // A port that refuses first and listens a moment later: the double's, behind a forwarder that starts late.
    const port = Number(new URL(double.url).port);
    const sockets: Socket[] = [];
    const probe = createTcpServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const address = probe.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    await new Promise((resolve) => probe.close(resolve));
    const forwarder = createTcpServer((socket) => {
      sockets.push(
        socket,
        connect(port, '127.0.0.1', function onConnect(this: Socket) {
          socket.pipe(this).pipe(socket);
        }),
      );
    });
    double.reply = (_request, response) => json(response, 200, { authentication_status: { authenticated: false } });
    const started = failureOf(providerAt(`http://127.0.0.1:${address.port}`).startSession(START, never));
    setImmediate(() => setTimeout(() => forwarder.listen(address.port, '127.0.0.1'), 50));
    expect((await started).code).toBe('START_REFUSED');
    expect(double.seen).toHaveLength(1);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => forwarder.close(resolve));
  });
});

describe('other servers of the same service', () => {
  const STATUS = { authenticated: 'True', session_status: 'active' };
  const stored = () => ({
    providerId: 'activeconnect',
    serialized: JSON.stringify({
      session_status: 'pending',
      session_token: 'token',
      session_secret: 'secret',
      status_url: `${double.url}/status`,
      logout_url: `${double.url}/logout`,
      failure_reason: null,
    }),
  });

  test.each<[string, object]>([
    ['booleans as strings', { authentication_status: STATUS }],
    ['the status unwrapped', { ...STATUS, authenticated: true }],
  ])('are understood: %s', async (_what, body) => {
    double.reply = (_request, response) => json(response, 200, body);
    expect(await providerAt(double.url).pollSession(stored(), never)).toEqual({ status: 'active' });
  });

  test('say with a string whether there is a phone', async () => {
    double.reply = (_request, response) => json(response, 200, { status: 'True', device_registered: 'False' });
    expect(await providerAt(double.url).enrollment.check('u1', never)).toEqual({ registered: false });
  });
});

describe('removing a person', () => {
  test('one that the service does not know is removed', async () => {
    double.reply = status(404);
    await expect(providerAt(double.url).enrollment.remove('u1', never)).resolves.toBeUndefined();
  });
});
