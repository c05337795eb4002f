import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openSessionService, Session } from '../../library/activeconnect.ts';
import { commandUnderTest, type Ended, type RunningCommand } from './command-under-test.ts';

const command = commandUnderTest();
const phone = () => command().simulator.phone('ada');
const keyed = () => ['--key-file', command().path('key')];
const opened = () => [...command().connection, ...keyed(), '--session-file', command().path('ada.session')];

async function start(...more: string[]) {
  return await command().run(['session', 'start', 'ada', ...command().account, ...keyed(), ...more]);
}

async function startInFile(): Promise<void> {
  const { code } = await start('--session-file', command().path('ada.session'));
  expect(code).toBe(0);
}

function watch(...more: string[]): RunningCommand {
  return command().start(['session', 'watch', ...opened(), '--interval-ms', '100', ...more]);
}

const linesOf = (text: string): readonly Readonly<Record<string, unknown>>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => Object(JSON.parse(line)));

describe('session start', () => {
  test('asks the phone and leaves a sealed file that only its owner can read', async () => {
    const { code, stdout, stderr } = await start('--session-file', command().path('ada.session'));
    expect(code).toBe(0);
    expect(stdout).toBe(`The session is sealed in ${command().path('ada.session')}.\n`);
    expect(stderr).toBe('The phone was asked.\n');
    expect(phone().state().sessionStatus).toBe('pending');
    for (const name of ['ada.session', 'key']) expect(statSync(command().path(name)).mode & 0o777).toBe(0o600);
    const sealed = Buffer.from(readFileSync(command().path('ada.session'), 'utf8'), 'base64url');
    expect(sealed.includes('session_secret')).toBe(false);
  });

  test('tells a program', async () => {
    const file = command().path('ada.session');
    const { code, stdout, stderr } = await start(
      '--session-file',
      file,
      '--json',
      '--methods',
      'acceptance',
      '--duration',
      '60',
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({ ok: true, status: 'pending', sessionFile: file });
  });

  test('without a file prints the sealed session alone, to be piped on', async () => {
    const { code, stdout } = await start();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[A-Za-z0-9_-]{100,}\n$/);
    const end = ['session', 'end', ...command().connection, ...keyed(), '--session-file', '-'];
    expect(await command().run(end, stdout)).toMatchObject({ code: 0, stdout: 'The session has ended.\n' });
    expect(phone().state().sessionStatus).toBe('closed');
    const json = await start('--json');
    expect(JSON.parse(json.stdout)).toEqual({
      ok: true,
      status: 'pending',
      sealedSession: expect.stringMatching(/^[\w-]{100,}$/),
    });
  });

  test('for somebody without a phone is refused with 1 and leaves no file', async () => {
    const file = command().path('bob.session');
    const args = ['session', 'start', 'bob', ...command().account, ...keyed(), '--session-file', file];
    expect(await command().run(args)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'The user has no registered phone.\n',
    });
    expect(existsSync(file)).toBe(false);
    const json = await command().run([...args, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, exitCode: 1, code: 'NO_MOBILE_DEVICE' });
  });

  test('asks nobody when the file exists, the folder does not, or the key is none', async () => {
    command().write('ada.session', 'an older one');
    const exists = await start('--session-file', command().path('ada.session'));
    expect(exists).toMatchObject({ code: 3, stderr: expect.stringContaining('exists already') });
    expect(readFileSync(command().path('ada.session'), 'utf8')).toBe('an older one');
    const nowhere = await start('--session-file', command().path('no/such/folder'));
    expect(nowhere).toMatchObject({ code: 3, stderr: expect.stringContaining('ENOENT') });
    command().write('key', 'too-short');
    expect(await start()).toMatchObject({ code: 2, stderr: '--key-file: expected 32 bytes in base64.\n' });
    expect(phone().state().sessionStatus).toBeNull();
  });
});

