import type { ErrorCode } from '../protocol/error-codes.ts';
import type { Result } from '../protocol/result.ts';
import type { GatewayClock } from './clock.ts';
import { REMEMBER_START_MS } from './limits.ts';
import type { GatewaySession } from './session.ts';

export interface StartAttempt {
  readonly userId: string;
  readonly outcome: Promise<Result<GatewaySession, ErrorCode>>;
}

interface KnownAttempt extends StartAttempt {
  /** Elapsed time after which a failed start may be tried anew under the same id; `null` while it is under way. */
  forgetAt: number | null;
}

/**
 * Starts under way, and those that failed after the phone may have been asked: their repetition gets the same outcome, and the phone is not
 * asked twice. One that succeeded is found through its session.
 */
export class StartAttempts {
  readonly #clock: GatewayClock;
  readonly #attempts = new Map<string, KnownAttempt>();

  constructor(clock: GatewayClock) {
    this.#clock = clock;
  }

  /** @param key of the workstation and its request */
  find(key: string): StartAttempt | null {
    const now = this.#clock.elapsedMs();
    for (const [old, { forgetAt }] of this.#attempts) {
      if (forgetAt !== null && forgetAt <= now) this.#attempts.delete(old);
    }
    return this.#attempts.get(key) ?? null;
  }

  /** @param outcome must not reject: every failure is a Result */
  note(key: string, userId: string, outcome: StartAttempt['outcome']): void {
    const attempt: KnownAttempt = { userId, forgetAt: null, outcome };
    this.#attempts.set(key, attempt);
    void outcome.then((result) => {
      if (!result.ok && phoneMayHaveBeenAsked(result.error)) {
        attempt.forgetAt = this.#clock.elapsedMs() + REMEMBER_START_MS;
      } else this.#attempts.delete(key);
    });
  }
}

/** After these, a repetition of the same request gets the same answer instead of asking the phone again; the others say that nobody was asked. */
function phoneMayHaveBeenAsked(code: ErrorCode): boolean {
  return (
    code === 'PROVIDER_TIMEOUT' ||
    code === 'PROVIDER_UNAVAILABLE' ||
    code === 'PROVIDER_BAD_ANSWER' ||
    code === 'INTERNAL'
  );
}
