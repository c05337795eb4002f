import { createECDH } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANSWER_FIRST_MS } from '../../../gateway/providers/passkey/limits.ts';
import { FRESH_SIGN_IN_MS } from '../../../protocol/approver.ts';
import { type ApproverUnderTest, startApprover } from './approver-under-test.ts';
import { Desk, PERSON } from './desk-in-software.ts';
import { codeOf, PhoneInSoftware } from './phone-in-software.ts';

const LAPTOP = 'user-of-the-laptop';

let approver: ApproverUnderTest;
let desk: Desk;
let laptop: Desk;
let phone: PhoneInSoftware;
beforeEach(async () => {
  approver = await startApprover();
  desk = await Desk.at(approver);
  laptop = await Desk.at(approver, 'device-2');
  phone = await desk.enrolledPhone(approver);
});
afterEach(() => approver.close());

const join = async (userId = LAPTOP, at = laptop, by = phone) =>
  (await by.call('enroll.join', { code: codeOf(await at.enrollmentLink(userId)) })).state;
const asksAtLaptop = () => laptop.asks(LAPTOP, { workstation: { name: 'Ada’s laptop' } });

async function enroll(at: Desk, type: 'begin' | 'check' | 'remove' | 'lostDevice', userId: string) {
  const more = type === 'begin' ? { displayName: 'Ada' } : {};
  at.client.received.splice(0);
  at.client.send({ v: 1, type: `enroll.${type}`, requestId: `${type}-${userId}`, userId, ...more });
  return at.client.next('enroll.state');
}

async function approvedAt(at: Desk, userId: string, by = phone): Promise<string> {
  const { sessionId, number } = await at.asks(userId);
  await by.approve(await by.asked(), number);
  await at.becomes(sessionId, 'active');
  return sessionId;
}

async function codeOfStart(at: Desk, userId: string): Promise<string> {
  const started = at.start(userId);
  return (await at.client.next('error', (error) => error.requestId === started)).code;
}

describe('a second workstation', () => {
  test('is taken on by the phone there is: one passkey, one list, one history, and both workstations ask it', async () => {
    const link = await laptop.enrollmentLink(LAPTOP);
    expect(await phone.call('enroll.begin', { code: codeOf(link) })).toMatchObject({ workstation: 'Ada' });
    expect(await enroll(laptop, 'check', LAPTOP)).toMatchObject({ registered: false, detail: 'link-opened' });
    await phone.call('enroll.join', { code: codeOf(link) });
    expect(await enroll(laptop, 'check', LAPTOP)).toMatchObject({ registered: true });
    expect(approver.service.people.find(LAPTOP), 'the empty person is gone').toBeNull();
    await approvedAt(desk, PERSON);
    const { number } = await asksAtLaptop();
    const state = await phone.approve(await phone.asked(), number);
    expect(state.workstations.map(({ name }) => name).sort()).toEqual(['Ada’s desk', 'Ada’s laptop']);
    expect(state.workstations.every(({ session }) => session !== undefined)).toBe(true);
    expect(state.phones).toHaveLength(1);
    expect(state.activity.map(({ kind, workstation }) => [kind, workstation])).toContainEqual([
      'workstation-added',
      'Ada',
    ]);
    expect(approver.audited).toContainEqual(
      expect.objectContaining({ event: 'approver.phones', userId: PERSON, detail: expect.stringContaining(LAPTOP) }),
    );
  });

  test('is told to the other phones as another key is', async () => {
    const endpoint = 'https://push.example/first';
    const made = createECDH('prime256v1');
    made.generateKeys();
    const keys = { p256dh: made.getPublicKey('base64url'), auth: 'A'.repeat(22) };
    await phone.call('push.subscribe', { endpoint, keys });
    await join();
    await expect.poll(() => approver.pushed.map(({ url }) => url.pathname)).toEqual(['/first']);
  });

  test('needs the passkey lately, and somebody who is signed in', async () => {
    const code = codeOf(await laptop.enrollmentLink(LAPTOP));
    expect(await new PhoneInSoftware(approver).refusal('enroll.join', { code })).toBe('SIGN_IN_NEEDED');
    approver.clock.sleep(FRESH_SIGN_IN_MS + 1);
    expect(await phone.refusal('enroll.join', { code })).toBe('FRESH_SIGN_IN_NEEDED');
    expect(await enroll(laptop, 'check', LAPTOP)).toMatchObject({ registered: false });
    await phone.signIn();
    await phone.call('enroll.join', { code });
  });

  test('is taken on once: its code makes no other phone a key, and ties it to nobody else', async () => {
    const bob = await laptop.enrolledPhone(approver, 'bob');
    const code = codeOf(await laptop.enrollmentLink(LAPTOP));
    await phone.call('enroll.join', { code });
    for (const again of [phone, bob]) expect(await again.refusal('enroll.join', { code })).toBe('CODE_REFUSED');
    expect(await new PhoneInSoftware(approver).refusal('enroll.begin', { code })).toBe('CODE_REFUSED');
  });

  test('goes to whoever is signed in: a page that is signed in as somebody else ties it to that person alone', async () => {
    const bob = await (await Desk.at(approver, 'device-3')).enrolledPhone(approver, 'bob');
    await join(LAPTOP, laptop, bob);
    const { number } = await asksAtLaptop();
    expect((await phone.state()).requests).toEqual([]);
    await bob.approve(await bob.asked(), number);
    expect((await phone.state()).workstations).toEqual([]);
  });

  test('is not taken on with a code of somebody who has a phone, nor with one that no workstation shows', async () => {
    const bob = await laptop.enrolledPhone(approver, 'bob');
    const ofBob = codeOf((await bob.call('phone.add', {})).link);
    expect(await phone.call('enroll.begin', { code: ofBob })).not.toHaveProperty('workstation');
    expect(await phone.refusal('enroll.join', { code: ofBob })).toBe('CODE_REFUSED');
    const ofAdministrator = codeOf(approver.service.enrollment.makeLink('bob').link);
    expect(await phone.refusal('enroll.join', { code: ofAdministrator })).toBe('CODE_REFUSED');
    const { code } = await new PhoneInSoftware(approver).call('recover', { recoveryCode: bob.recoveryCode ?? '' });
    expect(await phone.refusal('enroll.join', { code })).toBe('CODE_REFUSED');
  });

  test('that has the code of a phone made meanwhile is not taken from that phone', async () => {
    const code = codeOf(await laptop.enrollmentLink(LAPTOP));
    await new PhoneInSoftware(approver).enroll(`http://localhost/#enroll=${code}`);
    expect(await phone.refusal('enroll.join', { code })).toBe('CODE_REFUSED');
    expect(approver.service.phones.of(LAPTOP)).toHaveLength(1);
  });
});

