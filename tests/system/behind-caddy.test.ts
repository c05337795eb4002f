import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { securityHeaders } from '../../gateway/approver/security-headers.ts';
import { REFUSED_PROOFS_PER_MINUTE } from '../../gateway/limits.ts';
import { CALLS_PER_MINUTE } from '../../gateway/providers/passkey/limits.ts';
import { siteOf } from '../../gateway/providers/passkey/site.ts';
import { APPROVER_LIVE_PATH, APPROVER_STATE_PATH } from '../../protocol/approver.ts';
import { ApproverLiveSchema, type ApproverState } from '../../protocol/approver-state.ts';
import { exchange } from '../gateway/approver/approver-under-test.ts';
import { Desk, PERSON } from '../gateway/approver/desk-in-software.ts';
import { PhoneInSoftware } from '../gateway/approver/phone-in-software.ts';
import { Device } from '../gateway/device-keys/device.ts';
import { TestClient } from '../gateway/gateway-under-test.ts';
import { ROOT } from '../gateway/running-process.ts';
import { type CaddyAndGateway, startCaddyAndGateway } from './caddy-and-gateway.ts';
import { runToEnd, waitFor } from './desktop/managed-process.ts';
import { requireTools } from './desktop/tools.ts';

const WAIT_MS = 10_000;
/** The gateway pings a quiet peer after 7.5 s, looked at every 5 s. */
const TWO_PINGS_MS = 30_000;

