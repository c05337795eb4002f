import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CertificateWatch } from '../../gateway/certificate-watch.ts';
import { CERTIFICATE_LOOK_INTERVAL_MS } from '../../gateway/limits.ts';
import { FakeGatewayClock } from './fake-gateway-clock.ts';
import { type GatewayUnderTest, HELLO, startGateway, TestClient, WAIT_MS } from './gateway-under-test.ts';
import { makeCertificate, shownAt } from './maker-of-certificates.ts';
import { RunningProcess } from './running-process.ts';

const DAY_MS = 86_400_000;

const [old, renewed] = [makeCertificate(), makeCertificate()];
let directory = '';
let certFile = '';
let keyFile = '';
let clock: FakeGatewayClock;
let running: GatewayUnderTest;
let watch: CertificateWatch;
let port = 0;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'renewal-'));
  [certFile, keyFile] = [join(directory, 'fullchain.pem'), join(directory, 'privkey.pem')];
  clock = new FakeGatewayClock(Date.now());
  running = await startGateway();
});
afterEach(async () => {
  await running.close();
  rmSync(directory, { recursive: true });
});

function put(pair: { readonly cert?: string; readonly key?: string }): void {
  if (pair.cert !== undefined) writeFileSync(certFile, pair.cert);
  if (pair.key !== undefined) writeFileSync(keyFile, pair.key, { mode: 0o600 });
}

async function serve(): Promise<void> {
  watch = await CertificateWatch.open({ certFile, keyFile }, { clock, logger: running.logger });
  const { url } = await running.gateway.listen({ kind: 'tcp', host: '127.0.0.1', port: 0, tls: watch });
  port = Number(new URL(url).port);
}

