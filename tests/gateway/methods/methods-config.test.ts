import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeConfig } from '../../../gateway/config.ts';
import { gatewayOfConfig, listenAddressOf } from '../../../gateway/gateway-of-config.ts';

let directory = '';
const logged: string[] = [];
const logger = pino({}, { write: (line: string) => logged.push(line) });
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'methods-config-'));
  logged.length = 0;
});
afterEach(() => rmSync(directory, { recursive: true }));

const TOKEN = 'the-token-of-ada';
const SHA256 = createHash('sha256').update(TOKEN).digest('hex');
const PASSKEY = { kind: 'passkey', publicUrl: 'https://locker.example.org' };

function secretFile(name: string, content: string) {
  const file = join(directory, name);
  writeFileSync(file, content, { mode: 0o600 });
  return { file };
}

function configWith(methods: unknown, change: Record<string, unknown> = {}) {
  const key = secretFile('database.key', randomBytes(32).toString('base64'));
  return {
    listen: { host: '127.0.0.1', port: 0 },
    tokens: [{ name: 'desk', sha256: 'a'.repeat(64) }],
    provider: { kind: 'wcd-2factor', baseUrl: 'http://127.0.0.1:9', token: secretFile('token', 'abc') },
    database: { file: join(directory, 'data', 'gateway.db'), key },
    methods,
    ...change,
  };
}

async function listOver(claimed: unknown, path: string, token = TOKEN): Promise<Response> {
  const config = decodeConfig(claimed);
  const gateway = await gatewayOfConfig(config, logger);
  try {
    const { url } = await gateway.listen(await listenAddressOf(config, logger));
    const address = new URL(path, url.replace(/^ws/, 'http'));
    const response = await fetch(address, { headers: { Authorization: `Bearer ${token}` } });
    return new Response(await response.text(), { status: response.status });
  } finally {
    await gateway.close();
  }
}

const OWN_LIST = '/api/v1/auth/2factor/user-config/own/list/';

describe('methods in the configuration', () => {
  test('are served at the vendor’s paths to those with a token', async () => {
    const claimed = configWith({ people: [{ userId: 'ada', sha256: SHA256 }] });
    const answer = await listOver(claimed, OWN_LIST);
    expect([answer.status, await answer.json()]).toEqual([200, []]);
    expect(statSync(join(directory, 'data', 'gateway.db')).mode & 0o777).toBe(0o600);
    expect((await listOver(claimed, OWN_LIST, 'another-token')).status).toBe(403);
    expect(logged.join()).toContain('person.refused');
    expect(logged.join()).not.toMatch(/another-token|the-token-of-ada/);
  });

  test('are served at another prefix, and to services', async () => {
    const claimed = configWith({ prefix: '/second/', services: [{ name: 'gateway', sha256: SHA256 }] });
    expect((await listOver(claimed, '/second/user-config/own/list/', `${TOKEN}:ada`)).status).toBe(200);
    expect((await listOver(claimed, OWN_LIST, `${TOKEN}:ada`)).status).toBe(404);
  });

  test('stand beside passkeys on one database', async () => {
    const people = [{ userId: 'ada', sha256: SHA256 }];
    writeFileSync(join(directory, 'index.html'), '<!doctype html>');
    const claimed = configWith({ people }, { provider: { ...PASSKEY, webDirectory: directory } });
    expect((await listOver(claimed, OWN_LIST)).status).toBe(200);
    expect((await listOver(claimed, '/approver/api/state')).status).not.toBe(200);
  });

  test('are not served when they are not there', async () => {
    expect((await listOver(configWith(undefined), OWN_LIST)).status).toBe(404);
  });

  test.each([
    ['methods.prefix', { prefix: 'no/slash/' }],
    ['methods.prefix', { prefix: '/no/slash' }],
    ['methods.prefix', { prefix: '/' }],
    ['methods.prefix', { prefix: '/approver/methods/' }],
    ['methods.prefix', { prefix: '/webhooks/' }],
    ['methods.issuer', { issuer: 'Example: Ltd' }],
    ['methods.issuer', { issuer: '' }],
    ['methods.permitSeconds', { permitSeconds: 59 }],
    ['methods.people.0.sha256', { people: [{ userId: 'ada', sha256: TOKEN }] }],
    ['methods.people.0.token', { people: [{ userId: 'ada', sha256: SHA256, token: TOKEN }] }],
    ['methods.services.0.name', { services: [{ name: '', sha256: SHA256 }] }],
    ['methods.secret', { secret: TOKEN }],
  ])('are refused for their %s: %j', (key, methods) => {
    expect(() => decodeConfig(configWith(methods))).toThrow(key);
  });

  test('are refused with one token for two', async () => {
    const two = {
      people: [{ userId: 'ada', sha256: SHA256 }],
      services: [{ name: 'x', sha256: SHA256.toUpperCase() }],
    };
    await expect(gatewayOfConfig(decodeConfig(configWith(two)), logger)).rejects.toThrow('methods');
  });

  test('are refused without a database to keep them in', () => {
    expect(() => decodeConfig(configWith({}, { database: undefined }))).toThrow('database');
  });
});
