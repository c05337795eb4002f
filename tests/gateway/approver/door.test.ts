import { once } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { HEARTBEAT_INTERVAL_MS } from '../../../gateway/limits.ts';
import {
  MAX_LIVE_PER_PHONE,
  MAX_SIGN_INS_PER_PHONE,
  REPLACED_SIGN_IN_MS,
  SIGN_IN_IDLE_MS,
  SIGN_IN_LONGEST_MS,
} from '../../../gateway/providers/passkey/limits.ts';
import {
  APPROVER_CALLS,
  APPROVER_LIVE_PATH,
  APPROVER_STATE_PATH,
  type ApproverCall,
  FRESH_SIGN_IN_MS,
  MAX_APPROVER_REQUEST_BYTES,
} from '../../../protocol/approver.ts';
import { ApproverLiveSchema, type ApproverState } from '../../../protocol/approver-state.ts';
import {
  type ApproverSetUp,
  type ApproverUnderTest,
  eventually,
  exchange,
  ORIGIN,
  startApprover,
} from './approver-under-test.ts';
import { Desk, PERSON } from './desk-in-software.ts';
import { PhoneInSoftware } from './phone-in-software.ts';

const WAIT_MS = 5_000;
let approver: ApproverUnderTest;
let desk: Desk;
let phone: PhoneInSoftware;
async function start(setUp: ApproverSetUp = {}, origin = ORIGIN): Promise<void> {
  approver = await startApprover(setUp);
  desk = await Desk.at(approver);
  phone = new PhoneInSoftware(approver, origin);
  await phone.enroll(await desk.enrollmentLink());
}
beforeEach(() => start());
afterEach(() => approver.close());

function get(path: string, headers: OutgoingHttpHeaders = {}, method = 'GET') {
  return exchange(approver.url, { method, path, headers });
}

