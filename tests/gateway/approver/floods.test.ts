import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { addressOf } from '../../../gateway/peer-address.ts';
import {
  CALLS_PER_MINUTE,
  FAILED_ASSERTIONS_PER_TEN_MINUTES,
  FAILURES_PER_TEN_MINUTES,
  MAX_CHALLENGES_PER_REQUEST,
  MAX_PENDING_PER_PERSON,
  REQUESTS_PER_TEN_MINUTES,
  SIGN_INS_PER_MINUTE,
} from '../../../gateway/providers/passkey/limits.ts';
import { APPROVER_LIVE_PATH } from '../../../protocol/approver.ts';
import { type ApproverUnderTest, ORIGIN, startApprover } from './approver-under-test.ts';
import { Desk } from './desk-in-software.ts';
import { codeOf, PhoneInSoftware } from './phone-in-software.ts';

const MINUTE_MS = 60_000;
const TEN_MINUTES_MS = 600_000;
/** As many as from one address would have been far too many. */
const GUESSES_OF_MANY = 120;
const AT_ONCE = 50;
let approver: ApproverUnderTest;
let desk: Desk;
beforeEach(async () => {
  approver = await startApprover({ behindProxy: true });
  desk = await Desk.at(approver);
});
afterEach(() => approver.close());

async function codeOfStart(from: Desk, userId?: string): Promise<string> {
  const requestId = from.start(userId);
  return (await from.client.next('error', (error) => error.requestId === requestId)).code;
}

/** Asks for the state as often as is allowed within a minute. */
async function answersOf(phone: PhoneInSoftware): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  for (let called = 0; called < CALLS_PER_MINUTE; called += AT_ONCE) {
    const asked = Array.from({ length: AT_ONCE }, () => phone.state());
    for (const settled of await Promise.allSettled(asked)) {
      const answer = settled.status === 'rejected' ? String(settled.reason).replace(/ \{.*/, '') : 'shown';
      answers[answer] = (answers[answer] ?? 0) + 1;
    }
  }
  return answers;
}

test('a workstation that asks and asks rings no phone any more, and leaves one request to answer', async () => {
  const phone = await desk.enrolledPhone(approver);
  for (let asked = 0; asked < REQUESTS_PER_TEN_MINUTES; asked += 1) await desk.asks();
  expect(await codeOfStart(desk)).toBe('PROVIDER_RATE_LIMITED');
  expect((await phone.state()).requests).toHaveLength(1);
  approver.clock.sleep(TEN_MINUTES_MS + 1);
  await desk.asks();
});

test('workstations that take turns to ask for one person are held to one limit together', async () => {
  await desk.enrolledPhone(approver);
  const desks = [desk, await Desk.at(approver, 'device-2')];
  for (let asked = 0; asked < REQUESTS_PER_TEN_MINUTES; asked += 1) await desks[asked % 2]?.asks();
  expect(await codeOfStart(desk)).toBe('PROVIDER_RATE_LIMITED');
});

test('many workstations that ask at once for one person leave so many requests, and no more', async () => {
  await desk.enrolledPhone(approver);
  for (let asked = 0; asked < MAX_PENDING_PER_PERSON; asked += 1) {
    await (await Desk.at(approver, `device-${asked}`)).asks();
  }
  expect(await codeOfStart(await Desk.at(approver, 'one-more'))).toBe('PROVIDER_RATE_LIMITED');
});

test('an address that guesses codes is not heard for a while; another one is', async () => {
  const guesser = new PhoneInSoftware(approver);
  guesser.headers = { 'X-Forwarded-For': '203.0.113.7' };
  for (let guess = 0; guess < FAILURES_PER_TEN_MINUTES; guess += 1) {
    const call = guess % 2 === 0 ? 'enroll.begin' : 'recover';
    const request = guess % 2 === 0 ? { code: 'A'.repeat(22) } : { recoveryCode: 'AAAA-AAAA-AAAA-AAAA' };
    expect(await guesser.refusal(call, request)).toMatch(/^(?:CODE|RECOVERY)_REFUSED$/);
  }
  const link = await desk.enrollmentLink();
  await expect(guesser.enroll(link)).rejects.toThrow('RATE_LIMITED');
  // Whatever stands before it in the header came from the caller.
  guesser.headers = { 'X-Forwarded-For': '198.51.100.1, 203.0.113.7' };
  await expect(guesser.enroll(link)).rejects.toThrow('RATE_LIMITED');
  await new PhoneInSoftware(approver).enroll(link);
});

