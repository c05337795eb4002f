import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeConfig } from '../../gateway/config.ts';
import { ConfigurationError } from '../../gateway/configuration-error.ts';
import { resolveSecret } from '../../gateway/secret-ref.ts';
import { HELLO, TestClient, TOKEN } from './gateway-under-test.ts';
import { RunningProcess } from './running-process.ts';

let directory = '';
const processes: RunningProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gateway-cli-'));
});
afterEach(() => {
  for (const running of processes.splice(0)) running.kill();
  rmSync(directory, { recursive: true });
});

function secretFile(name: string, content: string, mode = 0o600): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const SHA256 = 'a'.repeat(64);
function validConfig() {
  return {
    listen: { host: '127.0.0.1', port: 0 },
    tokens: [{ name: 'desk', sha256: SHA256 }],
    provider: {
      kind: 'activeconnect',
      profile: 'iampass',
      baseUrl: 'http://127.0.0.1:9',
      appId: 'APP',
      appSecret: { file: 'x' },
    },
  };
}

function gateway(...args: string[]): RunningProcess {
  const running = new RunningProcess(['gateway/index.ts', ...args]);
  processes.push(running);
  return running;
}

describe('npm run gateway', () => {
  test('listens, prints one JSON line, serves, keeps secrets out of everything it prints, and stops on SIGTERM with 0', async () => {
    const config = {
      ...validConfig(),
      tokens: [{ name: 'desk', token: { file: secretFile('token', `${TOKEN}\n`) } }],
      provider: { ...validConfig().provider, appSecret: { file: secretFile('secret', 'S3CRET-OF-APP\n') } },
      store: {
        directory: join(directory, 'store'),
        key: { file: secretFile('key', Buffer.alloc(32, 7).toString('base64')) },
      },
      policy: { walkawayGraceMs: 5_000 },
    };
    const path = join(directory, 'config.json');
    writeFileSync(path, JSON.stringify(config));
    const running = gateway('--config', path);
    await running.until(() => running.stdout.includes('\n'), 'the line');
    const line: unknown = JSON.parse(running.stdout);
    expect(line).toEqual({ event: 'listening', url: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/) });
    const client = await TestClient.open(String(Object(line).url));
    client.send(HELLO);
    const ready = await client.next('ready');
    expect(ready.capabilities.title).toBe('IAMPASS');
    client.send({ v: 1, type: 'session.start', requestId: 'r', userId: 'u', reason: 'unlock' });
    expect((await client.next('error')).code).toBe('PROVIDER_UNREACHABLE');
    running.kill('SIGTERM');
    expect(await client.closed()).toBe(1001);
    expect(await running.end()).toBe(0);
    expect(running.stdout.trim().split('\n')).toHaveLength(1);
    for (const secret of ['S3CRET-OF-APP', TOKEN]) expect(running.stdout + running.stderr).not.toContain(secret);
    for (const logged of running.stderr.trim().split('\n')) expect(() => JSON.parse(logged)).not.toThrow();
  });

  test('ends with 2 for a bad configuration, naming the key', async () => {
    const path = join(directory, 'config.json');
    writeFileSync(path, JSON.stringify({ ...validConfig(), lease: { ms: 'INLINE-VALUE' } }));
    const running = gateway('--config', path);
    expect(await running.end()).toBe(2);
    expect(running.stderr).toBe('lease.ms: expected a number\n');
    expect(running.stdout).toBe('');
  });

  test.each([[[]], [['--confg', 'x']], [['token', 'x']], [['--config', 'no-such-file']]])(
    'ends with 2 for the arguments %j',
    async (args) => {
      const running = gateway(...args);
      expect(await running.end()).toBe(2);
      expect(running.stderr).not.toBe('');
    },
  );

  test('token prints a fresh token and its hash', async () => {
    const [first, second] = [gateway('token'), gateway('token')];
    expect([await first.end(), await second.end()]).toEqual([0, 0]);
    const { event, token, sha256 } = JSON.parse(first.stdout);
    expect(event).toBe('token');
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.parse(second.stdout).token).not.toBe(token);
  });
});