describe('a workstation that is removed', () => {
  test('at itself leaves the person, the phone and the other workstation as they are', async () => {
    await join();
    const [atDesk, atLaptop] = [await approvedAt(desk, PERSON), await approvedAt(laptop, LAPTOP)];
    await enroll(laptop, 'remove', LAPTOP);
    const closedBefore = laptop.client.received.some(
      (frame) => frame.type === 'session.state' && frame.status === 'closed',
    );
    expect(closedBefore, 'who removes it stands there, and gets the answer before the session ends').toBe(false);
    await approver.clock.advance(ANSWER_FIRST_MS);
    await laptop.becomes(atLaptop, 'closed');
    expect(await desk.statusOf(atDesk)).toBe('active');
    const { workstations, activity } = await phone.state();
    expect(workstations).toHaveLength(1);
    expect(activity[0]).toMatchObject({ kind: 'workstation-removed' });
    expect(await codeOfStart(laptop, LAPTOP)).toBe('USER_UNKNOWN');
    await enroll(desk, 'remove', PERSON);
    await expect(phone.state(), 'with the last one the person goes').rejects.toThrow('401');
  });

  test('and begins again under its old id is a stranger, though the person still carries that id', async () => {
    await join();
    await enroll(desk, 'remove', PERSON);
    const { registered, link = '' } = await enroll(desk, 'begin', PERSON);
    expect(registered).toBe(false);
    const thief = new PhoneInSoftware(approver);
    expect((await thief.enroll(link)).workstations).toEqual([]);
    expect(approver.service.phones.of(PERSON).map(({ name }) => name)).toEqual(['Phone']);
    await asksAtLaptop();
    expect((await thief.state()).requests).toEqual([]);
    await desk.asks(PERSON);
    expect((await thief.state()).requests).toHaveLength(1);
    expect((await phone.state()).requests).toHaveLength(1);
  });

  test('from the phone ends its session and what it asks, and it must be enrolled again', async () => {
    await join();
    const [atDesk, atLaptop] = [await approvedAt(desk, PERSON), await approvedAt(laptop, LAPTOP)];
    const { sessionId } = await asksAtLaptop();
    const removed = (await phone.state()).workstations.find(({ name }) => name === 'Ada’s laptop');
    const { state } = await phone.call('workstation.remove', { workstationId: removed?.workstationId ?? '' });
    expect([state.requests, state.workstations.map(({ name }) => name)]).toEqual([[], ['Ada’s desk']]);
    await laptop.becomes(sessionId, 'closed');
    expect((await laptop.becomes(atLaptop, 'closed')).reason).toBe('removed from the phone');
    expect(await desk.statusOf(atDesk)).toBe('active');
    expect(await codeOfStart(laptop, LAPTOP)).toBe('USER_UNKNOWN');
    expect(await enroll(laptop, 'begin', LAPTOP)).toMatchObject({ registered: false });
  });

  test('from the phone needs the passkey lately, and is one’s own', async () => {
    await approvedAt(desk, PERSON);
    const workstationId = (await phone.state()).workstations[0]?.workstationId ?? '';
    const bob = await laptop.enrolledPhone(approver, 'bob');
    expect(await bob.refusal('workstation.remove', { workstationId })).toBe('UNKNOWN');
    approver.clock.sleep(FRESH_SIGN_IN_MS + 1);
    expect(await phone.refusal('workstation.remove', { workstationId })).toBe('FRESH_SIGN_IN_NEEDED');
  });

  test('does not get rid of the block that a phone set', async () => {
    await join();
    await asksAtLaptop();
    await phone.call('request.not-me', { requestId: (await phone.asked()).requestId });
    await enroll(laptop, 'remove', LAPTOP);
    await join();
    expect(await codeOfStart(laptop, LAPTOP)).toBe('REPORTED_BY_PHONE');
  });
});

