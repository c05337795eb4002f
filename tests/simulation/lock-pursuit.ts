import { LADDER_REST_MS } from '../../main/core/moves.ts';
import { ROUNDING_MS } from './promises.ts';

/** S3: something is done about an unseen lock at every interval, and the alarm is raised when the ladder is exhausted. */
export class LockPursuit {
  readonly #lockConfirmMs: number;
  readonly #rungs: number;
  #since = 0;
  #lastActAt = 0;
  #alarmed = false;
  #on = false;

  constructor(lockConfirmMs: number, rungs: number) {
    this.#lockConfirmMs = lockConfirmMs;
    this.#rungs = rungs;
  }

  get on(): boolean {
    return this.#on;
  }

  /** A lock was requested, of whichever rung. */
  requested(now: number): void {
    if (!this.#on) this.#begin(now);
    this.#lastActAt = now;
  }

  alarmed(now: number): void {
    this.#alarmed = true;
    this.#lastActAt = now;
  }

  /** The ladder is climbed anew after waking. */
  wokeUp(now: number): void {
    if (this.#on) this.#begin(now);
  }

  over(): void {
    this.#on = false;
  }

  /** @param notBefore nothing could be done before: the machine slept. @returns what was left undone, or null. */
  neglected(now: number, notBefore: number): string | null {
    if (!this.#on) return null;
    const longestPauseMs = Math.max(this.#lockConfirmMs, LADDER_REST_MS) + ROUNDING_MS;
    if (now - Math.max(this.#lastActAt, notBefore) > longestPauseMs) return 'a lock is no longer pursued';
    const climbedBy = Math.max(this.#since, notBefore) + this.#rungs * (this.#lockConfirmMs + ROUNDING_MS);
    return !this.#alarmed && now > climbedBy ? 'no alarm although no rung was seen to lock' : null;
  }

  #begin(now: number): void {
    this.#on = true;
    this.#since = now;
    this.#lastActAt = now;
    this.#alarmed = false;
  }
}
