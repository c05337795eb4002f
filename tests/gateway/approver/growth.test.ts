import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { FORGET_PERSON_MS, FORGET_SESSION_MS, MAX_ACTIVITY_KEPT } from '../../../gateway/providers/passkey/limits.ts';
import { MAX_PHONES, MAX_WORKSTATIONS_SHOWN } from '../../../protocol/approver-state.ts';
import { type ApproverUnderTest, startApprover } from './approver-under-test.ts';
import { Desk, PERSON } from './desk-in-software.ts';
import { codeOf, PhoneInSoftware } from './phone-in-software.ts';

let approver: ApproverUnderTest;
let desk: Desk;
beforeEach(async () => {
  approver = await startApprover();
  desk = await Desk.at(approver);
});
afterEach(() => approver.close());

function rowsOf(table: 'activity' | 'code' | 'person' | 'request' | 'session' | 'workstation'): number {
  const row = approver.database.row(z.object({ n: z.int() }), `SELECT count(*) AS n FROM approver_${table}`);
  return row?.n ?? Number.NaN;
}

test('a person has so many phones, and no more', async () => {
  const phone = await desk.enrolledPhone(approver);
  for (let added = 1; added < MAX_PHONES; added += 1) {
    await new PhoneInSoftware(approver).enroll((await phone.call('phone.add', {})).link, `Phone ${added}`);
  }
  const code = codeOf((await phone.call('phone.add', {})).link);
  const more = new PhoneInSoftware(approver);
  const { options } = await more.call('enroll.begin', { code });
  const passkey = more.authenticator.create(options);
  expect(await more.refusal('enroll.finish', { code, phoneName: 'P', passkey })).toBe('TOO_MANY_PHONES');
});

test('what happened to a person is kept up to a number', async () => {
  await desk.enrolledPhone(approver);
  for (let noted = 0; noted < MAX_ACTIVITY_KEPT + 20; noted += 1) approver.service.people.note(PERSON, noted, 'denied');
  expect(rowsOf('activity')).toBe(MAX_ACTIVITY_KEPT);
});

test('sessions and requests that are over long ago are forgotten', async () => {
  await desk.enrolledPhone(approver);
  for (let asked = 0; asked < 3; asked += 1) await desk.asks();
  expect([rowsOf('session'), rowsOf('request')]).toEqual([3, 1]);
  approver.clock.sleep(FORGET_SESSION_MS + 1);
  await desk.asks();
  expect([rowsOf('session'), rowsOf('request')]).toEqual([1, 1]);
});

test('workstations that ask once and never again give way to those that do', async () => {
  await desk.enrolledPhone(approver);
  const { book } = approver.service;
  for (let named = 0; named < MAX_WORKSTATIONS_SHOWN + 5; named += 1) {
    book.noteWorkstation(
      { userId: PERSON, memberId: PERSON },
      { tokenName: 'desk', deviceId: `device-${named}` },
      'Desk',
      named,
    );
  }
  expect(rowsOf('workstation')).toBe(MAX_WORKSTATIONS_SHOWN);
});

test('people for whom a workstation began and never finished are forgotten, with their codes', async () => {
  for (let begun = 0; begun < 5; begun += 1) await desk.enrollmentLink(`stranger-${begun}`);
  expect([rowsOf('person'), rowsOf('code')]).toEqual([5, 5]);
  approver.clock.sleep(FORGET_PERSON_MS + 1);
  await desk.enrollmentLink('stranger-6');
  await desk.enrollmentLink('stranger-7');
  expect([rowsOf('person'), rowsOf('code')]).toEqual([2, 2]);
});
