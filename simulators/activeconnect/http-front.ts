import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { assertNever } from '../assert-never.ts';
import { answerApiCall, findRoute } from './api.ts';
import { type Address, isFromElsewhere, parseJson, readAddress, readBody, sendJson, sendText } from './exchange.ts';
import { Faults, faultSchema } from './faults.ts';
import { NonceMemory } from './nonce-memory.ts';
import { answerAsset, answerPhone } from './phone-site.ts';
import { asAnswer, type Reply, refused, type WireAnswer } from './reply.ts';
import type { Service } from './service.ts';
import { TIMESTAMP_TOLERANCE_S } from './signature.ts';

const MAX_CONNECTIONS = 512;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 20_000;
/** Longer than a timestamp can be accepted: one that lies ahead by the whole tolerance is good for twice as long. */
const NONCE_KEPT_MS = (2 * TIMESTAMP_TOLERANCE_S + 60) * 1000;

function putOnTheWire(answer: WireAnswer, response: ServerResponse): void {
  switch (answer.kind) {
    case 'reply':
      sendJson(response, answer.reply);
      return;
    case 'text':
      sendText(response, answer);
      return;
    case 'silence':
      return;
    case 'drop':
      response.destroy();
      return;
    default:
      assertNever(answer);
  }
}

/** The web server in front of the simulated service: finds out what is asked, and bounds what may be sent. */
export class HttpFront {
  readonly faults = new Faults();
  readonly #service: Service;
  readonly #allowFaults: boolean;
  readonly #nonces = new NonceMemory(NONCE_KEPT_MS);
  readonly #closing = new AbortController();
  readonly #server: Server;

  constructor(service: Service, allowFaults: boolean) {
    this.#service = service;
    this.#allowFaults = allowFaults;
    const limits = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
    this.#server = createServer(limits, (request, response) => {
      this.#answer(request)
        .then((answer) => putOnTheWire(answer, response))
        .catch((error: unknown) => this.#giveUp(response, error));
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** @returns the port. Rejects with Node's own error, for example where the port is taken. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        if (typeof address !== 'object' || address === null) reject(new Error('the web server has no port'));
        else resolve(address.port);
      });
    });
  }

  close(): Promise<void> {
    this.#closing.abort();
    return new Promise((resolve, reject) => {
      this.#server.close((error) => (error === undefined ? resolve() : reject(error)));
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage): Promise<WireAnswer> {
    const address = readAddress(request);
    if (address === undefined) return asAnswer(refused(400, 'INVALID_HOST_OR_TARGET'));
    const [area, name = ''] = address.path;
    switch (area) {
      case 'management':
      case 'authentication':
        return this.#answerApi(request, address);
      case 'phone':
        return answerPhone(this.#service, request, address);
      case 'assets':
        return answerAsset(address.path.length === 2 ? name : '');
      case 'faults':
        return this.#allowFaults && address.path.length === 1
          ? asAnswer(await this.#answerFaults(request, address))
          : asAnswer(refused(404, 'NOT_FOUND'));
      default:
        return asAnswer(refused(404, 'NOT_FOUND'));
    }
  }

  async #answerApi(request: IncomingMessage, address: Address): Promise<WireAnswer> {
    const route = findRoute(address.path);
    if (route === undefined) return asAnswer(refused(404, 'NOT_FOUND'));
    if (request.method !== route.method) return asAnswer(refused(405, 'METHOD_NOT_ALLOWED', { Allow: route.method }));
    const call = { route, address, headers: request.headers, readBody: () => readBody(request) };
    const carryOut = () => answerApiCall(this.#service, this.#nonces, call);
    return this.faults.answer(route.call, carryOut, this.#closing.signal);
  }

  async #answerFaults(request: IncomingMessage, address: Address): Promise<Reply> {
    if (isFromElsewhere(request, address.host)) return refused(403, 'CROSS_SITE');
    if (request.method === 'DELETE') {
      this.faults.clear();
      return { status: 200, body: { status: true } };
    }
    if (request.method !== 'POST') return refused(405, 'METHOD_NOT_ALLOWED', { Allow: 'POST, DELETE' });
    const bytes = await readBody(request);
    const json = bytes === 'too-large' ? undefined : parseJson(bytes);
    const fault = faultSchema.safeParse(json?.value);
    if (!fault.success) return refused(400, 'INVALID_FAULT');
    return this.faults.add(fault.data) ? { status: 201, body: { status: true } } : refused(429, 'TOO_MANY_FAULTS');
  }

  /** A caller that went away needs no answer; anything else is a defect of the simulator, and says so on stderr. */
  #giveUp(response: ServerResponse, error: unknown): void {
    if (response.destroyed || this.#closing.signal.aborted) {
      response.destroy();
      return;
    }
    process.stderr.write(
      `activeconnect simulator: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown failure'}\n`,
    );
    if (response.headersSent) response.destroy();
    else sendJson(response, refused(500, 'SIMULATOR_FAILED'));
  }
}
