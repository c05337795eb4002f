import { z } from 'zod';
import type { GatewayClock } from '../../clock.ts';
import { ConfigurationError } from '../../configuration-error.ts';
import { SecretRefSchema } from '../../secret-ref.ts';
import type { Exchange } from '../http-exchange.ts';
import { isLoopback, parseServiceAddress } from '../service-address.ts';
import { DEFAULT_TIMEOUT_MS, ServiceHttp } from '../service-http.ts';

/** PROVIDERS §2. A tenant of another region has another one. */
export const DEFAULT_API_URL = 'https://api.authsignal.com/v1';
/** How often presence is asked anew while a session is active. */
export const DEFAULT_PRESENCE_INTERVAL_MS = 60_000;
const MIN_PRESENCE_INTERVAL_MS = 5_000;
const MAX_PRESENCE_INTERVAL_MS = 3_600_000;
/** It stands before a colon in HTTP Basic, so it can hold none. */
const SECRET = /^[!-9;-~]{1,500}$/;

/** The provider's part of a gateway configuration (gateway/config.ts); docs/operations.md explains each key. */
export const AuthsignalConfigSchema = z.strictObject({
  kind: z.literal('authsignal'),
  apiUrl: z
    .url({ protocol: /^https?$/, error: 'an http(s):// address' })
    .max(500)
    .optional(),
  secret: SecretRefSchema,
  presenceIntervalMs: z.int().min(MIN_PRESENCE_INTERVAL_MS).max(MAX_PRESENCE_INTERVAL_MS).optional(),
  /** The tenant is set up to call `POST /webhooks/authsignal` here. */
  webhooks: z.boolean().default(false),
  timeoutMs: z.int().min(500).max(15_000).optional(),
  simulated: z.boolean().default(false),
});

export interface AuthsignalOptions {
  /** `null`: DEFAULT_API_URL. */
  readonly apiUrl: string | null;
  /** The tenant's server API secret key. It also signs webhooks. */
  readonly secret: string;
  /** Default DEFAULT_PRESENCE_INTERVAL_MS. */
  readonly presenceIntervalMs?: number | undefined;
  /** Default false: where nobody can call us, nothing is pushed. */
  readonly webhooks?: boolean | undefined;
  /** Per attempt. Default DEFAULT_TIMEOUT_MS. */
  readonly timeoutMs?: number | undefined;
  /** The service is a simulator: plain `http` is accepted on any host, since nothing real is approved. */
  readonly simulated: boolean;
  readonly clock: GatewayClock;
  /** Default: HTTP. */
  readonly exchange?: Exchange | undefined;
  /** Jitter of repetitions, in [0, 1). Default Math.random. */
  readonly random?: (() => number) | undefined;
}

/** A tenant at the service: where it is, its key, and the connections to it. */
export interface AuthsignalAccount {
  /** Without a trailing slash. */
  readonly apiUrl: string;
  readonly secret: string;
  readonly http: ServiceHttp;
  readonly simulated: boolean;
}

/** @throws ConfigurationError for an address or a key that cannot be used, or plain `http` to a real service elsewhere: the key goes with every call */
export function openAccount(options: AuthsignalOptions): AuthsignalAccount {
  const apiUrl = (options.apiUrl ?? DEFAULT_API_URL).replace(/\/+$/, '');
  const base = parseServiceAddress(apiUrl);
  // A query would end up in the middle of every call's path.
  if (!base.ok || base.value.pathAndQuery.includes('?')) {
    throw new ConfigurationError('provider.apiUrl', 'an https:// address without user, query or fragment');
  }
  if (!base.value.secure && !isLoopback(base.value) && !options.simulated) {
    throw new ConfigurationError('provider.apiUrl', 'https:// (http:// only on loopback or with simulated: true)');
  }
  if (!SECRET.test(options.secret)) {
    throw new ConfigurationError('provider.secret', '1 to 500 visible ASCII characters, no colon');
  }
  return {
    apiUrl,
    secret: options.secret,
    http: new ServiceHttp({
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      clock: options.clock,
      exchange: options.exchange,
      random: options.random,
    }),
    simulated: options.simulated,
  };
}
