import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WORDS } from '../../../gateway/admin/command/words.ts';
import { ADMIN_CALLS } from '../../../gateway/admin/wire/calls.ts';
import { type ApproverUnderTest, startApprover } from '../approver/approver-under-test.ts';
import { Desk, PERSON } from '../approver/desk-in-software.ts';
import { codeOf, PhoneInSoftware } from '../approver/phone-in-software.ts';
import { type AdminUnderTest, administrate, commandAt, linesOf } from './admin-under-test.ts';

/** What makes a terminal do something, or turn the writing round. */
const OBEYED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const EVIL_NAME = 'Ada\u202egnihsihp\u009b2J';

let approver: ApproverUnderTest;
let admin: AdminUnderTest;
beforeEach(async () => {
  approver = await startApprover();
  admin = await administrate(approver);
});
afterEach(async () => {
  admin.close();
  await approver.close();
});

async function withAPhone(): Promise<void> {
  await (await Desk.at(approver)).enrolledPhone(approver);
}

describe('what is printed', () => {
  test('is a table for a person and one JSON object a line for a program', async () => {
    await withAPhone();
    const { stdout } = await admin.run('users', 'list');
    const [head, row] = linesOf(stdout);
    expect(head).toMatch(/^USER +NAME +PHONES +IN NOW +RECOVERY CODE/);
    expect(row).toMatch(/^user-1 +Ada +1 +0 sessions +yes +no +0$/);
    expect(await admin.objects('users', 'list')).toEqual([
      {
        userId: PERSON,
        displayName: 'Ada',
        phones: 1,
        sessions: 0,
        hasRecoveryCode: true,
        hasOpenLink: false,
        methods: 0,
      },
    ]);
    expect((await admin.run('codes', 'list')).stdout).toContain('it is used');
  });

  test('of one person shows phones, workstations and whether they are in', async () => {
    const desk = await Desk.at(approver);
    const phone = await desk.enrolledPhone(approver);
    const { sessionId, number } = await desk.asks();
    await phone.approve(await phone.asked(), number);
    await desk.becomes(sessionId, 'active');
    const [shown] = await admin.objects('users', 'show', PERSON);
    expect(shown).toMatchObject({
      user: { sessions: 1 },
      phones: [{ kind: 'phone', name: 'Phone' }],
      places: [{ name: 'Ada’s desk', tokenName: 'desk', connected: true, inUntil: expect.any(Number) }],
    });
    expect((await admin.run('users', 'show', PERSON)).stdout).toMatch(/Ada’s desk +desk +yes +20\d\d-/);
  });

  test('obeys no name: not on a terminal, not through JSON, which still says the name', async () => {
    await withAPhone();
    approver.database.change('UPDATE approver_person SET display_name = $name', { name: EVIL_NAME });
    for (const words of [
      ['users', 'list'],
      ['users', 'list', '--json'],
      ['users', 'show', PERSON],
    ]) {
      const { stdout } = await admin.run(...words);
      expect(stdout).toContain('gnihsihp');
      for (const line of linesOf(stdout)) expect(line).not.toMatch(OBEYED);
    }
    expect((await admin.objects('users', 'list'))[0]?.['displayName']).toBe(EVIL_NAME);
  });

  test('is a code alone on standard output, so that it can be piped on; a program gets it with its person', async () => {
    await withAPhone();
    const { stdout, stderr } = await admin.run('codes', 'enroll', '--user', PERSON);
    expect(stdout).toMatch(/^http:\/\/localhost:8099\/approver\/#enroll=[A-Za-z0-9_-]{22}\n$/);
    expect(stderr).toContain('Printed this once');
    const [made] = await admin.objects('codes', 'lost', '--user', PERSON);
    expect(made).toMatchObject({ userId: PERSON, link: expect.stringContaining('#enroll='), phones: 1 });
  });
});

describe('a gateway whose service keeps the people', () => {
  test('says so plainly, and lists its workstations all the same', async () => {
    const elsewhere = await administrate(approver, { passkeys: null, methods: null });
    try {
      elsewhere.deviceKeys.add({ tokenName: 'desk', deviceId: 'device-1' }, 'A'.repeat(43), 1, 1_000);
      const refused = [
        ['users', 'list'],
        ['users', 'remove', PERSON],
        ['codes', 'list'],
        ['codes', 'lost', '--user', PERSON],
        ['devices', 'list', '--user', PERSON],
      ];
      for (const words of refused) {
        const { exitCode, stdout, stderr } = await elsewhere.run(...words);
        expect([exitCode, stdout]).toEqual([1, '']);
        expect(stderr).toContain('the service it asks does');
      }
      const { exitCode, stdout, stderr } = await elsewhere.run('devices', 'list');
      expect([exitCode, linesOf(stdout).length]).toEqual([0, 2]);
      expect(stderr).toContain('Phones are kept by the service');
    } finally {
      elsewhere.close();
    }
  });
});

describe('a gateway that cannot be asked', () => {
  test.each([
    ['that is not running', (folder: string) => join(folder, 'admin.sock'), 'The gateway is not running: nobody'],
    ['on Windows', () => null, 'not served on Windows'],
  ])('%s: exit code 1 and one sentence', async (_what, pathIn, sentence) => {
    const folder = mkdtempSync(join(tmpdir(), 'admin-'));
    const { exitCode, stdout, stderr } = await commandAt(pathIn(folder), ['users', 'list', '--config', 'x']);
    rmSync(folder, { recursive: true });
    expect([exitCode, stdout, linesOf(stderr).length]).toEqual([1, '', 1]);
    expect(stderr).toContain(sentence);
  });

  test.each([
    ['with what is no JSON', 200, 'not JSON'],
    ['with another shape', 200, '{"rows":[{"userId":"x"}],"more":false}'],
    ['with too much', 200, `"${'x'.repeat(17 * 1_024 * 1_024)}"`],
    ['with an error of its own', 500, '{}'],
  ])('that answers %s: exit code 1 and one sentence, nothing printed', async (_what, status, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'admin-'));
    const socketPath = join(folder, 'admin.sock');
    const server = createServer((_request, response) => response.writeHead(status).end(text));
    await listening(server, socketPath);
    const { exitCode, stdout, stderr } = await commandAt(socketPath, ['users', 'list', '--config', 'x']);
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
    expect([exitCode, stdout, linesOf(stderr).length]).toEqual([1, '', 1]);
  });
});

