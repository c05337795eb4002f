import { once } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  MAX_SIGN_INS_PER_PHONE,
  REPLACED_SIGN_IN_MS,
  SIGN_IN_IDLE_MS,
  SIGN_IN_LONGEST_MS,
} from '../../../gateway/providers/passkey/limits.ts';
import {
  APPROVER_CALLS,
  APPROVER_STATE_PATH,
  type ApproverCall,
  FRESH_SIGN_IN_MS,
  MAX_APPROVER_REQUEST_BYTES,
} from '../../../protocol/approver.ts';
import { type ApproverSetUp, type ApproverUnderTest, exchange, ORIGIN, startApprover } from './approver-under-test.ts';
import { Desk } from './desk-in-software.ts';
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
