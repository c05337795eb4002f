import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { postPush } from '../../../gateway/approver/push.ts';

const server = createServer();
afterEach(() => {
  server.close();
});

test('a notification goes to the address that was checked, under the name that was asked for, by TLS', async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening', { signal: AbortSignal.timeout(5_000) });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  const firstBytes = new Promise<Buffer>((resolve) => {
    server.once('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (bytes: Buffer) => {
        resolve(bytes);
        socket.destroy();
      });
    });
  });
  // The name leads nowhere: only the address that is given can be called.
  const url = new URL(`https://push.invalid:${bound.port}/send`);
  const posted = postPush({ url, to: { address: '127.0.0.1', family: 4 }, headers: {}, body: Buffer.from('x') });
  await expect(posted).rejects.toThrow();
  const hello = await firstBytes;
  // A TLS handshake record, with the server's name in it.
  expect(hello[0]).toBe(22);
  expect(hello.toString('latin1')).toContain('push.invalid');
});

test('a push service that sends the notification elsewhere is not followed', async () => {
  const asked: string[] = [];
  const { key, cert } = certificateFor('push.invalid');
  const redirecting = createTlsServer({ key, cert }, (request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(307, { Location: '/elsewhere' }).end();
  });
  const trusted = getCACertificates('default');
  setDefaultCACertificates([cert]);
  try {
    redirecting.listen(0, '127.0.0.1');
    await once(redirecting, 'listening', { signal: AbortSignal.timeout(5_000) });
    const bound = redirecting.address();
    if (bound === null || typeof bound === 'string') throw new Error('no port');
    const url = new URL(`https://push.invalid:${bound.port}/send`);
    const to = { address: '127.0.0.1', family: 4 };
    expect(await postPush({ url, to, headers: {}, body: Buffer.from('x') })).toBe(307);
    expect(asked).toEqual(['/send']);
  } finally {
    setDefaultCACertificates(trusted);
    redirecting.close();
  }
});

function certificateFor(name: string): { readonly key: string; readonly cert: string } {
  const directory = mkdtempSync(join(tmpdir(), 'push-service-'));
  const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  try {
    execFileSync('openssl', ['req', '-x509', ...key, '-days', '1', ...names, '-out', certFile], {
      stdio: 'ignore',
      timeout: 20_000,
    });
    return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
