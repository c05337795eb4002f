import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CHALLENGE_MS, REQUEST_MS } from '../../../gateway/providers/passkey/limits.ts';
import type { Phone } from '../../../gateway/providers/passkey/phones.ts';
import { type ApproverUnderTest, startApprover } from './approver-under-test.ts';
import { Desk, PERSON } from './desk-in-software.ts';
import { PhoneInSoftware } from './phone-in-software.ts';

let approver: ApproverUnderTest;
let desk: Desk;
let phone: PhoneInSoftware;
beforeEach(async () => {
  approver = await startApprover();
  desk = await Desk.at(approver);
  phone = await desk.enrolledPhone(approver);
});
afterEach(() => approver.close());

async function withSecondPhone(): Promise<PhoneInSoftware> {
  const second = new PhoneInSoftware(approver);
  await second.enroll((await phone.call('phone.add', {})).link, 'Second');
  return second;
}

/** As the gateway knows it. */
function registered(name = 'Phone'): Phone {
  const found = approver.service.phones.of(PERSON).find((each) => each.name === name);
  return found ?? expect.fail(`no phone ${name}`);
}

describe('of two answers one counts', () => {
  test('when two phones approve at once', async () => {
    const second = await withSecondPhone();
    const { sessionId, number } = await desk.asks();
    const request = await phone.asked();
    const { requestId } = request;
    const answers = await Promise.all(
      [phone, second].map(async (each) => {
        const passkey = each.authenticator.assert(await each.optionsFor(request, number));
        return (await each.post('request.approve', { requestId, passkey })).status;
      }),
    );
    expect(answers.sort()).toEqual([200, 410]);
    await desk.becomes(sessionId, 'active');
    expect((await phone.state()).activity.filter(({ kind }) => kind === 'approved')).toHaveLength(1);
  });

  test('when one phone denies while the other one’s signature is checked', async () => {
    const second = await withSecondPhone();
    const { sessionId, number } = await desk.asks();
    const request = await phone.asked();
    const { requestId } = request;
    const passkey = second.authenticator.assert(await second.optionsFor(request, number));
    const { approvals } = approver.service;
    const approving = approvals.approve(registered('Second'), requestId, passkey);
    approvals.deny(registered(), requestId);
    await expect(approving).rejects.toMatchObject({ code: 'REQUEST_GONE' });
    await desk.becomes(sessionId, 'failed');
    expect(await desk.statusOf(sessionId)).toBe('failed');
  });

  test('when the workstation takes the request back while the signature is checked', async () => {
    const { sessionId, number } = await desk.asks();
    const request = await phone.asked();
    const passkey = phone.authenticator.assert(await phone.optionsFor(request, number));
    const { requestId } = request;
    const { approvals } = approver.service;
    const approving = approvals.approve(registered(), requestId, passkey);
    approvals.end(requestId);
    await expect(approving).rejects.toMatchObject({ code: 'REQUEST_GONE' });
    expect(await desk.statusOf(sessionId)).not.toBe('active');
  });

  test('when the workstation has ended its session already', async () => {
    const { sessionId, number } = await desk.asks();
    const request = await phone.asked();
    const passkey = phone.authenticator.assert(await phone.optionsFor(request, number));
    desk.client.send({ v: 1, type: 'session.end', sessionId, reason: 'locked meanwhile' });
    await desk.client.next('session.ended');
    await expect.poll(async () => (await phone.state()).requests.length).toBe(0);
    expect(await phone.refusal('request.approve', { requestId: request.requestId, passkey })).toBe('REQUEST_GONE');
    expect((await phone.state()).workstations[0]?.session).toBeUndefined();
  });

  test('when the phone is revoked while its signature is checked', async () => {
    const { sessionId, number } = await desk.asks();
    const request = await phone.asked();
    const passkey = phone.authenticator.assert(await phone.optionsFor(request, number));
    const { approvals, enrollment } = approver.service;
    const approving = approvals.approve(registered(), request.requestId, passkey);
    enrollment.revoke(registered(), 'revoked meanwhile');
    await expect(approving).rejects.toMatchObject({ code: 'PASSKEY_UNKNOWN' });
    expect(await desk.statusOf(sessionId)).toBe('pending');
  });
});

