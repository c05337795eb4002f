import { describe, expect, test } from 'vitest';
import { ServiceDouble } from '../gateway/service-double.ts';
import { commandUnderTest } from './command-under-test.ts';

const command = commandUnderTest();

/** Runs the word once for a person and once for a program. */
async function both(args: readonly string[], between: () => void = () => undefined) {
  const { account } = command();
  const human = await command().run([...args, ...account]);
  between();
  const json = await command().run([...args, ...account, '--json']);
  expect(json.stderr).toBe('');
  expect(json.stdout.trim().split('\n')).toHaveLength(1);
  const facts: unknown = JSON.parse(json.stdout);
  return { human, json: { code: json.code, facts } };
}

describe('users', () => {
  test('add tells who is new and who was known', async () => {
    const { human, json } = await both(['users', 'add', 'eve', 'ada']);
    expect(human).toEqual({ code: 0, stdout: 'eve was added.\nada exists already.\n', stderr: '' });
    expect(json).toEqual({ code: 0, facts: { ok: true, created: [], existing: ['eve', 'ada'] } });
  });

  test('delete deletes', async () => {
    const { human, json } = await both(['users', 'delete', 'ada', 'bob'], () =>
      expect(command().simulator.knownUsers()).toEqual([]),
    );
    expect(human).toEqual({ code: 0, stdout: 'ada was deleted.\nbob was deleted.\n', stderr: '' });
    expect(json.code === 0 || json.code === 1).toBe(true);
  });
});

describe('devices', () => {
  test('link prints the link alone, so that it can be piped on', async () => {
    const { human, json } = await both(['devices', 'link', 'bob', '--display-name', 'Bob & Co']);
    const link = `${command().simulator.url}/phone/bob?registration=`;
    expect(human).toMatchObject({ code: 0, stderr: '' });
    expect(human.stdout.startsWith(link)).toBe(true);
    expect(json).toEqual({ code: 0, facts: { ok: true, user: 'bob', link: expect.stringContaining(link) } });
    expect(command().simulator.phone('bob').state().displayName).toBe('Bob & Co');
  });

  test('sms sends the link', async () => {
    const { human, json } = await both([
      'devices',
      'sms',
      'bob',
      '--phone',
      '+491701234567',
      '--message',
      'Please register:',
    ]);
    expect(human).toEqual({ code: 0, stdout: 'The link was sent.\n', stderr: '' });
    expect(json).toEqual({ code: 0, facts: { ok: true, user: 'bob', sent: true } });
    expect(command().simulator.phone('bob').lastSms()).toMatchObject({
      phoneNumber: '+491701234567',
      text: expect.stringContaining('Please register:'),
    });
  });

  test('status is 0 with a phone and 6 without', async () => {
    const { human, json } = await both(['devices', 'status', 'ada']);
    expect(human).toEqual({ code: 0, stdout: 'A phone is registered.\n', stderr: '' });
    expect(json).toEqual({ code: 0, facts: { ok: true, user: 'ada', registered: true } });
    const without = await both(['devices', 'status', 'bob']);
    expect(without.human).toEqual({ code: 6, stdout: 'No phone is registered.\n', stderr: '' });
    expect(without.json).toEqual({ code: 6, facts: { ok: true, user: 'bob', registered: false } });
  });

  test('lost disables the phone and prints the link for a new one', async () => {
    const { human, json } = await both(['devices', 'lost', 'ada'], () =>
      expect(command().simulator.phone('ada').state().registered).toBe(false),
    );
    expect(human).toMatchObject({ code: 0, stdout: expect.stringContaining('/phone/ada?registration=') });
    expect(human.stderr).toContain('The phone is disabled.');
    expect(json).toMatchObject({ code: 0, facts: { ok: true, user: 'ada' } });
  });
});

describe('what does not work', () => {
  test('an unknown person is refused with 1', async () => {
    const { human, json } = await both(['devices', 'status', 'nobody']);
    expect(human).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^The service does not know this person/),
    });
    expect(json).toMatchObject({ code: 1, facts: { ok: false, exitCode: 1, code: 'USER_UNKNOWN' } });
  });

  test('a telephone number that is none is refused with 1', async () => {
    const { json } = await both(['devices', 'sms', 'bob', '--phone', '123']);
    expect(json).toMatchObject({ code: 1, facts: { ok: false, code: 'SMS_REFUSED' } });
  });

  test('a service in trouble ends with 4', async () => {
    command().simulator.injectFault({ kind: 'status', status: 503, times: 20 });
    const { human, json } = await both(['devices', 'status', 'ada']);
    expect(human).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('HTTP 503') });
    expect(json).toMatchObject({ code: 4, facts: { ok: false, exitCode: 4, code: 'PROVIDER_UNAVAILABLE' } });
  });

  test('a wrong secret ends with 5', async () => {
    command().write('secret', 'wrong-secret');
    const { human, json } = await both(['users', 'add', 'eve']);
    expect(human).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining('does not accept who asks') });
    expect(json).toMatchObject({ code: 5, facts: { ok: false, exitCode: 5, code: 'PROVIDER_UNAUTHORIZED' } });
  });

  test('Ctrl+C while the service is silent ends with 130', async () => {
    const silent = new ServiceDouble();
    silent.reply = () => undefined;
    await silent.listen();
    try {
      const args = ['devices', 'status', 'ada', ...command().account, '--base-url', silent.url];
      const human = command().start(args);
      await human.until(() => silent.seen.length === 1, 'the question');
      human.interrupt();
      expect(await human.ended).toEqual({ code: 130, stdout: '', stderr: 'Interrupted.\n' });
      const json = command().start([...args, '--json']);
      await json.until(() => silent.seen.length === 2, 'the question');
      json.interrupt();
      const { code, stdout } = await json.ended;
      expect(code).toBe(130);
      expect(JSON.parse(stdout)).toMatchObject({ ok: false, exitCode: 130, code: 'INTERRUPTED' });
    } finally {
      await silent.close();
    }
  });
});
