import { request as httpsRequest } from 'node:https';
import webPush from 'web-push';
import type { PushHint } from '../../protocol/approver-state.ts';
import { describeFault } from '../logger.ts';
import { HINTS_PER_FIVE_MINUTES, PUSH_TIMEOUT_MS, PUSH_TTL_SECONDS } from '../providers/passkey/limits.ts';
import type { PushSubscription } from '../providers/passkey/phones.ts';
import type { PasskeyService, WorthAHint } from '../providers/passkey/provider.ts';
import { SlidingWindow } from '../rate-limit.ts';
import { publicEndpoint, type Resolve, type ResolvedAddress } from './public-address.ts';

const FIVE_MINUTES_MS = 300_000;
const HINT: PushHint = { v: 1, type: 'look' };
/** The push service does not know the subscription any more (RFC 8030, §7.3). */
const GONE: ReadonlySet<number> = new Set([404, 410]);

export interface PushDelivery {
  readonly url: URL;
  readonly to: ResolvedAddress;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer;
}
/** Posts once, follows nothing. @returns the status. @throws Error when there is none */
export type PostPush = (delivery: PushDelivery) => Promise<number>;

export interface PushPorts {
  readonly service: PasskeyService;
  /** Where operators of push services may write to. */
  readonly contact: string;
  readonly resolve: Resolve;
  readonly post: PostPush;
}

/** Notifications: a hint that it is worth looking, encrypted for the phone and naming nobody. Nothing rests on their arriving. */
export class PushHints {
  readonly #ports: PushPorts;
  readonly #hints: SlidingWindow;

  constructor(ports: PushPorts) {
    this.#ports = ports;
    this.#hints = new SlidingWindow(
      [{ events: HINTS_PER_FIVE_MINUTES, windowMs: FIVE_MINUTES_MS }],
      ports.service.clock,
    );
  }

  /** Whether notifications may be sent there: a phone must not make the gateway call its own network. */
  async accepts(endpoint: string): Promise<boolean> {
    return (await publicEndpoint(endpoint, this.#ports.resolve)) !== null;
  }

  /** To every phone of the person that takes them. Never rejects. */
  async hint(userId: string, about: WorthAHint): Promise<void> {
    // Counted apart: a flood of requests must not keep a person from hearing that their phones are being replaced.
    if (!this.#hints.take(`${about} ${userId}`)) return;
    try {
      const { phones } = this.#ports.service;
      await Promise.all(phones.subscriptions(userId).map((each) => this.#hintPhone(each.phoneId, each.subscription)));
    } catch (fault) {
      this.#ports.service.logger.error({ fault: describeFault(fault) }, 'nobody could be notified');
    }
  }

  async #hintPhone(phoneId: string, subscription: PushSubscription): Promise<void> {
    const { service } = this.#ports;
    const { logger } = service;
    try {
      const status = await this.#send(subscription);
      if (status !== null && GONE.has(status)) service.phones.unsubscribe(phoneId);
      else if (status === null || status >= 300) logger.warn({ status }, 'a notification was not taken');
    } catch (fault) {
      logger.warn({ fault: describeFault(fault) }, 'a notification could not be sent');
    }
  }

  /** @returns the push service's status; null where it may not be called (any more) */
  async #send(subscription: PushSubscription): Promise<number | null> {
    const { resolve, post, service, contact } = this.#ports;
    const endpoint = await publicEndpoint(subscription.endpoint, resolve);
    if (endpoint === null) return null;
    const { headers, body } = webPush.generateRequestDetails(subscription, JSON.stringify(HINT), {
      vapidDetails: { subject: contact, ...service.secrets.vapid },
      TTL: PUSH_TTL_SECONDS,
      urgency: 'high',
    });
    return post({ url: endpoint.url, to: endpoint, headers, body });
  }
}

/** To the address that was checked; the certificate must still be the name's. */
export const postPush: PostPush = ({ url, to, headers, body }) =>
  new Promise((resolve, reject) => {
    const request = httpsRequest(url, {
      method: 'POST',
      headers: { ...headers },
      agent: false,
      signal: AbortSignal.timeout(PUSH_TIMEOUT_MS),
      lookup: (_hostname, options, found) => {
        if (options.all === true) found(null, [{ address: to.address, family: to.family }]);
        else found(null, to.address, to.family);
      },
    });
    request.once('error', reject);
    request.once('response', (response) => {
      // What it says besides is of no use and may be long.
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.end(body);
  });
