import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builtPageDirectory } from '../../../gateway/approver/built-page.ts';
import { decodeConfig } from '../../../gateway/config.ts';
import { gatewayOfConfig, listenAddressOf } from '../../../gateway/gateway-of-config.ts';
import { siteOf } from '../../../gateway/providers/passkey/site.ts';
import { exchange } from './approver-under-test.ts';

const logger = pino({ level: 'silent' });
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'passkey-config-'));
  mkdirSync(join(directory, 'page'));
  writeFileSync(join(directory, 'page', 'index.html'), '<!doctype html>');
});
afterEach(() => rmSync(directory, { recursive: true }));

function keyFile(name: string, bytes = 32): { file: string } {
  const file = join(directory, name);
  writeFileSync(file, randomBytes(bytes).toString('base64'), { mode: 0o600 });
  return { file };
}

function configWith(change: { provider?: Record<string, unknown>; database?: unknown }) {
  return decodeConfig({
    listen: { host: '127.0.0.1', port: 0 },
    tokens: [{ name: 'desk', sha256: 'a'.repeat(64) }],
    provider: {
      kind: 'passkey',
      publicUrl: 'https://locker.example.org',
      webDirectory: join(directory, 'page'),
      ...change.provider,
    },
    database: { file: join(directory, 'data', 'gateway.db'), key: keyFile('database.key') },
    ...('database' in change ? { database: change.database } : {}),
  });
}

describe('publicUrl', () => {
  test.each([
    ['https://locker.example.org', 'https://locker.example.org', 'locker.example.org', true],
    ['https://locker.example.org:8443/', 'https://locker.example.org:8443', 'locker.example.org', true],
    ['http://localhost:8080', 'http://localhost:8080', 'localhost', false],
  ])('%s decides origin, RP id and cookie', (publicUrl, origin, rpId, https) => {
    expect(siteOf(publicUrl)).toEqual({ origin, rpId, https });
  });

  test.each([
    'http://locker.example.org',
    'http://127.0.0.1:8080',
    'https://192.0.2.1',
    'https://[2001:db8::1]',
    'https://locker.example.org/approver',
    'https://locker.example.org?x',
    'https://user@locker.example.org',
    'http://localhost.example.org',
    'ftp://localhost',
    'locker.example.org',
  ])('cannot be %s', (publicUrl) => {
    expect(() => siteOf(publicUrl)).toThrow('provider.publicUrl');
  });
});

describe('a gateway of passkeys', () => {
  test('serves the page at its address and keeps the phones in a file for its owner alone', async () => {
    const config = configWith({});
    const gateway = await gatewayOfConfig(config, logger);
    const { url } = await gateway.listen(await listenAddressOf(config, logger));
    const page = await exchange(url, { method: 'GET', path: '/approver/' });
    expect([page.status, page.text]).toEqual([200, '<!doctype html>']);
    expect(statSync(join(directory, 'data', 'gateway.db')).mode & 0o777).toBe(0o600);
    await gateway.close();
    const again = await gatewayOfConfig(config, logger);
    await again.close();
  });

  test('serves the page that was built beside it where none is named, and says how to build one that is not there', async () => {
    expect(await builtPageDirectory(join(directory, 'page'))).toBe(join(directory, 'page'));
    await expect(builtPageDirectory(join(directory, 'out', 'approver'))).rejects.toThrow(
      /^provider\.webDirectory: expected .*out\/approver: `npm run build` makes it there$/,
    );
  });

  test.each<[string, Parameters<typeof configWith>[0]]>([
    ['database', { database: undefined }],
    ['provider.publicUrl', { provider: { publicUrl: 'http://locker.example.org' } }],
    ['provider.webDirectory', { provider: { webDirectory: '/nowhere/at/all' } }],
  ])('is refused for its %s', async (key, change) => {
    await expect(async () => gatewayOfConfig(configWith(change), logger)).rejects.toThrow(key);
  });

  test('is refused with a key that is not the database’s, or none', async () => {
    const gateway = await gatewayOfConfig(configWith({}), logger);
    await gateway.close();
    const file = join(directory, 'data', 'gateway.db');
    for (const key of [keyFile('other.key'), keyFile('short.key', 16)]) {
      await expect(gatewayOfConfig(configWith({ database: { file, key } }), logger)).rejects.toThrow('database.key');
    }
  });
});