test('an address that tries passkeys is not heard for a while', async () => {
  const guesser = new PhoneInSoftware(approver);
  // A passkey that was made and never registered.
  const { options } = await guesser.call('enroll.begin', { code: codeOf(await desk.enrollmentLink()) });
  guesser.authenticator.create(options);
  for (let guess = 0; guess < FAILURES_PER_TEN_MINUTES; guess += 1) {
    approver.clock.sleep(MINUTE_MS / SIGN_INS_PER_MINUTE + 1);
    await expect(guesser.signIn()).rejects.toThrow('PASSKEY_UNKNOWN');
  }
  approver.clock.sleep(MINUTE_MS);
  expect(await guesser.refusal('sign-in.begin', {})).toBe('RATE_LIMITED');
  await expect(guesser.enroll(await desk.enrollmentLink())).rejects.toThrow('RATE_LIMITED');
});

test('somebody who guesses keeps no signed-in phone of the same address from answering', async () => {
  const phone = await desk.enrolledPhone(approver);
  const neighbour = new PhoneInSoftware(approver);
  for (let guess = 0; guess < FAILURES_PER_TEN_MINUTES; guess += 1) {
    await neighbour.refusal('enroll.begin', { code: 'A'.repeat(22) });
  }
  expect(await neighbour.refusal('sign-in.begin', {})).toBe('RATE_LIMITED');
  const { sessionId, number } = await desk.asks();
  await phone.approve(await phone.asked(), number);
  await desk.becomes(sessionId, 'active');
});

test('somebody who tries recovery codes from many addresses keeps nobody from theirs', async () => {
  const phone = await desk.enrolledPhone(approver);
  const guesser = new PhoneInSoftware(approver);
  for (let guess = 0; guess < GUESSES_OF_MANY; guess += 1) {
    guesser.headers = { 'X-Forwarded-For': `203.0.113.${guess}` };
    expect(await guesser.refusal('recover', { recoveryCode: 'AAAA-AAAA-AAAA-AAAA' })).toBe('RECOVERY_REFUSED');
  }
  await new PhoneInSoftware(approver).call('recover', { recoveryCode: phone.recoveryCode ?? '' });
});

test('an address that calls and calls is not heard for a minute; a phone that is signed in there is, up to a limit of its own', async () => {
  const phone = await desk.enrolledPhone(approver);
  approver.clock.sleep(MINUTE_MS);
  const [flooder, other] = [new PhoneInSoftware(approver), new PhoneInSoftware(approver)];
  // A state that is asked for without a sign-in counts as well, and so does a live connection.
  expect(await answersOf(flooder)).toEqual({ 'Error: the state was answered 401': CALLS_PER_MINUTE });
  expect(await other.refusal('recover', { recoveryCode: 'A' })).toBe('RATE_LIMITED');
  const socket = new WebSocket(approver.url + APPROVER_LIVE_PATH, { headers: { Origin: ORIGIN } });
  socket.on('error', () => undefined);
  const [, response] = await once(socket, 'unexpected-response', { signal: AbortSignal.timeout(5_000) });
  expect(response.statusCode).toBe(429);
  socket.terminate();
  expect(await answersOf(phone)).toEqual({ shown: CALLS_PER_MINUTE });
  await expect(phone.state()).rejects.toThrow('429');
  approver.clock.sleep(MINUTE_MS);
  await phone.state();
});

test('a person’s passkeys are not looked at any more after so many failures, from wherever they come', async () => {
  const phone = await desk.enrolledPhone(approver);
  for (let attempt = 0; attempt < FAILED_ASSERTIONS_PER_TEN_MINUTES; attempt += 1) {
    phone.headers = { 'X-Forwarded-For': `203.0.113.${attempt}` };
    await expect(phone.signIn({ userVerified: false })).rejects.toThrow('PASSKEY_REFUSED');
  }
  await expect(phone.signIn()).rejects.toThrow('RATE_LIMITED');
  approver.clock.sleep(TEN_MINUTES_MS + 1);
  await phone.signIn();
});

test('one request takes so many tries of a number, and no more', async () => {
  const phone = await desk.enrolledPhone(approver);
  const { number } = await desk.asks();
  const request = await phone.asked();
  for (let tried = 0; tried < MAX_CHALLENGES_PER_REQUEST; tried += 1) await phone.optionsFor(request, number);
  expect(await phone.refusal('request.begin', { requestId: request.requestId, number })).toBe('RATE_LIMITED');
});

test('an address begins only so many sign-ins', async () => {
  const phone = new PhoneInSoftware(approver);
  for (let begun = 0; begun < SIGN_INS_PER_MINUTE; begun += 1) await phone.call('sign-in.begin', {});
  expect(await phone.refusal('sign-in.begin', {})).toBe('RATE_LIMITED');
});

test.each([
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::7', '2001:db8:1:2::/64'],
  ['2001:0db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['no address', 'unknown'],
])('the address %s counts as %s', (remoteAddress, counted) => {
  const request = { headers: {}, socket: { remoteAddress } } as unknown as IncomingMessage;
  expect(addressOf(request, false)).toBe(counted);
});
