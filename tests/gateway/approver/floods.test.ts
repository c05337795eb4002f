import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addressOf } from '../../../gateway/approver/browser-request.ts';
import {
  FAILED_ASSERTIONS_PER_TEN_MINUTES,
  FAILURES_PER_TEN_MINUTES,
  MAX_PENDING_PER_PERSON,
  REQUESTS_PER_TEN_MINUTES,
  SIGN_INS_PER_MINUTE,
} from '../../../gateway/providers/passkey/limits.ts';
import { type ApproverUnderTest, startApprover } from './approver-under-test.ts';
import { Desk } from './desk-in-software.ts';
import { PhoneInSoftware } from './phone-in-software.ts';

const TEN_MINUTES_MS = 600_000;
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

test('a workstation that asks and asks rings no phone any more, and leaves one request to answer', async () => {
  const phone = await desk.enrolledPhone(approver);
  for (let asked = 0; asked < REQUESTS_PER_TEN_MINUTES; asked += 1) await desk.asks();
  expect(await codeOfStart(desk)).toBe('PROVIDER_RATE_LIMITED');
  expect((await phone.state()).requests).toHaveLength(1);
  approver.clock.sleep(TEN_MINUTES_MS + 1);
  await desk.asks();
});

test('many workstations that ask for one person are held to the same limit together', async () => {
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
