import { createHmac, randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from '../clock.ts';

/** The documented tolerance is five minutes; these lie outside it. */
const STALE_S = 6 * 60;
const DELIVERY_TIMEOUT_MS = 10_000;

export interface TenantEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Resolves with whether the receiver acknowledged (2xx); also `true` where nobody is to be told. */
export type Delivery = (event: TenantEvent) => Promise<boolean>;

/** A delivery as no honest service makes it, or as it is made twice. */
export const deliverySchema = z.strictObject({
  type: z.string().max(100).default('action.verify'),
  data: z.record(z.string(), z.unknown()).default({}),
  /** Default: a new one. The same one again is a delivery made twice. */
  id: z.string().max(128).optional(),
  /** `wrong`: by another key; `stale`, `ahead`: right, but of another time; `two-keys`: while the tenant changes its key; `absent`: no header. */
  signature: z.enum(['right', 'wrong', 'stale', 'ahead', 'two-keys', 'absent']).default('right'),
  /** Sent instead of an event, signed all the same. */
  rawBody: z.string().max(200_000).optional(),
});
export type DeliveryRequest = z.input<typeof deliverySchema>;

export interface WebhookSettings {
  readonly secret: string;
  readonly tenantId: string;
  readonly clock: Clock;
}

/** The header's value: seconds, and the HMAC over them and the body, without the base64's trailing `=` (PROVIDERS §2). */
export function signatureHeader(secrets: readonly string[], seconds: number, body: string): string {
  const signatures = secrets.map((secret) =>
    createHmac('sha256', secret).update(`${seconds}.${body}`).digest('base64').replace(/=$/, ''),
  );
  return [`t=${seconds}`, ...signatures.map((signature) => `v2=${signature}`)].join(',');
}

/** Sends events to where the tenant's administrator wants them. */
export class Webhooks {
  url: string | null;
  readonly #settings: WebhookSettings;

  constructor(settings: WebhookSettings, url: string | null) {
    this.#settings = settings;
    this.url = url;
  }

  deliver: Delivery = async ({ type, data }) => {
    if (this.url === null) return true;
    const status = await this.send({ type, data: { ...data } });
    return status >= 200 && status <= 299;
  };

  /** @returns the receiver's status; 0 when it could not be reached or took too long */
  async send(request: DeliveryRequest): Promise<number> {
    if (this.url === null) throw new Error('The simulated tenant has no webhook URL.');
    const { type, data, id = randomUUID(), signature, rawBody } = deliverySchema.parse(request);
    const { secret, tenantId, clock } = this.#settings;
    const wallMs = clock.wallMs();
    const event = { version: 1, id, source: 'https://authsignal.com', time: new Date(wallMs).toISOString() };
    const body = rawBody ?? JSON.stringify({ ...event, tenantId, type, data });
    const aheadS = signature === 'stale' ? -STALE_S : signature === 'ahead' ? STALE_S : 0;
    const secrets =
      signature === 'wrong' ? [`not-${secret}`] : signature === 'two-keys' ? [`old-${secret}`, secret] : [secret];
    const value = signatureHeader(secrets, Math.floor(wallMs / 1_000) + aheadS, body);
    const headers = {
      'Content-Type': 'application/json',
      ...(signature === 'absent' ? {} : { 'X-Signature-V2': value }),
    };
    try {
      const timeout = AbortSignal.timeout(DELIVERY_TIMEOUT_MS);
      const response = await fetch(this.url, { method: 'POST', headers, body, redirect: 'error', signal: timeout });
      await response.arrayBuffer();
      return response.status;
    } catch (error) {
      process.stderr.write(`authsignal simulator: the webhook was not delivered (${String(error)})\n`);
      return 0;
    }
  }
}
