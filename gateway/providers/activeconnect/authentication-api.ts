import { errorOfStatus } from '../error-of-status.ts';
import { ProviderError } from '../provider.ts';
import { readableWord } from '../readable-word.ts';
import { canonicalStatus, decodeAnswer, StartAnswerSchema, StartedSessionSchema } from './answers.ts';
import { quotePlus } from './form-encoding.ts';
import { userPathSegment } from './management-api.ts';
import { callAddress, type Service } from './service.ts';
import { Session } from './session.ts';

export interface AuthenticateUserOptions {
  /** `acceptance`, `device`, `facial`. Default none: the service chooses (preferred). */
  readonly methods?: readonly string[] | undefined;
  /** The longest the session is valid. Default: the service's (3600). */
  readonly durationSeconds?: number | undefined;
}

/** The reason word the service uses when the user has no phone (PROVIDERS §1). */
const NO_MOBILE_DEVICE = 'NO_MOBILE_DEVICE';

/** `<base>/authentication/…` of PROVIDERS §1. */
export class AuthenticationAPI {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  /**
   * Asks the phone. Repeated only if the connection was never made: a second request would make the phone buzz twice.
   * @throws ProviderError — NO_MOBILE_DEVICE, START_REFUSED when the service says it did not start; PROVIDER_BAD_ANSWER also when
   *   the session's addresses lead elsewhere than to the service
   */
  async authenticateUser(
    userId: string,
    options: AuthenticateUserOptions = {},
    signal?: AbortSignal,
  ): Promise<Session> {
    const { methods = [], durationSeconds } = options;
    const query = [
      ...(methods.length === 0 ? [] : [`methods=${methods.map(quotePlus).join(',')}`]),
      ...(durationSeconds === undefined ? [] : [`duration_seconds=${durationSeconds}`]),
    ].join('&');
    const path = `authentication/authenticate_user/${quotePlus(this.#service.appId)}/${userPathSegment(userId)}`;
    const answer = await this.#service.http.send(
      {
        method: 'POST',
        address: callAddress(this.#service, query === '' ? path : `${path}?${query}`),
        credentials: this.#service.credentials,
        body: '{}',
        repeat: 'undelivered-only',
      },
      signal,
    );
    if (answer.status < 200 || answer.status > 299) throw errorOfStatus(answer, 'authenticate user', 'USER_UNKNOWN');
    const start = decodeAnswer(StartAnswerSchema, answer, 'authenticate user');
    if (!start.authenticated) throw notStarted(start.reason);
    const fields = decodeAnswer(StartedSessionSchema, answer, 'authenticate user');
    const reading = canonicalStatus(start.session_status ?? 'pending', true);
    return Session.fromJSON(
      { ...fields, session_status: reading.status, failure_reason: reading.reason ?? null },
      this.#service,
    );
  }
}

function notStarted(claimedReason: string | null | undefined): ProviderError {
  const reason = readableWord(claimedReason);
  if (reason === NO_MOBILE_DEVICE) return new ProviderError('NO_MOBILE_DEVICE', 'The user has no registered phone.');
  return new ProviderError(
    'START_REFUSED',
    reason === '' ? 'The service did not start the approval.' : `The service did not start the approval (${reason}).`,
  );
}
