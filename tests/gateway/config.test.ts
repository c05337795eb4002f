import { createServer } from 'node:http';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { decodeConfig, isBehindProxy } from '../../gateway/config.ts';
import { ConfigurationError } from '../../gateway/configuration-error.ts';
import { gatewayOfConfig } from '../../gateway/gateway-of-config.ts';
import { listenAt } from '../../gateway/listen-address.ts';
import { resolveSecret } from '../../gateway/secret-ref.ts';
import { hashToken } from '../../gateway/tokens.ts';
import { configurationFiles, SHA256, validConfig } from './configuration-files.ts';
import { TOKEN } from './gateway-under-test.ts';

const files = configurationFiles();

function twoFactor(change: Record<string, unknown>) {
  const provider = { kind: 'wcd-2factor', baseUrl: 'http://127.0.0.1:9', token: { file: 'x' }, ...change };
  return { ...validConfig(), provider };
}

test('a gateway of WebCase 2factor takes its token from where the configuration says, and refuses one no header can carry', async () => {
  const logger = pino({ level: 'silent' });
  const good = decodeConfig(
    twoFactor({ token: { file: files.secret('good', 'abc') }, header: { template: 'JWT {token}' } }),
  );
  const gateway = await gatewayOfConfig(good, logger);
  await gateway.close();
  const bad = decodeConfig(twoFactor({ token: { file: files.secret('bad', 'abc\nLEAKED') } }));
  await expect(gatewayOfConfig(bad, logger)).rejects.toThrow('provider.token');
  const header = { template: 'JWT' };
  const noToken = decodeConfig(twoFactor({ token: { file: files.secret('good', 'abc') }, header }));
  await expect(gatewayOfConfig(noToken, logger)).rejects.toThrow('provider.header.template');
});

function authsignalMistakes(): [string, unknown][] {
  const good = { kind: 'authsignal', secret: { file: 'x' }, webhooks: true };
  const mistakes: Record<string, unknown> = {
    secret: 'LEAKED',
    apiUrl: 'ftp://LEAKED',
    presenceIntervalMs: 1,
    webhooks: 'LEAKED',
    appId: 'LEAKED',
  };
  expect(decodeConfig({ ...validConfig(), provider: good }).provider).toMatchObject({
    webhooks: true,
    simulated: false,
  });
  return Object.entries(mistakes).map(([key, value]) => [
    `provider.${key}`,
    { ...validConfig(), provider: { ...good, [key]: value } },
  ]);
}

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
    ['listen.behindProxy', bad((config) => Reflect.set(config.listen, 'behindProxy', 'LEAKED'))],
    ['listen.behindProxy', bad((config) => Reflect.set(config, 'listen', { socketPath: '/x', behindProxy: true }))],
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
    ['tokens.0.devices', bad((config) => Reflect.set(config, 'tokens', [{ name: 'a', sha256: SHA256, devices: 0 }]))],
    ['database', bad((config) => Reflect.deleteProperty(config, 'database'))],
    ['database', bad((config) => Reflect.set(config, 'database', 'LEAKED'))],
    ['database.path', bad((config) => Reflect.set(config.database, 'path', 'LEAKED'))],
    ['tokens.0', bad((config) => Reflect.set(config, 'tokens', [{ name: 'a', token: 'LEAKED' }]))],
    ['provider.profile', bad((config) => Reflect.set(config.provider, 'profile', 'LEAKED'))],
    ['provider.baseUrl', bad((config) => Reflect.set(config.provider, 'baseUrl', 'ftp://LEAKED'))],
    ['provider.appSecret', bad((config) => Reflect.set(config.provider, 'appSecret', 'LEAKED'))],
    ['provider.token', twoFactor({ token: 'LEAKED' })],
    ['provider.baseUrl', twoFactor({ baseUrl: undefined })],
    ['provider.appId', twoFactor({ appId: 'LEAKED' })],
    ['provider.header.value', twoFactor({ header: { value: 'LEAKED' } })],
    ['provider.outOfBandMethods.0', twoFactor({ outOfBandMethods: [''] })],
    ['provider.timeoutMs', bad((config) => Reflect.set(config.provider, 'timeoutMs', 1))],
    ['provider.secret', bad((config) => Reflect.set(config.provider, 'secret', 'LEAKED'))],
    ...authsignalMistakes(),
    ['store.key', bad((config) => Reflect.set(config, 'store', { directory: 'x', key: 'LEAKED' }))],
    ['limits.maxConnections', bad((config) => Reflect.set(config, 'limits', { maxConnections: 0 }))],
    ['policy.leaseMs', bad((config) => Reflect.set(config, 'policy', { leaseMs: 1 }))],
    ['policy.leasMs', bad((config) => Reflect.set(config, 'policy', { leasMs: 5_000 }))],
    ['lease.ms', bad((config) => Reflect.set(config, 'lease', { ms: 500 }))],
    ['listen.allowedOrigins.0', bad((config) => Reflect.set(config.listen, 'allowedOrigins', ['https://LEAKED/']))],
    ['provider.appId', bad((config) => Reflect.set(config.provider, 'appId', 'LEAKED:x'))],
    ['provider.headerPrefixes.0', bad((config) => Reflect.set(config.provider, 'headerPrefixes', ['LEAKED x']))],
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

  test('one without a database says what it is for', () => {
    expect(() => decodeConfig({ ...validConfig(), database: undefined })).toThrow(
      'database: expected a file and a key, for the keys to be kept in by which workstations are known',
    );
  });

  test('a good one is taken, and its policy holds only what was stated', () => {
    const { policy } = decodeConfig({ ...validConfig(), policy: { leaseMs: 5_000 } });
    expect(policy).toEqual({ leaseMs: 5_000 });
  });
});