/** One look at the files. The next is set once it is over. */
async function look(): Promise<void> {
  await clock.advance(CERTIFICATE_LOOK_INTERVAL_MS);
  const deadline = Date.now() + WAIT_MS;
  while (clock.pending === 0) {
    if (Date.now() > deadline) throw new Error('a look does not end');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const warnings = () => running.logger.lines.filter((line) => /"level":"(?:warn|error)"/.test(line));

describe('a certificate renewed under a running gateway', () => {
  beforeEach(async () => {
    put(old);
    await serve();
  });

  test('is shown to new connections, while those that are open live on', async () => {
    const client = await TestClient.open(`wss://localhost:${port}/v1`, { ca: old.cert });
    put(renewed);
    await look();
    await look();
    expect(await shownAt(port)).toBe(renewed.fingerprint);
    client.send(HELLO);
    expect((await client.next('ready')).type).toBe('ready');
    const next = await TestClient.open(`wss://localhost:${port}/v1`, { ca: renewed.cert });
    await next.hello();
    expect(client.closeCode).toBeNull();
    client.socket.terminate();
    next.socket.terminate();
    expect(warnings()).toEqual([]);
    expect(running.logger.lines.join('\n')).toContain(renewed.fingerprint);
  });

  test('does not count while a look differs from the one before: it may be half written', async () => {
    put({ cert: renewed.cert.slice(0, renewed.cert.length / 2) });
    await look();
    expect(await shownAt(port)).toBe(old.fingerprint);
    put(renewed);
    await look();
    expect(await shownAt(port)).toBe(old.fingerprint);
    expect(warnings()).toEqual([]);
    await look();
    expect(await shownAt(port)).toBe(renewed.fingerprint);
    expect(warnings()).toEqual([]);
  });

  test('that stays half written keeps the old one, is complained about once, and counts when it is whole', async () => {
    put({ cert: renewed.cert.slice(0, renewed.cert.length / 2), key: renewed.key });
    for (let looks = 0; looks < 4; looks += 1) await look();
    expect(await shownAt(port)).toBe(old.fingerprint);
    expect(warnings()).toEqual([expect.stringContaining('not-a-certificate')]);
    put(renewed);
    await look();
    await look();
    expect(await shownAt(port)).toBe(renewed.fingerprint);
  });

  test('without its key keeps the old one until the key is there too', async () => {
    put({ cert: renewed.cert });
    await look();
    await look();
    expect(await shownAt(port)).toBe(old.fingerprint);
    expect(warnings()).toEqual([expect.stringContaining('not-its-key')]);
    put({ key: renewed.key });
    await look();
    await look();
    expect(await shownAt(port)).toBe(renewed.fingerprint);
  });

  // OpenSSL itself takes it, and then no handshake succeeds.
  test('with a key of another kind keeps the old one', async () => {
    put({ cert: makeCertificate({ kind: 'rsa' }).cert });
    await look();
    await look();
    expect(await shownAt(port)).toBe(old.fingerprint);
    expect(warnings()).toEqual([expect.stringContaining('not-its-key')]);
  });

  test('is taken when another file was renamed into its place', async () => {
    const [aside, keyAside] = [join(directory, 'new.pem'), join(directory, 'new.key')];
    writeFileSync(aside, renewed.cert);
    writeFileSync(keyAside, renewed.key);
    renameSync(aside, certFile);
    renameSync(keyAside, keyFile);
    await look();
    await look();
    expect(await shownAt(port)).toBe(renewed.fingerprint);
  });

  test.each([
    ['certificate-unreadable', () => rmSync(certFile)],
    ['key-unreadable', () => rmSync(keyFile)],
    ['key-unreadable', () => writeFileSync(keyFile, 'x'.repeat(300 * 1024))],
    ['certificate-unreadable', () => writeFileSync(certFile, '')],
  ])('whose file is gone or no PEM keeps the old one (%s)', async (problem, spoil) => {
    spoil();
    for (let looks = 0; looks < 3; looks += 1) await look();
    expect(await shownAt(port)).toBe(old.fingerprint);
    expect(warnings()).toEqual([expect.stringContaining(problem)]);
  });

  test('that is over already keeps the old one', async () => {
    const short = makeCertificate({ days: 1 });
    clock.jumpWall(2 * DAY_MS);
    put(short);
    await look();
    await look();
    expect(await shownAt(port)).toBe(old.fingerprint);
    expect(warnings()).toEqual([expect.stringContaining('not-valid-now')]);
  });

  test('that is not valid yet is taken when its time has come', async () => {
    clock.jumpWall(-2 * DAY_MS);
    put(renewed);
    for (let looks = 0; looks < 3; looks += 1) await look();
    expect(await shownAt(port)).toBe(old.fingerprint);
    expect(warnings()).toHaveLength(1);
    clock.jumpWall(2 * DAY_MS);
    await look();
    expect(await shownAt(port)).toBe(renewed.fingerprint);
  });

  test('leaves nothing of a key in the log, whatever happened', async () => {
    for (const state of [{ cert: renewed.cert }, { key: renewed.key.slice(0, 120) }, { key: 'nonsense' }, renewed]) {
      put(state);
      await look();
      await look();
    }
    expect(await shownAt(port)).toBe(renewed.fingerprint);
    const log = running.logger.lines.join('\n');
    const ofKeys = [old.key, renewed.key]
      .flatMap((key) => key.split('\n'))
      .filter((line) => /^[\w+/=]{20,}$/.test(line));
    expect(ofKeys.length).toBeGreaterThan(2);
    for (const line of ofKeys) expect(log).not.toContain(line);
    expect(log).not.toContain('PRIVATE');
  });

  test('is no longer looked for once the gateway stopped', async () => {
    await running.gateway.close();
    await expect.poll(() => clock.pending).toBe(0);
  });

  test('counts at once when somebody says so', async () => {
    put(renewed);
    await watch.reload();
    expect(await shownAt(port)).toBe(renewed.fingerprint);
    put({ cert: 'nonsense' });
    await watch.reload();
    expect(warnings()).toHaveLength(1);
    expect(await shownAt(port)).toBe(renewed.fingerprint);
  });
});

test('links that an ACME client moves to new files are followed', async () => {
  for (const [name, pair] of Object.entries({ first: old, second: renewed })) {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, 'cert'), pair.cert);
    writeFileSync(join(directory, name, 'key'), pair.key);
  }
  const point = (to: string) => {
    for (const [file, name] of [
      [certFile, 'cert'],
      [keyFile, 'key'],
    ] as const) {
      symlinkSync(join(to, name), join(directory, 'link'));
      renameSync(join(directory, 'link'), file);
    }
  };
  point('first');
  await serve();
  expect(await shownAt(port)).toBe(old.fingerprint);
  point('second');
  await look();
  await look();
  expect(await shownAt(port)).toBe(renewed.fingerprint);
});

