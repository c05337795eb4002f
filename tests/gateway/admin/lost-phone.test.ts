import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ENROLLMENT_CODE_MS } from '../../../gateway/providers/passkey/limits.ts';
import { type ApproverUnderTest, startApprover } from '../approver/approver-under-test.ts';
import { Desk, PERSON } from '../approver/desk-in-software.ts';
import { codeOf, PhoneInSoftware } from '../approver/phone-in-software.ts';
import { type AdminUnderTest, administrate, linesOf } from './admin-under-test.ts';

const METHOD = { method_config_id: 1, config: {}, is_active: true, is_default: true };

let approver: ApproverUnderTest;
let admin: AdminUnderTest;
let desk: Desk;
beforeEach(async () => {
  approver = await startApprover();
  admin = await administrate(approver);
  desk = await Desk.at(approver);
});
afterEach(async () => {
  admin.close();
  await approver.close();
});

async function openedBy(phone: PhoneInSoftware, at = desk): Promise<string> {
  const { sessionId, number } = await at.asks();
  await phone.approve(await phone.asked(), number);
  await at.becomes(sessionId, 'active');
  return sessionId;
}

async function passkeyOpensNothing(phone: PhoneInSoftware): Promise<void> {
  const { signInId, options } = await phone.call('sign-in.begin', {});
  const passkey = phone.authenticator.assert(options);
  expect(await phone.refusal('sign-in.finish', { signInId, passkey })).toBe('PASSKEY_UNKNOWN');
}

/** What was told to anybody but the administrator: the log, the audit and what went to standard error. */
const kept = (stderr = ''): string => [...approver.logger.lines, JSON.stringify(approver.audited), stderr].join('\n');

describe('codes lost', () => {
  test('closes the sessions at every workstation at once, and the old passkey opens nothing', async () => {
    const phone = await desk.enrolledPhone(approver);
    const other = await Desk.at(approver, 'device-2');
    const [here, there] = [await openedBy(phone), await openedBy(phone, other)];
    const { exitCode, stdout, stderr } = await admin.run('codes', 'lost', '--user', PERSON);
    expect([exitCode, linesOf(stdout).length]).toEqual([0, 1]);
    expect((await desk.becomes(here, 'closed')).reason).toBe('the administrator disabled the lost phone');
    await other.becomes(there, 'closed');
    expect(stderr).toContain('1 phone disabled, 2 sessions closed.');
    await passkeyOpensNothing(phone);
    await expect(phone.state()).rejects.toThrow('401');
  });

  test('ends what waits for an answer: the lost phone cannot approve it any more', async () => {
    const phone = await desk.enrolledPhone(approver);
    const { sessionId, number } = await desk.asks();
    const request = await phone.asked();
    const passkey = phone.authenticator.assert(await phone.optionsFor(request, number));
    await admin.run('codes', 'lost', '--user', PERSON);
    await desk.becomes(sessionId, 'closed');
    expect(await phone.refusal('request.approve', { requestId: request.requestId, passkey })).toBe('SIGN_IN_NEEDED');
    expect(await desk.statusOf(sessionId)).toBe('closed');
  });

  test('prints a link with which the new phone enrolls, and stands in the audit log without it', async () => {
    await desk.enrolledPhone(approver);
    const { stdout, stderr } = await admin.run('codes', 'lost', '--user', PERSON);
    const link = stdout.trim();
    const { phones } = await new PhoneInSoftware(approver).enroll(link, 'New');
    expect(phones.map(({ name }) => name)).toEqual(['New']);
    expect(approver.audited).toContainEqual({
      event: 'administrator.called',
      userId: PERSON,
      detail: 'codes.lost by the administrator: done',
    });
    expect(kept(stderr)).not.toContain(codeOf(link));
  });
});

