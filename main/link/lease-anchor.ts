import { MAX_OUTSTANDING_PINGS } from './limits.ts';

/**
 * The time from which a lease counts: a moment at which the gateway had certainly not yet given the answer.
 *
 * The threat: an `active` frame is held back — by a stalled network, a proxy, a machine that slept, an event loop that hung —
 * and arrives when the person is long gone. Counted from its arrival, `validForMs` would grant a fresh lease for old news.
 *
 * The measure: WebSocket is ordered, and a peer answers a ping in the order of its stream. So a frame that arrives after
 * pong k was sent by the gateway after it had received ping k, hence after we sent ping k. Counting the lease from the time
 * ping k was sent can only make it shorter than the gateway meant, never longer. A frame that was delayed arrives before the
 * pongs of the pings sent meanwhile, so its anchor stays as old as it is. Before any pong the anchor is the time of `hello`,
 * without which the gateway says nothing.
 *
 * It relies on the gateway to compute `validForMs` when it hands the frame to its socket, not earlier (docs/protocol.md).
 * The cost is one round trip of lease; the link sends a ping right before each poll to keep it that small.
 */
export interface LeaseAnchor {
  /** Notes a ping that is about to be sent. @returns its payload. */
  pingSent(now: number): string;
  /** Notes a pong. One that answers no ping of ours moves nothing. */
  pongHeard(payload: string): void;
  /** Monotonic ms. */
  asOf(): number;
}

/** @param helloSentAt monotonic ms at which `hello` was sent on this connection. */
export function createLeaseAnchor(helloSentAt: number): LeaseAnchor {
  let counter = 0;
  let anchor = helloSentAt;
  const outstanding = new Map<string, number>();
  return {
    pingSent(now) {
      counter += 1;
      const payload = String(counter);
      outstanding.set(payload, now);
      if (outstanding.size > MAX_OUTSTANDING_PINGS) {
        const [oldest] = outstanding.keys();
        if (oldest !== undefined) outstanding.delete(oldest);
      }
      return payload;
    },
    pongHeard(payload) {
      const sentAt = outstanding.get(payload);
      if (sentAt === undefined) return;
      anchor = Math.max(anchor, sentAt);
      // Older pings are answered too by now, or never will be (RFC 6455 §5.5.3 lets a peer answer only the newest).
      for (const earlier of outstanding.keys()) {
        outstanding.delete(earlier);
        if (earlier === payload) break;
      }
    },
    asOf: () => anchor,
  };
}
