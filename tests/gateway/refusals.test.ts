import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProviderError } from '../../gateway/providers/provider.ts';
import { ERROR_CODES, type ErrorCode } from '../../protocol/error-codes.ts';
import {
  type GatewayUnderTest,
  HELLO,
  OTHER_TOKEN,
  START,
  startGateway,
  type TestClient,
  TOKEN,
} from './gateway-under-test.ts';

let running: GatewayUnderTest;
beforeEach(async () => {
  running = await startGateway({ limits: { frameBurst: 15, framesPerSecond: 1, startsPerMinute: 4 } });
});
afterEach(() => running.close());

/** The error frame and the close are exactly what the table says. */
async function expectRefused(client: TestClient, code: ErrorCode, requestId?: string): Promise<void> {
  const row = ERROR_CODES[code];
  const frame = await client.next('error');
  expect(frame).toEqual({
    v: 1,
    type: 'error',
    code,
    message: row.text,
    retryable: row.retryable,
    ...(requestId === undefined ? {} : { requestId }),
  });
  if (row.closeCode === null) expect(client.closeCode).toBeNull();
  else expect(await client.closed()).toBe(row.closeCode);
}

const POLL = { v: 1, type: 'session.poll', sessionId: 'x', seq: 0 };
const ENROLL = { v: 1, requestId: 'e-1', userId: 'user-1' };

describe('an introduced client is refused, by code and close code,', () => {
  test.each<[string, unknown, ErrorCode]>([
    ['for text that is not JSON', '{"v":1', 'FRAME_NOT_JSON'],
    ['for an empty frame', '', 'FRAME_NOT_JSON'],
    ['for 16 KiB and a byte', ' '.repeat(16 * 1024 + 1), 'FRAME_TOO_LARGE'],
    ['for a megabyte', 'x'.repeat(1024 * 1024), 'FRAME_TOO_LARGE'],
    ['for a binary frame', Buffer.from(JSON.stringify(POLL)), 'FRAME_BINARY'],
    ['for null', 'null', 'FRAME_INVALID'],
    ['for a list', [POLL], 'FRAME_INVALID'],
    ['for no version', { ...POLL, v: undefined }, 'FRAME_INVALID'],
    ['for a version that is a text', { ...POLL, v: '1' }, 'FRAME_INVALID'],
    ['for another version', { ...POLL, v: 2 }, 'VERSION_UNSUPPORTED'],
    ['for an unknown type', { v: 1, type: 'session.steal' }, 'FRAME_INVALID'],
    ['for a frame only the gateway sends', { v: 1, type: 'command.lock', reason: 'x' }, 'FRAME_INVALID'],
    ['for an unknown member', { ...POLL, extra: true }, 'FRAME_INVALID'],
    ['for a second hello', HELLO, 'FRAME_INVALID'],
    ['for a negative seq', { ...POLL, seq: -1 }, 'FRAME_INVALID'],
    ['for a fractional seq', { ...POLL, seq: 1.5 }, 'FRAME_INVALID'],
    ['for a session id with a line break', { ...POLL, sessionId: 'a\nb' }, 'FRAME_INVALID'],
    ['for a session id of 129 characters', { ...POLL, sessionId: 'a'.repeat(129) }, 'FRAME_INVALID'],
    ['for a start without request id', { ...START, requestId: undefined }, 'FRAME_INVALID'],
    ['for a start with an empty user', { ...START, userId: '' }, 'FRAME_INVALID'],
    ['for a start with a slash in the user', { ...START, userId: 'a/b' }, 'FRAME_INVALID'],
    ['for a start with an unknown reason', { ...START, reason: 'because' }, 'FRAME_INVALID'],
    ['for a start with an ill-formed method', { ...START, methods: ['a,b'] }, 'FRAME_INVALID'],
    ['for a start of 59 seconds', { ...START, durationSeconds: 59 }, 'FRAME_INVALID'],
    ['for a start of more than a day', { ...START, durationSeconds: 86_401 }, 'FRAME_INVALID'],
    [
      'for an answer that is too long',
      { v: 1, type: 'session.answer', sessionId: 'x', data: 'x'.repeat(129) },
      'FRAME_INVALID',
    ],
    [
      'for an end with a control character',
      { v: 1, type: 'session.end', sessionId: 'x', reason: 'a\u0007' },
      'FRAME_INVALID',
    ],
    [
      'for settings of a method with a member __proto__, which is not left out without a word',
      '{"v":1,"type":"methods.create","requestId":"m","userId":"u","methodId":"m","settings":{"__proto__":"x"},"isDefault":true}',
      'FRAME_INVALID',
    ],
    ['for a name with a line break', { ...ENROLL, type: 'enroll.begin', displayName: 'a\nb' }, 'FRAME_INVALID'],
    [
      'for a phone number that is not E.164',
      { ...ENROLL, type: 'enroll.sms', displayName: 'A', phoneNumber: '0170' },
      'FRAME_INVALID',
    ],
    ...[
      { kind: 'phone', phoneNumber: '0170' },
      { kind: 'email', email: 'ada' },
      { kind: 'email', email: 'ada@example.org', phoneNumber: '+491701234567' },
      { kind: 'fax', phoneNumber: '+491701234567' },
    ].map((contact): [string, unknown, ErrorCode] => [
      `for the contact ${JSON.stringify(contact)}`,
      { ...ENROLL, type: 'enroll.contact', displayName: 'A', contact },
      'FRAME_INVALID',
    ]),
  ])('%s', async (_why, frame, code) => {
    const client = await (await running.connect()).hello();
    client.send(frame);
    await expectRefused(client, code);
  });

  test('for text that is not UTF-8', async () => {
    const client = await (await running.connect()).hello();
    client.socket.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false });
    await expectRefused(client, 'FRAME_NOT_JSON');
  });

  test('for a flood', async () => {
    const client = await (await running.connect()).hello();
    for (let frame = 0; frame < 30; frame += 1) client.send(POLL);
    await client.next('error', ({ code }) => code === 'TOO_MANY_FRAMES');
    expect(await client.closed()).toBe(ERROR_CODES.TOO_MANY_FRAMES.closeCode);
  });
});

