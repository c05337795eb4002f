import { createHash, randomBytes } from 'node:crypto';
import type { StartReason } from '../../../protocol/frames.ts';
import type { GatewayClock } from '../../clock.ts';
import { CHALLENGE_BYTES, CHALLENGE_MS, MAX_OPEN_CHALLENGES } from './limits.ts';
import type { AskingWorkstation } from './session-book.ts';

export const randomChallenge = (): string => randomBytes(CHALLENGE_BYTES).toString('base64url');

/** What a person consents to by using the passkey. */
export interface ApprovalTerms {
  readonly userId: string;
  readonly workstation: AskingWorkstation;
  readonly sessionId: string;
  readonly reason: StartReason;
  /** The number that was picked on the phone, as displayed on the workstation if it is right. */
  readonly number: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/**
 * A challenge that is its terms: the hash of them and of 256 random bits, so that it cannot be foreseen, and a signature over it is one for
 * this person, workstation, session, reason, number and time, and for no other.
 */
export function challengeOf(terms: ApprovalTerms): string {
  const { userId, workstation, sessionId, reason, number, expiresAt } = terms;
  const { tokenName, deviceId } = workstation;
  return boundTo(['presence-locker approval 1', userId, tokenName, deviceId, sessionId, reason, number, expiresAt]);
}

/** What a person consents to by using the passkey for a pause. */
export interface PauseTerms {
  readonly userId: string;
  readonly workstation: AskingWorkstation;
  /** The active session the pause takes the place of. */
  readonly sessionId: string;
  readonly minutes: number;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** The same for a pause. The first word keeps the two apart: no approval is a pause, and no pause an approval. */
export function pauseChallengeOf({ userId, workstation, sessionId, minutes, expiresAt }: PauseTerms): string {
  const { tokenName, deviceId } = workstation;
  return boundTo(['presence-locker pause 1', userId, tokenName, deviceId, sessionId, minutes, expiresAt]);
}

function boundTo(terms: readonly (string | number)[]): string {
  const unforeseeable = randomBytes(CHALLENGE_BYTES).toString('base64url');
  return createHash('sha256')
    .update(JSON.stringify([...terms, unforeseeable]), 'utf8')
    .digest('base64url');
}

/** Challenges of enrollments and sign-ins: each is answered once, in time, or not at all. */
export class OpenChallenges {
  readonly #clock: GatewayClock;
  readonly #open = new Map<string, { readonly challenge: string; readonly until: number }>();

  constructor(clock: GatewayClock) {
    this.#clock = clock;
  }

  /** In place of an earlier one under the same key. */
  make(key: string): string {
    this.#open.delete(key);
    const oldest = this.#open.keys().next();
    if (this.#open.size >= MAX_OPEN_CHALLENGES && oldest.done !== true) this.#open.delete(oldest.value);
    const challenge = randomChallenge();
    this.#open.set(key, { challenge, until: this.#clock.elapsedMs() + CHALLENGE_MS });
    return challenge;
  }

  /** Asked for, and neither answered nor too old yet. */
  isOpen(key: string): boolean {
    const found = this.#open.get(key);
    return found !== undefined && this.#clock.elapsedMs() <= found.until;
  }

  /** Takes it out: whatever comes of it, it is not asked again. `null`: none, or too late. */
  take(key: string): string | null {
    const found = this.#open.get(key);
    this.#open.delete(key);
    return found === undefined || this.#clock.elapsedMs() > found.until ? null : found.challenge;
  }
}
