import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { HEARTBEAT_INTERVAL_MS } from '../../../gateway/limits.ts';
import { MAX_LIVE_PER_PHONE, SIGN_IN_IDLE_MS } from '../../../gateway/providers/passkey/limits.ts';
import { APPROVER_LIVE_PATH } from '../../../protocol/approver.ts';
import { ApproverLiveSchema, type ApproverState } from '../../../protocol/approver-state.ts';
import { type ApproverUnderTest, eventually, ORIGIN, startApprover } from './approver-under-test.ts';
import { Desk, PERSON } from './desk-in-software.ts';
import { PhoneInSoftware } from './phone-in-software.ts';

const WAIT_MS = 5_000;
let approver: ApproverUnderTest;
let desk: Desk;
let phone: PhoneInSoftware;
beforeEach(async () => {
  approver = await startApprover();
  desk = await Desk.at(approver);
  phone = await desk.enrolledPhone(approver);
});
afterEach(() => approver.close());

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
    approver.service.enrollment.reportLost(PERSON, 'reported lost');
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
