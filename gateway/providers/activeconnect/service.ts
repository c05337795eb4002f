import type { GatewayClock } from '../../clock.ts';
import { ConfigurationError } from '../../configuration-error.ts';
import { DEFAULT_TIMEOUT_MS, ServiceHttp } from './http.ts';
import type { Exchange } from './http-exchange.ts';
import { PROFILES, type ProfileName } from './profiles.ts';
import { isLoopback, parseServiceAddress, type ServiceAddress } from './service-address.ts';
import type { Credentials } from './signing.ts';

export interface ServiceOptions {
  readonly profile: ProfileName;
  /** `null`: the profile's own address. */
  readonly baseUrl: string | null;
  readonly appId: string;
  readonly appSecret: string;
  /** Default: the profile's. */
  readonly headerPrefixes?: readonly string[] | undefined;
  /** Origins besides the base URL's that a session's `status_url`/`logout_url` may name. Default: none. */
  readonly sessionOrigins?: readonly string[] | undefined;
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

/** An account at the service: where it is, who signs, and the connections to it. */
export interface Service {
  readonly http: ServiceHttp;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly appId: string;
  readonly credentials: Credentials;
  readonly expectedOrigins: readonly ServiceAddress[];
}

/** @throws ConfigurationError for an address that cannot be used, or plain `http` to a real service elsewhere: its answers carry session secrets */
export function openService(options: ServiceOptions): Service {
  const baseUrl = (options.baseUrl ?? PROFILES[options.profile].baseUrl).replace(/\/+$/, '');
  const base = parseServiceAddress(baseUrl);
  // A query would end up in the middle of every call's path.
  if (!base.ok || base.value.pathAndQuery.includes('?')) {
    throw new ConfigurationError('provider.baseUrl', 'an https:// address without user, query or fragment');
  }
  if (!base.value.secure && !isLoopback(base.value) && !options.simulated) {
    throw new ConfigurationError('provider.baseUrl', 'https:// (http:// only on loopback or with simulated: true)');
  }
  const more = (options.sessionOrigins ?? []).map((origin) => {
    const parsed = parseServiceAddress(origin);
    if (!parsed.ok) throw new ConfigurationError('provider.sessionOrigins', 'https:// addresses');
    return parsed.value;
  });
  return {
    http: new ServiceHttp({
      headerPrefixes: options.headerPrefixes ?? PROFILES[options.profile].headerPrefixes,
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      clock: options.clock,
      exchange: options.exchange,
      random: options.random,
    }),
    baseUrl,
    appId: options.appId,
    credentials: { clientId: options.appId, secret: options.appSecret },
    expectedOrigins: [base.value, ...more],
  };
}

/** @throws RangeError for a call of ours that does not form an address: a bug, or an application id no path can carry */
export function callAddress(service: Service, path: string): ServiceAddress {
  const parsed = parseServiceAddress(`${service.baseUrl}/${path}`);
  if (!parsed.ok) throw new RangeError('the call does not form an address');
  return parsed.value;
}
