import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { eventually } from './eventually.ts';

/** A real WebSocket server whose every word is written by the test. It knows nothing of the protocol. */
export interface HandWrittenGateway {
  readonly url: string;
  /** Every text frame that came in, parsed, oldest first, over all connections. */
  readonly heard: readonly Record<string, unknown>[];
  /** Close codes the clients gave. */
  readonly closeCodes: readonly number[];
  readonly connections: () => number;
  /** The newest connection. */
  readonly socket: () => WebSocket;
  say(frame: unknown): void;
  sayReady(extra?: Record<string, unknown>): void;
  /** Waits for the count-th frame of a type. */
  hear(type: string, count?: number): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

export const CAPABILITIES = {
  title: 'Hand-written',
  proximity: true,
  push: false,
  prompts: ['phone'],
  enrollment: ['link', 'sms'],
  lostDevice: true,
  durations: true,
  methods: [],
  simulated: true,
} as const;

export const freshSocketPath = (): string =>
  process.platform === 'win32' ? `\\\\.\\pipe\\${randomUUID()}` : join(tmpdir(), `pl ${randomUUID().slice(0, 8)}.sock`);

export interface HandWrittenOptions {
  /** Answer each `hello` with `ready` (default true). */
  readonly greet?: boolean;
  readonly port?: number;
  /** Listens there instead of on loopback TCP. */
  readonly server?: Server;
  readonly url?: string;
}

export async function startHandWrittenGateway(options: HandWrittenOptions = {}): Promise<HandWrittenGateway> {
  const heard: Record<string, unknown>[] = [];
  const closeCodes: number[] = [];
  let connections = 0;
  let newest: WebSocket | null = null;
  const server = new WebSocketServer(
    options.server === undefined ? { host: '127.0.0.1', port: options.port ?? 0 } : { server: options.server },
  );
  const socket = () => {
    if (newest === null) throw new Error('no client has connected');
    return newest;
  };
  const say = (frame: unknown) => socket().send(JSON.stringify(frame));
  const sayReady = (extra: Record<string, unknown> = {}) =>
    say({ v: 1, type: 'ready', serverTime: 1_700_000_000_000, capabilities: CAPABILITIES, ...extra });
  server.on('connection', (incoming) => {
    newest = incoming;
    connections += 1;
    incoming.on('message', (data) => {
      const frame: Record<string, unknown> = JSON.parse(String(data));
      heard.push(frame);
      if (frame['type'] === 'hello' && options.greet !== false) sayReady();
    });
    incoming.on('close', (code) => closeCodes.push(code));
  });
  if (options.server === undefined) await new Promise<void>((resolve) => server.once('listening', () => resolve()));
  const port = () => (server.address() as AddressInfo | null)?.port ?? 0;
  return {
    url: options.url ?? `ws://127.0.0.1:${port()}/`,
    heard,
    closeCodes,
    connections: () => connections,
    socket,
    say,
    sayReady,
    hear: (type, count = 1) =>
      eventually(`frame ${type} number ${count}`, () => heard.filter((frame) => frame['type'] === type)[count - 1]),
    stop: () =>
      new Promise((resolve) => {
        for (const client of server.clients) client.terminate();
        server.close(() => resolve());
      }),
  };
}
