import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { DeviceKeys } from '../../../gateway/device-keys/registry.ts';
import { createGateway, type Gateway } from '../../../gateway/gateway.ts';
import {
  type Provider,
  type ProviderAnswer,
  ProviderError,
  type ProviderWebhook,
  type StartedSession,
} from '../../../gateway/providers/provider.ts';
import { openDatabase } from '../../../gateway/store/database.ts';
import { freshToken, hashToken } from '../../../gateway/tokens.ts';
import { BENCH_ENROLLMENT, benchCapabilities } from '../bench-service.ts';

const PENDING: ProviderAnswer = { status: 'pending', prompt: { kind: 'phone' } };
const ROOM_PER_MINUTE = 1_000;
const TOKEN_HEADER = 'x-bench-token';
const DELIVERED = 204;
const DeliverySchema = z.strictObject({ session: z.string(), status: z.enum(['active', 'closed']) });

/**
 * A shared gateway in the process of the bench, and a service that delivers to its webhook at once what a person did. In place of a vendor's
 * signature stands a token.
 */
export class PushingService implements Provider {
  readonly id = 'bench';
  readonly capabilities = benchCapabilities(true);
  readonly token = freshToken();
  #gateway: Gateway | null = null;
  #closeDatabase: () => Promise<void> = async () => undefined;
  #url = '';
  #sessions = 0;
  #answer = PENDING;

  static async start(): Promise<PushingService> {
    const service = new PushingService();
    const silent = () => undefined;
    const folder = await mkdtemp(join(tmpdir(), 'bench-gateway-'));
    const database = await openDatabase({ file: join(folder, 'gateway.db'), key: randomBytes(32) });
    service.#closeDatabase = async () => {
      database.close();
      await rm(folder, { recursive: true });
    };
    service.#gateway = await createGateway({
      provider: service,
      deviceKeys: new DeviceKeys(database),
      acceptedTokens: [{ name: 'bench', sha256: hashToken(service.token) }],
      logger: { info: silent, warn: silent, error: silent },
      limits: { startsPerMinute: ROOM_PER_MINUTE, startsPerHour: ROOM_PER_MINUTE },
    });
    const { url } = await service.#gateway.listen({ kind: 'tcp', host: '127.0.0.1', port: 0, tls: null });
    service.#url = url;
    return service;
  }

  get url(): string {
    return this.#url;
  }

  get #httpUrl(): string {
    return this.#url.replace(/^ws/, 'http');
  }

  /** Sessions asked for so far. */
  get asked(): number {
    return this.#sessions;
  }

  /** The person did something about the session asked for last, and the service delivers it. @returns wall time just before */
  async push(status: 'active' | 'closed'): Promise<number> {
    const at = Date.now();
    this.#answer = { status };
    const body = JSON.stringify({ session: `${this.#sessions}`, status });
    const headers = { [TOKEN_HEADER]: this.token };
    const response = await fetch(`${this.#httpUrl}${this.webhook.path}`, { method: 'POST', headers, body });
    if (response.status !== DELIVERED) throw new Error(`the gateway answered a delivery with ${response.status}`);
    return at;
  }

  async close(): Promise<void> {
    await this.#gateway?.close();
    await this.#closeDatabase();
  }

  readonly webhook: ProviderWebhook = {
    path: '/webhooks/bench',
    receive: async (rawBody, headers) => {
      if (headers[TOKEN_HEADER] !== this.token) throw new ProviderError('PROVIDER_UNAUTHORIZED', 'not the bench');
      const { session, status } = DeliverySchema.parse(JSON.parse(rawBody));
      return { concerns: ({ serialized }) => serialized === session, answer: { status }, ageMs: 0 };
    },
  };

  async startSession(): Promise<StartedSession> {
    this.#sessions += 1;
    this.#answer = PENDING;
    return { handle: { providerId: this.id, serialized: `${this.#sessions}` }, answer: PENDING };
  }

  async pollSession(): Promise<ProviderAnswer> {
    return this.#answer;
  }

  async endSession(): Promise<void> {
    this.#answer = { status: 'closed' };
  }

  readonly enrollment = BENCH_ENROLLMENT;
}
