import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { MAX_ANSWER_BYTES } from '../../gateway/providers/http-exchange.ts';

/** What the service really answered. */
export interface GenuineAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** One way in which an answer goes wrong. */
export interface Spoiler {
  /** Whether the service gets the request, and only its answer is spoilt: the case in which a repetition would do it twice. */
  readonly delivered: boolean;
  readonly reply: (response: ServerResponse, genuine: GenuineAnswer | null) => void;
}

export const RETRY_AFTER_MS = 7_000;

const json = (response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(text);
};

/** The service does not do it, and says so by a status. */
export function status(code: number, headers: Record<string, string> = {}): Spoiler {
  return { delivered: false, reply: (response) => json(response, code, '{"detail":"spoilt"}', headers) };
}

export function redirect(code: number, location: string): Spoiler {
  return status(code, { Location: location });
}

const rewritten = (rewrite: (genuine: GenuineAnswer) => string): Spoiler => ({
  delivered: true,
  reply: (response, genuine) => {
    if (genuine !== null) json(response, genuine.status, rewrite(genuine));
  },
});

/** Every leaf of another type than it was. */
function withWrongTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withWrongTypes);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withWrongTypes(each)]));
  }
  return typeof value === 'string' ? 7 : { was: typeof value };
}

export const SPOILERS = {
  unauthorized: status(401),
  forbidden: status(403),
  unknown: status(404),
  rateLimited: status(429, { 'Retry-After': String(RETRY_AFTER_MS / 1_000) }),
  fault: status(500),
  overloaded: status(503),
  /** What a hotel's network answers to everything. */
  html: rewritten(() => '<!doctype html><title>Welcome to our WLAN</title>'),
  truncated: rewritten(({ body }) => body.slice(0, body.length / 2)),
  wrongTypes: rewritten(({ body }) => (body === '' ? '' : JSON.stringify(withWrongTypes(JSON.parse(body))))),
  huge: rewritten(() => JSON.stringify({ padding: 'x'.repeat(MAX_ANSWER_BYTES) })),
  /** Delivered, and the connection breaks off before the answer. */
  lost: { delivered: true, reply: (response) => void response.destroy() },
  /** Delivered, and never answered. */
  silent: { delivered: true, reply: () => undefined },
} as const satisfies Readonly<Record<string, Spoiler>>;

/** The wire between a provider and its service: hands everything on as it is, counts it, and spoils answers when told to. */
export class SpoiltWire {
  /** Requests that came so far. */
  requests = 0;
  /** Requests that are not answered, and whose connection is still there. */
  waiting = 0;
  readonly #service: URL;
  #server: Server | null = null;
  #port = 0;
  #spoiler: { readonly fromRequest: number; readonly how: Spoiler } | null = null;
  #held: Promise<void> | null = null;
  #changed: (() => void)[] = [];

  private constructor(service: URL) {
    this.#service = service;
  }

  /** @param serviceUrl of which the origin is replaced */
  static async before(serviceUrl: string): Promise<SpoiltWire> {
    const wire = new SpoiltWire(new URL(serviceUrl));
    await wire.mend();
    return wire;
  }

  get serviceUrl(): string {
    return this.#service.href;
  }

  /** The service's address by this wire. */
  get url(): string {
    const { pathname } = this.#service;
    return `http://127.0.0.1:${this.#port}${pathname === '/' ? '' : pathname}`;
  }

  /** From the `after`-th request on, counted from now, every answer is spoilt. */
  spoil(how: Spoiler, after = 0): void {
    this.#spoiler = { fromRequest: this.requests + after, how };
  }

  heal(): void {
    this.#spoiler = null;
  }

  /** Answers wait, until the returned function lets them go. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return () => {
      this.#held = null;
      resolve();
    };
  }

  /** Nobody listens any more, and what was connected is cut. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  async mend(): Promise<void> {
    const server = createServer((incoming, response) => void this.#take(incoming, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.#port = address.port;
    this.#server = server;
  }

  /** @throws Error where it does not come true in time */
  async until(condition: (wire: this) => boolean, what: string): Promise<void> {
    const deadline = AbortSignal.timeout(10_000);
    while (!condition(this)) {
      if (deadline.aborted) throw new Error(`waited in vain for ${what}`);
      await new Promise<void>((resolve) => {
        this.#changed.push(resolve);
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  async #take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const spoiler = this.#spoiler !== null && this.requests >= this.#spoiler.fromRequest ? this.#spoiler.how : null;
    this.requests += 1;
    this.waiting += 1;
    this.#wake();
    response.once('close', () => {
      this.waiting -= 1;
      this.#wake();
    });
    const body = await bodyOf(incoming);
    const genuine = spoiler?.delivered === false ? null : await this.#asked(incoming, body);
    await this.#held;
    if (response.destroyed) return;
    if (spoiler !== null) spoiler.reply(response, genuine);
    else if (genuine === null) response.destroy();
    else response.writeHead(genuine.status, { 'Content-Type': genuine.contentType }).end(genuine.body);
  }

  /** @returns null where the service itself gave no answer */
  #asked(incoming: IncomingMessage, body: string): Promise<GenuineAnswer | null> {
    const { method, url: path, headers } = incoming;
    const { hostname: host, port } = this.#service;
    return new Promise((resolve) => {
      const asking = request({ host, port, method, path, headers, agent: false }, (answer) => {
        const contentType = answer.headers['content-type'] ?? 'application/octet-stream';
        bodyOf(answer).then(
          (text) => resolve({ status: answer.statusCode ?? 0, contentType, body: text }),
          () => resolve(null),
        );
      });
      asking.on('error', () => resolve(null));
      asking.end(body);
    });
  }

  #wake(): void {
    for (const wake of this.#changed.splice(0)) wake();
  }
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