describe('a workstation that somebody else controls', () => {
  beforeEach(() => join());

  test('reports no phone lost', async () => {
    laptop.client.send({ v: 1, type: 'enroll.lostDevice', requestId: 'lost', userId: LAPTOP });
    expect((await laptop.client.next('error', (error) => error.requestId === 'lost')).code).toBe('NOT_SUPPORTED');
    await phone.state();
  });

  test('gets no link, closes no session elsewhere and learns of no other workstation', async () => {
    const atDesk = await approvedAt(desk, PERSON);
    expect(await enroll(laptop, 'begin', LAPTOP)).toEqual({
      v: 1,
      type: 'enroll.state',
      requestId: `begin-${LAPTOP}`,
      registered: true,
    });
    await enroll(laptop, 'remove', LAPTOP);
    expect(await desk.statusOf(atDesk)).toBe('active');
    const { link = '' } = await enroll(laptop, 'begin', LAPTOP);
    const own = new PhoneInSoftware(approver);
    expect((await own.enroll(link)).workstations).toEqual([]);
    const { sessionId } = await desk.asks();
    expect((await own.state()).requests).toEqual([]);
    expect(await desk.statusOf(sessionId)).toBe('pending');
  });

  test('gets a link for itself alone while the person has no phone, and the recovery code brings back the others', async () => {
    const found = new PhoneInSoftware(approver);
    const { code } = await found.call('recover', { recoveryCode: phone.recoveryCode ?? '' });
    const own = new PhoneInSoftware(approver);
    await own.enroll((await enroll(laptop, 'begin', LAPTOP)).link ?? '');
    expect(await codeOfStart(desk, PERSON)).toBe('NO_MOBILE_DEVICE');
    await found.enroll(`http://localhost/#enroll=${code}`);
    await approvedAt(desk, PERSON, found);
    expect((await own.state()).workstations).toEqual([]);
  });
});

test('a recovery code brings all workstations to the new phone', async () => {
  await join();
  await approvedAt(desk, PERSON);
  await approvedAt(laptop, LAPTOP);
  const found = new PhoneInSoftware(approver);
  const { code } = await found.call('recover', { recoveryCode: phone.recoveryCode ?? '' });
  await found.enroll(`http://localhost/#enroll=${code}`, 'New');
  await approvedAt(desk, PERSON, found);
  await approvedAt(laptop, LAPTOP, found);
  expect((await found.state()).workstations).toHaveLength(2);
});

test('a recovery code is not used up by a crash on the way', async () => {
  const { people, codes, enrollment } = approver.service;
  const typed = phone.recoveryCode ?? '';
  const make = codes.make.bind(codes);
  codes.make = () => {
    throw new Error('crashed');
  };
  expect(() => enrollment.recover(typed)).toThrow('crashed');
  codes.make = make;
  expect([people.find(PERSON)?.hasRecoveryCode, approver.service.phones.of(PERSON).length]).toEqual([true, 1]);
  enrollment.recover(typed);
});
