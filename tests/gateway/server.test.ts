import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get, request } from 'node:http';
import { get as getTls } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { FakeGatewayClock } from './fake-gateway-clock.ts';
import { type GatewayUnderTest, HELLO, START, startGateway, TestClient, WAIT_MS } from './gateway-under-test.ts';

let running: GatewayUnderTest;
beforeEach(async () => {
  running = await startGateway();
});
afterEach(() => running.close());

function fetchOver(
  socketPath: string,
  path: string,
  method = 'GET',
): Promise<{ status: number; type: string; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, method, timeout: WAIT_MS }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += String(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: String(response.headers['content-type']), body }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function refusedUpgrade(path: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(`${running.url}:${path}`, { headers });
  const [, response] = await once(socket, 'unexpected-response', { signal: AbortSignal.timeout(WAIT_MS) });
  socket.on('error', () => undefined);
  socket.terminate();
  return response.statusCode;
}

describe('over HTTP', () => {
  test('/healthz says how it goes', async () => {
    const client = await (await running.connect()).hello();
    client.send(START);
    await client.next('session.state');
    const { status, type, body } = await fetchOver(running.socketPath, '/healthz');
    expect([status, type]).toEqual([200, 'application/json']);
    expect(JSON.parse(body)).toMatchObject({
      status: 'ok',
      connections: 1,
      sessions: 1,
      provider: { id: 'fake', simulated: true, lastOutcome: 'ok' },
    });
  });

  test('/metrics counts connections, sessions, leases, upstream calls and refusals', async () => {
    running.provider.onStart = () => ({ status: 'active' });
    const client = await (await running.connect()).hello();
    client.send(START);
    await client.next('session.state');
    client.send('{');
    await client.closed();
    await (await running.connect()).hello();
    const { status, body } = await fetchOver(running.socketPath, '/metrics');
    expect(status).toBe(200);
    for (const line of [
      'presence_gateway_connections 1',
      'presence_gateway_sessions 1',
      'presence_gateway_leases_granted_total 1',
      'presence_gateway_upstream_requests_total{call="start",outcome="ok"} 1',
      'presence_gateway_frames_refused_total{code="FRAME_NOT_JSON"} 1',
      'presence_gateway_upstream_latency_seconds_count{call="start"} 1',
    ]) {
      expect(body.split('\n')).toContain(line);
    }
    expect(body).not.toContain('device-1');
    expect(body).not.toContain('user-1');
  });

  test('anything else is not found, and only reading is allowed', async () => {
    expect((await fetchOver(running.socketPath, '/')).status).toBe(404);
    expect((await fetchOver(running.socketPath, '/admin')).status).toBe(404);
    expect((await fetchOver(running.socketPath, '/healthz', 'POST')).status).toBe(405);
  });
});

describe('the upgrade to a WebSocket', () => {
  test.each(['/', '/v1', '/v1?x=y'])('is taken on %s', async (path) => {
    const client = await TestClient.open(`${running.url}:${path}`);
    await client.hello();
    client.socket.terminate();
  });

  test('is not found elsewhere', async () => {
    expect(await refusedUpgrade('/v2')).toBe(404);
  });

  test('is refused to web pages', async () => {
    expect(await refusedUpgrade('/v1', { Origin: 'https://evil.example' })).toBe(403);
    expect(await refusedUpgrade('/v1', { Origin: 'null' })).toBe(403);
  });

  test('is granted to an origin of the configuration', async () => {
    await running.close();
    running = await startGateway({ allowedOrigins: ['https://console.example'] });
    const client = await TestClient.open(`${running.url}:/v1`, { headers: { Origin: 'https://console.example' } });
    await client.hello();
    client.socket.terminate();
    expect(await refusedUpgrade('/v1', { Origin: 'https://console.example.evil' })).toBe(403);
  });

  test('is refused when all places are taken', async () => {
    await running.close();
    running = await startGateway({ limits: { maxConnections: 1 } });
    await running.connect();
    expect(await refusedUpgrade('/v1')).toBe(503);
  });

  test('negotiates no compression', async () => {
    const socket = new WebSocket(`${running.url}:/v1`, { perMessageDeflate: true });
    await once(socket, 'open', { signal: AbortSignal.timeout(WAIT_MS) });
    expect(socket.extensions).toBe('');
    socket.terminate();
  });
});

