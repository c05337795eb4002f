import type { MethodSettings, MethodsOfPerson } from '../../protocol/confirmation-methods.ts';
import type { ErrorCode } from '../../protocol/error-codes.ts';
import type {
  Capabilities,
  KnownContact,
  LINK_OPENED,
  Prompt,
  SessionStatus,
  StartReason,
  WorkstationDescription,
} from '../../protocol/frames.ts';
import type { AuditLog } from '../audit-log.ts';

/**
 * The contract between the gateway and an identity service. Every provider passes one suite (tests/gateway/provider-contract.ts)
 * against its simulator, which also writes the table in docs/providers.md. The gateway knows a provider by its capabilities, never by its name.
 */
export interface Provider {
  /** Stable key, e.g. `iampass`; used in configuration, metrics and stored sessions. */
  readonly id: string;
  readonly capabilities: Capabilities;

  /**
   * Asks the service to ask the person.
   * @throws ProviderError — in particular START_REFUSED, NO_MOBILE_DEVICE, USER_UNKNOWN; never retried by itself: a second
   *   request would make the phone buzz twice.
   */
  startSession(request: StartSessionRequest, signal: AbortSignal): Promise<StartedSession>;
  /** Asks the service how the session is. Idempotent. @throws ProviderError when nothing can be said: the lease then runs out. */
  pollSession(handle: SessionHandle, signal: AbortSignal): Promise<ProviderAnswer>;
  /**
   * Ends the session at the service. Idempotent; ending one that is gone succeeds. @throws ProviderError
   * @param reason the workstation's own word, where it ended it; lost over a restart. Only for a provider inside the gateway
   */
  endSession(handle: SessionHandle, signal: AbortSignal, reason?: string): Promise<void>;
  /**
   * Passes on something the person typed. Absent where the service never asks for that.
   * @throws ProviderError — CODE_WRONG: the session goes on and another code may be typed; the gateway counts them
   */
  answerSession?(handle: SessionHandle, data: string, signal: AbortSignal): Promise<ProviderAnswer>;

  readonly enrollment: ProviderEnrollment;
  /** The service calls us with results. */
  readonly webhook?: ProviderWebhook;
  /** Called once, before anything is asked, for a provider whose service is this gateway itself. */
  attach?(gateway: GatewayHost): void;
}

/** What a provider that lives inside the gateway may do to it. Workstations are as in `StartSessionRequest`. */
export interface GatewayHost {
  readonly audit: AuditLog;
  /** As if a webhook had delivered it. */
  serviceSaid(news: WebhookNews): void;
  /** Tells every connection of the workstation to lock. @returns false when it has none */
  lockWorkstation(workstation: HostedWorkstation, reason: string): boolean;
  /** Tells whoever watches the session that it may pause, if it is active now. @returns false when nobody was told */
  pauseSession(concerns: (handle: SessionHandle) => boolean, minutes: number): boolean;
  /** The longest pause this gateway lets anybody grant; 0: none. */
  readonly maxPauseMinutes: number;
  isConnected(workstation: HostedWorkstation): boolean;
  /** Told after a workstation came or went. */
  onConnections(listener: (workstation: HostedWorkstation) => void): void;
}

export interface HostedWorkstation {
  readonly tokenName: string;
  readonly deviceId: string;
}

/** Results that the service delivers to the gateway's HTTP side, so that nobody has to wait for the next poll. */
export interface ProviderWebhook {
  /** e.g. `/webhooks/authsignal`. Only POST. */
  readonly path: string;
  /**
   * Checks who sent it, when, and whether it was delivered before.
   * @param rawBody exactly as received: the signature is over these bytes
   * @returns null for a genuine delivery that says nothing new
   * @throws ProviderError PROVIDER_UNAUTHORIZED for a bad, missing or stale signature; PROVIDER_BAD_ANSWER for a body of another kind
   */
  receive(rawBody: string, headers: Readonly<Record<string, string | undefined>>): Promise<WebhookNews | null>;
}

export interface WebhookNews {
  /** Whether the news is about this session. */
  concerns(handle: SessionHandle): boolean;
  /** `null`: only that something happened to it; the session asks at once. */
  readonly answer: ProviderAnswer | null;
  /** How old `answer` was when the delivery arrived, by its signature: a lease granted on it is shorter by that. */
  readonly ageMs: number;
}

export interface StartSessionRequest {
  /** The same for every repetition of one request, also over restarts, and for no other: letters, digits and `-`, at most 64 characters. */
  readonly idempotencyKey: string;
  readonly userId: string;
  /** Keyed hash of the machine id, for services that keep one. */
  readonly deviceId: string;
  /** Name of the token that the workstation holds. Only for a provider inside the gateway; no service is told. */
  readonly tokenName?: string;
  /** What the workstation says about itself, for the phone to show; only with capability `showsWorkstation`. */
  readonly workstation?: WorkstationDescription;
  readonly reason: StartReason;
  /** Empty: the service chooses (preferred). */
  readonly methods: readonly string[];
  readonly durationSeconds: number;
}

