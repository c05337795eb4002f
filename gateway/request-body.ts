import type { IncomingMessage } from 'node:http';

/** The body as text, or `too-large` as soon as that is known: nothing beyond `maxBytes` is kept. The request must end in time by itself (limits.ts). */
export async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<string | 'too-large'> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return 'too-large';
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('a request body without an encoding consists of buffers');
    bytes += chunk.length;
    if (bytes > maxBytes) return 'too-large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