describe.skipIf(requireTools(['proxy']))('a gateway behind Caddy, with the files of deploy/', () => {
  let served: CaddyAndGateway;
  const device = new Device();
  const clients: TestClient[] = [];
  beforeAll(async () => {
    served = await startCaddyAndGateway();
  });
  afterAll(async () => {
    for (const client of clients) client.socket.terminate();
    await served?.close();
  });

  const ask = (path: string, more: Partial<Parameters<typeof exchange>[1]> = {}) =>
    exchange(served.url, { method: 'GET', path, ca: served.ca, ...more });

  /** Introduced, and let in. */
  async function workstation(path: string): Promise<TestClient> {
    const client = await TestClient.open(`${served.url.replace('https', 'wss')}${path}`, { ca: served.ca });
    clients.push(client);
    client.send(device.hello());
    client.send(device.proof((await client.next('challenge')).nonce));
    await client.next('ready');
    return client;
  }

  test('serves the page over HTTPS with the gateway’s own policy and a certificate of Caddy’s', async () => {
    const page = await ask('/approver/');
    expect([page.status, page.text]).toEqual([200, readFileSync(join(ROOT, 'out/approver/index.html'), 'utf8')]);
    const expected = Object.entries(securityHeaders(siteOf(served.url))).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]);
    expect(page.headers).toMatchObject(Object.fromEntries(expected));
    expect(page.headers['strict-transport-security']).toBe('max-age=31536000');
    expect(page.headers['server']).toBeUndefined();
    const issuer = await new Promise<string>((resolve, reject) => {
      const port = Number(new URL(served.url).port);
      const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: served.ca }, () => {
        resolve(String(socket.getPeerCertificate().issuer.CN));
        socket.destroy();
      });
      socket.setTimeout(WAIT_MS, () => socket.destroy(new Error('no handshake in time')));
      socket.once('error', reject);
    });
    expect(issuer).toMatch(/^Caddy Local Authority/);
  });

  test('every file of the page comes through whole, in Brotli where the browser takes it', async () => {
    const names = [...(await ask('/approver/')).text.matchAll(/(?:src|href)="(\/approver\/[^"]+)"/g)].map(
      ([, name]) => name ?? '',
    );
    expect(names.some((name) => name.endsWith('.js'))).toBe(true);
    for (const name of names) {
      const file = await ask(name);
      const built = readFileSync(join(ROOT, 'out', name), 'utf8');
      expect([name, file.status, hashOf(file.text)]).toEqual([name, 200, hashOf(built)]);
    }
    const script = names.find((name) => name.endsWith('.js')) ?? '';
    expect((await ask(script, { headers: { 'Accept-Encoding': 'gzip, br' } })).headers['content-encoding']).toBe('br');
  });

  test('leads the bare name to the page, and http to https', async () => {
    const bare = await ask('/');
    expect([bare.status, bare.headers.location]).toEqual([302, '/approver/']);
    expect(bare.headers['strict-transport-security']).toBe('max-age=31536000');
    const clear = await new Promise<{ readonly status: number; readonly location: string }>((resolve, reject) => {
      const headers = { Host: 'localhost' };
      get({ host: '127.0.0.1', port: served.httpPort, path: '/approver/', headers, timeout: WAIT_MS }, (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? '' });
      }).once('error', reject);
    });
    expect(clear).toEqual({
      status: 308,
      location: expect.stringMatching(/^https:\/\/localhost(?::\d+)?\/approver\/$/),
    });
  });

  test('carries a workstation, its heartbeat, and an approval from a phone that comes through it too', async () => {
    const desk = new Desk(await workstation('/v1'));
    let pings = 0;
    desk.client.socket.on('ping', () => {
      pings += 1;
    });
    const link = await desk.enrollmentLink();
    expect(link.startsWith(`${served.url}/approver/#`)).toBe(true);
    const phone = new PhoneInSoftware(served, served.url);
    await phone.enroll(link);
    expect(phone.cookie).toMatch(/^__Host-/);
    const live = new WebSocket(`${served.url.replace('https', 'wss')}${APPROVER_LIVE_PATH}`, {
      ca: served.ca,
      headers: { Cookie: phone.cookie ?? '', Origin: served.url },
    });
    const told: string[] = [];
    live.on('message', (data) => told.push(String(data)));
    await once(live, 'open', { signal: AbortSignal.timeout(WAIT_MS) });
    const { sessionId, number } = await desk.asks(PERSON);
    const numbers = (await phone.asked()).numbers.join();
    await waitFor(
      'the open page to be told',
      () => told.some((text) => stateToldBy(text)?.requests[0]?.numbers.join() === numbers),
      WAIT_MS,
    );
    live.terminate();
    await phone.approve(await phone.asked(), number);
    await desk.becomes(sessionId, 'active');
    // Caddy's time-outs are for requests; a connection that was opened stays.
    await waitFor('two pings', () => pings >= 2, TWO_PINGS_MS);
    expect(desk.client.closeCode).toBeNull();
    expect(await desk.statusOf(sessionId)).toBe('active');
  });

  test('lets a workstation in at the bare address as well', async () => {
    expect((await workstation('/')).closeCode).toBeNull();
  });

  test('counts a visitor by the address they really have, whatever they write into X-Forwarded-For', async () => {
    const forged = (count: number) => ({ 'X-Forwarded-For': `203.0.113.${count % 250}, 198.51.100.${count % 250}` });
    const statuses: number[] = [];
    for (let count = 0; count <= CALLS_PER_MINUTE; count += 1) {
      statuses.push((await ask(APPROVER_STATE_PATH, { from: '127.0.0.2', headers: forged(count) })).status);
    }
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.at(-1)).toBe(429);
    // Somebody else is not held up, and cannot pretend to be the first one to have them held up either.
    const other = await ask(APPROVER_STATE_PATH, { from: '127.0.0.3', headers: { 'X-Forwarded-For': '127.0.0.2' } });
    expect(other.status).toBe(401);
  });

  test('counts refused proofs of a workstation by the address they really come from', async () => {
    const arrives = async (localAddress: string) => {
      const headers = { 'X-Forwarded-For': '127.0.0.5' };
      const client = await TestClient.open(`${served.url.replace('https', 'wss')}/v1`, {
        ca: served.ca,
        localAddress,
        headers,
      });
      clients.push(client);
      client.send(device.hello());
      return client;
    };
    for (let attempt = 0; attempt < REFUSED_PROOFS_PER_MINUTE; attempt += 1) {
      const thief = await arrives('127.0.0.4');
      thief.send(new Device().proof((await thief.next('challenge')).nonce));
      expect((await thief.next('error')).code).toBe('DEVICE_KEY_REFUSED');
    }
    expect((await (await arrives('127.0.0.4')).next('error')).code).toBe('TOO_MANY_FRAMES');
    const own = await arrives('127.0.0.5');
    own.send(device.proof((await own.next('challenge')).nonce));
    await own.next('ready');
  });

  test('refuses what another site’s page sends', async () => {
    const headers = { 'Content-Type': 'application/json', Origin: 'https://evil.example' };
    const foreign = await ask('/approver/api/sign-in/begin', { method: 'POST', headers, body: '{}' });
    expect(foreign.status).toBe(403);
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
  });

  test.each([
    '/metrics',
    '/healthz',
    '/approver/../metrics',
    '/approver/%2e%2e/metrics',
    '//metrics',
    '/./metrics',
    '/v1/../metrics',
    '/%6detrics',
    '/admin',
    '/admin.sock',
    '/webhooks/authsignal',
    '/config/',
  ])('shows nobody outside %s', async (path) => {
    const answer = await ask(path);
    expect([path, answer.status]).toEqual([path, 404]);
    expect(answer.text).not.toMatch(/presence_gateway_|uptimeSeconds/);
    const asWorkstation = await ask(path, { headers: { Connection: 'Upgrade', Upgrade: 'websocket' } });
    expect([path, asWorkstation.status]).toEqual([path, 404]);
  });

  test('has on the inside what it does not show', async () => {
    expect((await exchange(served.gatewayUrl, { method: 'GET', path: '/metrics' })).text).toContain(
      'presence_gateway_',
    );
    expect((await exchange(served.gatewayUrl, { method: 'GET', path: '/healthz' })).status).toBe(200);
  });

  test('listens at two ports only: nobody reconfigures Caddy while it runs', async () => {
    const listed = await runToEnd(['ss', '-Hltnp'], { PATH: process.env['PATH'] ?? '' }, { timeoutMs: WAIT_MS });
    const own = listed.split('\n').filter((line) => line.includes(`pid=${served.caddy.processId},`));
    const addresses = own.map((line) => line.trim().split(/\s+/)[3]).sort();
    expect(addresses).toEqual([`127.0.0.1:${new URL(served.url).port}`, `127.0.0.1:${served.httpPort}`].sort());
  });
});

function stateToldBy(text: string): ApproverState | null {
  const told = ApproverLiveSchema.parse(JSON.parse(text));
  return told.type === 'state' ? told.state : null;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
