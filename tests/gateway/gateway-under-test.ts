import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { AuditEntry } from '../../gateway/audit-log.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../../gateway/gateway.ts';
import type { LogFields } from '../../gateway/logger.ts';
import { hashToken } from '../../gateway/tokens.ts';
import { decodeGatewayFrame } from '../../protocol/codec.ts';
import type { GatewayFrame, GatewayFrameOf } from '../../protocol/frames.ts';
import { FakeProvider } from './fake-provider.ts';

export const TOKEN = 'a-token-for-tests-0123456789';
export const OTHER_TOKEN = 'another-token-for-tests-987654';
export const HELLO = {
  v: 1,
  type: 'hello',
  token: TOKEN,
  deviceId: 'device-1',
  appVersion: '1.0',
  platform: 'linux',
} as const;
export const WAIT_MS = 5_000;

export const ACCEPTED_TOKENS = [
  { name: 'desk', sha256: hashToken(TOKEN) },
  { name: 'other-desk', sha256: hashToken(OTHER_TOKEN) },
];

/** Remembers every line, so that a test can say what must not be in any. */
export function rememberingLogger() {
  const lines: string[] = [];
  const log = (level: string) => (fields: LogFields, message: string) => {
    lines.push(JSON.stringify({ level, message, ...fields }));
  };
  return { lines, info: log('info'), warn: log('warn'), error: log('error') };
}

/** A whole gateway on a Unix socket of its own, with a provider that a test scripts. */
export async function startGateway(options: Partial<GatewayOptions> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-'));
  const provider = new FakeProvider();
  const logger = rememberingLogger();
  const audited: AuditEntry[] = [];
  const gateway = await createGateway({
    provider,
    logger,
    acceptedTokens: ACCEPTED_TOKENS,
    audit: { append: (entry) => audited.push(entry) },
    ...options,
  });
  const socketPath = join(directory, 'gateway.sock');
  const { url } = await gateway.listen({ kind: 'socket', path: socketPath });
  const clients: TestClient[] = [];
  return {
    gateway,
    provider,
    logger,
    audited,
    socketPath,
    url,
    async connect(): Promise<TestClient> {
      const client = await TestClient.open(`${url}:/v1`);
      clients.push(client);
      return client;
    },
    async close(): Promise<void> {
      for (const client of clients) client.socket.terminate();
      await gateway.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
export type GatewayUnderTest = Awaited<ReturnType<typeof startGateway>>;
export type { Gateway };

/** A client that sends what it is given, and checks that everything it receives is of the protocol. */
export class TestClient {
  readonly socket: WebSocket;
  readonly received: GatewayFrame[] = [];
  closeCode: number | null = null;
  closeReason = '';
  #changed: (() => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      const decoded = decodeGatewayFrame(String(data));
      if (!decoded.ok) throw new Error(`the gateway sent ${decoded.error.code} ${decoded.error.detail}`);
      this.received.push(decoded.value);
      this.#wake();
    });
    socket.on('close', (code, reason) => {
      this.closeCode = code;
      this.closeReason = String(reason);
      this.#wake();
    });
    socket.on('error', () => this.#wake());
  }

  static async open(
    url: string,
    options: { headers?: Record<string, string>; ca?: string; localAddress?: string } = {},
  ): Promise<TestClient> {
    const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    const client = new TestClient(socket);
    await once(socket, 'open', { signal: AbortSignal.timeout(WAIT_MS) });
    return client;
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** Introduces itself and waits for `ready`. */
  async hello(overrides: Partial<Record<keyof typeof HELLO, unknown>> = {}): Promise<this> {
    this.send({ ...HELLO, ...overrides });
    await this.next('ready');
    return this;
  }

  /** Takes the next frame of a type out of what was received, waiting for it. */
  async next<T extends GatewayFrame['type']>(type: T, matches: (frame: GatewayFrameOf<T>) => boolean = () => true) {
    const isWanted = (frame: GatewayFrame): frame is GatewayFrameOf<T> =>
      frame.type === type && matches(frame as GatewayFrameOf<T>);
    let found: GatewayFrameOf<T> | undefined;
    await this.until(
      () => {
        found = this.received.find(isWanted);
        return found !== undefined;
      },
      `a frame ${type}; received ${JSON.stringify(this.received)}, close code ${this.closeCode}`,
    );
    if (found === undefined) throw new Error('unreachable');
    this.received.splice(this.received.indexOf(found), 1);
    return found;
  }

  async closed(): Promise<number> {
    await this.until(() => this.closeCode !== null, 'the close');
    return this.closeCode ?? 0;
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    while (!condition()) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`waited in vain for ${what}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 250));
        this.#changed.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  #wake(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const wake of waiting) wake();
  }
}

export const START = {
  v: 1,
  type: 'session.start',
  requestId: 'request-1',
  userId: 'user-1',
  reason: 'unlock',
} as const;
