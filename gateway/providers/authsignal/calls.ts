import { UserActionState, VerificationMethod } from '@authsignal/node';
import type { KnownContact } from '../../../protocol/frames.ts';
import type { AuthsignalAccount } from './account.ts';
import {
  ActionSchema,
  AuthenticatorsSchema,
  decoded,
  EnrolledSchema,
  errorOfStatus,
  type TrackAnswer,
  TrackAnswerSchema,
  UpdatedActionSchema,
  UserSchema,
} from './answers.ts';
import { callSdk } from './sdk-call.ts';

/** Names of our actions at the tenant; its rules are written for them. `[a-zA-Z0-9_-]`, at most 64 characters. */
export const UNLOCK_ACTION = 'workstation-unlock';
export const PRESENCE_ACTION = 'workstation-presence';
export const ENROLLMENT_ACTION = 'workstation-enrollment';

export interface ActionRef {
  readonly userId: string;
  readonly action: string;
  readonly idempotencyKey: string;
}

export interface TrackedFrom {
  /** Keyed hash of the machine id. */
  readonly deviceId: string;
  readonly reason: string;
}

export interface UserAtService {
  readonly isEnrolled: boolean;
  /** The service answers for everybody; one who has neither been named nor enrolled was never added (or was deleted). */
  readonly isKnown: boolean;
}

/** The calls of the service that are used, through the vendor's SDK. @throws ProviderError from every one */
export class AuthsignalCalls {
  readonly #account: AuthsignalAccount;

  constructor(account: AuthsignalAccount) {
    this.#account = account;
  }

  get simulated(): boolean {
    return this.#account.simulated;
  }

  async user(userId: string, signal: AbortSignal): Promise<UserAtService> {
    const answer = await callSdk(
      this.#account,
      'any-failure',
      (sdk) => sdk.getUser({ userId: inPath(userId) }),
      signal,
    );
    if (answer.status === 404) return { isEnrolled: false, isKnown: false };
    if (answer.status !== 200) throw errorOfStatus(answer, 'get user', 'USER_UNKNOWN');
    const { isEnrolled, displayName, username, email, phoneNumber } = decoded(UserSchema, answer, 'get user');
    const isNamed = [displayName, username, email, phoneNumber].some((value) => value != null && value !== '');
    return { isEnrolled, isKnown: isEnrolled || isNamed };
  }