describe('a client that misbehaves below the protocol', () => {
  test('and never reads is cut before it fills the memory', async () => {
    await running.close();
    running = await startGateway({ limits: { framesPerSecond: 1_000_000, frameBurst: 1_000_000 } });
    const client = await (await running.connect()).hello();
    client.send(START);
    const { sessionId } = await client.next('session.state');
    client.socket.pause();
    const deadline = Date.now() + WAIT_MS;
    while (!running.logger.lines.some((line) => line.includes('SLOW_CONSUMER'))) {
      if (Date.now() > deadline) throw new Error('waited in vain for SLOW_CONSUMER');
      for (let frame = 0; frame < 200; frame += 1) client.send({ v: 1, type: 'session.poll', sessionId, seq: 0 });
      await new Promise((resolve) => setImmediate(resolve));
    }
    const health = async () => JSON.parse((await fetchOver(running.socketPath, '/healthz')).body).connections;
    while ((await health()) > 0) if (Date.now() > deadline) throw new Error('waited in vain for the cut');
  });

  test('and is half open is cut after 2.5 heartbeats', async () => {
    await running.close();
    const clock = new FakeGatewayClock();
    running = await startGateway({ clock });
    const socket = connect(running.socketPath);
    socket.write(
      'GET /v1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    const hello = Buffer.from(JSON.stringify(HELLO));
    // Masked with zeros; longer than 125 bytes, so with a 16-bit length.
    socket.write(Buffer.concat([Buffer.from([0x81, 0xfe, hello.length >> 8, hello.length & 0xff, 0, 0, 0, 0]), hello]));
    let heard = Buffer.alloc(0);
    let ended = false;
    socket.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
    });
    socket.on('close', () => {
      ended = true;
    });
    await until(() => heard.includes('"type":"ready"'), 'ready');
    await clock.advance(10_000);
    await until(() => heard.at(-2) === 0x89, 'a ping');
    await clock.advance(14_999);
    expect(ended).toBe(false);
    await clock.advance(1);
    await until(() => ended, 'the end of the connection');
  });
});

describe('a Unix socket', () => {
  test('is for its owner only', () => {
    expect(statSync(running.socketPath).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(running.socketPath)).mode & 0o777).toBe(0o700);
  });

  test('left over by a killed gateway is replaced, one in use is not', async () => {
    const path = join(dirname(running.socketPath), 'left.sock');
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    const killed = spawnSync(process.execPath, ['-e', script], { timeout: WAIT_MS });
    expect(killed.signal).toBe('SIGKILL');
    expect(existsSync(path)).toBe(true);
    await running.gateway.listen({ kind: 'socket', path });
    const client = await TestClient.open(`ws+unix:${path}:/v1`);
    await client.hello();
    client.socket.terminate();
    await expect(running.gateway.listen({ kind: 'socket', path })).rejects.toThrow(/no other gateway listens/);
  });

  test('in a folder that others may enter is refused', async () => {
    await expect(running.gateway.listen({ kind: 'socket', path: join(tmpdir(), 'never.sock') })).rejects.toThrow(
      /^listen\.socketPath: expected/,
    );
  });

  test('is not made where something else lies', async () => {
    const path = join(dirname(running.socketPath), 'file');
    writeFileSync(path, 'precious');
    await expect(running.gateway.listen({ kind: 'socket', path })).rejects.toThrow(/^listen\.socketPath: expected/);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  test('is gone after the gateway stopped', async () => {
    await running.gateway.close();
    expect(existsSync(running.socketPath)).toBe(false);
  });
});

describe('TLS', () => {
  test('is spoken with the given certificate, over WebSocket and HTTP', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tls-'));
    const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '1',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        keyFile,
        '-out',
        certFile,
      ],
      { stdio: 'ignore', timeout: 20_000 },
    );
    const ca = readFileSync(certFile, 'utf8');
    const tls = { cert: ca, key: readFileSync(keyFile, 'utf8') };
    const { url } = await running.gateway.listen({ kind: 'tcp', host: '127.0.0.1', port: 0, tls });
    expect(url).toMatch(/^wss:\/\/127\.0\.0\.1:\d+$/);
    const named = url.replace('127.0.0.1', 'localhost');
    const client = await TestClient.open(`${named}/v1`, { ca });
    await client.hello();
    client.socket.terminate();
    await expect(TestClient.open(`${named}/v1`)).rejects.toThrow(/self-signed/);
    const [response] = await once(getTls(`${named.replace('wss', 'https')}/healthz`, { ca }), 'response', {
      signal: AbortSignal.timeout(WAIT_MS),
    });
    expect(response.statusCode).toBe(200);
    response.resume();
    rmSync(directory, { recursive: true });
  });
});

test('over TCP the URL names the port that was free', async () => {
  const { url } = await running.gateway.listen({ kind: 'tcp', host: '127.0.0.1', port: 0, tls: null });
  expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:[1-9]\d+$/);
  const [response] = await once(get(`${url.replace('ws', 'http')}/healthz`), 'response', {
    signal: AbortSignal.timeout(WAIT_MS),
  });
  expect(response.statusCode).toBe(200);
  response.resume();
});

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
