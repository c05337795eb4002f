import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BLOCK_MS } from '../../../gateway/providers/passkey/limits.ts';
import { FRESH_SIGN_IN_MS } from '../../../protocol/approver.ts';
import { PHONE_LOCK_REASONS } from '../../../protocol/lock-reasons.ts';
import { type ApproverUnderTest, eventually, startApprover } from './approver-under-test.ts';
import { Desk, PERSON } from './desk-in-software.ts';
import { PhoneInSoftware } from './phone-in-software.ts';

let approver: ApproverUnderTest;
let desk: Desk;
beforeEach(async () => {
  approver = await startApprover();
  desk = await Desk.at(approver);
});
afterEach(() => approver.close());

async function openedBy(phone: PhoneInSoftware, at = desk): Promise<string> {
  const { sessionId, number } = await at.asks();
  await phone.approve(await phone.asked(), number);
  await at.becomes(sessionId, 'active');
  return sessionId;
}

describe('a phone', () => {
  test('that is revoked opens nothing any more, and what it had opened is closed', async () => {
    const first = await desk.enrolledPhone(approver);
    const second = new PhoneInSoftware(approver);
    await second.enroll((await first.call('phone.add', {})).link, 'Second');
    const other = await Desk.at(approver, 'device-2');
    const kept = await openedBy(second, other);
    const lost = await openedBy(first);
    const phone = (await second.state()).phones.find(({ thisPhone }) => !thisPhone);
    await second.call('phone.revoke', { phoneId: phone?.phoneId ?? '' });
    await desk.becomes(lost, 'closed');
    expect(await other.statusOf(kept)).toBe('active');
    expect(await first.refusal('request.deny', { requestId: 'x'.repeat(22) })).toBe('SIGN_IN_NEEDED');
    const { signInId, options } = await first.call('sign-in.begin', {});
    const passkey = first.authenticator.assert(options);
    expect(await first.refusal('sign-in.finish', { signInId, passkey })).toBe('PASSKEY_UNKNOWN');
  });

  test('that revokes itself is signed out', async () => {
    const phone = await desk.enrolledPhone(approver);
    const [itself] = (await phone.state()).phones;
    expect(await phone.call('phone.revoke', { phoneId: itself?.phoneId ?? '' })).toEqual({});
    await expect(phone.state()).rejects.toThrow('401');
  });

  test('of another person can be neither renamed nor revoked', async () => {
    const ada = await desk.enrolledPhone(approver);
    const bob = await desk.enrolledPhone(approver, 'user-2');
    const [phone] = (await ada.state()).phones;
    const phoneId = phone?.phoneId ?? '';
    expect(await bob.refusal('phone.revoke', { phoneId })).toBe('UNKNOWN');
    expect(await bob.refusal('phone.rename', { phoneId, name: 'Mine' })).toBe('UNKNOWN');
  });

  test('adds, revokes and renews only soon after its passkey was used', async () => {
    const phone = await desk.enrolledPhone(approver);
    approver.clock.sleep(FRESH_SIGN_IN_MS + 1);
    const [itself] = (await phone.state()).phones;
    expect(await phone.refusal('phone.add', {})).toBe('FRESH_SIGN_IN_NEEDED');
    expect(await phone.refusal('phone.revoke', { phoneId: itself?.phoneId ?? '' })).toBe('FRESH_SIGN_IN_NEEDED');
    expect(await phone.refusal('recovery.renew', {})).toBe('FRESH_SIGN_IN_NEEDED');
    await phone.signIn();
    await phone.call('phone.add', {});
  });

  test('whose passkey comes to be backed up says so', async () => {
    const phone = await desk.enrolledPhone(approver);
    expect((await phone.state()).phones[0]?.backedUp).toBe(false);
    expect((await phone.signIn({ backedUp: true })).phones[0]?.backedUp).toBe(true);
  });

  test('is replaced with the recovery code, once; what it had opened is closed', async () => {
    const lost = await desk.enrolledPhone(approver);
    const sessionId = await openedBy(lost);
    const found = new PhoneInSoftware(approver);
    const typed = (lost.recoveryCode ?? '').toLowerCase().replaceAll('-', ' ');
    const { code } = await found.call('recover', { recoveryCode: typed });
    await desk.becomes(sessionId, 'closed');
    expect(await found.refusal('recover', { recoveryCode: typed })).toBe('RECOVERY_REFUSED');
    const state = await found.enroll(`http://localhost:8099/approver/#enroll=${code}`, 'New');
    expect(state.phones.map(({ name }) => name)).toEqual(['New']);
    expect(found.recoveryCode).not.toBe(lost.recoveryCode);
    await expect(lost.state()).rejects.toThrow('401');
  });
});

