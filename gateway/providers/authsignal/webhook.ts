import { Authsignal } from '@authsignal/node';
import { z } from 'zod';
import type { GatewayClock } from '../../clock.ts';
import { ProviderError, type ProviderWebhook, type SessionHandle } from '../provider.ts';
import { PRESENCE_ACTION, UNLOCK_ACTION } from './calls.ts';
import { sessionOf } from './session-handle.ts';

/** The vendor's default; the SDK refuses what is older, we also what claims to come from later than that. */
const TOLERANCE_MINUTES = 5;
/** Ids of deliveries that are remembered, the oldest forgotten first. Beyond the tolerance none is needed: its signature is stale. */
const MAX_REMEMBERED_IDS = 10_000;
const SIGNATURE_HEADER = 'x-signature-v2';
/** With these the service asks its receiver to deliver a code itself. Acknowledging one would lose the code. */
const DELIVERY_ORDERS: readonly string[] = ['email.created', 'sms.created', 'push.created'];

const text = z.string().max(500);
const EventSchema = z.object({
  id: z.string().min(1).max(128),
  type: z.string().max(100),
  data: z
    .object({ userId: text, idempotencyKey: text, action: text.optional(), actionCode: text.optional() })
    .optional()
    .catch(undefined),
});
/** Log events come in batches, a quarter of an hour late: nothing in them is news. */
const BatchSchema = z.object({ records: z.array(z.unknown()) });

/**
 * `POST /webhooks/authsignal`. What an event says about the state is not believed: the only one that comes in time, `action.verify`, is sent
 * *before* the state changes, and its receiver may still veto it. It tells whose action to look at, and the session asks at once. docs/adr/0020.
 */
export function createWebhook(secret: string, clock: GatewayClock): ProviderWebhook {
  const { webhook } = new Authsignal({ apiSecretKey: secret, retries: 0 });
  const seen = new Set<string>();

  function verified(rawBody: string, signature: string): unknown {
    try {
      const event: unknown = webhook.constructEvent(rawBody, signature, TOLERANCE_MINUTES);
      const aheadMs = webhook.parseSignature(signature).timestamp * 1_000 - clock.wallMs();
      // The SDK takes any time to come: a delivery dated ahead could be replayed until then.
      if (aheadMs <= TOLERANCE_MINUTES * 60_000) return event;
    } catch (fault) {
      // Signed, but not JSON: the signature is checked first. The parser's message would quote the body.
      if (fault instanceof SyntaxError) throw notAnEvent();
    }
    throw new ProviderError('PROVIDER_UNAUTHORIZED', 'The delivery is not signed by the service, or not now.');
  }

  /** Whether it is new; remembers it. */
  function isNew(id: string): boolean {
    if (seen.has(id)) return false;
    const [oldest] = seen;
    if (oldest !== undefined && seen.size >= MAX_REMEMBERED_IDS) seen.delete(oldest);
    seen.add(id);
    return true;
  }

  return {
    path: '/webhooks/authsignal',
    async receive(rawBody, headers) {
      const signature = headers[SIGNATURE_HEADER];
      if (signature === undefined) throw new ProviderError('PROVIDER_UNAUTHORIZED', 'The delivery is not signed.');
      const claimedEvent = verified(rawBody, signature);
      const event = EventSchema.safeParse(claimedEvent);
      if (!event.success) {
        if (BatchSchema.safeParse(claimedEvent).success) return null;
        throw notAnEvent();
      }
      const { id, type, data } = event.data;
      if (DELIVERY_ORDERS.includes(type)) {
        throw new ProviderError('PROVIDER_BAD_ANSWER', 'The gateway delivers no codes for the service.');
      }
      const action = data?.action ?? data?.actionCode;
      if (data === undefined || (action !== UNLOCK_ACTION && action !== PRESENCE_ACTION)) return null;
      if (!isNew(id)) return null;
      return { answer: null, ageMs: 0, concerns: (handle) => isAbout(handle, data) };
    },
  };
}

function isAbout(handle: SessionHandle, data: { readonly userId: string; readonly idempotencyKey: string }): boolean {
  const { userId, idempotencyKey } = sessionOf(handle);
  if (userId !== data.userId) return false;
  return data.idempotencyKey === idempotencyKey || data.idempotencyKey.startsWith(`${idempotencyKey}-p`);
}

const notAnEvent = (): ProviderError =>
  new ProviderError('PROVIDER_BAD_ANSWER', 'The delivery is signed, but is no event of the service.');
