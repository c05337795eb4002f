import { once } from 'node:events';
import { createServer } from 'node:net';
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