describe('a stranger is refused', () => {
  test.each<[string, Record<string, unknown>, ErrorCode]>([
    ['without hello', POLL, 'HELLO_EXPECTED'],
    ['with a wrong token', { ...HELLO, token: `${TOKEN}x` }, 'UNAUTHORIZED'],
    ['with a short token', { ...HELLO, token: 'short' }, 'FRAME_INVALID'],
    ['with another version', { ...HELLO, v: 2 }, 'VERSION_UNSUPPORTED'],
    ['without device', { ...HELLO, deviceId: '' }, 'FRAME_INVALID'],
    ['with an unknown platform', { ...HELLO, platform: 'beos' }, 'FRAME_INVALID'],
    ['with an unknown member', { ...HELLO, admin: true }, 'FRAME_INVALID'],
  ])('%s', async (_why, frame, code) => {
    const client = await running.connect();
    client.send(frame);
    await expectRefused(client, code);
    expect(client.closeReason).toMatch(new RegExp(`^${code}`));
  });

  test('and neither token nor what it sent is logged', async () => {
    const client = await running.connect();
    client.send({ ...HELLO, token: 'a-wrong-token-that-must-not-be-logged' });
    await expectRefused(client, 'UNAUTHORIZED');
    const everything = running.logger.lines.join() + JSON.stringify(running.audited);
    expect(everything).not.toContain('must-not-be-logged');
    expect(everything).toContain('workstation.refused');
  });
});

