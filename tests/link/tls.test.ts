import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HandWrittenGateway, startHandWrittenGateway } from './hand-written-gateway.ts';
import { linkUnderTest, TOKEN } from './link-under-test.ts';

/** A certificate made for this run with openssl, which every machine that can speak TLS from a shell has. */
describe('a gateway over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pl-tls-'));
  let gateway: HandWrittenGateway;
  let certificate = '';
  let url = '';
  const server = (): ReturnType<typeof createServer> => {
    const key = join(folder, 'key.pem');
    const cert = join(folder, 'cert.pem');
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...subject], { stdio: 'pipe' });
    certificate = readFileSync(cert, 'utf8');
    return createServer({ key: readFileSync(key), cert: certificate });
  };
  const https = server();

  beforeAll(async () => {
    await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', () => resolve()));
    const address = https.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    url = `wss://localhost:${address.port}/`;
    gateway = await startHandWrittenGateway({ server: https, url });
  });
  afterAll(async () => {
    await gateway.stop();
    await new Promise((resolve) => https.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  it('is not told the token while nobody vouches for its certificate, whatever the environment says', async () => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    const { event, link } = linkUnderTest({ url, token: TOKEN });
    try {
      expect(await event('gateway.down')).toMatchObject({ reason: 'TLS_FAILED' });
      expect(gateway.heard).toEqual([]);
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
      await link.close();
    }
  });

  it('is trusted when the certificate authority is given', async () => {
    const { event, link } = linkUnderTest({ url, token: TOKEN, ca: certificate });
    await event('gateway.up');
    await link.close();
  });

  it('is not trusted under another name than its certificate’s', async () => {
    const elsewhere = url.replace('localhost', '127.0.0.1');
    const { event, link } = linkUnderTest({ url: elsewhere, token: TOKEN, ca: certificate });
    expect(await event('gateway.down')).toMatchObject({ reason: 'TLS_FAILED' });
    await link.close();
  });

  it('is refused, and not a crash, when the certificate authority cannot be read', async () => {
    const { event, link } = linkUnderTest({
      url,
      token: TOKEN,
      ca: '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----',
    });
    expect(await event('gateway.down')).toMatchObject({ reason: 'TLS_FAILED' });
    await link.close();
  });
});
