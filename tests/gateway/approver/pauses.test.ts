import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PAUSE_GRANT_MS } from '../../../gateway/providers/passkey/limits.ts';
import type { AssertionOptions } from '../../../protocol/approver-passkey.ts';
import type { PolicyOverride } from '../../../protocol/policy.ts';
import { type ApproverUnderTest, eventually, startApprover } from './approver-under-test.ts';
import { Desk } from './desk-in-software.ts';
import { PhoneInSoftware } from './phone-in-software.ts';
import type { Falsified } from './software-authenticator.ts';

let approver: ApproverUnderTest;
let desk: Desk;
let phone: PhoneInSoftware;
let sessionId: string;
let workstationId: string;

async function begin(policy?: PolicyOverride): Promise<void> {
  approver = await startApprover(policy === undefined ? {} : { policy });
  desk = await Desk.at(approver);
  phone = await desk.enrolledPhone(approver);
  sessionId = await openedBy(phone);
  workstationId = await workstationOf(phone);
}
beforeEach(() => begin());
afterEach(() => approver.close());

async function openedBy(by: PhoneInSoftware, at = desk, userId?: string): Promise<string> {
  const asked = await at.asks(userId);
  await by.approve(await by.asked(), asked.number);
  await at.becomes(asked.sessionId, 'active');
  return asked.sessionId;
}
async function workstationOf(of: PhoneInSoftware): Promise<string> {
  return (await of.state()).workstations[0]?.workstationId ?? '';
}
async function optionsFor(minutes: number, of = phone, at = workstationId): Promise<AssertionOptions> {
  return (await of.call('workstation.pause.begin', { workstationId: at, minutes })).options;
}
async function signed(minutes: number, falsified: Falsified = {}) {
  const passkey = phone.authenticator.assert(await optionsFor(minutes), falsified);
  return { workstationId, minutes, passkey };
}
/** A poll is answered in order: what was sent before it has come by then. */
async function wasToldToPause(at = desk, about = sessionId): Promise<boolean> {
  at.client.send({ v: 1, type: 'session.poll', sessionId: about, seq: 0 });
  await at.client.next('session.state', (state) => state.sessionId === about);
  return at.client.received.some(({ type }) => type === 'command.pause');
}
const shown = async () => (await phone.state()).workstations[0];

describe('a pause from the phone', () => {
  test('reaches the workstation with the session it is for, and is shown once the workstation has paused', async () => {
    await phone.call('workstation.pause', await signed(15));
    expect(await desk.client.next('command.pause')).toEqual({ v: 1, type: 'command.pause', sessionId, minutes: 15 });
    expect((await shown())?.pausedUntil, 'told is not done').toBeUndefined();
    desk.client.send({ v: 1, type: 'session.end', sessionId, reason: 'paused' });
    await desk.client.next('session.ended');
    const { serverTime, workstations, activity } = await phone.state();
    expect(workstations[0]).toMatchObject({ pausedUntil: serverTime + 15 * 60_000 });
    expect(workstations[0]?.session).toBeUndefined();
    expect(activity[0]).toMatchObject({ kind: 'paused-from-phone' });
    const details = approver.audited.map(({ event, detail }) => `${event} ${detail}`);
    expect(details).toContain('session.told-to-pause 15 minutes');
    expect(details.some((detail) => /^approver\.answered pause of 15 minutes granted by phone /.test(detail))).toBe(
      true,
    );
  });

  test('is over on the phone when its time is, when the workstation asks again, and when it is told to lock', async () => {
    const pausedFor = async (minutes: number) => {
      await phone.call('workstation.pause', await signed(minutes));
      desk.client.send({ v: 1, type: 'session.end', sessionId, reason: 'paused' });
      await desk.client.next('session.ended');
      expect((await shown())?.pausedUntil).toBeDefined();
    };
    await pausedFor(5);
    approver.clock.sleep(5 * 60_000);
    expect((await shown())?.pausedUntil).toBeUndefined();
    sessionId = await openedBy(phone);
    await pausedFor(15);
    sessionId = await openedBy(phone);
    expect((await shown())?.pausedUntil).toBeUndefined();
    await pausedFor(15);
    await phone.call('workstation.lock', { workstationId });
    await desk.client.next('command.lock');
    expect((await shown())?.pausedUntil).toBeUndefined();
  });

  test('is not shown where the workstation ended the session for another reason, or granted none of it', async () => {
    await phone.call('workstation.pause', await signed(15));
    desk.client.send({ v: 1, type: 'session.end', sessionId, reason: 'user-lock' });
    await desk.client.next('session.ended');
    expect((await shown())?.pausedUntil).toBeUndefined();
    sessionId = await openedBy(phone);
    desk.client.send({ v: 1, type: 'session.end', sessionId, reason: 'paused' });
    await desk.client.next('session.ended');
    expect((await shown())?.pausedUntil, 'nobody granted one').toBeUndefined();
  });

  test('is told to nobody who does not watch that session', async () => {
    const other = await Desk.at(approver, 'device-2');
    const there = await openedBy(phone, other);
    const again = await Desk.at(approver);
    await phone.call('workstation.pause', await signed(5));
    await desk.client.next('command.pause');
    expect(await wasToldToPause(other, there)).toBe(false);
    expect(
      again.client.received.some(({ type }) => type === 'command.pause'),
      'the same desk, watching nothing',
    ).toBe(false);
  });
});

