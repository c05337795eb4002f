import { createServer, type Server, type Socket } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { type Edit, editedBytes, editsOf } from './mutation.ts';

/** How a server that keeps to nothing hands over a body. */
export interface ServedAnswer {
  readonly status: number;
  readonly manner:
    | 'plain'
    | 'chunked'
    | 'cut-off'
    | 'huge'
    | 'endless-headers'
    | 'gzip'
    | 'brotli'
    | 'redirect'
    | 'silent'
    | 'reset'
    | 'switching'
    | 'informational'
    | 'garbage'
    | 'length-lies';
  readonly retryAfter: string | null;
  readonly headEdits: readonly Edit[];
}

export const servedAnswers = {
  status: fc.oneof(
    { weight: 7, arbitrary: fc.constantFrom(200, 201, 202) },
    { weight: 2, arbitrary: fc.constantFrom(204, 301, 401, 403, 404, 408, 429, 500, 503) },
    { weight: 1, arbitrary: fc.integer({ min: 100, max: 999 }) },
  ),
  manner: fc.oneof(
    { weight: 20, arbitrary: fc.constant('plain' as const) },
    {
      weight: 6,
      arbitrary: fc.constantFrom('chunked', 'cut-off', 'gzip', 'brotli', 'redirect', 'reset', 'garbage', 'length-lies'),
    },
    { weight: 1, arbitrary: fc.constantFrom('huge', 'endless-headers', 'silent', 'switching', 'informational') },
  ),
  retryAfter: fc.oneof(
    { weight: 8, arbitrary: fc.constant(null) },
    { weight: 2, arbitrary: fc.constantFrom('0', '1', '-5', '99999999999', 'Wed, 21 Oct 2099 07:28:00 GMT', 'soon') },
  ),
  headEdits: fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: editsOf(2) }),
} satisfies { readonly [Part in keyof ServedAnswer]: fc.Arbitrary<ServedAnswer[Part]> };

interface Now {
  readonly answer: ServedAnswer;
  readonly body: string;
  /** Where a redirect leads. */
  readonly elsewhere: string;
}

/** Answers every request, whatever it asks, as it was told last. */
export class HostileHttpServer {
  readonly #server = createServer((socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();
  #now: Now | null = null;

  /** @returns its address. */
  listen(): Promise<string> {
    return listening(this.#server);
  }

  answers(answer: ServedAnswer, body: string, elsewhere: string): void {
    this.#now = { answer, body, elsewhere };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      const end = heard.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(heard.slice(0, end))?.[1] ?? 0);
      if (heard.length < end + 4 + length) return;
      heard = '';
      this.#reply(socket);
    });
  }

  #reply(socket: Socket): void {
    const now = this.#now;
    if (now === null) return;
    const { answer } = now;
    const retry = answer.retryAfter === null ? '' : `Retry-After: ${answer.retryAfter}\r\n`;
    const head = (more: string): Buffer =>
      editedBytes(
        Buffer.from(`HTTP/1.1 ${answer.status} Word\r\nContent-Type: application/json\r\n${retry}${more}\r\n`),
        answer.headEdits,
      );
    const body = Buffer.from(now.body);
    const whole = (bytes: Buffer, more = ''): void =>
      void socket.write(Buffer.concat([head(`Content-Length: ${bytes.length}\r\n${more}`), bytes]));
    switch (answer.manner) {
      case 'plain':
        whole(body);
        break;
      case 'chunked':
        socket.write(head('Transfer-Encoding: chunked\r\n'));
        socket.write(`${body.length.toString(16)}\r\n${now.body}\r\n0\r\n\r\n`);
        break;
      case 'cut-off':
        socket.end(Buffer.concat([head(`Content-Length: ${body.length + 100}\r\n`), body]));
        break;
      case 'huge':
        whole(Buffer.alloc(300_000, ' '));
        break;
      case 'endless-headers':
        socket.write(`HTTP/1.1 200 OK\r\n${`X-More: ${'y'.repeat(100)}\r\n`.repeat(1_000)}`);
        break;
      case 'gzip':
        whole(gzipSync(body), 'Content-Encoding: gzip\r\n');
        break;
      case 'brotli':
        whole(brotliCompressSync(body), 'Content-Encoding: br\r\n');
        break;
      case 'redirect':
        socket.write(`HTTP/1.1 307 Elsewhere\r\nLocation: ${now.elsewhere}\r\nContent-Length: 0\r\n\r\n`);
        break;
      case 'silent':
        break;
      case 'reset':
        socket.resetAndDestroy();
        break;
      case 'switching':
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
        break;
      case 'informational':
        socket.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'.repeat(20));
        whole(body);
        break;
      case 'garbage':
        socket.end(body);
        break;
      case 'length-lies':
        socket.end(Buffer.concat([head(`Content-Length: ${Math.max(0, body.length - 5)}\r\n`), body]));
        break;
    }
  }
}

/** Listens on the loopback. @returns its address. */
export async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}