describe('a link of the administrator', () => {
  test('adds one more phone beside those that are there, once', async () => {
    await desk.enrolledPhone(approver);
    const { stdout } = await admin.run('codes', 'enroll', '--user', PERSON);
    approver.clock.sleep(1);
    await new PhoneInSoftware(approver).enroll(stdout.trim(), 'Second');
    const thief = new PhoneInSoftware(approver);
    expect(await thief.refusal('enroll.begin', { code: codeOf(stdout.trim()) })).toBe('CODE_REFUSED');
    expect(approver.service.phones.of(PERSON).map(({ name }) => name)).toEqual(['Phone', 'Second']);
  });

  test('is void after ten minutes, and not listed any more', async () => {
    const { stdout } = await admin.run('codes', 'enroll', '--user', PERSON, '--name', 'Ada');
    expect(await admin.objects('codes', 'list')).toEqual([
      expect.objectContaining({ kind: 'link', userId: PERSON, failures: 0 }),
    ]);
    approver.clock.sleep(ENROLLMENT_CODE_MS + 1);
    expect(await new PhoneInSoftware(approver).refusal('enroll.begin', { code: codeOf(stdout.trim()) })).toBe(
      'CODE_REFUSED',
    );
    expect(await admin.objects('codes', 'list')).toEqual([]);
  });

  test('is void once it is revoked; the recovery code stays with --only link', async () => {
    const phone = await desk.enrolledPhone(approver);
    const { stdout } = await admin.run('codes', 'enroll', '--user', PERSON);
    expect(await admin.objects('codes', 'revoke', '--user', PERSON, '--only', 'link')).toEqual([
      { userId: PERSON, links: 1, recoveryCodes: 0 },
    ]);
    expect(await phone.refusal('enroll.begin', { code: codeOf(stdout.trim()) })).toBe('CODE_REFUSED');
    expect(await admin.objects('codes', 'list')).toEqual([{ kind: 'recovery', userId: PERSON }]);
    await admin.run('codes', 'revoke', '--user', PERSON);
    expect(await phone.refusal('recover', { recoveryCode: phone.recoveryCode ?? '' })).toBe('RECOVERY_REFUSED');
  });

  test('makes a person only with a name: an unknown user id alone may be a slip', async () => {
    const unknown = await admin.run('codes', 'enroll', '--user', 'adda');
    expect([unknown.exitCode, unknown.stdout]).toEqual([1, '']);
    expect(unknown.stderr).toBe('Nobody is known under this user id.\n');
    expect(approver.service.people.find('adda')).toBeNull();
    const { stdout } = await admin.run('codes', 'enroll', '--user', 'bob', '--name', 'Bob');
    await new PhoneInSoftware(approver).enroll(stdout.trim());
    expect(approver.service.people.find('bob')?.displayName).toBe('Bob');
  });
});

describe('codes recovery', () => {
  test('prints a new code, which works; the one before it is void and neither is written anywhere', async () => {
    const phone = await desk.enrolledPhone(approver);
    const { stdout, stderr } = await admin.run('codes', 'recovery', '--user', PERSON);
    expect(stdout).toMatch(/^(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\n$/);
    expect(await phone.refusal('recover', { recoveryCode: phone.recoveryCode ?? '' })).toBe('RECOVERY_REFUSED');
    expect(kept(stderr)).not.toContain(stdout.trim());
    const found = new PhoneInSoftware(approver);
    const { code } = await found.call('recover', { recoveryCode: stdout.trim() });
    await found.enroll(`http://localhost:8099/approver/#enroll=${code}`, 'Found');
  });
});

describe('devices revoke', () => {
  test('closes at once what that phone opened, and leaves what another one opened', async () => {
    const first = await desk.enrolledPhone(approver);
    const second = new PhoneInSoftware(approver);
    await second.enroll((await first.call('phone.add', {})).link, 'Second');
    const other = await Desk.at(approver, 'device-2');
    const kept = await openedBy(second, other);
    const lost = await openedBy(first);
    const phones = await admin.objects('devices', 'list', '--user', PERSON);
    const id = String(phones.find(({ name }) => name === 'Phone')?.['id']);
    expect(await admin.objects('devices', 'revoke', id)).toEqual([{ id, name: 'Phone', userId: PERSON, sessions: 1 }]);
    expect((await desk.becomes(lost, 'closed')).reason).toBe('the administrator revoked the phone');
    expect(await other.statusOf(kept)).toBe('active');
    await passkeyOpensNothing(first);
    expect((await admin.run('devices', 'revoke', id)).stderr).toBe('There is no device with this id.\n');
  });
});

describe('users remove', () => {
  test('closes every session at once; phones, codes and methods are gone', async () => {
    const phone = await desk.enrolledPhone(approver);
    const sessionId = await openedBy(phone);
    await admin.methods.userConfigs.create(PERSON, METHOD);
    const removed = await admin.objects('users', 'remove', PERSON);
    expect(removed).toEqual([{ userId: PERSON, phones: 1, sessions: 1, methods: 1, tokenRemains: false }]);
    expect(admin.methods.userConfigs.list(PERSON)).toEqual([]);
    expect((await desk.becomes(sessionId, 'closed')).reason).toBe('the administrator removed the person');
    await passkeyOpensNothing(phone);
    expect(await phone.refusal('recover', { recoveryCode: phone.recoveryCode ?? '' })).toBe('RECOVERY_REFUSED');
    expect(await admin.objects('users', 'list')).toEqual([]);
  });

  test('covers who has only a confirmation method of our own, and says that a token stays', async () => {
    await admin.methods.userConfigs.create('bob', METHOD);
    expect((await admin.objects('users', 'list')).map(({ userId, methods }) => [userId, methods])).toEqual([
      ['bob', 1],
    ]);
    const { exitCode, stderr } = await admin.run('users', 'remove', 'bob');
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('still in methods.people')]);
    expect(admin.methods.userConfigs.list('bob')).toEqual([]);
    expect((await admin.run('users', 'remove', 'bob')).exitCode).toBe(1);
  });
});
