import { describe, expect, test } from 'vitest';
import { commandUnderTest, runHere } from './command-under-test.ts';

const command = commandUnderTest();
const STATUS = ['devices', 'status', 'ada'] as const;

function configFile(more: Readonly<Record<string, unknown>> = {}): string {
  const { simulator } = command();
  const settings = {
    service: 'activeconnect',
    baseUrl: simulator.url,
    appId: 'APP',
    appSecret: { file: command().path('secret') },
  };
  return command().write('account.json', JSON.stringify({ ...settings, ...more }), 0o644);
}

describe('the account', () => {
  test('comes from a file', async () => {
    expect(await command().run([...STATUS, '--config', configFile()])).toMatchObject({ code: 0, stderr: '' });
  });

  test('an option wins over the file', async () => {
    const wrong = configFile({ appId: 'ANOTHER', baseUrl: 'http://127.0.0.1:9', appSecret: { file: '/nonexistent' } });
    const args = ['--config', wrong, ...command().account];
    expect(await command().run([...STATUS, ...args])).toMatchObject({ code: 0, stderr: '' });
  });

  test('its secret can come on standard input, its line ended or not', async () => {
    const { simulator, connection } = command();
    const args = [...STATUS, ...connection, '--app-id', 'APP', '--secret-stdin'];
    expect(await command().run(args, `${simulator.appSecret}\n`)).toMatchObject({ code: 0, stderr: '' });
    expect(await command().run(args, simulator.appSecret)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('refused with 2, naming what to mend', () => {
  test.each([
    ['a word after the group that there is none of', ['users', 'frobnicate'], 'After “users” comes “add”, “delete”.'],
    ['no word after the group', ['session'], 'After “session” comes “start”, “watch”, “end”.'],
    ['no person', ['users', 'add'], 'Name at least one person'],
    ['a person without a name', ['users', 'add', 'ada', ''], 'A user id is empty'],
    ['a person with an escape', ['users', 'add', '\u001b[2JS3CRET'], 'A user id is empty'],
    ['two people where one is meant', ['devices', 'link', 'a', 'b'], 'Name one person'],
    ['a person where none is meant', ['session', 'end', 'ada'], 'No person is named here'],
    ['an unknown option', [...STATUS, '--frobnicate=S3CRET'], "Unknown option '--frobnicate'."],
    ['an option of another word', [...STATUS, '--phone', 'S3CRET'], "Unknown option '--phone'."],
    ['an option without its value', [...STATUS, '--app-id'], '--app-id'],
    ['a secret on the command line', [...STATUS, '--secret=S3CRET'], 'never given on the command line'],
    ['a secret on the command line, apart', [...STATUS, '--app-secret', 'S3CRET'], 'never given on the command line'],
    ['no service', STATUS, 'Say which service'],
    ['an unknown service', [...STATUS, '--service', 'S3CRET'], 'Say which service'],
    ['no application', [...STATUS, '--service', 'iampass'], 'Say which application'],
    ['no secret', [...STATUS, '--service', 'iampass', '--app-id', 'APP'], 'Say where the secret is'],
    [
      'an id that no header can carry',
      [...STATUS, '--service', 'iampass', '--app-id', 'a:b', '--secret-stdin'],
      '--app-id: expected',
    ],
    [
      'two places for the secret',
      [...STATUS, '--service', 'iampass', '--app-id', 'APP', '--secret-stdin', '--secret-file', 'x'],
      'Say once where the secret is',
    ],
    [
      'plain http to another machine',
      [...STATUS, '--service', 'iampass', '--app-id', 'APP', '--secret-stdin', '--base-url', 'http://service.example'],
      '--base-url: expected https://',
    ],
    [
      'a number that is none',
      ['session', 'watch', '--session-file', '-', '--interval-ms', '1e9'],
      '--interval-ms: expected a whole number',
    ],
    ['no session', ['session', 'end', '--service', 'iampass'], 'Say which session'],
    [
      'no telephone number',
      ['devices', 'sms', 'bob', '--service', 'iampass', '--app-id', 'APP', '--secret-stdin'],
      'Say which phone',
    ],
  ])('%s', async (_what, args, sentence) => {
    const { code, stdout, stderr } = await runHere(args, 'from-standard-input');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('S3CRET');
  });

  test('also as JSON', async () => {
    const { code, stdout, stderr } = await command().run([...STATUS, '--json', '--secret', 'S3CRET']);
    expect([code, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      exitCode: 2,
      code: 'USAGE',
      message: 'A secret is never given on the command line: --secret-file, --secret-keychain or --secret-stdin.',
    });
    expect(stdout).not.toContain('S3CRET');
  });

  test.each([
    ['a key that there is none of', '{"appSecert":"S3CRET"}', 'no such key as "appSecert"'],
    ['the secret itself', '{"appSecret":"S3CRET"}', 'a usable appSecret'],
    ['a service that there is none of', '{"service":"S3CRET"}', 'a usable service'],
    ['something else than JSON', '{S3CRET', 'a JSON file that can be read'],
  ])('a settings file with %s', async (_what, content, sentence) => {
    const file = command().write('account.json', content);
    const { code, stdout, stderr } = await runHere([...STATUS, '--config', file], '');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`--config: expected ${sentence}`);
    expect(stderr).not.toContain('S3CRET');
  });

  test('a secret file that others can read', async () => {
    command().write('secret', command().simulator.appSecret, 0o644);
    const { code, stderr } = await command().run([...STATUS, ...command().account]);
    expect(code).toBe(2);
    expect(stderr).toBe('--secret-file: expected a file that only its owner can read (mode 0600).\n');
  });

  test('a first word that there is none of, without repeating what follows', async () => {
    const { code, stdout, stderr } = await command().run(['usres', 'add', 'S3CRET']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('none that presence-locker knows');
    expect(stderr).not.toContain('S3CRET');
  });

  test('a secret of two lines', async () => {
    const args = [...STATUS, ...command().connection, '--app-id', 'APP', '--secret-stdin'];
    const { code, stderr } = await command().run(args, 'one-line\nS3CRET');
    expect(code).toBe(2);
    expect(stderr).toBe('--secret-stdin: expected one line of printable ASCII.\n');
  });
});

test('a keychain that cannot be reached ends with 3', async () => {
  const args = [...STATUS, ...command().connection, '--app-id', 'APP', '--secret-keychain', 'an-account'];
  const human = await command().run(args);
  expect(human).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('--key-file') });
  const json = await command().run([...args, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, exitCode: 3, code: 'KEYCHAIN_UNAVAILABLE' });
});

describe('the one command', () => {
  test('has the words for the workstation too', async () => {
    const { code, stdout } = await command().run(['status', '--json', `--user-data-dir=${command().folder}`]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ folder: command().folder, enrolled: false });
  });

  test('explains both', async () => {
    for (const words of [['--help'], ['help']]) {
      const { code, stdout } = await command().run(words);
      expect(code).toBe(0);
      expect(stdout).toContain('guard it again');
      expect(stdout).toContain('users add USER');
    }
    expect(await command().run(['session', '--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('130'),
    });
    expect(await command().run([])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('users add USER'),
    });
  });
});