  /** Called "identify" by older SDKs. */
  async updateUser(userId: string, attributes: { readonly displayName: string }, signal: AbortSignal): Promise<void> {
    const ask = { userId: inPath(userId), attributes };
    const answer = await callSdk(this.#account, 'any-failure', (sdk) => sdk.updateUser(ask), signal);
    if (answer.status !== 200) throw errorOfStatus(answer, 'update user', 'USER_UNKNOWN');
  }

  /** Deleting one that is gone succeeds. */
  async deleteUser(userId: string, signal: AbortSignal): Promise<void> {
    const ask = { userId: inPath(userId) };
    const answer = await callSdk(this.#account, 'any-failure', (sdk) => sdk.deleteUser(ask), signal);
    if (answer.status !== 404 && !isDone(answer.status)) throw errorOfStatus(answer, 'delete user', 'USER_UNKNOWN');
  }

  /** Repeated only when the connection was never made, although the idempotency key would keep a repetition from asking twice. */
  async track(ref: ActionRef, from: TrackedFrom, signal: AbortSignal): Promise<TrackAnswer> {
    const { deviceId, reason } = from;
    const custom = { workstation: deviceId, reason };
    const attributes = { idempotencyKey: ref.idempotencyKey, deviceId, custom };
    return this.#track(ref, attributes, signal);
  }

  /** An action whose link leads to the service's own pages for adding and removing authenticators. */
  async trackSettings(ref: ActionRef, signal: AbortSignal): Promise<TrackAnswer> {
    return this.#track(ref, { idempotencyKey: ref.idempotencyKey, redirectToSettings: true }, signal);
  }

  /** One request: whoever polls is the retry. @returns null when the service knows no such action (any more) */
  async action(
    ref: ActionRef,
    signal: AbortSignal,
  ): Promise<{ readonly state: string; readonly createdAt: string } | null> {
    const ask = { ...ref, userId: inPath(ref.userId) };
    const answer = await callSdk(this.#account, 'never', (sdk) => sdk.getAction(ask), signal);
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw errorOfStatus(answer, 'get action', 'PROVIDER_BAD_ANSWER');
    return decoded(ActionSchema, answer, 'get action');
  }

  /** From now on the action is not allowed, whatever the person answers. Idempotent; one that is gone succeeds. */
  async block(ref: ActionRef, signal: AbortSignal): Promise<void> {
    const ask = { ...ref, userId: inPath(ref.userId), attributes: { state: UserActionState.BLOCK } };
    const answer = await callSdk(this.#account, 'any-failure', (sdk) => sdk.updateAction(ask), signal);
    if (answer.status === 404) return;
    if (!isDone(answer.status)) throw errorOfStatus(answer, 'update action', 'PROVIDER_BAD_ANSWER');
    // Something on the way may answer 200 to everything; only the service says which state it is now.
    decoded(UpdatedActionSchema, answer, 'update action');
  }

  /** @returns ids; empty also for somebody the service does not know */
  async authenticators(userId: string, signal: AbortSignal): Promise<readonly string[]> {
    const ask = { userId: inPath(userId) };
    const answer = await callSdk(this.#account, 'any-failure', (sdk) => sdk.getAuthenticators(ask), signal);
    if (answer.status === 404) return [];
    if (answer.status !== 200) throw errorOfStatus(answer, 'get authenticators', 'USER_UNKNOWN');
    return decoded(AuthenticatorsSchema, answer, 'get authenticators').map((each) => each.userAuthenticatorId);
  }

  /** Deleting one that is gone succeeds. */
  async deleteAuthenticator(userId: string, userAuthenticatorId: string, signal: AbortSignal): Promise<void> {
    const ask = { userId: inPath(userId), userAuthenticatorId: inPath(userAuthenticatorId) };
    const answer = await callSdk(this.#account, 'any-failure', (sdk) => sdk.deleteAuthenticator(ask), signal);
    if (answer.status !== 404 && !isDone(answer.status)) {
      throw errorOfStatus(answer, 'delete authenticator', 'PROVIDER_BAD_ANSWER');
    }
  }

  /** Not idempotent. The code for an approval goes to this number or address from now on. CONTACT_REFUSED when the service does not take it. */
  async enrollVerifiedAuthenticator(userId: string, contact: KnownContact, signal: AbortSignal): Promise<void> {
    const attributes =
      contact.kind === 'phone'
        ? { verificationMethod: VerificationMethod.SMS, phoneNumber: contact.phoneNumber }
        : { verificationMethod: VerificationMethod.EMAIL_OTP, email: contact.email };
    const ask = { userId: inPath(userId), attributes };
    const enroll = 'enroll verified authenticator';
    const answer = await callSdk(
      this.#account,
      'undelivered-only',
      (sdk) => sdk.enrollVerifiedAuthenticator(ask),
      signal,
    );
    if (!isDone(answer.status)) throw errorOfStatus(answer, enroll, 'CONTACT_REFUSED');
    decoded(EnrolledSchema, answer, enroll);
  }

  async #track(
    ref: ActionRef,
    attributes: Parameters<typeof trackRequest>[1],
    signal: AbortSignal,
  ): Promise<TrackAnswer> {
    const ask = trackRequest(ref, attributes);
    const answer = await callSdk(this.#account, 'undelivered-only', (sdk) => sdk.track(ask), signal);
    if (answer.status === 404) throw errorOfStatus(answer, 'track', 'USER_UNKNOWN');
    if (answer.status !== 200) throw errorOfStatus(answer, 'track', 'START_REFUSED');
    const tracked = decoded(TrackAnswerSchema, answer, 'track');
    // With a key of its own making the service would ask again at every repetition, and polls would miss this action.
    if (tracked.idempotencyKey === ref.idempotencyKey) return tracked;
    throw errorOfStatus({ ...answer, status: 0 }, 'track', 'PROVIDER_BAD_ANSWER');
  }
}

function trackRequest(
  ref: ActionRef,
  attributes: {
    readonly idempotencyKey: string;
    readonly deviceId?: string;
    readonly redirectToSettings?: boolean;
    readonly custom?: Record<string, string>;
  },
) {
  return { userId: inPath(ref.userId), action: ref.action, attributes };
}

/** The SDK puts ids into paths as they are. */
function inPath(id: string): string {
  return encodeURIComponent(id);
}

function isDone(status: number): boolean {
  return status >= 200 && status <= 299;
}
