import type { z } from 'zod';
import { createSystemClock, type GatewayClock } from '../../clock.ts';
import { ConfigurationError } from '../../configuration-error.ts';
import { errorOfStatus } from '../error-of-status.ts';
import type { Exchange } from '../http-exchange.ts';
import { ProviderError } from '../provider.ts';
import { expectedBaseAddress, parseServiceAddress } from '../service-address.ts';
import { DEFAULT_TIMEOUT_MS, type ServiceAnswer, ServiceHttp, type ServiceRequest } from '../service-http.ts';
import { type AuthenticationHeader, authenticationHeaders } from './authentication.ts';
import { refusalOf } from './refusal.ts';
import {
  CALLS,
  type CallName,
  ChangedConfigSchema,
  type ChangedItem,
  type CheckedConfirmation,
  CheckedConfirmationSchema,
  type ConfigId,
  type Confirmation,
  ConfirmationSchema,
  type ConfirmConfigRequest,
  type ConfirmRequest,
  type CreateConfigRequest,
  DEFAULT_PREFIX,
  type MethodConfig,
  MethodListSchema,
  pathOf,
  type RequestConfirmationRequest,
  type UpdateConfigRequest,
  type UserConfig,
  UserConfigListSchema,
  UserConfigSchema,
} from './wire.ts';

export interface TwoFactorClientOptions {
  /** Of the host project, e.g. `https://login.example.org`. With a path of its own and no `prefix`, that path is the prefix. */
  readonly baseUrl: string;
  /** Where the host project mounts 2factor. Default {@link DEFAULT_PREFIX}. */
  readonly prefix?: string | undefined;
  /** Default `Authorization: Token {token}`. */
  readonly header?: AuthenticationHeader | undefined;
  /** Secret: printable ASCII on one line. */
  readonly token: string;
  /** Milliseconds for each attempt. Default 5 000. */
  readonly timeoutMs?: number | undefined;
  /** The server is a simulator: plain `http` is accepted on any host, not on loopback alone, since nothing real is confirmed. Default false. */
  readonly simulated?: boolean | undefined;
  /** For tests. Default the system's. */
  readonly clock?: GatewayClock | undefined;
  /** For tests. Default HTTP. */
  readonly exchange?: Exchange | undefined;
  /** Jitter of repetitions, in [0, 1). Default Math.random. */
  readonly random?: (() => number) | undefined;
}

/** Of every call. */
export interface CallOptions {
  /** Whose call this is, for a header template with `{userId}`. Default nobody in particular. */
  readonly userId?: string | undefined;
  /** Breaks the call off. Default never: it ends by its own time limits. */
  readonly signal?: AbortSignal | undefined;
}

/** A config after a change. */
export interface ChangedConfig {
  readonly item: ChangedItem;
  /** Set when the change counts only once it is confirmed with `confirmConfig`. */
  readonly confirmationId: string | null;
  /** What the person needs once to finish setting up, from servers that have it. */
  readonly setUpLink: string | null;
}

/**
 * A WebCase 2factor server (PROVIDERS §3), `wcd_2factor` 0.2. Every call rejects with
 * - `TwoFactorRefusal` when the server refuses what was sent (400);
 * - `ProviderError` otherwise: PROVIDER_UNAUTHORIZED (401, 403), USER_UNKNOWN (404), PROVIDER_RATE_LIMITED (429), PROVIDER_UNAVAILABLE (5xx),
 *   PROVIDER_TIMEOUT, PROVIDER_UNREACHABLE, PROVIDER_NO_NETWORK, PROVIDER_BAD_ANSWER (anything else, redirects included: they are not followed);
 * - `RangeError`, before anything is sent, for an id that no path can carry.
 *
 * What is idempotent is repeated after a failure; what may send a code is repeated only if the server certainly never saw it. No message holds the token or a part of an answer.
 */
export class TwoFactorClient {
  readonly #http: ServiceHttp;
  /** Ends with a slash. */
  readonly #base: string;
  readonly #headersFor: (userId: string | null) => Readonly<Record<string, string>>;

