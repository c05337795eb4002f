import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHALLENGE_MS, ENROLLMENT_CODE_MS, MAX_FAILURES_PER_CODE } from '../../../gateway/providers/passkey/limits.ts';
import type { CreationOptions } from '../../../protocol/approver-passkey.ts';
import { type ApproverUnderTest, startApprover } from './approver-under-test.ts';
import { Desk, PERSON } from './desk-in-software.ts';
import { makerOfAuthenticators } from './maker-of-authenticators.ts';
import { codeOf, PhoneInSoftware } from './phone-in-software.ts';

let approver: ApproverUnderTest;
let desk: Desk;
beforeEach(async () => {
  approver = await startApprover();
  desk = await Desk.at(approver);
});
afterEach(() => approver.close());

function optionsOf(challenge: string, handle: string): CreationOptions {
  return {
    challenge,
    rp: { id: 'localhost', name: 'localhost' },
    user: { id: handle, name: 'Ada', displayName: 'Ada' },
    pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
    timeout: 60_000,
    excludeCredentials: [],
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    attestation: 'none',
  };
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

  test('enrolls one phone when another one finishes while its passkey is checked', async () => {
    const code = codeOf(await desk.enrollmentLink());
    const { enrollment } = approver.service;
    const finishing = [new PhoneInSoftware(approver), new PhoneInSoftware(approver)].map(({ authenticator }) => {
      const { challenge, person } = enrollment.begin(code);
      const passkey = authenticator.create(optionsOf(challenge, person.handle));
      return enrollment.finish(code, 'P', passkey);
    });
    const finished = await Promise.allSettled(finishing);
    expect(finished.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(approver.service.phones.of(PERSON)).toHaveLength(1);
  });

  test('tells the workstation that a phone has the link open, until it has made its passkey or let it lie', async () => {
    const check = () => approver.service.enrollment.check(PERSON);
    const code = codeOf(await desk.enrollmentLink());
    expect(check()).toEqual({ registered: false });
    const phone = new PhoneInSoftware(approver);
    await phone.call('enroll.begin', { code });
    expect(check()).toEqual({ registered: false, detail: 'link-opened' });
    approver.clock.sleep(CHALLENGE_MS + 1);
    expect(check()).toEqual({ registered: false });
    await phone.enroll(await desk.enrollmentLink());
    expect(check()).toEqual({ registered: true });
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

  test('is void after ten minutes also where the clock is set back again and again meanwhile', async () => {
    const code = codeOf(await desk.enrollmentLink());
    const phone = new PhoneInSoftware(approver);
    const passed = 0.75 * ENROLLMENT_CODE_MS;
    approver.clock.sleep(passed);
    approver.clock.jumpWall(-passed);
    await phone.call('enroll.begin', { code });
    approver.clock.sleep(passed);
    approver.clock.jumpWall(-passed);
    expect(await phone.refusal('enroll.begin', { code })).toBe('CODE_REFUSED');
    await desk.enrollmentLink('user-2');
    expect(await phone.refusal('enroll.begin', { code })).toBe('CODE_REFUSED');
  });

  test('of before a restart still enrolls a phone, within its time', async () => {
    const code = codeOf(await desk.enrollmentLink());
    approver.clock.sleep(ENROLLMENT_CODE_MS - 1_000);
    const { enrollment } = approver.providerAgain().service;
    expect(enrollment.begin(code).person.userId).toBe(PERSON);
    approver.clock.sleep(1_000);
    expect(() => enrollment.begin(code)).toThrow(expect.objectContaining({ code: 'CODE_REFUSED' }));
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
  ])('enrolls no passkey with %s', async (_what, falsified) => {
    const code = codeOf(await desk.enrollmentLink());
    const phone = new PhoneInSoftware(approver);
    const { options } = await phone.call('enroll.begin', { code });
    const passkey = phone.authenticator.create(options, falsified);
    expect(await phone.refusal('enroll.finish', { code, phoneName: 'P', passkey })).toBe('PASSKEY_REFUSED');
    expect(approver.service.phones.of(PERSON)).toEqual([]);
  });

  test('enrolls no passkey with certificates, though they are in order: their revocation lists would be fetched from anywhere', async () => {
    const code = codeOf(await desk.enrollmentLink());
    const phone = new PhoneInSoftware(approver);
    const { options } = await phone.call('enroll.begin', { code });
    const passkey = phone.authenticator.create(options, { maker: makerOfAuthenticators() });
    expect(await phone.refusal('enroll.finish', { code, phoneName: 'P', passkey })).toBe('PASSKEY_REFUSED');
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
    expect((await second.state()).phones).toHaveLength(2);
  });
});
