import { Agent as PlainAgent, request as plainRequest, type RequestOptions } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { ServiceAddress } from './service-address.ts';

/** Answers are a few kilobytes; a list of passkeys comes with icons and is longer. Anything near this is not the service. */
export const MAX_ANSWER_BYTES = 256 * 1024;
const MAX_ANSWER_HEADER_BYTES = 16 * 1024;
const MAX_SOCKETS_PER_ORIGIN = 64;

export interface RawAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** How an exchange failed below HTTP. `delivered: false` — the service cannot have seen the request, so sending it again asks nobody twice. */
export class ExchangeFailure extends Error {
  override readonly name = 'ExchangeFailure';
  readonly kind: 'unreachable' | 'no-network' | 'certificate' | 'broken-off' | 'aborted' | 'too-large';
  readonly delivered: boolean;
  constructor(kind: ExchangeFailure['kind'], delivered: boolean, cause?: unknown) {
    super(`the exchange failed: ${kind}`, cause === undefined ? {} : { cause });
    this.kind = kind;
    this.delivered = delivered;
  }
}

export interface ExchangeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly address: ServiceAddress;
  /** Made when it is sent, so that a signature is as fresh as the request. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Never on a kept-alive connection: the service may close one just as we write, and then nobody knows whether the request was read. */
  readonly freshConnection: boolean;
}

/** How requests reach the service: over HTTP, or in memory in the virtual-time simulation. */
export interface Exchange {
  /** @throws ExchangeFailure */
  send(request: ExchangeRequest, signal: AbortSignal): Promise<RawAnswer>;
  /** Lets go of kept-alive connections. */
  close(): void;
}

/** Connections to the service. Redirects are never followed: a request that proves who we are goes where it was meant to go and nowhere else. */
export class HttpExchange implements Exchange {
  readonly #plainAgent = new PlainAgent({ keepAlive: true, maxSockets: MAX_SOCKETS_PER_ORIGIN });
  readonly #tlsAgent = new TlsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS_PER_ORIGIN });

  send(request: ExchangeRequest, signal: AbortSignal): Promise<RawAnswer> {
    const { address } = request;
    const agent = request.freshConnection ? false : address.secure ? this.#tlsAgent : this.#plainAgent;
    const options: RequestOptions = {
      method: request.method,
      host: address.hostname,
      port: address.port,
      path: address.pathAndQuery,
      headers: {
        ...request.headers(),
        Host: address.authority,
        Accept: 'application/json',
        ...(request.method === 'GET' ? {} : { 'Content-Length': String(Buffer.byteLength(request.body ?? '')) }),
      },
      agent,
      maxHeaderSize: MAX_ANSWER_HEADER_BYTES,
      signal,
    };
    return new Promise((resolve, reject) => {
      let delivered = false;
      let outgoing: ReturnType<typeof plainRequest>;
      try {
        outgoing = address.secure ? tlsRequest(options) : plainRequest(options);
      } catch (cause) {
        // A header or path that HTTP cannot carry: it came from the service's answer and was never sent.
        reject(new ExchangeFailure('broken-off', false, cause));
        return;
      }
      outgoing.on('socket', (socket: Duplex & { connecting?: boolean; secureConnecting?: boolean }) => {
        if (socket.connecting === true || socket.secureConnecting === true) {
          socket.once(address.secure ? 'secureConnect' : 'connect', () => {
            delivered = true;
          });
        } else delivered = !socket.destroyed; // Without a route it is dead before anybody hears of it.
      });
      outgoing.on('error', (cause) => reject(failureOf(cause, signal, delivered)));
      // A connection can go without an error: Node closes it on a 101 that nobody asked for, and not even `signal` ends it then.
      outgoing.on('close', () => reject(failureOf(new Error('closed without an answer'), signal, delivered)));
      outgoing.on('response', (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_ANSWER_BYTES) {
            reject(new ExchangeFailure('too-large', true));
            outgoing.destroy();
            return;
          }
          chunks.push(chunk);
        });
        response.on('error', (cause) => reject(failureOf(cause, signal, true)));
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'],
            body: Buffer.concat(chunks).toString('utf8'),
          });
        });
      });
      outgoing.end(request.body ?? undefined);
    });
  }

  close(): void {
    this.#plainAgent.destroy();
    this.#tlsAgent.destroy();
  }
}

/** No route, or no name server that answers. A name that does not exist, or a refused connection, is the service's own affair. */
const NO_NETWORK: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTUNREACH',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
]);

function failureOf(cause: Error, signal: AbortSignal, delivered: boolean): ExchangeFailure {
  if (signal.aborted) return new ExchangeFailure('aborted', delivered);
  if (delivered) return new ExchangeFailure('broken-off', true, cause);
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const aboutCertificate = /CERT|SELF_SIGNED|VERIFY|SSL|TLS|EPROTO/.test(code);
  if (aboutCertificate) return new ExchangeFailure('certificate', false, cause);
  return new ExchangeFailure(NO_NETWORK.has(code) ? 'no-network' : 'unreachable', false, cause);
}
