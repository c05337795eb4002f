import {
  type Provider,
  type ProviderAnswer,
  ProviderError,
  type StartedSession,
  type StartSessionRequest,
} from '../provider.ts';
import { type AuthsignalOptions, DEFAULT_PRESENCE_INTERVAL_MS, openAccount } from './account.ts';
import { promptOf, unlockReading } from './answers.ts';
import { type ActionRef, AuthsignalCalls, UNLOCK_ACTION } from './calls.ts';
import { enrollmentAt } from './enrollment.ts';
import { answerOfRefusal, Presence } from './presence.ts';
import { handleOf, PROVIDER_ID, type StoredSession, sessionOf } from './session-handle.ts';
import { createWebhook } from './webhook.ts';

/** An action older than this, approved already when we ask, is not the answer to our question: the gateway forgets a start after ten minutes. */
const MAX_AGE_OF_RETRIED_START_MS = 600_000;

/** PROVIDERS §2. @throws ConfigurationError */
export function createAuthsignalProvider(options: AuthsignalOptions): Provider & { close(): void } {
  const account = openAccount(options);
  const { clock } = options;
  const calls = new AuthsignalCalls(account);
  const presence = new Presence(calls, clock, options.presenceIntervalMs ?? DEFAULT_PRESENCE_INTERVAL_MS);
  const webhooks = options.webhooks ?? false;

  async function startSession(request: StartSessionRequest, signal: AbortSignal): Promise<StartedSession> {
    const { userId, deviceId, reason, idempotencyKey } = request;
    // First, because tracking somebody who has no authenticator makes a link with which whoever stands there could enroll their own.
    const user = await calls.user(userId, signal);
    if (!user.isKnown) throw new ProviderError('USER_UNKNOWN', 'The service does not know this person.');
    if (!user.isEnrolled) throw noAuthenticator();
    const action = { userId, action: UNLOCK_ACTION, idempotencyKey };
    const tracked = await calls.track(action, { deviceId, reason }, signal);
    if (!tracked.isEnrolled) {
      await calls.block(action, signal);
      throw noAuthenticator();
    }
    const reading = unlockReading(tracked.state);
    if (reading.status === 'active') await refuseOldApproval(action, signal);
    const prompt = promptOf(tracked, account.simulated);
    const session: StoredSession = { v: 1, userId, deviceId, reason, idempotencyKey, prompt: prompt ?? null };
    presence.expectApproval(session);
    if (reading.status === 'active') presence.noteApproved(session);
    return { handle: handleOf(session), answer: prompt === undefined ? reading : { ...reading, prompt } };
  }

  /** An answer given to an earlier question under the same key must not open anything now (S6). */
  async function refuseOldApproval(action: ActionRef, signal: AbortSignal): Promise<void> {
    const known = await calls.action(action, signal);
    const ageMs = clock.wallMs() - Date.parse(known?.createdAt ?? '');
    // NaN, for a time that cannot be read, is refused too.
    if (ageMs <= MAX_AGE_OF_RETRIED_START_MS) return;
    throw new ProviderError('START_REFUSED', 'The service answered with an approval of an earlier request.');
  }

  async function poll(session: StoredSession, signal: AbortSignal): Promise<ProviderAnswer> {
    if (presence.isApproved(session)) return presence.ask(session, signal);
    const { userId, idempotencyKey, prompt } = session;
    const action = await calls.action({ userId, action: UNLOCK_ACTION, idempotencyKey }, signal);
    const reading = action === null ? GONE : unlockReading(action.state);
    switch (reading.status) {
      case 'active':
        presence.noteApproved(session);
        return presence.isDue(session) ? presence.ask(session, signal) : reading;
      case 'pending':
        presence.expectApproval(session);
        return action?.state === 'CHALLENGE_REQUIRED' && prompt !== null ? { ...reading, prompt } : reading;
      default:
        presence.forget(session);
        return reading;
    }
  }

  return {
    id: PROVIDER_ID,
    capabilities: {
      title: 'Authsignal',
      proximity: false,
      push: webhooks,
      prompts: ['phone', 'link'],
      enrollment: ['link', 'contact'],
      lostDevice: true,
      durations: false,
      methods: [],
      simulated: options.simulated,
    },
    startSession,
    async pollSession(handle, signal) {
      return poll(sessionOf(handle), signal).catch(answerOfRefusal);
    },
    /** There is no session at the service to end: its action is blocked, so that neither a late answer nor a stored handle opens anything. */
    async endSession(handle, signal) {
      const session = sessionOf(handle);
      const { userId, idempotencyKey } = session;
      const open = presence.openChallenge(session);
      await calls.block({ userId, action: UNLOCK_ACTION, idempotencyKey }, signal);
      if (open !== null) await calls.block(open, signal);
      presence.forget(session);
    },
    enrollment: enrollmentAt(calls),
    ...(webhooks ? { webhook: createWebhook(account.secret, clock) } : {}),
    close: () => account.http.close(),
  };
}

/** The service has forgotten the action: an answer, not silence (docs/protocol.md). */
const GONE: ProviderAnswer = { status: 'closed', reason: 'SESSION_UNKNOWN' };

const noAuthenticator = (): ProviderError =>
  new ProviderError('NO_MOBILE_DEVICE', 'The person has nothing registered to approve with.');
