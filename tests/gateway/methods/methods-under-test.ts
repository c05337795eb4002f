import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { AuditEntry } from '../../../gateway/audit-log.ts';
import type { GatewayClock } from '../../../gateway/clock.ts';
import { listenAt } from '../../../gateway/listen-address.ts';
import type { ConfirmationMethod } from '../../../gateway/methods/method.ts';
import { signInBy } from '../../../gateway/methods/person-tokens.ts';
import { MethodRegistry, servedMethods } from '../../../gateway/methods/registry.ts';
import { createMethodsService, type MethodsService } from '../../../gateway/methods/service.ts';
import { DEFAULT_PREFIX } from '../../../gateway/providers/wcd-2factor/wire.ts';
import { type Database, openDatabase } from '../../../gateway/store/database.ts';
import { FakeGatewayClock } from '../fake-gateway-clock.ts';

export const ISSUER = 'Example Ltd';
export const SERVICE_TOKEN = 'a service that speaks for people'.replaceAll(' ', '-');
export const PERMIT_MS = 3_600_000;

export const tokenOf = (userId: string): string => `token-of-${userId}`;
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

export interface MethodsSetUp {
  readonly clock?: GatewayClock;
  readonly methods?: readonly ConfirmationMethod[];
  readonly prefix?: string;
  readonly allowedOrigins?: readonly string[];
}

/** Answer of the door, decoded as JSON where it is. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** The service behind a real socket, on a database file of its own that outlives a restart. */
export class MethodsUnderTest {
  readonly clock: GatewayClock;
  readonly audited: AuditEntry[] = [];
  readonly logged: string[] = [];
  readonly file: string;
  readonly key = randomBytes(32);
  readonly #setUp: MethodsSetUp;
  readonly #directory = mkdtempSync(join(tmpdir(), 'methods-'));
  #running: { readonly database: Database; readonly service: MethodsService; readonly stop: () => void } | null = null;
  #origin = '';

  private constructor(setUp: MethodsSetUp) {
    this.#setUp = setUp;
    this.clock = setUp.clock ?? new FakeGatewayClock();
    this.file = join(this.#directory, 'store', 'gateway.db');
  }

  static async start(setUp: MethodsSetUp = {}): Promise<MethodsUnderTest> {
    const started = new MethodsUnderTest(setUp);
    await started.#start();
    return started;
  }

  /** With the prefix. */
  get url(): string {
    return `${this.#origin}${this.#setUp.prefix ?? DEFAULT_PREFIX}`;
  }

  get service(): MethodsService {
    return this.#parts().service;
  }

  get database(): Database {
    return this.#parts().database;
  }

  /** The same file in a new process, as far as the code can tell. */
  async restart(): Promise<void> {
    this.#parts().stop();
    await this.#start();
  }

  /** A second gateway on the same file. */
  async another(): Promise<{ readonly service: MethodsService; close(): void }> {
    const { database, service } = await this.#open();
    return { service, close: () => database.close() };
  }

  async call(
    method: string,
    path: string,
    sent: {
      readonly as?: string | null;
      readonly json?: unknown;
      readonly headers?: Record<string, string>;
      readonly text?: string;
    } = {},
  ): Promise<Answered> {
    const { as = 'ada', json, headers = {}, text } = sent;
    const body = text ?? (json === undefined ? undefined : JSON.stringify(json));
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(as === null ? {} : { Authorization: `Bearer ${tokenOf(as)}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const answered = await response.text();
    const decoded: unknown = answered === '' ? null : JSON.parse(answered);
    return { status: response.status, headers: response.headers, body: decoded };
  }

  async close(): Promise<void> {
    this.#running?.stop();
    rmSync(this.#directory, { recursive: true });
  }

  async #open() {
    const database = await openDatabase({ file: this.file, key: this.key });
    const people = ['ada', 'bob'].map((userId) => ({ userId, sha256: sha256(tokenOf(userId)) }));
    const service = createMethodsService({
      registry:
        this.#setUp.methods === undefined ? servedMethods({ issuer: ISSUER }) : new MethodRegistry(this.#setUp.methods),
      database,
      clock: this.clock,
      audit: { append: (entry) => this.audited.push(entry) },
      logger: pino({}, { write: (line: string) => this.logged.push(line) }),
      signIn: signInBy(people, [{ name: 'gateway', sha256: sha256(SERVICE_TOKEN) }]),
      permitMs: PERMIT_MS,
      prefix: this.#setUp.prefix,
      allowedOrigins: this.#setUp.allowedOrigins,
    });
    return { database, service };
  }

  async #start(): Promise<void> {
    const { database, service } = await this.#open();
    const server = createServer((request, response) => {
      service.door.answer(request, response).catch(() => response.destroy());
    });
    const url = await listenAt(server, { kind: 'tcp', host: '127.0.0.1', port: 0, tls: null });
    this.#origin = url.replace(/^ws/, 'http').replace(/\/$/, '');
    this.#running = {
      database,
      service,
      stop: () => {
        server.close();
        server.closeAllConnections();
        database.close();
      },
    };
  }

  #parts() {
    if (this.#running === null) throw new Error('not running');
    return this.#running;
  }
}