/**
 * What the provider needs to go on with a session, as JSON text. It holds the session's secret at the service, so the gateway
 * keeps it in memory and writes it only sealed (gateway/store). Never logged.
 */
export interface SessionHandle {
  readonly providerId: string;
  readonly serialized: string;
}

export interface StartedSession {
  readonly handle: SessionHandle;
  readonly answer: ProviderAnswer;
}

/** What the service said. A status word it does not define is mapped to `failed` with the word in `reason`: unknown is not active. */
export interface ProviderAnswer {
  readonly status: SessionStatus;
  readonly prompt?: Prompt;
  readonly reason?: string;
}

/** All ids are the random user token made at enrollment (DESIGN §7). @throws ProviderError from every call */
export interface ProviderEnrollment {
  /** Creates the user if need be and returns the link that registers a phone, where one does (capability `link`). Idempotent. */
  begin(
    user: { readonly userId: string; readonly displayName: string },
    signal: AbortSignal,
  ): Promise<{ link?: string; registered: boolean; expiresAt?: number }>;
  /** Sends the link by SMS. Not idempotent. `phoneNumber` is E.164. Absent without capability `sms`. */
  sendSms?(
    user: { readonly userId: string; readonly displayName: string; readonly phoneNumber: string },
    signal: AbortSignal,
  ): Promise<void>;
  /** Whether a phone is ready to approve. `detail`: how far it is, where the service can tell. Idempotent. */
  check(userId: string, signal: AbortSignal): Promise<{ registered: boolean; detail?: typeof LINK_OPENED }>;
  /** Disables the phone and returns a link for a new one. Absent without capability `lostDevice`. */
  lostDevice?(userId: string, signal: AbortSignal): Promise<{ link?: string; expiresAt?: number }>;
  /** Registers a phone number or an address that somebody has verified already. Absent without capability `contact`. */
  addContact?(
    user: { readonly userId: string; readonly displayName: string; readonly contact: KnownContact },
    signal: AbortSignal,
  ): Promise<{ registered: boolean }>;
  /** Absent without capability `methods` in `enrollment`. */
  readonly methods?: ProviderMethods;
  /** Deletes the user at the service. Removing one that is gone succeeds. */
  remove(userId: string, signal: AbortSignal): Promise<void>;
}

/** The person's confirmation methods at the service (PROVIDERS §3). Every call answers with how things are then. @throws ProviderError */
export interface ProviderMethods {
  /** Idempotent. */
  list(userId: string, signal: AbortSignal): Promise<MethodsOfPerson>;
  /** Not idempotent. `toConfirm` in the answer: it counts only once confirmed. */
  create(
    userId: string,
    config: { readonly methodId: string; readonly settings: MethodSettings; readonly isDefault: boolean },
    signal: AbortSignal,
  ): Promise<MethodsOfPerson>;
  confirm(
    userId: string,
    proof: { readonly configId: string; readonly confirmationId: string; readonly data: string },
    signal: AbortSignal,
  ): Promise<MethodsOfPerson>;
  /** A change that matters sets the config back until it is confirmed anew. */
  update(
    userId: string,
    config: {
      readonly configId: string;
      /** Absent: as they are. */
      readonly settings?: MethodSettings;
      readonly isActive: boolean;
      readonly isDefault: boolean;
    },
    signal: AbortSignal,
  ): Promise<MethodsOfPerson>;
  /** Deleting one that is gone succeeds. */
  delete(userId: string, configId: string, signal: AbortSignal): Promise<MethodsOfPerson>;
}

/** Every failure of a provider. The message is safe to log and show: no secret, no body of the service's answer. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly code: Extract<
    ErrorCode,
    | 'PROVIDER_UNAUTHORIZED'
    | 'PROVIDER_RATE_LIMITED'
    | 'PROVIDER_UNAVAILABLE'
    | 'PROVIDER_UNREACHABLE'
    | 'PROVIDER_NO_NETWORK'
    | 'PROVIDER_TIMEOUT'
    | 'PROVIDER_BAD_ANSWER'
    | 'USER_UNKNOWN'
    | 'NO_MOBILE_DEVICE'
    | 'REPORTED_BY_PHONE'
    | 'START_REFUSED'
    | 'SMS_REFUSED'
    | 'CONTACT_REFUSED'
    | 'CODE_WRONG'
    | 'SETTINGS_REFUSED'
    | 'NOT_SUPPORTED'
  >;
  /** From `Retry-After`, or null. */
  readonly retryAfterMs: number | null;
  constructor(code: ProviderError['code'], message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