describe('from the phone', () => {
  test('“that wasn’t me” locks the workstation, closes what is open there, and takes no request from it for a while', async () => {
    const phone = await desk.enrolledPhone(approver);
    const open = await openedBy(phone);
    const { sessionId } = await desk.asks();
    const { requestId } = await phone.asked();
    const state = await phone.call('request.not-me', { requestId });
    expect(state.state.workstations[0]?.blockedUntil).toBeGreaterThan(state.state.serverTime);
    expect(await desk.client.next('command.lock')).toMatchObject({ reason: PHONE_LOCK_REASONS.notMe });
    await desk.becomes(sessionId, 'failed');
    await desk.becomes(open, 'closed');
    expect(approver.audited.map(({ event }) => event)).toContain('workstation.told-to-lock');
    const requestIdAgain = desk.start();
    expect((await desk.client.next('error', (error) => error.requestId === requestIdAgain)).code).toBe(
      'REPORTED_BY_PHONE',
    );
    approver.clock.sleep(BLOCK_MS + 1);
    await desk.asks();
  });

  test('a workstation that was reported is not let off under another device id, nor by a clock that is set; others ask as before', async () => {
    const phone = await desk.enrolledPhone(approver);
    const known = await Desk.at(approver, 'device-2');
    await openedBy(phone, known);
    await desk.asks();
    await phone.call('request.not-me', { requestId: (await phone.asked()).requestId });
    const codeOf = async (from: Desk) => {
      const started = from.start();
      return (await from.client.next('error', (error) => error.requestId === started)).code;
    };
    expect(await codeOf(await Desk.at(approver, 'device-3'))).toBe('REPORTED_BY_PHONE');
    approver.clock.jumpWall(2 * BLOCK_MS);
    expect(await codeOf(desk)).toBe('REPORTED_BY_PHONE');
    approver.clock.jumpWall(-4 * BLOCK_MS);
    expect((await phone.state()).workstations.filter(({ blockedUntil }) => blockedUntil !== undefined)).toHaveLength(1);
    await known.asks();
    approver.clock.sleep(BLOCK_MS + 1);
    await desk.asks();
    await (await Desk.at(approver, 'device-3')).asks();
  });

  test('a block holds over a restart, and no longer than it would have where the clock was set back', async () => {
    const phone = await desk.enrolledPhone(approver);
    await desk.asks();
    await phone.call('request.not-me', { requestId: (await phone.asked()).requestId });
    const [workstation] = approver.service.book.workstations(PERSON);
    if (workstation === undefined) throw new Error('no workstation');
    approver.clock.jumpWall(-BLOCK_MS);
    const { blocks } = approver.providerAgain().service;
    expect(blocks.untilOf(workstation)).not.toBeNull();
    approver.clock.sleep(BLOCK_MS);
    expect(blocks.untilOf(workstation)).toBeNull();
  });

  test('a workstation that was reported may ask again once the block is taken back, which needs the passkey', async () => {
    const phone = await desk.enrolledPhone(approver);
    await desk.asks();
    await phone.call('request.not-me', { requestId: (await phone.asked()).requestId });
    const workstationId = (await phone.state()).workstations[0]?.workstationId ?? '';
    const bob = await desk.enrolledPhone(approver, 'user-2');
    expect(await bob.refusal('workstation.unblock', { workstationId })).toBe('UNKNOWN');
    approver.clock.sleep(FRESH_SIGN_IN_MS + 1);
    expect(await phone.refusal('workstation.unblock', { workstationId })).toBe('FRESH_SIGN_IN_NEEDED');
    await phone.signIn();
    await phone.call('workstation.unblock', { workstationId });
    await desk.asks();
  });

  test('a workstation is locked at once, and its session is over', async () => {
    const phone = await desk.enrolledPhone(approver);
    const sessionId = await openedBy(phone);
    const workstationId = (await phone.state()).workstations[0]?.workstationId ?? '';
    await phone.call('workstation.lock', { workstationId });
    expect(await desk.client.next('command.lock')).toMatchObject({ reason: PHONE_LOCK_REASONS.lockedFromPhone });
    await desk.becomes(sessionId, 'closed');
  });

  test('a workstation that is away cannot be told, which is said; its session is over all the same', async () => {
    const phone = await desk.enrolledPhone(approver);
    await openedBy(phone);
    const workstationId = (await phone.state()).workstations[0]?.workstationId ?? '';
    desk.client.socket.terminate();
    const workstation = { tokenName: 'desk', deviceId: 'device-1' };
    const isConnected = () => approver.service.host()?.isConnected(workstation);
    await eventually(() => isConnected() === false, 'the gateway to notice');
    expect(await phone.refusal('workstation.lock', { workstationId })).toBe('WORKSTATION_AWAY');
    expect((await phone.state()).workstations[0]?.session).toBeUndefined();
  });

  test('nobody locks a workstation at which somebody else is in now', async () => {
    const ada = await desk.enrolledPhone(approver);
    const bob = await desk.enrolledPhone(approver, 'user-2');
    const asked = await desk.asks('user-2');
    await bob.call('request.deny', { requestId: (await bob.asked()).requestId });
    await desk.becomes(asked.sessionId, 'failed');
    const workstationId = (await bob.state()).workstations[0]?.workstationId ?? '';
    const sessionId = await openedBy(ada);
    expect(await bob.refusal('workstation.lock', { workstationId })).toBe('UNKNOWN');
    expect(await desk.statusOf(sessionId)).toBe('active');
    const adas = (await ada.state()).workstations[0]?.workstationId ?? '';
    expect(await bob.refusal('workstation.lock', { workstationId: adas })).toBe('UNKNOWN');
  });
});

test('a session ends with its agreed duration, after a restart too, and at once where the clock was set back meanwhile', async () => {
  const phone = await desk.enrolledPhone(approver);
  const { sessionId, number } = await desk.asks(PERSON, { durationSeconds: 600 });
  await phone.approve(await phone.asked(), number);
  await desk.becomes(sessionId, 'active');
  const [booked] = approver.service.book.active(PERSON);
  const handle = { providerId: 'passkey', serialized: JSON.stringify({ v: 1, sessionId: booked?.sessionId }) };
  const signal = AbortSignal.timeout(5_000);
  expect((await approver.providerAgain().pollSession(handle, signal)).status).toBe('active');
  approver.clock.jumpWall(-3_600_000);
  expect((await approver.providerAgain().pollSession(handle, signal)).status).toBe('timeout');
});