describe('a challenge', () => {
  test('is never the same again, for the same request and number either', async () => {
    const { number } = await desk.asks();
    const request = await phone.asked();
    const first = await phone.optionsFor(request, number);
    expect((await phone.optionsFor(request, number)).challenge).not.toBe(first.challenge);
  });

  test('to sign in is answered once, by a passkey that does not count either', async () => {
    const second = new PhoneInSoftware(approver);
    await second.enroll((await phone.call('phone.add', {})).link, 'Synchronised', { counter: 0 });
    const { signInId, options } = await second.call('sign-in.begin', {});
    const passkey = second.authenticator.assert(options, { counter: 0 });
    await second.call('sign-in.finish', { signInId, passkey });
    expect(await second.refusal('sign-in.finish', { signInId, passkey })).toBe('PASSKEY_REFUSED');
    const other = await second.call('sign-in.begin', {});
    expect(await second.refusal('sign-in.finish', { signInId: other.signInId, passkey })).toBe('PASSKEY_REFUSED');
  });

  test('to sign in or to enroll is void after five minutes', async () => {
    const { signInId, options } = await phone.call('sign-in.begin', {});
    const code = (await phone.call('phone.add', {})).link.replace(/^.*=/, '');
    const second = new PhoneInSoftware(approver);
    const creation = await second.call('enroll.begin', { code });
    approver.clock.sleep(CHALLENGE_MS + 1);
    const passkey = phone.authenticator.assert(options);
    expect(await phone.refusal('sign-in.finish', { signInId, passkey })).toBe('PASSKEY_REFUSED');
    const created = second.authenticator.create(creation.options);
    expect(await second.refusal('enroll.finish', { code, phoneName: 'P', passkey: created })).toBe('PASSKEY_REFUSED');
  });

  test('is not answered by a passkey that names another person', async () => {
    const { number } = await desk.asks();
    const request = await phone.asked();
    const { requestId } = request;
    const passkey = phone.authenticator.assert(await phone.optionsFor(request, number));
    const bob = await desk.enrolledPhone(approver, 'user-2');
    const bobs = bob.authenticator.assert(await phone.optionsFor(request, number)).response.userHandle ?? '';
    const named = { ...phone.authenticator.assert(await phone.optionsFor(request, number)) };
    const renamed = { ...named, response: { ...named.response, userHandle: bobs } };
    expect(passkey.response.userHandle).not.toBe(bobs);
    expect(await phone.refusal('request.approve', { requestId, passkey: renamed })).toBe('PASSKEY_REFUSED');
  });
});

test('a request that nobody answers is over by itself, though nobody asks about it', async () => {
  await desk.asks();
  await approver.clock.advance(REQUEST_MS);
  expect(approver.service.people.activity(PERSON)[0]).toMatchObject({ kind: 'unanswered' });
});

describe('with a database that does not write', () => {
  test('“that wasn’t me” locks the workstation all the same', async () => {
    await desk.asks();
    const { requestId } = await phone.asked();
    vi.spyOn(approver.service.book, 'block').mockImplementation(() => {
      throw new Error('disk full');
    });
    expect(await phone.refusal('request.not-me', { requestId })).toBe('INTERNAL');
    await desk.client.next('command.lock');
  });

  test('a workstation is told to lock from the phone all the same', async () => {
    const { sessionId, number } = await desk.asks();
    await phone.approve(await phone.asked(), number);
    await desk.becomes(sessionId, 'active');
    const workstationId = (await phone.state()).workstations[0]?.workstationId ?? '';
    vi.spyOn(approver.service.book, 'finish').mockImplementation(() => {
      throw new Error('disk full');
    });
    expect(await phone.refusal('workstation.lock', { workstationId })).toBe('INTERNAL');
    await desk.client.next('command.lock');
  });
});