describe('a configuration is refused by key, never quoting a value,', () => {
  const bad = (change: (config: Record<string, unknown> & ReturnType<typeof validConfig>) => void): unknown => {
    const config = { ...validConfig() };
    change(config);
    return config;
  };
  test.each<[string, unknown]>([
    ['the file', 'LEAKED'],
    ['provider', bad((config) => Reflect.deleteProperty(config, 'provider'))],
    ['listen.port', bad((config) => Reflect.set(config.listen, 'port', 'LEAKED'))],
    ['listen.port', bad((config) => Reflect.set(config.listen, 'port', 65_536))],
    ['listen.allowPlaintext', bad((config) => Reflect.set(config.listen, 'host', '0.0.0.0'))],
    ['listen.tls.keyFile', bad((config) => Reflect.set(config.listen, 'tls', { certFile: 'x' }))],
    ['listen.socket', bad((config) => Reflect.set(config.listen, 'socket', 'LEAKED'))],
    ['listen.port', bad((config) => Reflect.set(config, 'listen', { socketPath: '/x', port: 1 }))],
    ['tokens', bad((config) => Reflect.set(config, 'tokens', []))],
    [
      'tokens',
      bad((config) =>
        Reflect.set(config, 'tokens', [
          { name: 'a', sha256: SHA256 },
          { name: 'a', sha256: SHA256 },
        ]),
      ),
    ],
    ['tokens.0.sha256', bad((config) => Reflect.set(config, 'tokens', [{ name: 'a', sha256: 'LEAKED' }]))],
    ['tokens.0', bad((config) => Reflect.set(config, 'tokens', [{ name: 'a', token: 'LEAKED' }]))],
    ['provider.profile', bad((config) => Reflect.set(config.provider, 'profile', 'LEAKED'))],
    ['provider.baseUrl', bad((config) => Reflect.set(config.provider, 'baseUrl', 'ftp://LEAKED'))],
    ['provider.appSecret', bad((config) => Reflect.set(config.provider, 'appSecret', 'LEAKED'))],
    ['provider.timeoutMs', bad((config) => Reflect.set(config.provider, 'timeoutMs', 1))],
    ['provider.secret', bad((config) => Reflect.set(config.provider, 'secret', 'LEAKED'))],
    ['store.key', bad((config) => Reflect.set(config, 'store', { directory: 'x', key: 'LEAKED' }))],
    ['limits.maxConnections', bad((config) => Reflect.set(config, 'limits', { maxConnections: 0 }))],
    ['policy.leaseMs', bad((config) => Reflect.set(config, 'policy', { leaseMs: 1 }))],
    ['policy.leasMs', bad((config) => Reflect.set(config, 'policy', { leasMs: 5_000 }))],
    ['lease.ms', bad((config) => Reflect.set(config, 'lease', { ms: 500 }))],
    ['extra', bad((config) => Reflect.set(config, 'extra', 'LEAKED'))],
  ])('%s', (key, config) => {
    let fault: unknown;
    try {
      decodeConfig(config);
    } catch (thrown) {
      fault = thrown;
    }
    if (!(fault instanceof ConfigurationError)) throw new Error(`accepted: ${JSON.stringify(config)}`);
    expect(fault.key).toBe(key);
    expect(fault.expected).not.toBe('');
    expect(fault.message).not.toContain('LEAKED');
  });

  test('a good one is taken, and its policy holds only what was stated', () => {
    const { policy } = decodeConfig({ ...validConfig(), policy: { leaseMs: 5_000 } });
    expect(policy).toEqual({ leaseMs: 5_000 });
  });
});

describe('a secret', () => {
  test('is read from a file of its owner, without the newline', async () => {
    expect(await resolveSecret({ file: secretFile('s', 'abc\n') }, 'k')).toBe('abc');
  });

  test.each([0o640, 0o604, 0o666])('in a file of mode %o is refused', async (mode) => {
    await expect(resolveSecret({ file: secretFile('s', 'abc', mode) }, 'k')).rejects.toThrow(
      'k: expected a file that only its owner can read (mode 0600)',
    );
  });

  test('in the service’s credentials folder may have the mode its mounter chose', async () => {
    const before = process.env['CREDENTIALS_DIRECTORY'];
    process.env['CREDENTIALS_DIRECTORY'] = directory;
    try {
      expect(await resolveSecret({ file: secretFile('s', 'abc', 0o444) }, 'k')).toBe('abc');
    } finally {
      if (before === undefined) Reflect.deleteProperty(process.env, 'CREDENTIALS_DIRECTORY');
      else process.env['CREDENTIALS_DIRECTORY'] = before;
    }
  });

  test.each([
    ['that is empty', () => secretFile('s', '\n')],
    ['that is too large', () => secretFile('s', 'x'.repeat(5_000))],
    ['that is a folder', () => directory],
    ['that is missing', () => join(directory, 'none')],
  ])('in a file %s is refused by key', async (_what, path) => {
    await expect(resolveSecret({ file: path() }, 'the.key')).rejects.toThrow(/^the\.key: expected/);
  });
});
