import { assertNever } from '../../protocol/result.ts';
import type { GatewayClock } from '../clock.ts';
import { type Exchange, ExchangeFailure, HttpExchange, type RawAnswer } from './http-exchange.ts';
import { ProviderError } from './provider.ts';
import type { ServiceAddress } from './service-address.ts';

export const DEFAULT_TIMEOUT_MS = 5_000;
/** Attempts in all for a call that may be repeated, or whose request certainly never arrived. */
export const MAX_ATTEMPTS = 3;
/** Longest wait before the second attempt; doubles each time, at least half of it is waited. */
export const RETRY_DELAY_MS = 200;
/** Longer than this nobody waits on a service's word. */
export const MAX_RETRY_AFTER_MS = 300_000;

export interface ServiceAnswer {
  readonly status: number;
  /** Decoded JSON, `undefined` when the body is not JSON. Decoded further by whoever asked. */
  readonly json: unknown;
  readonly retryAfterMs: number | null;
}

export interface ServiceRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly address: ServiceAddress;
  /** What proves who asks; made anew for every attempt, because a nonce is used once. */
  readonly headers: () => Readonly<Record<string, string>>;
  /** JSON text; `''` sends the content type with an empty body, as the vendor's client does on session calls. */
  readonly body: string | null;
  /**
   * `any-failure`: the call is idempotent. `undelivered-only`: it makes a phone buzz or sends an SMS, so it is repeated only if
   * the connection was never made. `never`: the caller polls anyway and is its own retry.
   */
  readonly repeat: 'any-failure' | 'undelivered-only' | 'never';
}

export interface ServiceHttpOptions {
  /** Per attempt. */
  readonly timeoutMs: number;
  readonly clock: GatewayClock;
  /** Default: HTTP. */
  readonly exchange?: Exchange | undefined;
  /** Jitter of repetitions, in [0, 1). Default Math.random. */
  readonly random?: (() => number) | undefined;
}

/** HTTP calls to a service: bounded in time and size, and retried as their `repeat` allows. */
export class ServiceHttp {
  readonly #options: ServiceHttpOptions;
  readonly #exchange: Exchange;

  constructor(options: ServiceHttpOptions) {
    this.#options = options;
    this.#exchange = options.exchange ?? new HttpExchange();
  }

  /** @throws ProviderError when there is no HTTP answer; every answer, whatever its status, is returned. */
  async send(request: ServiceRequest, signal?: AbortSignal): Promise<ServiceAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const last = attempt >= MAX_ATTEMPTS || signal?.aborted === true;
      try {
        const raw = await this.#attempt(request, signal);
        if (last || request.repeat !== 'any-failure' || raw.status < 500 || raw.retryAfter !== undefined) {
          return this.#decoded(raw);
        }
      } catch (fault) {
        if (!(fault instanceof ExchangeFailure)) throw fault;
        if (last || !mayRepeat(request.repeat, fault)) throw providerErrorOf(fault);
      }
      await this.#pause(RETRY_DELAY_MS * 2 ** (attempt - 1), signal);
    }
  }

  close(): void {
    this.#exchange.close();
  }

  async #attempt(request: ServiceRequest, signal: AbortSignal | undefined): Promise<RawAnswer> {
    const { timeoutMs, clock } = this.#options;
    const timeout = new AbortController();
    const cancel = clock.schedule(timeoutMs, () => timeout.abort());
    const headers = (): Readonly<Record<string, string>> =>
      request.body === null ? request.headers() : { ...request.headers(), 'Content-Type': 'application/json' };
    try {
      return await this.#exchange.send(
        {
          method: request.method,
          address: request.address,
          headers,
          body: request.body,
          freshConnection: request.repeat === 'undelivered-only',
        },
        signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]),
      );
    } finally {
      cancel();
    }
  }

  #decoded(raw: RawAnswer): ServiceAnswer {
    let json: unknown;
    try {
      json = JSON.parse(raw.body);
    } catch {
      // JSON.parse's error quotes the text, and the text may hold a secret: it goes nowhere.
      json = undefined;
    }
    return { status: raw.status, json, retryAfterMs: retryAfterMsOf(raw.retryAfter, this.#options.clock.wallMs()) };
  }

  #pause(longestMs: number, signal: AbortSignal | undefined): Promise<void> {
    // Jitter: many gateways must not come back to a service in trouble at the same moment.
    const delayMs = longestMs * (0.5 + (this.#options.random ?? Math.random)() / 2);
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.#options.clock.schedule(delayMs, done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }
}

function mayRepeat(repeat: ServiceRequest['repeat'], failure: ExchangeFailure): boolean {
  if (repeat === 'never' || failure.kind === 'certificate' || failure.kind === 'too-large') return false;
  return (
    repeat === 'any-failure' ||
    ((failure.kind === 'unreachable' || failure.kind === 'no-network') && !failure.delivered)
  );
}

/** Something that broke off after delivery is the service's fault, not "unreachable": the request may have had its effect. */
function providerErrorOf(failure: ExchangeFailure): ProviderError {
  const options = failure.cause === undefined ? {} : { cause: failure.cause };
  switch (failure.kind) {
    case 'unreachable':
      return new ProviderError('PROVIDER_UNREACHABLE', 'No connection to the service could be made.', options);
    case 'no-network':
      return new ProviderError('PROVIDER_NO_NETWORK', 'There is no way through the network to the service.', options);
    case 'certificate':
      return new ProviderError('PROVIDER_UNREACHABLE', "The service's certificate was not accepted.", options);
    case 'broken-off':
      return failure.delivered
        ? new ProviderError('PROVIDER_UNAVAILABLE', 'The service broke off the connection.', options)
        : new ProviderError('PROVIDER_BAD_ANSWER', 'The service named something that no request can carry.');
    case 'aborted':
      return new ProviderError('PROVIDER_TIMEOUT', 'The service did not answer in time.');
    case 'too-large':
      return new ProviderError('PROVIDER_BAD_ANSWER', 'The answer of the service was too large.');
    default:
      return assertNever(failure.kind, 'exchange failure');
  }
}

/** `Retry-After` in seconds or as a date, bounded. */
function retryAfterMsOf(header: string | undefined, wallMs: number): number | null {
  if (header === undefined) return null;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - wallMs;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : null;
}