describe('the cookie', () => {
  test('is for this host alone, unreadable for scripts, and not sent with what another site starts', async () => {
    await approver.close();
    await start({ publicUrl: 'https://locker.example.org' }, 'https://locker.example.org');
    const { signInId, options } = await phone.call('sign-in.begin', {});
    const answered = await phone.post('sign-in.finish', { signInId, passkey: phone.authenticator.assert(options) });
    const [cookie = ''] = answered.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(
      /^__Host-presence-approver=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/,
    );
    expect(answered.headers['strict-transport-security']).toBeDefined();
  });

  test.each<[string, OutgoingHttpHeaders]>([
    ['another origin', { Origin: 'https://evil.example' }],
    ['an origin that only looks alike', { Origin: `${ORIGIN}.evil.example` }],
    ['no origin', { Origin: 'null' }],
    ['another site, by the browser’s word', { 'Sec-Fetch-Site': 'cross-site' }],
    ['another host of the same site', { 'Sec-Fetch-Site': 'same-site' }],
    ['the address bar', { 'Sec-Fetch-Site': 'none' }],
  ])('does nothing in a call from %s', async (_what, headers) => {
    await desk.asks();
    const { requestId } = await phone.asked();
    phone.headers = headers;
    expect(await phone.refusal('request.deny', { requestId })).toBe('WRONG_ORIGIN');
    phone.headers = {};
    expect(await phone.asked()).toBeDefined();
  });

  test('does nothing in a form, which needs no permission of ours', async () => {
    phone.headers = { 'Content-Type': 'text/plain' };
    expect(await phone.refusal('sign-out', {})).toBe('BAD_REQUEST');
  });

  test('shows nothing to a page of another site, and no answer lets one read it', async () => {
    const headers = { Cookie: phone.cookie ?? '', 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' };
    const answered = await get(APPROVER_STATE_PATH, headers);
    expect(answered.status).toBe(403);
    const preflight = await get(APPROVER_CALLS.recover.path, headers, 'OPTIONS');
    expect(preflight.status).toBe(405);
    for (const name of [...Object.keys(answered.headers), ...Object.keys(preflight.headers)]) {
      expect(name).not.toMatch(/^access-control-/);
    }
  });

  test('does not count when there are two of it', async () => {
    const answered = await get(APPROVER_STATE_PATH, { Cookie: `${phone.cookie}; ${phone.cookie}` });
    expect(answered.status).toBe(401);
  });

  test('is over after some time without a call, and after its longest time whatever is called', async () => {
    approver.clock.sleep(SIGN_IN_IDLE_MS + 1);
    await expect(phone.state()).rejects.toThrow('401');
    await phone.signIn();
    for (let passed = 0; passed < SIGN_IN_LONGEST_MS - SIGN_IN_IDLE_MS; passed += SIGN_IN_IDLE_MS) {
      approver.clock.sleep(SIGN_IN_IDLE_MS - 1);
      await phone.state();
    }
    approver.clock.sleep(SIGN_IN_IDLE_MS - 1);
    await phone.state();
    approver.clock.sleep(SIGN_IN_IDLE_MS - 1);
    await expect(phone.state()).rejects.toThrow('401');
  });

  test('that was copied comes to add a phone neither by an approval nor by another sign-in of its owner, and is over after that', async () => {
    const copied = phone.cookie;
    const withCopy = new PhoneInSoftware(approver);
    approver.clock.sleep(FRESH_SIGN_IN_MS + 1);
    const { number } = await desk.asks();
    await phone.approve(await phone.asked(), number);
    withCopy.cookie = copied;
    expect(await withCopy.refusal('phone.add', {})).toBe('FRESH_SIGN_IN_NEEDED');
    await phone.signIn();
    expect(phone.cookie).not.toBe(copied);
    expect(await withCopy.refusal('phone.add', {})).toBe('FRESH_SIGN_IN_NEEDED');
    await phone.call('phone.add', {});
    approver.clock.sleep(REPLACED_SIGN_IN_MS);
    await expect(withCopy.state()).rejects.toThrow('401');
    await phone.state();
  });

  test('that somebody planted is not the one that a sign-in makes valid', async () => {
    const planted = `presence-approver=${'A'.repeat(43)}`;
    phone.cookie = planted;
    await phone.signIn();
    expect(phone.cookie).not.toBe(planted);
    phone.cookie = planted;
    await expect(phone.state()).rejects.toThrow('401');
  });

  test('is one of at most four of a phone: the oldest gives way', async () => {
    const cookies = [phone.cookie];
    for (let signedIn = 0; signedIn < MAX_SIGN_INS_PER_PHONE; signedIn += 1) {
      phone.cookie = null;
      await phone.signIn();
      cookies.push(phone.cookie);
    }
    const [oldest, ...others] = cookies;
    for (const cookie of others) {
      phone.cookie = cookie ?? null;
      await phone.state();
    }
    phone.cookie = oldest ?? null;
    await expect(phone.state()).rejects.toThrow('401');
  });

  test('opens nothing once it was signed out, or without it', async () => {
    const { cookie } = phone;
    await phone.call('sign-out', {});
    phone.cookie = cookie;
    await expect(phone.state()).rejects.toThrow('401');
    phone.cookie = null;
    for (const call of Object.keys(APPROVER_CALLS) as ApproverCall[]) {
      if (APPROVER_CALLS[call].needs !== 'nobody') expect(await phone.refusal(call, {})).toBe('SIGN_IN_NEEDED');
    }
  });
});

describe('a call', () => {
  test('of every kind in the table is answered, and only by POST', async () => {
    for (const { path } of Object.values(APPROVER_CALLS)) {
      expect((await get(path)).status).toBe(405);
      expect((await get(path, {}, 'POST')).status).toBe(403);
    }
  });

  test('is answered with nothing that a browser or a proxy keeps, and tells no other site where it came from', async () => {
    const answers = [
      await phone.post('sign-in.begin', {}),
      await phone.post('enroll.begin', {}),
      await get(APPROVER_STATE_PATH),
      await get('/approver/nothing'),
      await get(APPROVER_CALLS.recover.path),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 401, 404, 405]);
    for (const { headers } of answers) {
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    }
  });

  test('with a body that is too large is refused before it is read, by its length or when it shows', async () => {
    const large = JSON.stringify({ code: 'x'.repeat(MAX_APPROVER_REQUEST_BYTES) });
    expect(await phone.refusal('enroll.begin', large)).toBe('TOO_LARGE');
    phone.headers = { 'Transfer-Encoding': 'chunked' };
    expect(await phone.refusal('enroll.begin', large)).toBe('TOO_LARGE');
  });

  test.each([
    '',
    '{',
    '[]',
    '{"code":1}',
    '{"code":"A"}',
    '{"code":"AAAAAAAAAAAAAAAAAAAAAA","more":1}',
    '{"code":"AAAAAAAAAAAAAAAAAAAAAA","__proto__":{"needs":"nobody"}}',
    '{"code":"AAAAAAAAAAAAAAAAAAAAAA","constructor":{}}',
    '{"__proto__":{"code":"AAAAAAAAAAAAAAAAAAAAAA"}}',
  ])('with the body %j is refused, and nothing of it is quoted', async (body) => {
    expect(await phone.refusal('enroll.begin', body)).toBe('BAD_REQUEST');
  });

  test('that only announces a body which is too large is not waited for', async () => {
    const { port } = new URL(approver.url);
    const socket = connect(Number(port), '127.0.0.1');
    const head = [
      `POST ${APPROVER_CALLS.recover.path} HTTP/1.1`,
      'Host: localhost',
      `Origin: ${ORIGIN}`,
      'Content-Type: application/json',
      'Content-Length: 1000000000',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(WAIT_MS) });
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  test('leaves no code, cookie or passkey in the log', async () => {
    const { lines } = approver.logger;
    const link = (await phone.call('phone.add', {})).link;
    await phone.refusal('enroll.begin', { code: 'A'.repeat(22) });
    await phone.refusal('recover', { recoveryCode: 'AAAA-AAAA-AAAA-AAAA' });
    const text = lines.join('\n') + JSON.stringify(approver.audited);
    for (const secret of [
      link.split('=')[1],
      phone.cookie?.split('=')[1],
      phone.recoveryCode,
      phone.authenticator.credentialId,
    ]) {
      expect(secret).toMatch(/./);
      expect(text).not.toContain(secret);
    }
  });
});

describe('the live connection', () => {
  function open(headers: Record<string, string>): WebSocket {
    return new WebSocket(approver.url + APPROVER_LIVE_PATH, { headers });
  }
  async function refusedWith(headers: Record<string, string>): Promise<number> {
    const socket = open(headers);
    socket.on('error', () => undefined);
    const [, response] = await once(socket, 'unexpected-response', { signal: AbortSignal.timeout(WAIT_MS) });
    socket.terminate();
    return response.statusCode;
  }
  const cookie = () => phone.cookie ?? '';

  test('opens only for our own page, signed in', async () => {
    expect(await refusedWith({ Origin: 'https://evil.example', Cookie: cookie() })).toBe(403);
    expect(await refusedWith({ Cookie: cookie() })).toBe(403);
    expect(await refusedWith({ Origin: ORIGIN })).toBe(401);
  });

  test('tells how things are at once and after every change, and the end of the sign-in', async () => {
    const socket = open({ Origin: ORIGIN, Cookie: cookie() });
    const states: ApproverState[] = [];
    let closeCode = 0;
    const told = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('waited in vain for the end')), WAIT_MS);
      socket.on('message', (data) => {
        const message = ApproverLiveSchema.parse(JSON.parse(String(data)));
        if (message.type === 'state') states.push(message.state);
        if (message.type === 'state' && states.length === 1) desk.start();
        if (message.type === 'state' && message.state.requests.length === 1) phone.post('sign-out', {}).catch(reject);
      });
      socket.on('close', (code) => {
        closeCode = code;
        clearTimeout(late);
        resolve();
      });
    });
    await told;
    expect(states[0]?.requests).toEqual([]);
    expect(states.at(-1)?.requests).toHaveLength(1);
    expect(closeCode).toBe(4_401);
  });

  /** Opens it, and resolves once the first state has come. */
  async function opened(): Promise<WebSocket> {
    const socket = open({ Origin: ORIGIN, Cookie: cookie() });
    await once(socket, 'message', { signal: AbortSignal.timeout(WAIT_MS) });
    return socket;
  }
  async function closeCodeOf(socket: WebSocket, waitMs = WAIT_MS): Promise<number> {
    const [code] = await once(socket, 'close', { signal: AbortSignal.timeout(waitMs) });
    return code;
  }

  test('is cut at once when the phone is revoked by another one, or reported lost', async () => {
    const second = new PhoneInSoftware(approver);
    await second.enroll((await phone.call('phone.add', {})).link, 'Second');
    const socket = await opened();
    const [revoked] = (await phone.state()).phones.filter(({ thisPhone }) => thisPhone);
    const cut = closeCodeOf(socket);
    await second.call('phone.revoke', { phoneId: revoked?.phoneId ?? '' });
    expect(await cut).toBe(4_401);
    phone = second;
    const lost = closeCodeOf(await opened());
    desk.client.send({ v: 1, type: 'enroll.lostDevice', requestId: 'lost', userId: PERSON });
    expect(await lost).toBe(4_401);
  });

  test('is cut when the sign-in is over by time, however lively it is', async () => {
    const socket = await opened();
    const cut = closeCodeOf(socket, 10 * WAIT_MS);
    const pinged: unknown[] = [];
    socket.on('ping', () => pinged.push(null));
    for (let beats = 1; beats * HEARTBEAT_INTERVAL_MS < SIGN_IN_IDLE_MS; beats += 1) {
      await approver.clock.advance(HEARTBEAT_INTERVAL_MS);
      await eventually(() => pinged.length === beats, 'a ping');
    }
    expect(socket.readyState).toBe(WebSocket.OPEN);
    await approver.clock.advance(HEARTBEAT_INTERVAL_MS);
    expect(await cut).toBe(4_401);
  });

  test('begins anew with the new cookie when the page signs in again', async () => {
    const cut = closeCodeOf(await opened());
    await phone.signIn();
    expect(await cut).toBe(4_402);
    (await opened()).terminate();
  });

  test('is one of at most four of a phone', async () => {
    const sockets: WebSocket[] = [];
    for (let each = 0; each < MAX_LIVE_PER_PHONE; each += 1) sockets.push(await opened());
    expect(await refusedWith({ Origin: ORIGIN, Cookie: cookie() })).toBe(429);
    for (const socket of sockets) socket.terminate();
  });

  test('is closed when the page says something on it', async () => {
    const socket = open({ Origin: ORIGIN, Cookie: cookie() });
    await once(socket, 'open', { signal: AbortSignal.timeout(WAIT_MS) });
    socket.send('approve everything');
    const [code] = await once(socket, 'close', { signal: AbortSignal.timeout(WAIT_MS) });
    expect(code).toBe(1_008);
  });
});
