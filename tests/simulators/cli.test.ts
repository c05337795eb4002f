import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { record, VendorClient } from './vendor-client.ts';

const CLI = fileURLToPath(new URL('../../simulators/index.ts', import.meta.url));
const started: ChildProcessByStdio<null, Readable, Readable>[] = [];

function run(...args: string[]) {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  return child;
}

/** Runs to its end: what it printed, and with which code it left. */
async function finished(...args: string[]) {
  const child = run(...args);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
}

async function listening(...args: string[]) {
  const child = run(...args);
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  await expect.poll(() => lines.length, { timeout: 10_000 }).toBe(1);
  const announced = record(JSON.parse(lines[0] ?? ''));
  return { child, lines, announced };
}

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

describe('npm run simulator -- activeconnect', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'prints one JSON line when it listens and leaves with 0 on %s',
    async (signal) => {
      const { child, lines, announced } = await listening('activeconnect', '--port', '0');
      expect(Object.keys(announced)).toEqual(['event', 'url', 'appId', 'appSecret']);
      expect(announced['event']).toBe('listening');
      expect(announced['url']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      const client = new VendorClient(
        String(announced['url']),
        String(announced['appId']),
        String(announced['appSecret']),
      );
      expect((await client.addUsers('ada')).status).toBe(201);
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([0, null]);
      expect(lines).toHaveLength(1);
    },
  );

  test('takes the application and the limits given', async () => {
    const flags = ['--app-id', 'ABCD', '--app-secret', 'S3CRET', '--walkaway-ms', '1', '--close-ms', '100000'];
    const { announced } = await listening('activeconnect', ...flags);
    expect(announced).toMatchObject({ appId: 'ABCD', appSecret: 'S3CRET' });
    const url = String(announced['url']);
    const client = new VendorClient(url, 'ABCD', 'S3CRET');
    await client.addUsers('ada');
    await fetch(`${url}/phone/ada/register`, { method: 'POST' });
    const session = await client.startSession('ada');
    await fetch(`${url}/phone/ada/approve`, { method: 'POST' });
    await fetch(`${url}/phone/ada/leave`, { method: 'POST' });
    await expect.poll(() => client.statusOf(session)).toBe('walkaway');
  });

  test('a port in use is a sentence and code 1', async () => {
    const { announced } = await listening('activeconnect');
    const { code, out, err } = await finished('activeconnect', '--port', new URL(String(announced['url'])).port);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain('The port is in use');
  });

  test.each([
    [[], 'Name a service: activeconnect, authsignal, wcd-2factor.'],
    [['wcd-2factor', '--port', '70000'], '--port must be a whole number from 0 to 65535, not "70000".'],
    [['wcd-2factor', '--prefix', 'second'], 'The prefix must be a path'],
    [['wcd-2factor', '--prefix', '/phone/'], 'The prefix must be a path'],
    [['wcd-2factor', '--app-id', 'A'], "Unknown option '--app-id'"],
    [['toaster'], 'There is no simulated service "toaster".'],
    [['activeconnect', '--colour', 'red'], "Unknown option '--colour'"],
    [['activeconnect', '--port', '70000'], '--port must be a whole number from 0 to 65535, not "70000".'],
    [['activeconnect', '--walkaway-ms', 'soon'], '--walkaway-ms must be a whole number'],
    [['activeconnect', '--walkaway-ms', '500', '--close-ms', '500'], 'must be greater than walkawayMs'],
    [['activeconnect', '--app-id', 'a/b'], 'The application id must be'],
    [['activeconnect', '--app-secret', 'two words'], 'The application secret must be'],
    [['authsignal', '--secret', 'two words'], 'The secret must be'],
    [['authsignal', '--token-ms', '0'], '--token-ms must be a whole number'],
    [['authsignal', '--webhook-url', 'nowhere'], 'The webhook URL must be'],
  ])('%j is a sentence and code 2', async (args, sentence) => {
    const { code, out, err } = await finished(...args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(sentence);
    expect(err).not.toContain('    at ');
  });

  test('wcd-2factor prints the address with its prefix, the header and the phone’s page', async () => {
    const flags = ['--prefix', '/second/', '--authorization', 'JWT abc', '--person', 'ada', '--schemas'];
    const { child, lines, announced } = await listening('wcd-2factor', ...flags);
    expect(Object.keys(announced)).toEqual(['event', 'url', 'authorization', 'phone']);
    expect(announced).toMatchObject({ event: 'listening', authorization: 'JWT abc' });
    expect(announced['url']).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/second\/$/);
    const headers = { Authorization: 'JWT abc' };
    expect((await fetch(`${announced['url']}user-config/own/list/`, { headers })).status).toBe(200);
    const methods: unknown = await (await fetch(`${announced['url']}method-config/list/active/`)).json();
    expect(methods).toMatchObject([{ config_user_schema: { required: ['code'] } }, {}, {}, {}]);
    expect((await fetch(String(announced['phone']))).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(lines).toHaveLength(1);
  });

  test('--help explains and leaves with 0', async () => {
    const { code, out } = await finished('--help');
    expect(code).toBe(0);
    for (const flag of ['--port', '--app-id', '--app-secret', '--walkaway-ms', '--close-ms'])
      expect(out).toContain(flag);
  });
});

describe('npm run simulator -- authsignal', () => {
  test('prints the API base and the secret, answers, and takes rules', async () => {
    const { child, announced } = await listening('authsignal', '--secret', 'S3CRET');
    expect(Object.keys(announced)).toEqual(['event', 'url', 'secret']);
    expect(announced).toMatchObject({ event: 'listening', secret: 'S3CRET' });
    const base = String(announced['url']);
    expect(base).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    const rule = JSON.stringify({ action: 'Login', decision: 'ALLOW' });
    expect((await fetch(new URL('/rules', base), { method: 'POST', body: rule })).status).toBe(200);
    const authorization = `Basic ${Buffer.from('S3CRET:').toString('base64')}`;
    const headers = { Authorization: authorization };
    const tracked = await fetch(`${base}/users/ada/actions/Login`, { method: 'POST', headers });
    expect(record(await tracked.json())).toMatchObject({ state: 'ALLOW', isEnrolled: false });
    const page = await fetch(new URL('/phone/ada', base));
    expect(await page.text()).toContain('Nothing registered');
    expect((await fetch(new URL('/faults', base), { method: 'DELETE' })).status).toBe(404);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test.each([
    ['{"action": "Login", "decision": "PERHAPS"}', {}, 400],
    ['{"action": "Login", "decision": "ALLOW"}', { Origin: 'https://elsewhere.example' }, 403],
  ])('refuses the rule %s', async (body, headers, status) => {
    const { announced } = await listening('authsignal');
    const answer = await fetch(new URL('/rules', String(announced['url'])), { method: 'POST', headers, body });
    expect(answer.status).toBe(status);
  });
});