describe('nobody is told to pause', () => {
  afterEach(async () => {
    expect(await wasToldToPause()).toBe(false);
  });

  test('by a cookie alone', async () => {
    await optionsFor(15);
    expect(await phone.refusal('workstation.pause', { workstationId, minutes: 15 })).toBe('BAD_REQUEST');
    const forged = new PhoneInSoftware(approver);
    forged.cookie = phone.cookie;
    const stranger = await (await Desk.at(approver, 'device-9')).enrolledPhone(approver, 'user-9');
    const strangers = stranger.authenticator.assert(await optionsFor(15));
    expect(await forged.refusal('workstation.pause', { workstationId, minutes: 15, passkey: strangers })).toBe(
      'PASSKEY_UNKNOWN',
    );
  });

  test('without a page that is signed in', async () => {
    const asked = await signed(15);
    phone.cookie = null;
    expect(await phone.refusal('workstation.pause.begin', { workstationId, minutes: 15 })).toBe('SIGN_IN_NEEDED');
    expect(await phone.refusal('workstation.pause', asked)).toBe('SIGN_IN_NEEDED');
  });

  test('by an assertion without user verification, or from another origin', async () => {
    expect(await phone.refusal('workstation.pause', await signed(15, { userVerified: false }))).toBe('PASSKEY_REFUSED');
    expect(await phone.refusal('workstation.pause', await signed(15, { origin: 'https://evil.example' }))).toBe(
      'PASSKEY_REFUSED',
    );
  });

  test('by an assertion for other minutes', async () => {
    const asked = await signed(5);
    expect(await phone.refusal('workstation.pause', { ...asked, minutes: 60 })).toBe('PASSKEY_REFUSED');
    expect(await phone.refusal('workstation.pause', asked), 'and it is used up').toBe('PASSKEY_REFUSED');
    const before = phone.authenticator.assert(await optionsFor(5));
    await optionsFor(60);
    expect(await phone.refusal('workstation.pause', { workstationId, minutes: 60, passkey: before })).toBe(
      'PASSKEY_REFUSED',
    );
  });

  test('by an assertion for another workstation', async () => {
    const other = await Desk.at(approver, 'device-2');
    const there = await openedBy(phone, other);
    const { workstations } = await phone.state();
    const elsewhere = workstations.find((one) => one.workstationId !== workstationId)?.workstationId ?? '';
    const passkey = phone.authenticator.assert(await optionsFor(15, phone, elsewhere));
    expect(await phone.refusal('workstation.pause', { workstationId, minutes: 15, passkey })).toBe('PASSKEY_REFUSED');
    expect(await wasToldToPause(other, there)).toBe(false);
  });

  test('by an assertion made to sign in, or to approve', async () => {
    await optionsFor(15);
    const { options } = await phone.call('sign-in.begin', {});
    const passkey = phone.authenticator.assert(options);
    expect(await phone.refusal('workstation.pause', { workstationId, minutes: 15, passkey })).toBe('PASSKEY_REFUSED');
    const { number } = await desk.asks();
    const approval = phone.authenticator.assert(await phone.optionsFor(await phone.asked(), number));
    await optionsFor(15);
    expect(await phone.refusal('workstation.pause', { workstationId, minutes: 15, passkey: approval })).toBe(
      'PASSKEY_REFUSED',
    );
  });

  test('and a pause’s assertion approves nothing', async () => {
    const asked = await desk.asks();
    const request = await phone.asked();
    await phone.optionsFor(request, asked.number);
    const { passkey } = await signed(15);
    expect(await phone.refusal('request.approve', { requestId: request.requestId, passkey })).toBe('PASSKEY_REFUSED');
    expect(await desk.statusOf(asked.sessionId)).toBe('pending');
  });

  test('too late', async () => {
    const asked = await signed(15);
    approver.clock.sleep(PAUSE_GRANT_MS);
    expect(await phone.refusal('workstation.pause', asked)).toBe('PASSKEY_REFUSED');
  });

  test('by another person, or for a workstation that is not theirs', async () => {
    const bob = await desk.enrolledPhone(approver, 'user-2');
    expect(await bob.refusal('workstation.pause.begin', { workstationId, minutes: 15 })).toBe('UNKNOWN');
    const asked = await signed(15);
    expect(await bob.refusal('workstation.pause', asked)).toBe('UNKNOWN');
  });

  test('by somebody who used the workstation and is not in now', async () => {
    const bob = await desk.enrolledPhone(approver, 'user-2');
    const asked = await desk.asks('user-2');
    await bob.call('request.deny', { requestId: (await bob.asked()).requestId });
    await desk.becomes(asked.sessionId, 'failed');
    const bobs = await workstationOf(bob);
    expect(await bob.refusal('workstation.pause.begin', { workstationId: bobs, minutes: 15 })).toBe('NOBODY_IN');
  });

  test('for longer than the gateway allows', async () => {
    expect(await phone.refusal('workstation.pause.begin', { workstationId, minutes: 61 })).toBe('PAUSE_TOO_LONG');
    expect(await phone.refusal('workstation.pause.begin', { workstationId, minutes: 0 })).toBe('BAD_REQUEST');
    expect(await phone.refusal('workstation.pause.begin', { workstationId, minutes: 4_800 })).toBe('BAD_REQUEST');
  });

  test('where the gateway forbids pausing, which the phone is told', async () => {
    await approver.close();
    await begin({ maxPauseMinutes: 0 });
    expect((await phone.state()).maxPauseMinutes).toBe(0);
    expect(await phone.refusal('workstation.pause.begin', { workstationId, minutes: 1 })).toBe('PAUSE_TOO_LONG');
  });
});

