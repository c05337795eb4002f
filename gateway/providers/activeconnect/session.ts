import type { SessionStatus } from '../../../protocol/frames.ts';
import { err, ok, type Result } from '../../../protocol/result.ts';
import { seal, unseal } from '../../sealing.ts';
import { errorOfStatus } from '../error-of-status.ts';
import { ProviderError } from '../provider.ts';
import { readableWord } from '../readable-word.ts';
import { expectedSessionAddress, type ServiceAddress } from '../service-address.ts';
import {
  canonicalStatus,
  decodeAnswer,
  ManagementAnswerSchema,
  StatusAnswerSchema,
  type StoredSession,
  StoredSessionSchema,
} from './answers.ts';
import type { SessionService } from './service.ts';

export interface SessionReading {
  readonly status: SessionStatus;
  /** Why it failed, or the service's own word where it is not a canonical one. */
  readonly reason?: string;
}

/** Purpose binding of a sealed session: nothing else sealed with the same key opens as one. */
const SEALED_PURPOSE = 'presence-locker activeconnect session 1';

/** A session at the service. Holds the session's secret: only `toJSON` and `seal` let it out, and a plain `toJSON` must not be stored. */
export class Session {
  readonly #service: SessionService;
  readonly #stored: StoredSession;
  readonly #statusAddress: ServiceAddress;
  readonly #logoutAddress: ServiceAddress;
  #reading: SessionReading;

  private constructor(
    service: SessionService,
    stored: StoredSession,
    statusAddress: ServiceAddress,
    logoutAddress: ServiceAddress,
  ) {
    this.#service = service;
    this.#stored = stored;
    this.#statusAddress = statusAddress;
    this.#logoutAddress = logoutAddress;
    // A stored `active` was true when it was stored; `authenticated` is not part of the vendor's shape.
    const reading = canonicalStatus(stored.session_status, true);
    const said = readableWord(stored.failure_reason);
    this.#reading = reading.reason === undefined && said !== '' ? { ...reading, reason: said } : reading;
  }

  /**
   * From the vendor's JSON shape, decoded or as text.
   * @throws ProviderError PROVIDER_BAD_ANSWER when it has another shape or its URLs lead elsewhere than to the service
   */
  static fromJSON(claimed: unknown, service: SessionService): Session {
    const parsed = StoredSessionSchema.safeParse(typeof claimed === 'string' ? jsonOf(claimed) : claimed);
    if (!parsed.success) throw new ProviderError('PROVIDER_BAD_ANSWER', 'This is not a stored session.');
    const status = expectedSessionAddress(parsed.data.status_url, service.expectedOrigins);
    const logout = expectedSessionAddress(parsed.data.logout_url, service.expectedOrigins);
    if (!status.ok || !logout.ok) {
      throw new ProviderError('PROVIDER_BAD_ANSWER', 'The session names an address that is not the service.');
    }
    return new Session(service, parsed.data, status.value, logout.value);
  }

  /** The vendor's JSON shape. Secret: to store it, use `seal`. */
  toJSON(): StoredSession {
    return {
      ...this.#stored,
      session_status: this.#reading.status,
      failure_reason: this.failed() ? (this.#reading.reason ?? null) : null,
    };
  }

  /** AES-256-GCM over the JSON, for keeping it at rest. `key`: 32 bytes. @throws RangeError for a key of another length */
  seal(key: Uint8Array): Buffer {
    return seal(JSON.stringify(this), key, SEALED_PURPOSE);
  }

  /**
   * What `seal` made. `torn`: too short to be a sealed session; `not-authentic`: another key, or changed by somebody.
   * @throws ProviderError when the content is sealed and authentic but not usable here; RangeError for a key of another length
   */
  static unseal(
    sealed: Uint8Array,
    key: Uint8Array,
    service: SessionService,
  ): Result<Session, 'torn' | 'not-authentic'> {
    const opened = unseal(sealed, key, SEALED_PURPOSE);
    return opened.ok ? ok(Session.fromJSON(opened.value, service)) : err(opened.error);
  }

  /**
   * Asks the service; one request, never repeated here: whoever polls is the retry.
   * A 404 (the service forgot the session) is `closed`, a 401 (it does not accept the session's credentials) is `failed`: both are answers, and
   * neither may leave a session open.
   * @throws ProviderError when nothing can be said
   */
  async getStatus(signal?: AbortSignal): Promise<SessionReading> {
    const answer = await this.#call('GET', this.#statusAddress, null, signal);
    if (answer.status === 200 || answer.status === 202) {
      const fields = decodeAnswer(StatusAnswerSchema, answer, 'session status');
      const reading = canonicalStatus(fields.session_status, fields.authenticated);
      const said = readableWord(fields.reason);
      this.#reading = reading.reason === undefined && said !== '' ? { ...reading, reason: said } : reading;
    } else if (answer.status === 404) {
      this.#reading = { status: 'closed', reason: 'SESSION_UNKNOWN' };
    } else if (answer.status === 401 || answer.status === 403) {
      this.#reading = { status: 'failed', reason: 'PROVIDER_UNAUTHORIZED' };
    } else {
      throw errorOfStatus(answer, 'session status', 'PROVIDER_BAD_ANSWER');
    }
    return this.#reading;
  }

  /** Ends the session at the service. One that is gone (404) is ended. Idempotent. @throws ProviderError */
  async destroy(signal?: AbortSignal): Promise<void> {
    const answer = await this.#call('POST', this.#logoutAddress, '', signal);
    if (answer.status !== 404) {
      if (answer.status < 200 || answer.status > 299)
        throw errorOfStatus(answer, 'session logout', 'PROVIDER_BAD_ANSWER');
      const fields = decodeAnswer(ManagementAnswerSchema, answer, 'session logout');
      if (!fields.status) throw new ProviderError('PROVIDER_UNAVAILABLE', 'The service did not end the session.');
    }
    this.#reading = { status: 'closed' };
  }

  /** The last answer; before `getStatus`, that of the start or of when it was stored. */
  get reading(): SessionReading {
    return this.#reading;
  }

  /** The phone has not answered yet. */
  inProgress(): boolean {
    return this.#reading.status === 'pending' || this.#reading.status === 'identifying';
  }

  active(): boolean {
    return this.#reading.status === 'active';
  }

  /** Over without an approval. */
  failed(): boolean {
    const { status } = this.#reading;
    return status === 'failed' || status === 'cancelled' || status === 'timeout';
  }

  #call(method: 'GET' | 'POST', address: ServiceAddress, body: string | null, signal: AbortSignal | undefined) {
    // The vendor's client sends the JSON content type with an empty body on both session calls; a GET without it is as good.
    const credentials = { clientId: this.#stored.session_token, secret: this.#stored.session_secret };
    return this.#service.http.send({ method, address, credentials, body, repeat: 'never' }, signal);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is not a stored session; the parser's message would quote the secret.
    return undefined;
  }
}
