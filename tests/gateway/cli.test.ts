import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { configurationFiles, validConfig } from './configuration-files.ts';
import { Device } from './device-keys/device.ts';
import { TestClient, TOKEN } from './gateway-under-test.ts';
import { RunningProcess } from './running-process.ts';

const files = configurationFiles();
const processes: RunningProcess[] = [];
afterEach(() => {
  for (const running of processes.splice(0)) running.kill();
});

function gateway(...args: string[]): RunningProcess {
  const running = new RunningProcess(['gateway/index.ts', ...args]);
  processes.push(running);
  return running;
}

describe('npm run gateway', () => {
  test('listens, prints one JSON line, serves, keeps secrets out of everything it prints, and stops on SIGTERM with 0', async () => {
    const config = {
      ...validConfig(),
      tokens: [{ name: 'desk', token: { file: files.secret('token', `${TOKEN}\n`) } }],
      provider: { ...validConfig().provider, appSecret: { file: files.secret('secret', 'S3CRET-OF-APP\n') } },
      store: {
        directory: join(files.directory, 'store'),
        key: { file: files.secret('key', Buffer.alloc(32, 7).toString('base64')) },
      },
      policy: { walkawayGraceMs: 5_000 },
    };
    const path = join(files.directory, 'config.json');
    writeFileSync(path, JSON.stringify(config));
    const running = gateway('--config', path);
    await running.until(() => running.stdout.includes('\n'), 'the line');
    const line: unknown = JSON.parse(running.stdout);
    expect(line).toEqual({ event: 'listening', url: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/) });
    const client = await TestClient.open(String(Object(line).url));
    const device = new Device();
    client.send(device.hello());
    client.send(device.proof((await client.next('challenge')).nonce));
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

  // As Ctrl+C under `npm run` delivers it: once from the terminal, once more through the wrapper.
  test('says goodbye and stops with 0 though the signal comes twice', async () => {
    const path = join(files.directory, 'config.json');
    const tokens = [{ name: 'desk', token: { file: files.secret('token', TOKEN) } }];
    const provider = { ...validConfig().provider, appSecret: { file: files.secret('secret', 'S3CRET') } };
    writeFileSync(path, JSON.stringify({ ...validConfig(), tokens, provider }));
    const running = gateway('--config', path);
    await running.until(() => running.stdout.includes('\n'), 'the line');
    // A peer that never answers the closing handshake keeps the farewell going while the second signal arrives.
    const { hostname, port } = new URL(String(Object(JSON.parse(running.stdout)).url));
    const peer = connect({ host: hostname, port: Number(port) });
    let heard = '';
    peer.on('data', (chunk) => {
      heard += chunk;
    });
    peer.write(`GET /v1 HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`);
    peer.write(`Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`);
    await running.until(() => heard.includes('101 Switching'), 'the WebSocket');
    running.kill('SIGINT');
    await running.until(() => heard.includes('GATEWAY_SHUTTING_DOWN'), 'the farewell');
    running.kill('SIGINT');
    expect(await running.end()).toBe(0);
    peer.destroy();
  });

  test('ends with 1 and a sentence when another program has the port', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen({ host: '127.0.0.1', port: 0 }, resolve));
    try {
      const bound = taken.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
      const provider = { ...validConfig().provider, appSecret: { file: files.secret('secret', 'S3CRET') } };
      const path = join(files.directory, 'config.json');
      writeFileSync(path, JSON.stringify({ ...validConfig(), listen: { host: '127.0.0.1', port }, provider }));
      const running = gateway('--config', path);
      expect(await running.end()).toBe(1);
      expect(running.stderr).toBe(`listen.port: ${port} is in use by another program.\n`);
    } finally {
      taken.close();
    }
  });

  test('ends with 2 for a bad configuration, naming the key', async () => {
    const path = join(files.directory, 'config.json');
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