describe('nobody is told to pause', () => {
  test('twice by one assertion', async () => {
    const asked = await signed(15);
    await phone.call('workstation.pause', asked);
    await desk.client.next('command.pause');
    expect(await phone.refusal('workstation.pause', asked)).toBe('PASSKEY_REFUSED');
    await optionsFor(15);
    expect(await phone.refusal('workstation.pause', asked)).toBe('PASSKEY_REFUSED');
    expect(await wasToldToPause()).toBe(false);
  });

  test('for a session that is over, or on which another followed', async () => {
    const asked = await signed(15);
    desk.client.send({ v: 1, type: 'session.end', sessionId, reason: 'user-lock' });
    await desk.client.next('session.ended');
    expect(await phone.refusal('workstation.pause', asked)).toBe('NOBODY_IN');
    expect(await phone.refusal('workstation.pause.begin', { workstationId, minutes: 15 })).toBe('NOBODY_IN');
    sessionId = await openedBy(phone);
    const options = await optionsFor(15);
    approver.clock.sleep(1_000);
    const renewed = await openedBy(phone);
    const forThis = { workstationId, minutes: 15, passkey: phone.authenticator.assert(options) };
    expect(await phone.refusal('workstation.pause', forThis), 'the newest session is another one').toBe('NOBODY_IN');
    expect(await wasToldToPause(desk, renewed)).toBe(false);
  });

  test('at a workstation that is away', async () => {
    const asked = await signed(15);
    desk.client.socket.terminate();
    const workstation = { tokenName: 'desk', deviceId: 'device-1' };
    await eventually(() => approver.service.host()?.isConnected(workstation) === false, 'the gateway to notice');
    expect(await phone.refusal('workstation.pause', asked)).toBe('WORKSTATION_AWAY');
    expect(await phone.refusal('workstation.pause.begin', { workstationId, minutes: 15 })).toBe('WORKSTATION_AWAY');
    const back = await Desk.at(approver);
    expect(await phone.refusal('workstation.pause', await signed(15)), 'connected, but watching nothing').toBe(
      'WORKSTATION_AWAY',
    );
    expect(await wasToldToPause(back)).toBe(false);
  });

  test('by a phone that is revoked meanwhile', async () => {
    const second = new PhoneInSoftware(approver);
    await second.enroll((await phone.call('phone.add', {})).link, 'Second');
    const asked = await signed(15);
    const first = (await second.state()).phones.find(({ thisPhone }) => !thisPhone);
    await second.call('phone.revoke', { phoneId: first?.phoneId ?? '' });
    expect(await phone.refusal('workstation.pause', asked)).toBe('SIGN_IN_NEEDED');
    await desk.becomes(sessionId, 'closed');
  });
});