describe('a proxy in front', () => {
  const passkey = (behindProxy?: boolean) => ({
    kind: 'passkey',
    publicUrl: 'https://locker.example.org',
    ...(behindProxy === undefined ? {} : { behindProxy }),
  });
  const TCP = { host: '127.0.0.1', port: 0 };
  test.each([
    ['is not assumed', { listen: TCP }, false],
    ['is said of the listener', { listen: { ...TCP, behindProxy: true } }, true],
    ['is not assumed where passkeys are', { listen: TCP, provider: passkey() }, false],
    ['may be said at the passkeys, as before', { listen: TCP, provider: passkey(true) }, true],
    [
      'said of the listener is meant for passkeys too',
      { listen: { ...TCP, behindProxy: true }, provider: passkey(false) },
      true,
    ],
    ['may be said at the passkeys of a Unix socket', { listen: { socketPath: '/x' }, provider: passkey(true) }, true],
  ])('%s', (_what, stated, expected) => {
    expect(isBehindProxy(decodeConfig({ ...validConfig(), ...stated }))).toBe(expected);
  });
});

describe('what only shows when the configuration is put to use is refused by key:', () => {
  const logger = pino({ enabled: false });
  type Config = ReturnType<typeof validConfig>;
  async function refusalOf(change: (config: Config & Record<string, unknown>) => void): Promise<string> {
    const config = { ...validConfig() };
    config.provider.appSecret = { file: files.secret('secret', 'S3CRET') };
    change(config);
    const decoded = decodeConfig(config);
    const fault: unknown = await gatewayOfConfig(decoded, logger).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (fault instanceof ConfigurationError) return fault.message;
    throw new Error('accepted, or failed without naming a key', { cause: fault });
  }

  test('one token for two workstations', async () => {
    const file = files.secret('token', TOKEN);
    const tokens = [
      { name: 'a', sha256: hashToken(TOKEN).toString('hex') },
      { name: 'b', token: { file } },
    ];
    expect(await refusalOf((config) => Reflect.set(config, 'tokens', tokens))).toBe(
      'tokens: expected tokens that differ',
    );
  });

  test.each([['LEAKED\nLEAKED'], ['LEAKEDé']])(
    'an application secret that cannot be signed with: %j',
    async (secret) => {
      const file = files.secret('bad-secret', secret);
      expect(await refusalOf((config) => Reflect.set(config.provider, 'appSecret', { file }))).toBe(
        'provider.appSecret: expected one line of printable ASCII',
      );
    },
  );

  test.each([['http://127.0.0.1:9/?q=LEAKED'], ['http://u:LEAKED@127.0.0.1:9'], ['http://127.0.0.1:9/#LEAKED']])(
    'a base address with more than an address: %s',
    async (baseUrl) => {
      expect(await refusalOf((config) => Reflect.set(config.provider, 'baseUrl', baseUrl))).toBe(
        'provider.baseUrl: expected an https:// address without user, query or fragment',
      );
    },
  );

  test('a store folder that cannot be made', async () => {
    const key = { file: files.secret('key', Buffer.alloc(32, 7).toString('base64')) };
    const store = { directory: join(files.secret('not-a-folder', ''), 'store'), key };
    expect(await refusalOf((config) => Reflect.set(config, 'store', store))).toBe(
      'store.directory: expected a folder that can be made (ENOTDIR)',
    );
  });

  test('an address that is not this machine’s', async () => {
    const server = createServer();
    const elsewhere = { kind: 'tcp', host: '203.0.113.7', port: 0, tls: null } as const;
    await expect(listenAt(server, elsewhere)).rejects.toThrow('listen.host: expected an address of this machine');
  });
});

describe('a secret', () => {
  test('is read from a file of its owner, without the newline', async () => {
    expect(await resolveSecret({ file: files.secret('s', 'abc\n') }, 'k')).toBe('abc');
  });

  test.each([0o640, 0o604, 0o666])('in a file of mode %o is refused', async (mode) => {
    await expect(resolveSecret({ file: files.secret('s', 'abc', mode) }, 'k')).rejects.toThrow(
      'k: expected a file that only its owner can read (mode 0600)',
    );
  });

  test('in the service’s credentials folder may have the mode its mounter chose', async () => {
    const before = process.env['CREDENTIALS_DIRECTORY'];
    process.env['CREDENTIALS_DIRECTORY'] = files.directory;
    try {
      expect(await resolveSecret({ file: files.secret('s', 'abc', 0o444) }, 'k')).toBe('abc');
    } finally {
      if (before === undefined) Reflect.deleteProperty(process.env, 'CREDENTIALS_DIRECTORY');
      else process.env['CREDENTIALS_DIRECTORY'] = before;
    }
  });

  test.each([
    ['that is empty', () => files.secret('s', '\n')],
    ['that is too large', () => files.secret('s', 'x'.repeat(5_000))],
    ['that is a folder', () => files.directory],
    ['that is missing', () => join(files.directory, 'none')],
  ])('in a file %s is refused by key', async (_what, path) => {
    await expect(resolveSecret({ file: path() }, 'the.key')).rejects.toThrow(/^the\.key: expected/);
  });
});
