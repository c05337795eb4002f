import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Reply = (request: SeenRequest, response: ServerResponse) => void;

/** A service of PROVIDERS §1 that says what a test tells it to, and remembers what it was asked. */
export class ServiceDouble {
  readonly seen: SeenRequest[] = [];
  reply: Reply = (_request, response) => json(response, 500, {});
  readonly #server: Server;
  #url = '';

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const seen = {
          method: request.method ?? '',
          path: request.url ?? '',
          headers: request.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        };
        this.seen.push(seen);
        this.reply(seen, response);
      });
    });
  }

  get url(): string {
    return this.#url;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.#url = `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Checks a request's signature the long way round, from the rules of PROVIDERS §1. Returns what is wrong with it, or null. */
export function signatureFault(
  request: SeenRequest,
  expected: { readonly clientId: string; readonly secret: string; readonly headerPrefix: string },
): string | null {
  const authentication = request.headers['authentication'];
  const parts = /^hmac ([^:]+):(\d{1,20}):([A-Za-z0-9+/]{22}==)$/.exec(String(authentication));
  if (parts === null) return `Authentication header: ${String(authentication)}`;
  const [, clientId, nonce, signature] = parts;
  if (clientId !== expected.clientId) return `client id ${clientId}`;
  if (BigInt(nonce ?? '') >= 2n ** 64n) return 'nonce beyond 64 bits';
  const prefix = expected.headerPrefix.toLowerCase();
  const timestamp = String(request.headers[`${prefix}-timestamp`]);
  if (Math.abs(Number(timestamp) - Date.now() / 1_000) > 5) return `timestamp ${timestamp}`;
  if (request.headers[`${prefix}-version`] !== '1') return 'version header';
  const key = createHash('sha256').update(`${nonce}${expected.secret}`, 'ascii').digest().subarray(0, 16);
  const target = `${request.headers.host}${request.path}`;
  const message = Buffer.from(`${nonce}${target}${timestamp}`, 'ascii');
  const whole = createHmac('sha256', key).update(message).digest();
  return whole.subarray(0, 16).toString('base64') === signature ? null : 'signature';
}
