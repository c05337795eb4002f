import { createSystemClock, type GatewayClock } from '../../clock.ts';
import { ConfigurationError } from '../../configuration-error.ts';
import type { Exchange } from '../http-exchange.ts';
import { expectedBaseAddress, parseServiceAddress, type ServiceAddress } from '../service-address.ts';
import { DEFAULT_TIMEOUT_MS } from '../service-http.ts';
import { PROFILES, type ProfileName } from './profiles.ts';
import { SignedHttp } from './signed-http.ts';
import type { Credentials } from './signing.ts';

export interface ConnectionOptions {
  readonly profile: ProfileName;
  /** Default, or `null`: the profile's own address. Plain `http` only on loopback. */
  readonly baseUrl?: string | null | undefined;
  /** Default: the profile's. */
  readonly headerPrefixes?: readonly string[] | undefined;
  /** Origins besides the base URL's that a session's `status_url`/`logout_url` may name. Default: none. */
  readonly sessionOrigins?: readonly string[] | undefined;
  /** Milliseconds, per attempt. Default DEFAULT_TIMEOUT_MS. */
  readonly timeoutMs?: number | undefined;
  /** The service is a simulator: plain `http` is accepted on any host, since nothing real is approved. Default no. */
  readonly simulated?: boolean | undefined;
  /** Default: the system's. */
  readonly clock?: GatewayClock | undefined;
  /** Default: HTTP. */
  readonly exchange?: Exchange | undefined;
  /** Jitter of repetitions, in [0, 1). Default Math.random. */
  readonly random?: (() => number) | undefined;
}

export interface AccountOptions extends ConnectionOptions {
  /** 1 to 200 visible ASCII characters, no colon. */
  readonly appId: string;
  /** One line of printable ASCII. Never part of an error's message. */
  readonly appSecret: string;
}

/** What a gateway must say, where a caller of the library may leave it open. */
export interface ServiceOptions extends AccountOptions {
  readonly baseUrl: string | null;
  readonly simulated: boolean;
  readonly clock: GatewayClock;
}

/** Where sessions are asked, with the sessions' own secrets: all that a process needs that only watches or ends them. */
export interface SessionService {
  readonly http: SignedHttp;
  /** Origins that a session's `status_url`/`logout_url` may name. */
  readonly expectedOrigins: readonly ServiceAddress[];
  /** Lets go of kept-alive connections. */
  close(): void;
}

/** An account at the service: where it is, who signs, and the connections to it. */
export interface Service extends SessionService {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly appId: string;
  readonly credentials: Credentials;
}

/** The id stands before a colon in the `Authentication` header, so it can hold none. */
const APPLICATION_ID = { form: /^[!-9;-~]{1,200}$/, inWords: '1 to 200 visible ASCII characters, no colon' };
/** What PROVIDERS §1 signs is ASCII text; anything else is a file of another kind, or one with a second line. */
const APPLICATION_SECRET = { form: /^[ -~]+$/, inWords: 'one line of printable ASCII' };

/** @throws ConfigurationError naming the option, also for plain `http` to a real service elsewhere: its answers carry session secrets */
export function openService(options: AccountOptions): Service {
  const { appId, appSecret } = options;
  if (!APPLICATION_ID.form.test(appId)) throw new ConfigurationError('appId', APPLICATION_ID.inWords);
  if (!APPLICATION_SECRET.form.test(appSecret)) throw new ConfigurationError('appSecret', APPLICATION_SECRET.inWords);
  return {
    ...openSessionService(options),
    baseUrl: baseUrlOf(options),
    appId,
    credentials: { clientId: appId, secret: appSecret },
  };
}

/** A connection without an account, for sessions that were started elsewhere. @throws ConfigurationError as `openService` */
export function openSessionService(options: ConnectionOptions): SessionService {
  const base = expectedBaseAddress(baseUrlOf(options), options.simulated ?? false);
  const more = (options.sessionOrigins ?? []).map((origin) => {
    const parsed = parseServiceAddress(origin);
    if (!parsed.ok) throw new ConfigurationError('sessionOrigins', 'https:// addresses');
    return parsed.value;
  });
  const http = new SignedHttp({
    headerPrefixes: options.headerPrefixes ?? PROFILES[options.profile].headerPrefixes,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    clock: options.clock ?? createSystemClock(),
    exchange: options.exchange,
    random: options.random,
  });
  return { http, expectedOrigins: [base, ...more], close: () => http.close() };
}

function baseUrlOf({ baseUrl, profile }: ConnectionOptions): string {
  return (baseUrl ?? PROFILES[profile].baseUrl).replace(/\/+$/, '');
}

/** @throws RangeError for a call of ours that does not form an address: a bug, or an application id no path can carry */
export function callAddress(service: Service, path: string): ServiceAddress {
  const parsed = parseServiceAddress(`${service.baseUrl}/${path}`);
  if (!parsed.ok) throw new RangeError('the call does not form an address');
  return parsed.value;
}
