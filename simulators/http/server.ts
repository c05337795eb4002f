import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { putOnTheWire, sendJson } from './exchange.ts';
import type { WireAnswer } from './reply.ts';

const MAX_CONNECTIONS = 512;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 20_000;

/** The web server of a simulated service: bounded, and gone at once when it is closed. */
export class SimulatorServer {
  readonly #server: Server;
  readonly #name: string;
  readonly #closing = new AbortController();

  /** @param name for the one message on stderr that only a defect of the simulator causes */
  constructor(name: string, answer: (request: IncomingMessage) => Promise<WireAnswer>) {
    this.#name = name;
    const limits = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
    this.#server = createServer(limits, (request, response) => {
      answer(request)
        .then((answered) => putOnTheWire(answered, response))
        .catch((error: unknown) => this.#giveUp(response, error));
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Aborts when the server is closed; for whatever would hold an answer back longer. */
  get closing(): AbortSignal {
    return this.#closing.signal;
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

  /** A caller that went away needs no answer; anything else is a defect of the simulator, and says so on stderr. */
  #giveUp(response: ServerResponse, error: unknown): void {
    if (response.destroyed || this.#closing.signal.aborted) {
      response.destroy();
      return;
    }
    const what = error instanceof Error ? (error.stack ?? error.message) : 'unknown failure';
    process.stderr.write(`${this.#name} simulator: ${what}\n`);
    if (response.headersSent) response.destroy();
    else sendJson(response, { status: 500, body: { status: false, reason: 'SIMULATOR_FAILED' } });
  }
}
