import { randomUUID } from 'node:crypto';
import { type ProviderEnrollment, ProviderError } from '../provider.ts';
import { usableLink } from './answers.ts';
import { type AuthsignalCalls, ENROLLMENT_ACTION } from './calls.ts';

/** Enrollment through the service's own pages, or with a number or address that somebody has verified already. */
export function enrollmentAt(calls: AuthsignalCalls): ProviderEnrollment {
  /** The service's pages for adding and removing authenticators; whoever has one already answers a challenge there first. */
  async function selfServiceLink(userId: string, signal: AbortSignal): Promise<string> {
    // A link asks nobody for anything, so every one may be a new action.
    const action = { userId, action: ENROLLMENT_ACTION, idempotencyKey: randomUUID() };
    const tracked = await calls.trackSettings(action, signal);
    if (tracked.state === 'BLOCK') {
      throw new ProviderError('START_REFUSED', 'The rules of the service block enrollment for this person.');
    }
    return usableLink(tracked, calls.simulated);
  }

  /** The only thing about the person that is sent: the name shown on the service's pages. */
  async function identify(user: { readonly userId: string; readonly displayName: string }, signal: AbortSignal) {
    if (user.displayName === '') return;
    await calls.updateUser(user.userId, { displayName: user.displayName }, signal);
  }

  return {
    async begin(user, signal) {
      await identify(user, signal);
      const link = await selfServiceLink(user.userId, signal);
      const { isEnrolled } = await calls.user(user.userId, signal);
      return { link, registered: isEnrolled };
    },
    async check(userId, signal) {
      const { isEnrolled } = await calls.user(userId, signal);
      return { registered: isEnrolled };
    },
    async lostDevice(userId, signal) {
      // The service does not say which authenticator lives on the lost phone: all are removed, or a finder could still approve.
      for (const id of await calls.authenticators(userId, signal)) await calls.deleteAuthenticator(userId, id, signal);
      return { link: await selfServiceLink(userId, signal) };
    },
    async addContact({ userId, displayName, contact }, signal) {
      await identify({ userId, displayName }, signal);
      await calls.enrollVerifiedAuthenticator(userId, contact, signal);
      const { isEnrolled } = await calls.user(userId, signal);
      return { registered: isEnrolled };
    },
    async remove(userId, signal) {
      await calls.deleteUser(userId, signal);
    },
  };
}
