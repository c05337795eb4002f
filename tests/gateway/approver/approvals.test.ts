import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { REQUEST_MS } from '../../../gateway/providers/passkey/limits.ts';
import type { ApprovalRequest } from '../../../protocol/approver-state.ts';
import { type ApproverUnderTest, startApprover } from './approver-under-test.ts';
import { Desk, PERSON } from './desk-in-software.ts';
import { type PhoneInSoftware, wrongNumber } from './phone-in-software.ts';
import type { Falsified } from './software-authenticator.ts';

let approver: ApproverUnderTest;
let desk: Desk;
let phone: PhoneInSoftware;
beforeEach(async () => {
  approver = await startApprover();
  desk = await Desk.at(approver);
  phone = await desk.enrolledPhone(approver);
});
afterEach(() => approver.close());

/** How an approval with something falsified is answered. */
async function approvalWith(request: ApprovalRequest, number: string, falsified: Falsified): Promise<string> {
  const passkey = phone.authenticator.assert(await phone.optionsFor(request, number), falsified);
  return phone.refusal('request.approve', { requestId: request.requestId, passkey });
}

test('the phone is shown who asks, where, why and three numbers; the right one and the passkey open the workstation', async () => {
  const { sessionId, number } = await desk.asks();
  const request = await phone.asked();
  expect(request).toMatchObject({ workstation: 'Ada’s desk', network: 'office', reason: 'unlock' });
  expect(new Set(request.numbers).size).toBe(3);
  expect(request.numbers).toContain(number);
  expect(request.expiresAt - request.requestedAt).toBe(REQUEST_MS);
  const state = await phone.approve(request, number);
  expect((await desk.becomes(sessionId, 'active')).validForMs).toBeGreaterThan(0);
  expect(state.requests).toEqual([]);
  expect(state.workstations).toMatchObject([
    { name: 'Ada’s desk', connected: true, session: { until: expect.any(Number) } },
  ]);
  expect(state.activity[0]).toMatchObject({ kind: 'approved', workstation: 'Ada’s desk', phone: 'Phone' });
});

test('a name that turns the direction of writing is shown without that', async () => {
  const workstation = { name: '\u202eksed s’adA\u202c', network: '\u2067\u2069' };
  await desk.asks(PERSON, { workstation });
  const request = await phone.asked();
  expect(request.workstation).toBe('ksed s’adA');
  expect(request.network).toBeUndefined();
});