  /** @throws ConfigurationError for an address, prefix or header that cannot be used */
  constructor(options: TwoFactorClientOptions) {
    const base = expectedBaseAddress(options.baseUrl, options.simulated ?? false);
    const origin = base.text.slice(0, base.text.length - base.pathAndQuery.length);
    const own = base.pathAndQuery === '/' ? '' : base.pathAndQuery;
    const prefix = options.prefix ?? (own === '' ? DEFAULT_PREFIX : '');
    this.#base = origin + `${own}/${prefix}/`.replaceAll(/\/{2,}/g, '/');
    if (!parseServiceAddress(this.#base).ok || /\?|\/\.{1,2}\//.test(this.#base)) {
      throw new ConfigurationError('prefix', `a path such as ${DEFAULT_PREFIX}`);
    }
    this.#headersFor = authenticationHeaders(options.header ?? {}, options.token, origin);
    this.#http = new ServiceHttp({
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      clock: options.clock ?? createSystemClock(),
      exchange: options.exchange,
      random: options.random,
    });
  }

  /** `GET method-config/list/active/`: methods there are to choose from. Idempotent. */
  async listActiveMethods(options: CallOptions = {}): Promise<readonly MethodConfig[]> {
    return decoded(MethodListSchema, await this.#call('listActiveMethods', options));
  }

  /** `GET user-config/own/list/`: the configs of whoever is signed in, unconfirmed ones too. Idempotent. */
  async listOwnConfigs(options: CallOptions = {}): Promise<readonly UserConfig[]> {
    return decoded(UserConfigListSchema, await this.#call('listOwnConfigs', options));
  }

  /** `POST user-config/own/create/`. Not idempotent: it may send a code. */
  async createConfig(request: CreateConfigRequest, options: CallOptions = {}): Promise<ChangedConfig> {
    return changed(await this.#call('createConfig', options, { body: request }));
  }

  /** `POST user-config/own/confirm/`: confirms a config that was created or changed. A wrong code is a `TwoFactorRefusal`. */
  async confirmConfig(request: ConfirmConfigRequest, options: CallOptions = {}): Promise<UserConfig> {
    return decoded(UserConfigSchema, await this.#call('confirmConfig', options, { body: request }));
  }

  /**
   * `PUT user-config/own/{id}/update/`. A change that matters sets the config back to `025-in_process` until it is confirmed anew. Not idempotent:
   * it may send a code.
   */
  async updateConfig(id: ConfigId, request: UpdateConfigRequest, options: CallOptions = {}): Promise<ChangedConfig> {
    return changed(await this.#call('updateConfig', options, { id, body: request }));
  }

  /** `DELETE user-config/own/{id}/destroy/`. One that is gone, or another person's, rejects with USER_UNKNOWN. */
  async deleteConfig(id: ConfigId, options: CallOptions = {}): Promise<void> {
    await this.#call('deleteConfig', options, { id });
  }

  /** `POST confirmation/request/`: asks the person. `method_config_id` or `user_config_id` must be there. Not idempotent: it may send a code. */
  async requestConfirmation(request: RequestConfirmationRequest, options: CallOptions = {}): Promise<Confirmation> {
    return decoded(ConfirmationSchema, await this.#call('requestConfirmation', options, { body: request }));
  }

  /**
   * `GET confirmation/{id}/check/`. One that nobody knows (any more) is answered with `id: null`. Idempotent, but not repeated by itself: whoever
   * polls is the repetition.
   */
  async checkConfirmation(id: string, options: CallOptions = {}): Promise<CheckedConfirmation> {
    const checked = decoded(CheckedConfirmationSchema, await this.#call('checkConfirmation', options, { id }));
    if (checked.id !== null && checked.id !== id) throw misunderstood('checkConfirmation');
    return checked;
  }

  /** `POST confirmation/confirm/`, with what the method asks for, e.g. `{ code }`. A wrong code is a `TwoFactorRefusal`. */
  async confirmConfirmation(request: ConfirmRequest, options: CallOptions = {}): Promise<Confirmation> {
    const answer = await this.#call('confirmConfirmation', options, { body: request });
    const confirmed = decoded(ConfirmationSchema, answer);
    if (confirmed.id !== request.id) throw misunderstood('confirmConfirmation');
    return confirmed;
  }

  /** Lets go of kept-alive connections. */
  close(): void {
    this.#http.close();
  }

  async #call(
    call: CallName,
    { userId, signal }: CallOptions,
    sent: { readonly id?: ConfigId; readonly body?: object } = {},
  ): Promise<Answered> {
    const { method } = CALLS[call];
    const address = parseServiceAddress(this.#base + pathOf(call, sent.id));
    if (!address.ok) throw new RangeError('the call does not form an address');
    const answer = await this.#http.send(
      {
        method,
        address: address.value,
        headers: () => this.#headersFor(userId ?? null),
        body: sent.body === undefined ? null : JSON.stringify(sent.body),
        repeat: REPEATS[call],
      },
      signal,
    );
    if (answer.status >= 200 && answer.status <= 299) return { call, json: answer.json };
    throw failureOf(call, answer);
  }
}

interface Answered {
  readonly call: CallName;
  readonly json: unknown;
}

/** A second request would send a second code, and a second confirmation would find the first one used. */
const REPEATS: Readonly<Record<CallName, ServiceRequest['repeat']>> = {
  listActiveMethods: 'any-failure',
  listOwnConfigs: 'any-failure',
  createConfig: 'undelivered-only',
  confirmConfig: 'undelivered-only',
  updateConfig: 'undelivered-only',
  deleteConfig: 'any-failure',
  requestConfirmation: 'undelivered-only',
  checkConfirmation: 'never',
  confirmConfirmation: 'undelivered-only',
};

function decoded<T>(schema: z.ZodType<T>, { call, json }: Answered): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw misunderstood(call);
}

function misunderstood(call: CallName): ProviderError {
  return new ProviderError('PROVIDER_BAD_ANSWER', `The answer to "${call}" was not understood.`);
}

function changed(answer: Answered): ChangedConfig {
  const { item, comfirmation_id, confirmation_id, set_up_link } = decoded(ChangedConfigSchema, answer);
  return { item, confirmationId: comfirmation_id ?? confirmation_id ?? null, setUpLink: set_up_link ?? null };
}

function failureOf(call: CallName, answer: ServiceAnswer): Error {
  const refusal = answer.status === 400 ? refusalOf(call, answer.json) : null;
  return refusal ?? errorOfStatus(answer, call, 'USER_UNKNOWN');
}