describe('a request is refused and the connection stays', () => {
  test('for a session that is not known, naming it', async () => {
    const client = await (await running.connect()).hello();
    for (const frame of [
      { ...POLL, sessionId: 'nope' },
      { v: 1, type: 'session.answer', sessionId: 'nope', data: '1' },
      { v: 1, type: 'session.end', sessionId: 'nope', reason: 'x' },
    ]) {
      client.send(frame);
      await expectRefused(client, 'SESSION_UNKNOWN', 'nope');
    }
  });

  test.each([
    ['another device', { deviceId: 'device-2' }],
    ['another token', { token: OTHER_TOKEN }],
  ])('for a session of %s', async (_whose, overrides) => {
    const owner = await (await running.connect()).hello();
    owner.send(START);
    const { sessionId } = await owner.next('session.state');
    const other = await (await running.connect()).hello(overrides);
    other.send({ ...POLL, sessionId });
    await expectRefused(other, 'SESSION_FORBIDDEN', sessionId);
    other.send({ v: 1, type: 'session.end', sessionId, reason: 'x' });
    await expectRefused(other, 'SESSION_FORBIDDEN', sessionId);
    expect(running.provider.ends).toBe(0);
  });

  test('for an answer nobody asked for', async () => {
    const client = await (await running.connect()).hello();
    client.send(START);
    const { sessionId } = await client.next('session.state');
    client.send({ v: 1, type: 'session.answer', sessionId, data: '123' });
    await expectRefused(client, 'ANSWER_NOT_EXPECTED', sessionId);
  });

  test('for what the service cannot do', async () => {
    const client = await (await running.connect()).hello();
    client.send({ ...START, methods: ['retina'] });
    await expectRefused(client, 'NOT_SUPPORTED', START.requestId);
    client.send({ ...ENROLL, type: 'enroll.sms', displayName: 'A', phoneNumber: '+491701234567' });
    await expectRefused(client, 'NOT_SUPPORTED', 'e-1');
    const contact = { kind: 'phone', phoneNumber: '+491701234567' };
    client.send({ ...ENROLL, type: 'enroll.contact', requestId: 'e-2', displayName: 'A', contact });
    await expectRefused(client, 'NOT_SUPPORTED', 'e-2');
    expect(running.provider.starts).toHaveLength(0);
  });

  test('for too many starts, so that nobody’s phone is bombed', async () => {
    const client = await (await running.connect()).hello();
    for (let start = 1; start <= 4; start += 1) {
      client.send({ ...START, requestId: `r-${start}` });
      await client.next('session.state');
    }
    client.send({ ...START, requestId: 'r-5' });
    await expectRefused(client, 'RATE_LIMITED', 'r-5');
    const other = await (await running.connect()).hello({ deviceId: 'device-2' });
    other.send({ ...START, requestId: 'r-6' });
    await expectRefused(other, 'RATE_LIMITED', 'r-6');
    expect(running.provider.starts).toHaveLength(4);
  });

  test.each([
    'START_REFUSED',
    'NO_MOBILE_DEVICE',
    'USER_UNKNOWN',
    'PROVIDER_UNAUTHORIZED',
    'PROVIDER_RATE_LIMITED',
    'PROVIDER_UNAVAILABLE',
    'PROVIDER_UNREACHABLE',
    'PROVIDER_TIMEOUT',
    'PROVIDER_BAD_ANSWER',
  ] as const)('when the service says %s', async (code) => {
    running.provider.onStart = () => new ProviderError(code, 'the inner sentence is not for the wire');
    const client = await (await running.connect()).hello();
    client.send(START);
    await expectRefused(client, code, START.requestId);
  });

  test('when the service refuses an enrollment', async () => {
    running.provider.onEnroll = () => new ProviderError('SMS_REFUSED', 'no');
    const client = await (await running.connect()).hello();
    client.send({ ...ENROLL, type: 'enroll.check' });
    await expectRefused(client, 'SMS_REFUSED', 'e-1');
  });
});

test('a fault of the provider itself is INTERNAL and quotes nothing', async () => {
  running.provider.onStart = () => {
    throw new Error('secret detail');
  };
  const client = await (await running.connect()).hello();
  client.send(START);
  await expectRefused(client, 'INTERNAL', START.requestId);
});

test('stopping tells every client and closes with 1001', async () => {
  const client = await (await running.connect()).hello();
  const closing = running.gateway.close();
  await expectRefused(client, 'GATEWAY_SHUTTING_DOWN');
  await closing;
});

test('enrollment answers every call', async () => {
  const client = await (await running.connect()).hello();
  const expected = [
    ['enroll.begin', { displayName: 'Ada' }, { registered: false, link: 'https://phone.example/register' }],
    ['enroll.check', {}, { registered: true }],
    ['enroll.lostDevice', {}, { registered: false, link: 'https://phone.example/register', detail: 'phone-disabled' }],
    ['enroll.remove', {}, { registered: false, detail: 'removed' }],
  ] as const;
  for (const [type, more, answer] of expected) {
    client.send({ ...ENROLL, type, ...more });
    expect(await client.next('enroll.state')).toEqual({ v: 1, type: 'enroll.state', requestId: 'e-1', ...answer });
  }
});

test('a lost phone closes the sessions it had approved at other workstations', async () => {
  const client = await (await running.connect()).hello();
  client.send(START);
  const { sessionId } = await client.next('session.state');
  const elsewhere = await (await running.connect()).hello({ deviceId: 'device-2' });
  elsewhere.send({ ...ENROLL, type: 'enroll.lostDevice' });
  const state = await client.next('session.state', ({ status }) => status === 'closed');
  expect(state).toMatchObject({ sessionId, validForMs: 0, reason: 'the phone was reported lost' });
});

test('who reports a phone lost is answered, and not locked out by it before', async () => {
  const client = await (await running.connect()).hello();
  client.send(START);
  const { sessionId } = await client.next('session.state');
  client.send({ ...ENROLL, type: 'enroll.lostDevice' });
  expect(await client.next('enroll.state')).toMatchObject({ detail: 'phone-disabled' });
  client.send({ v: 1, type: 'session.poll', sessionId, seq: 0 });
  expect((await client.next('session.state')).status).not.toBe('closed');
});