describe('words that are not understood', () => {
  const SECRET = 'MISPLACED-SECRET';
  test.each([
    [['users']],
    [['users', SECRET]],
    [['users', 'list', SECRET, '--config', 'x']],
    [['users', 'list', '--config']],
    [['users', 'list']],
    [['users', 'show', '--config', 'x']],
    [['users', 'show', 'a', SECRET, '--config', 'x']],
    [['users', 'show', `../${SECRET}`, '--config', 'x']],
    [['users', 'remove', 'x'.repeat(129), '--config', 'x']],
    [['users', 'list', '--user', SECRET, '--config', 'x']],
    [['devices', 'revoke', SECRET, '--config', 'x']],
    [['codes', 'lost', '--config', 'x']],
    [['codes', 'enroll', '--user', 'a', '--name', '', '--config', 'x']],
    [['codes', 'revoke', '--user', 'a', '--only', SECRET, '--config', 'x']],
    [['codes', 'recovery', '--user', 'a', `--code=${SECRET}`, '--config', 'x']],
  ])('%j ends with 2 and says what is wrong without what was typed', async (words) => {
    const { exitCode, stdout, stderr } = await commandAt(admin.socketPath, words);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).not.toBe('');
    expect(stderr).not.toContain(SECRET);
    expect(approver.audited).toEqual([]);
  });

  test.each(Object.keys(WORDS))('%s --help shows its form and changes nothing', async (name) => {
    const { exitCode, stdout } = await commandAt(null, [...name.split(' '), '--help']);
    expect([exitCode, stdout.startsWith(name)]).toEqual([0, true]);
  });

  test('every call has a word', () => {
    expect(
      Object.keys(WORDS)
        .map((name) => name.replace(' ', '.'))
        .sort(),
    ).toEqual(Object.keys(ADMIN_CALLS).sort());
  });
});

test('a person with as many phones as may be gets no further link', async () => {
  await withAPhone();
  for (let phones = 1; phones < 8; phones += 1) {
    const { stdout } = await admin.run('codes', 'enroll', '--user', PERSON);
    approver.clock.sleep(1);
    await new PhoneInSoftware(approver).enroll(stdout.trim(), `Phone ${phones}`);
  }
  const { exitCode, stdout } = await admin.run('codes', 'enroll', '--user', PERSON);
  expect([exitCode, stdout]).toEqual([1, '']);
});

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, resolve);
  });
}

describe('a person with several workstations', () => {
  const LAPTOP = 'user-of-the-laptop';
  async function withTwo() {
    const [desk, laptop] = [await Desk.at(approver), await Desk.at(approver, 'device-2')];
    const phone = await desk.enrolledPhone(approver);
    await phone.call('enroll.join', { code: codeOf(await laptop.enrollmentLink(LAPTOP)) });
    const inAt = async (at: Desk, userId: string) => {
      const { sessionId, number } = await at.asks(userId);
      await phone.approve(await phone.asked(), number);
      await at.becomes(sessionId, 'active');
      return sessionId;
    };
    return { desk, laptop, sessions: [await inAt(desk, PERSON), await inAt(laptop, LAPTOP)] as const };
  }

  test('is one person, found by the id of either workstation, with both ids', async () => {
    await withTwo();
    expect((await admin.objects('users', 'list')).map(({ userId }) => userId)).toEqual([PERSON]);
    for (const id of [PERSON, LAPTOP]) {
      const [shown] = await admin.objects('users', 'show', id);
      expect(shown).toMatchObject({
        user: { userId: PERSON, sessions: 2 },
        members: [{ userId: PERSON }, { userId: LAPTOP, workstations: ['Ada’s desk'] }],
      });
      expect(await admin.objects('devices', 'list', '--user', id)).toHaveLength(1);
    }
    expect((await admin.run('users', 'show', PERSON)).stdout).toContain('ASKS AS');
    const { stderr } = await admin.run('codes', 'enroll', '--user', LAPTOP, '--name', 'Somebody else');
    expect(stderr).not.toContain('unknown');
    expect(await admin.objects('codes', 'list', '--user', LAPTOP)).toEqual([
      expect.objectContaining({ kind: 'link', userId: PERSON }),
      { kind: 'recovery', userId: PERSON },
    ]);
  });

  test.each([
    [['users', 'remove', PERSON], 'USER_UNKNOWN'],
    [['codes', 'lost', '--user', LAPTOP], 'NO_MOBILE_DEVICE'],
  ] as const)('is closed at all of them by “%s”', async (words, thenRefused) => {
    const { desk, laptop, sessions } = await withTwo();
    expect((await admin.run(...words)).exitCode).toBe(0);
    await desk.becomes(sessions[0], 'closed');
    await laptop.becomes(sessions[1], 'closed');
    for (const [at, userId] of [
      [desk, PERSON],
      [laptop, LAPTOP],
    ] as const) {
      const started = at.start(userId);
      expect((await at.client.next('error', (error) => error.requestId === started)).code).toBe(thenRefused);
    }
  });
});