describe('session watch', () => {
  test('prints each change until the session ends, and ends with 0', async () => {
    await startInFile();
    const watching = watch();
    await watching.until(() => watching.stdout.includes(' pending\n'), 'pending');
    phone().approve();
    await watching.until(() => watching.stdout.includes(' active\n'), 'active');
    phone().leave();
    await watching.until(() => watching.stdout.includes(' walkaway\n'), 'walkaway');
    phone().return();
    await watching.until(() => watching.stdout.split(' active\n').length === 3, 'active again');
    phone().close();
    const { code, stdout, stderr } = await watching.ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.replaceAll(/^\S+Z /gm, '')).toBe(
      'pending\nactive\nwalkaway\nactive\nclosed\nThe session has ended.\n',
    );
  });

  test('tells a program in one object for each change', async () => {
    await startInFile();
    const watching = watch('--json');
    await watching.until(() => watching.stdout.includes('"pending"'), 'pending');
    phone().approve();
    await watching.until(() => watching.stdout.includes('"active"'), 'active');
    phone().close();
    const { code, stdout } = await watching.ended;
    expect(code).toBe(0);
    const lines = linesOf(stdout);
    expect(lines.map((line) => [line['ok'], line['event'], line['status']])).toEqual([
      [true, 'status', 'pending'],
      [true, 'status', 'active'],
      [true, 'status', 'closed'],
      [true, 'ended', 'closed'],
    ]);
    expect(lines.at(-1)).toMatchObject({ wasActive: true });
  });

  test('ends with 6 when nobody approved', async () => {
    await startInFile();
    phone().deny();
    expect(await watch().ended).toMatchObject({
      code: 6,
      stdout: expect.stringContaining('It ended without an approval.'),
    });
    const json = await watch('--json').ended;
    expect(json.code).toBe(6);
    expect(linesOf(json.stdout).at(-1)).toMatchObject({ ok: true, event: 'ended', wasActive: false });
  });

  test('Ctrl+C ends the watching with 130 and not the session', async () => {
    await startInFile();
    phone().approve();
    for (const json of [[], ['--json']]) {
      const watching = watch(...json);
      await watching.until(() => watching.stdout.includes('active'), 'active');
      watching.interrupt();
      const { code, stderr } = await watching.ended;
      expect([code, stderr]).toEqual([130, json.length === 0 ? 'Stopped watching. The session goes on.\n' : '']);
    }
    expect(phone().state().sessionStatus).toBe('active');
    expect(existsSync(command().path('ada.session'))).toBe(true);
  });

  test('waits a silent service out and goes on', async () => {
    await startInFile();
    command().simulator.injectFault({ kind: 'status', status: 503, times: 3 });
    const watching = watch();
    await watching.until(() => watching.stdout.includes('pending'), 'pending');
    expect(watching.stdout).toContain('no answer');
    expect(watching.stdout.split('no answer')).toHaveLength(2);
    watching.interrupt();
    expect((await watching.ended).code).toBe(130);
  });

  test('gives up with 4 when the service stays away', async () => {
    await startInFile();
    command().simulator.injectFault({ kind: 'status', status: 503, times: 1_000 });
    expect(await watch('--give-up-after-ms', '300').ended).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('HTTP 503'),
    });
    const json = await watch('--give-up-after-ms', '300', '--json').ended;
    expect(json.code).toBe(4);
    expect(linesOf(json.stdout).at(-1)).toMatchObject({ ok: false, exitCode: 4, code: 'PROVIDER_UNAVAILABLE' });
  });
});

describe('session end', () => {
  test('ends the session and removes the file', async () => {
    await startInFile();
    phone().approve();
    expect(await command().run(['session', 'end', ...opened()])).toEqual({
      code: 0,
      stdout: 'The session has ended.\n',
      stderr: '',
    });
    expect(phone().state().sessionStatus).toBe('closed');
    expect(existsSync(command().path('ada.session'))).toBe(false);
    await startInFile();
    const json = await command().run(['session', 'end', ...opened(), '--json']);
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout)).toEqual({ ok: true, status: 'closed' });
  });

  test('keeps the file when the service could not be told', async () => {
    await startInFile();
    command().simulator.injectFault({ kind: 'status', status: 503, times: 1 });
    expect((await command().run(['session', 'end', ...opened()])).code).toBe(4);
    expect(existsSync(command().path('ada.session'))).toBe(true);
  });

  test.each([
    [
      'another key',
      () => command().write('key', Buffer.alloc(32, 7).toString('base64')),
      'another key, or was changed',
    ],
    ['a file that is none', () => command().write('ada.session', 'x'), 'This is no sealed session.'],
    [
      'a file that somebody changed',
      () => {
        const text = readFileSync(command().path('ada.session'), 'utf8');
        command().write('ada.session', `${text.slice(0, 60)}${text[60] === 'A' ? 'B' : 'A'}${text.slice(61)}`);
      },
      'another key, or was changed',
    ],
  ])('refuses %s with 3', async (_what, spoil, sentence) => {
    await startInFile();
    spoil();
    expect(await command().run(['session', 'end', ...opened()])).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining(sentence),
    });
    expect(phone().state().sessionStatus).toBe('pending');
  });

  test('never makes a key: without the old one there is nothing to open', async () => {
    await startInFile();
    const args = ['session', 'end', ...command().connection, '--session-file', command().path('ada.session')];
    const { code, stderr } = await command().run([...args, '--key-file', command().path('no-such-key')]);
    expect([code, stderr]).toEqual([2, '--key-file: expected a file that can be read (ENOENT).\n']);
    expect(existsSync(command().path('no-such-key'))).toBe(false);
  });

  test('asks nobody but the service that it was told', async () => {
    await startInFile();
    const elsewhere = ['--service', 'iampass', ...keyed(), '--session-file', command().path('ada.session')];
    const { code, stderr } = await command().run(['session', 'end', ...elsewhere]);
    expect([code, stderr]).toEqual([4, 'The session names an address that is not the service.\n']);
    expect(phone().state().sessionStatus).toBe('pending');
  });
});

test('neither start, watch nor end prints a secret of the session', async () => {
  const printed: string[] = [];
  const remember = ({ stdout, stderr }: Ended): void => void printed.push(stdout, stderr);
  remember(await start('--session-file', command().path('ada.session'), '--json'));
  const key = Buffer.from(readFileSync(command().path('key'), 'utf8'), 'base64');
  const sealed = Buffer.from(readFileSync(command().path('ada.session'), 'utf8'), 'base64url');
  const connection = openSessionService({ profile: 'iampass', baseUrl: command().simulator.url });
  const session = Session.unseal(sealed, key, connection);
  connection.close();
  if (!session.ok) throw new Error(session.error);
  const { session_secret, session_token } = session.value.toJSON();
  const watching = watch('--json');
  await watching.until(() => watching.stdout.includes('pending'), 'pending');
  remember(await command().run(['session', 'end', ...opened(), '--json']));
  remember(await watching.ended);
  const everything = printed.join('');
  expect(everything).toContain('closed');
  for (const secret of [session_secret, session_token, key.toString('base64')])
    expect(everything).not.toContain(secret);
});
