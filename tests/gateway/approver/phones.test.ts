import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BLOCK_MS, ENROLLMENT_CODE_MS, MAX_FAILURES_PER_CODE } from '../../../gateway/providers/passkey/limits.ts';
import { FRESH_SIGN_IN_MS } from '../../../protocol/approver.ts';
import { type ApproverUnderTest, eventually, startApprover } from './approver-under-test.ts';
import { Desk, PERSON } from './desk-in-software.ts';
import { codeOf, PhoneInSoftware } from './phone-in-software.ts';

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

describe('an enrollment code', () => {
  test('is in the link behind “#”, where no server log sees it, and has 128 bits', async () => {
    const link = new URL(await desk.enrollmentLink());
    expect(link.origin + link.pathname).toBe('http://localhost:8099/approver/');
    expect(link.search).toBe('');
    expect(Buffer.from(codeOf(link.href), 'base64url')).toHaveLength(16);
  });

  test('enrolls one phone: the second one is refused', async () => {
    const link = await desk.enrollmentLink();
    await new PhoneInSoftware(approver).enroll(link);
    const thief = new PhoneInSoftware(approver);
    expect(await thief.refusal('enroll.begin', { code: codeOf(link) })).toBe('CODE_REFUSED');
  });

  test('enrolls one phone when two finish in the same moment', async () => {
    const code = codeOf(await desk.enrollmentLink());
    const phones = [new PhoneInSoftware(approver), new PhoneInSoftware(approver)];
    const { options } = await new PhoneInSoftware(approver).call('enroll.begin', { code });
    const finished = await Promise.all(
      phones.map((phone) =>
        phone.post('enroll.finish', { code, phoneName: 'P', passkey: phone.authenticator.create(options) }),
      ),
    );
    expect(finished.map(({ status }) => status).sort()).toEqual([200, 403]);
    expect(approver.service.phones.of(PERSON)).toHaveLength(1);
  });

  test('is void after ten minutes, and with a clock that was set back', async () => {
    const late = await desk.enrollmentLink();
    approver.clock.sleep(ENROLLMENT_CODE_MS + 1);
    const phone = new PhoneInSoftware(approver);
    expect(await phone.refusal('enroll.begin', { code: codeOf(late) })).toBe('CODE_REFUSED');
    const early = await desk.enrollmentLink();
    approver.clock.jumpWall(-1);
    expect(await phone.refusal('enroll.begin', { code: codeOf(early) })).toBe('CODE_REFUSED');
  });

  test('is void once a newer one was made', async () => {
    const older = await desk.enrollmentLink();
    await desk.enrollmentLink();
    expect(await new PhoneInSoftware(approver).refusal('enroll.begin', { code: codeOf(older) })).toBe('CODE_REFUSED');
  });

  test('is void after so many failed attempts', async () => {
    const code = codeOf(await desk.enrollmentLink());
    const phone = new PhoneInSoftware(approver);
    for (let attempt = 0; attempt < MAX_FAILURES_PER_CODE; attempt += 1) {
      const { options } = await phone.call('enroll.begin', { code });
      const passkey = phone.authenticator.create(options, { userVerified: false });
      expect(await phone.refusal('enroll.finish', { code, phoneName: 'P', passkey })).toBe('PASSKEY_REFUSED');
    }
    expect(await phone.refusal('enroll.begin', { code })).toBe('CODE_REFUSED');
  });

  test.each([
    ['another origin', { origin: 'https://phish.example' }],
    ['another RP id', { rpId: 'phish.example' }],
    ['no user verification', { userVerified: false }],
    ['another challenge', { challenge: 'A'.repeat(43) }],
    [
      'certificates, whose revocation lists would be fetched from anywhere',
      { certificates: [Buffer.from('300330', 'hex')] },
    ],
  ])('enrolls no passkey with %s', async (_what, falsified) => {
    const code = codeOf(await desk.enrollmentLink());
    const phone = new PhoneInSoftware(approver);
    const { options } = await phone.call('enroll.begin', { code });
    const passkey = phone.authenticator.create(options, falsified);
    expect(await phone.refusal('enroll.finish', { code, phoneName: 'P', passkey })).toBe('PASSKEY_REFUSED');
    expect(approver.service.phones.of(PERSON)).toEqual([]);
  });

  test('is not given to a workstation once the person has a phone: the phone itself adds another one', async () => {
    const first = await desk.enrolledPhone(approver);
    await expect(desk.enrollmentLink()).rejects.toThrow('no link');
    const { link } = await first.call('phone.add', {});
    approver.clock.sleep(1);
    const second = new PhoneInSoftware(approver);
    const { phones } = await second.enroll(link, 'Second');
    expect(phones.map(({ name, thisPhone }) => [name, thisPhone])).toEqual([
      ['Phone', false],
      ['Second', true],
    ]);
    expect(second.recoveryCode).toBeNull();
    await openedBy(second);
  });
});

describe('a phone', () => {
  test('that is revoked opens nothing any more, and what it had opened is closed', async () => {
    const first = await desk.enrolledPhone(approver);
    const second = new PhoneInSoftware(approver);
    await second.enroll((await first.call('phone.add', {})).link, 'Second');
    const other = await Desk.at(approver, 'device-2');
    const kept = await openedBy(second, other);
    const lost = await openedBy(first);
    const [phone] = (await second.state()).phones;
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
    await desk.client.next('command.lock');
    await desk.becomes(sessionId, 'failed');
    await desk.becomes(open, 'closed');
    expect(approver.audited.map(({ event }) => event)).toContain('workstation.told-to-lock');
    const requestIdAgain = desk.start();
    expect((await desk.client.next('error', (error) => error.requestId === requestIdAgain)).code).toBe('START_REFUSED');
    approver.clock.sleep(BLOCK_MS + 1);
    await desk.asks();
  });

  test('a workstation is locked at once, and its session is over', async () => {
    const phone = await desk.enrolledPhone(approver);
    const sessionId = await openedBy(phone);
    const workstationId = (await phone.state()).workstations[0]?.workstationId ?? '';
    await phone.call('workstation.lock', { workstationId });
    await desk.client.next('command.lock');
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