describe('the end of a certificate', () => {
  async function metric(ca: string): Promise<number> {
    const text = await new Promise<string>((resolve, reject) => {
      get({ host: '127.0.0.1', port, servername: 'localhost', path: '/metrics', ca, timeout: WAIT_MS }, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve(body));
      }).on('error', reject);
    });
    return Number(/^presence_gateway_certificate_expiry_timestamp_seconds (\d+)$/m.exec(text)?.[1]);
  }

  test('is shown to Prometheus, also after a renewal, and only where there is a certificate', async () => {
    const short = makeCertificate({ days: 20 });
    put(short);
    await serve();
    expect(Math.abs((await metric(short.cert)) - (Date.now() + 20 * DAY_MS) / 1_000)).toBeLessThan(600);
    put(renewed);
    await watch.reload();
    expect(Math.abs((await metric(renewed.cert)) - (Date.now() + 90 * DAY_MS) / 1_000)).toBeLessThan(600);
    const plain = await startGateway();
    const { url } = await plain.gateway.listen({ kind: 'tcp', host: '127.0.0.1', port: 0, tls: null });
    expect(await (await fetch(`${url.replace('ws', 'http')}/metrics`)).text()).not.toContain('certificate');
    await plain.close();
  });

  test('is warned of two weeks before, once a day, and no longer after a renewal', async () => {
    put(makeCertificate({ days: 16 }));
    await serve();
    expect(warnings()).toEqual([]);
    clock.sleep(3 * DAY_MS);
    await look();
    await look();
    expect(warnings()).toEqual([expect.stringMatching(/expires soon.*"daysLeft":12/)]);
    clock.sleep(DAY_MS);
    await look();
    expect(warnings()).toHaveLength(2);
    put(renewed);
    await watch.reload();
    clock.sleep(2 * DAY_MS);
    await look();
    expect(warnings()).toHaveLength(2);
  });

  test('is an error when it is there, at the start too', async () => {
    clock.jumpWall(100 * DAY_MS);
    put(old);
    await serve();
    expect(warnings()).toEqual([expect.stringMatching(/"level":"error".*has expired/)]);
  });
});

test('a running gateway takes the new certificate on SIGHUP and does not stop', async () => {
  put(old);
  const secret = join(directory, 'app.secret');
  writeFileSync(secret, 'S3CRET', { mode: 0o600 });
  const databaseKey = join(directory, 'database.key');
  writeFileSync(databaseKey, randomBytes(32).toString('base64'), { mode: 0o600 });
  const config = join(directory, 'gateway.json');
  writeFileSync(
    config,
    JSON.stringify({
      listen: { host: '127.0.0.1', port: 0, tls: { certFile, keyFile } },
      tokens: [{ name: 'desk', sha256: 'a'.repeat(64) }],
      provider: {
        kind: 'activeconnect',
        profile: 'iampass',
        baseUrl: 'http://127.0.0.1:9',
        appId: 'APP',
        appSecret: { file: secret },
      },
      database: { file: join(directory, 'data', 'gateway.db'), key: { file: databaseKey } },
    }),
  );
  const gateway = new RunningProcess(['gateway/index.ts', '--config', config]);
  try {
    await gateway.until(() => gateway.stdout.includes('\n'), 'the line');
    const at = Number(new URL(String(Object(JSON.parse(gateway.stdout)).url)).port);
    expect(await shownAt(at)).toBe(old.fingerprint);
    put(renewed);
    gateway.kill('SIGHUP');
    await gateway.until(() => gateway.stderr.includes('a new certificate is served'), 'the renewal');
    expect(await shownAt(at)).toBe(renewed.fingerprint);
    gateway.kill('SIGTERM');
    expect(await gateway.end()).toBe(0);
  } finally {
    gateway.kill();
  }
});