describe('nothing is approved', () => {
  test.each<[string, Falsified]>([
    ['from another origin', { origin: 'https://phish.example' }],
    ['for another RP id', { rpId: 'phish.example' }],
    ['without user verification', { userVerified: false }],
    ['with a challenge of somebody’s choosing', { challenge: 'A'.repeat(43) }],
    ['with a passkey ceremony of another type', { type: 'webauthn.create' }],
  ])('by an assertion %s', async (_what, falsified) => {
    const { sessionId, number } = await desk.asks();
    const request = await phone.asked();
    expect(await approvalWith(request, number, falsified)).toBe('PASSKEY_REFUSED');
    expect(await desk.statusOf(sessionId)).toBe('pending');
  });

  test('with a signature of another key', async () => {
    const { number } = await desk.asks();
    const request = await phone.asked();
    const options = await phone.optionsFor(request, number);
    const passkey = phone.authenticator.assert(options);
    const signature = passkey.response.signature.replace(/.{4}$/, 'AAAA');
    const forged = { ...passkey, response: { ...passkey.response, signature } };
    const { requestId } = request;
    expect(await phone.refusal('request.approve', { requestId, passkey: forged })).toBe('PASSKEY_REFUSED');
  });

  test('by an assertion that was used before', async () => {
    const first = await desk.asks();
    const request = await phone.asked();
    const passkey = phone.authenticator.assert(await phone.optionsFor(request, first.number));
    const approval = { requestId: request.requestId, passkey };
    await phone.call('request.approve', approval);
    await desk.becomes(first.sessionId, 'active');
    expect(await phone.refusal('request.approve', approval)).toBe('REQUEST_GONE');

    const second = await desk.asks();
    const again = await phone.asked();
    await phone.optionsFor(again, second.number);
    expect(await phone.refusal('request.approve', { requestId: again.requestId, passkey })).toBe('PASSKEY_REFUSED');
    expect(await desk.statusOf(second.sessionId)).toBe('pending');
  });

  test('by an assertion whose first use was refused', async () => {
    const { number } = await desk.asks();
    const request = await phone.asked();
    const options = await phone.optionsFor(request, number);
    const { requestId } = request;
    const unverified = phone.authenticator.assert(options, { userVerified: false });
    expect(await phone.refusal('request.approve', { requestId, passkey: unverified })).toBe('PASSKEY_REFUSED');
    const passkey = phone.authenticator.assert(options);
    expect(await phone.refusal('request.approve', { requestId, passkey })).toBe('PASSKEY_REFUSED');
  });

  test('by an assertion for another workstation', async () => {
    const other = await Desk.at(approver, 'device-2');
    const here = await desk.asks();
    const there = await other.asks();
    const { requests } = await phone.state();
    const [forThere, forHere] = requests;
    if (forThere === undefined || forHere === undefined) throw new Error('two requests should wait');
    const passkey = phone.authenticator.assert(await phone.optionsFor(forThere, there.number));
    await phone.optionsFor(forHere, here.number);
    expect(await phone.refusal('request.approve', { requestId: forHere.requestId, passkey })).toBe('PASSKEY_REFUSED');
    expect(await desk.statusOf(here.sessionId)).toBe('pending');
  });

  test('by another person, or with another person’s passkey', async () => {
    const bob = await desk.enrolledPhone(approver, 'user-2');
    const { sessionId, number } = await desk.asks();
    const request = await phone.asked();
    const { requestId } = request;
    expect((await bob.state()).requests).toEqual([]);
    expect(await bob.refusal('request.begin', { requestId, number })).toBe('REQUEST_GONE');
    const options = await phone.optionsFor(request, number);
    const passkey = bob.authenticator.assert(options);
    expect(await bob.refusal('request.approve', { requestId, passkey })).toBe('REQUEST_GONE');
    expect(await phone.refusal('request.approve', { requestId, passkey })).toBe('PASSKEY_UNKNOWN');
    expect(await desk.statusOf(sessionId)).toBe('pending');
  });

  test('by an assertion that was made to sign in', async () => {
    const { number } = await desk.asks();
    const request = await phone.asked();
    await phone.optionsFor(request, number);
    const { options } = await phone.call('sign-in.begin', {});
    const passkey = phone.authenticator.assert(options);
    const { requestId } = request;
    expect(await phone.refusal('request.approve', { requestId, passkey })).toBe('PASSKEY_REFUSED');
  });

  test('after the request has expired', async () => {
    const { sessionId, number } = await desk.asks();
    const request = await phone.asked();
    const passkey = phone.authenticator.assert(await phone.optionsFor(request, number));
    approver.clock.sleep(REQUEST_MS);
    const { requestId } = request;
    expect(await phone.refusal('request.approve', { requestId, passkey })).toBe('REQUEST_GONE');
    await desk.becomes(sessionId, 'timeout');
    expect((await phone.state()).activity[0]).toMatchObject({ kind: 'unanswered' });
  });

  test('with another number than the workstation shows; the request is over then', async () => {
    const { sessionId, number } = await desk.asks();
    const request = await phone.asked();
    const { requestId } = request;
    const options = await phone.optionsFor(request, wrongNumber(request, number));
    const passkey = phone.authenticator.assert(options);
    expect(await phone.refusal('request.approve', { requestId, passkey })).toBe('WRONG_NUMBER');
    await desk.becomes(sessionId, 'failed');
    expect(await phone.refusal('request.begin', { requestId, number })).toBe('REQUEST_GONE');
    expect((await phone.state()).activity[0]).toMatchObject({ kind: 'wrong-number' });
  });

  test('with the challenge of a number that was picked before another', async () => {
    const { number } = await desk.asks();
    const request = await phone.asked();
    const forRight = await phone.optionsFor(request, number);
    await phone.optionsFor(request, wrongNumber(request, number));
    const passkey = phone.authenticator.assert(forRight);
    const { requestId } = request;
    expect(await phone.refusal('request.approve', { requestId, passkey })).toBe('PASSKEY_REFUSED');
  });

  test('for an older request once the workstation has asked anew', async () => {
    const older = await desk.asks();
    const request = await phone.asked();
    const passkey = phone.authenticator.assert(await phone.optionsFor(request, older.number));
    const newer = await desk.asks();
    const { requestId } = request;
    expect(await phone.refusal('request.approve', { requestId, passkey })).toBe('REQUEST_GONE');
    await desk.becomes(older.sessionId, 'cancelled');
    await phone.approve(await phone.asked(), newer.number);
    await desk.becomes(newer.sessionId, 'active');
  });

  test('with a counter that went back, or stood still: that is a copy of the passkey', async () => {
    const first = await desk.asks();
    const request = await phone.asked();
    const options = await phone.optionsFor(request, first.number);
    const passkey = phone.authenticator.assert(options, { counter: 100 });
    await phone.call('request.approve', { requestId: request.requestId, passkey });
    for (const counter of [100, 99, 0]) {
      const { number } = await desk.asks();
      expect(await approvalWith(await phone.asked(), number, { counter })).toBe('PASSKEY_REFUSED');
    }
    expect((await phone.state()).activity.map(({ kind }) => kind)).toContain('counter-went-back');
    expect(approver.audited.some(({ event }) => event === 'approver.alarm')).toBe(true);
  });

  test('by somebody who only has the page: denying is all that works without the passkey', async () => {
    const { sessionId } = await desk.asks();
    const { requestId } = await phone.asked();
    await phone.call('request.deny', { requestId });
    await desk.becomes(sessionId, 'failed');
    expect((await phone.state()).activity[0]).toMatchObject({ kind: 'denied' });
  });

  test('that was asked before a restart, where the clock was set back meanwhile', async () => {
    const { sessionId } = await desk.asks();
    const [pending] = approver.service.approvals.pendingOf(PERSON);
    const handle = { providerId: 'passkey', serialized: JSON.stringify({ v: 1, sessionId: pending?.sessionId }) };
    const signal = AbortSignal.timeout(1_000);
    expect((await approver.providerAgain().pollSession(handle, signal)).status).toBe('pending');
    approver.clock.jumpWall(-10_000);
    expect((await approver.providerAgain().pollSession(handle, signal)).status).toBe('timeout');
    expect(await desk.statusOf(sessionId)).toBe('pending');
  });

  test('with a challenge of before a restart', async () => {
    const { number } = await desk.asks();
    const { requestId } = await phone.asked();
    const person = approver.service.phones.of(PERSON)[0];
    if (person === undefined) throw new Error('no phone');
    const again = approver.providerAgain().service.approvals;
    const challenge = approver.service.approvals.begin(person, requestId, number);
    const passkey = phone.authenticator.assert({
      challenge,
      rpId: 'localhost',
      timeout: 60_000,
      userVerification: 'required',
      allowCredentials: [],
    });
    await expect(again.approve(person, requestId, passkey)).rejects.toMatchObject({ code: 'PASSKEY_REFUSED' });
    await phone.approve(await phone.asked(), number);
  });
});

test('a question to go on waits no longer than the session still lasts', async () => {
  const first = await desk.asks(PERSON, { durationSeconds: 60 });
  await phone.approve(await phone.asked(), first.number);
  approver.clock.sleep(45_000);
  const { sessionId } = await desk.asks(PERSON, { reason: 'renewal' });
  const request = await phone.asked();
  const [here] = (await phone.state()).workstations;
  expect(request.expiresAt).toBe(here?.session?.until);
  expect(request.expiresAt - request.requestedAt).toBe(15_000);
  await approver.clock.advance(15_001);
  await desk.becomes(sessionId, 'timeout');
  expect((await phone.state()).requests).toEqual([]);
});
