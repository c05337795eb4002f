import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN_ROOT, MAX_ADMIN_REQUEST_BYTES } from '../../../gateway/admin/wire/calls.ts';
import { type ApproverUnderTest, eventually, startApprover } from '../approver/approver-under-test.ts';
import { Desk, PERSON } from '../approver/desk-in-software.ts';
import { type AdminUnderTest, administrate, exchangeOn } from './admin-under-test.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const REMOVE = `${ADMIN_ROOT}users.remove`;

let approver: ApproverUnderTest;
let admin: AdminUnderTest;
beforeEach(async () => {
  approver = await startApprover();
  admin = await administrate(approver);
  await (await Desk.at(approver)).enrolledPhone(approver);
});
afterEach(async () => {
  admin.close();
  await approver.close();
});

const stillThere = () => expect(approver.service.phones.of(PERSON)).toHaveLength(1);

describe('the administrator’s door', () => {
  test.each<[string, string | Buffer, number]>([
    ['nothing', '', 400],
    ['what is no JSON', '{"userId": ', 400],
    ['null', 'null', 400],
    ['a list', '["user-1"]', 400],
    ['a member too many', '{"userId":"user-1","force":true}', 400],
    ['a member too few', '{}', 400],
    ['a number for a person', '{"userId":1}', 400],
    ['a path for a person', '{"userId":"../user-1"}', 400],
    ['a control character', '{"userId":"user-1\\u0000"}', 400],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]), 400],
    ['a prototype', '{"userId":"user-1","__proto__":{"admin":true}}', 400],
    ['a body as large as may be and no JSON', ' '.repeat(MAX_ADMIN_REQUEST_BYTES), 400],
    ['a body that is larger', ' '.repeat(MAX_ADMIN_REQUEST_BYTES + 1), 413],
  ])('refuses %s, and nothing has changed', async (_what, body, status) => {
    const answered = await exchangeOn(admin.socketPath, { method: 'POST', path: REMOVE, headers: JSON_TYPE, body });
    expect(answered.status).toBe(status);
    expect(JSON.parse(answered.text)).toEqual({ code: expect.any(String), message: expect.any(String) });
    stillThere();
  });

  test('refuses a large body that does not say its length as soon as it is too large', async () => {
    const headers = { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' };
    const body = Buffer.alloc(MAX_ADMIN_REQUEST_BYTES + 1, 0x20);
    const { status } = await exchangeOn(admin.socketPath, { method: 'POST', path: REMOVE, headers, body });
    expect(status).toBe(413);
    stillThere();
  });

  test.each([
    ['another method', 'GET', REMOVE, JSON_TYPE, 404],
    ['another path', 'POST', '/users.remove', JSON_TYPE, 404],
    ['a path that only ends like one', 'POST', `/x${REMOVE}`, JSON_TYPE, 404],
    ['a call that is none', 'POST', `${ADMIN_ROOT}users.promote`, JSON_TYPE, 404],
    ['a member of every object', 'POST', `${ADMIN_ROOT}constructor`, JSON_TYPE, 404],
    ['a form', 'POST', REMOVE, { 'Content-Type': 'application/x-www-form-urlencoded' }, 400],
    ['no type', 'POST', REMOVE, {}, 400],
  ])('refuses %s', async (_what, method, path, headers, status) => {
    const body = method === 'GET' ? {} : { body: JSON.stringify({ userId: PERSON }) };
    const answered = await exchangeOn(admin.socketPath, { method, path, headers, ...body });
    expect(answered.status).toBe(status);
    stillThere();
  });

  test('drops what is not HTTP, and answers the next one', async () => {
    const stranger = connect(admin.socketPath);
    let closed = false;
    stranger.on('close', () => {
      closed = true;
    });
    stranger.on('error', () => undefined);
    stranger.resume();
    stranger.end('\x16\x03\x01 not HTTP\r\n\r\n');
    await eventually(() => closed, 'the end of the stranger');
    expect((await admin.run('users', 'list')).exitCode).toBe(0);
  });

  test('answers when others hold all connections but one and say nothing; more are cut at once', async () => {
    const held = Array.from({ length: 7 }, () => connect(admin.socketPath));
    for (const each of held) each.on('error', () => undefined);
    await eventually(() => held.every((each) => !each.connecting), 'the connections');
    expect((await admin.run('users', 'list')).exitCode).toBe(0);
    const eighth = connect(admin.socketPath).on('error', () => undefined);
    await eventually(() => !eighth.connecting, 'one more connection');
    expect((await admin.run('users', 'list')).exitCode).toBe(1);
    for (const each of [...held, eighth]) each.destroy();
  });

  test('writes every call to the audit log with its outcome, the refused ones too', async () => {
    approver.audited.splice(0);
    await admin.run('users', 'show', 'nobody');
    await admin.run('devices', 'revoke', `phone:${'A'.repeat(22)}`);
    await admin.run('users', 'list');
    expect(approver.audited).toEqual([
      {
        event: 'administrator.called',
        userId: 'nobody',
        detail: 'users.show by the administrator: USER_UNKNOWN',
      },
      {
        event: 'administrator.called',
        detail: `devices.revoke phone:${'A'.repeat(22)} by the administrator: DEVICE_UNKNOWN`,
      },
      { event: 'administrator.called', detail: 'users.list by the administrator: done' },
    ]);
  });

  test('says that it failed, and nothing more, when the database does', async () => {
    approver.audited.splice(0);
    approver.database.change('DROP TABLE approver_code');
    const { exitCode, stdout, stderr } = await admin.run('codes', 'list');
    expect([exitCode, stdout, stderr]).toEqual([1, '', 'The gateway could not do it. Its log says why.\n']);
    expect(approver.logger.lines.join('\n')).toContain('a call of the administrator failed');
    expect(approver.audited[0]?.detail).toBe('codes.list by the administrator: INTERNAL');
  });
});
