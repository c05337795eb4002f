import { LINK_OPENED } from '../../protocol/frames.ts';
import type { EnrollmentDependencies } from './enrollment-ports.ts';
import { type EnrollmentProblem, problemOf, problemOfFailure } from './problems.ts';

export const CHECK_INTERVAL_MS = 2_000;
/** A link shown longer than this was forgotten on the screen; asking the service for ever would be a nuisance. */
export const REGISTRATION_LIMIT_MS = 15 * 60_000;
/** Checks that must fail in a row before the person is told: one lost answer is no news. */
export const FAILED_CHECKS_TO_TELL = 3;

export interface RegistrationListener {
  /** A phone has opened the link, or let it go again. Told on every good answer. */
  onOpened(opened: boolean): void;
  onRegistered(): void;
  /** `null`: what was reported before is over. */
  onProblem(problem: EnrollmentProblem | null): void;
}

/**
 * Asks the service every two seconds whether a phone was added, until it was, the link expired, or nobody seems to want to.
 * @param expiresAt monotonic ms at which the link stops working, or null when the service does not say.
 * @returns a function that stops asking.
 */
export function watchRegistration(
  { link, timers, clock }: Pick<EnrollmentDependencies, 'link' | 'timers' | 'clock'>,
  userId: string,
  expiresAt: number | null,
  listener: RegistrationListener,
): () => void {
  const givesUpAt = clock.monotonicNow() + REGISTRATION_LIMIT_MS;
  let stopped = false;
  let failures = 0;
  let cancelNext: (() => void) | null = null;

  async function check(): Promise<void> {
    const answer = await link.enroll({ type: 'enroll.check', userId });
    if (stopped) return;
    if (answer.ok && answer.value.registered) {
      stopped = true;
      listener.onProblem(null);
      listener.onRegistered();
      return;
    }
    const now = clock.monotonicNow();
    if (expiresAt !== null && now >= expiresAt) {
      listener.onProblem(problemOf('link-expired'));
      return;
    }
    if (now >= givesUpAt) {
      listener.onProblem(problemOf('phone-never-registered'));
      return;
    }
    if (answer.ok) {
      listener.onOpened(answer.value.detail === LINK_OPENED);
      if (failures >= FAILED_CHECKS_TO_TELL) listener.onProblem(null);
      failures = 0;
    } else {
      failures += 1;
      if (failures >= FAILED_CHECKS_TO_TELL) listener.onProblem(problemOfFailure(answer.error));
    }
    cancelNext = timers.after(CHECK_INTERVAL_MS, () => void check());
  }

  cancelNext = timers.after(CHECK_INTERVAL_MS, () => void check());
  return () => {
    stopped = true;
    cancelNext?.();
  };
}
