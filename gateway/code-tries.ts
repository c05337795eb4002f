import type { Prompt } from '../protocol/frames.ts';
import { MAX_WRONG_CODES } from './limits.ts';

/**
 * The codes typed for one session: one at a time, and only so many wrong ones. Kept in memory: a restart of the gateway gives new tries, which
 * the limits on starts bound.
 */
export class CodeTries {
  #wrong = 0;
  #underWay = false;
  #finishedAt = Number.NEGATIVE_INFINITY;

  /** @returns false while another code is being checked: many at once must not be more tries than one after the other */
  begin(): boolean {
    if (this.#underWay) return false;
    this.#underWay = true;
    return true;
  }

  /** @param now elapsed ms */
  finish(now: number): void {
    this.#underWay = false;
    this.#finishedAt = now;
  }

  /** Whether a question sent at `sentAt` may have been answered before the code was: its answer is old news then (S6). */
  overtook(sentAt: number): boolean {
    return sentAt < this.#finishedAt;
  }

  /** @returns whether another one may be typed */
  noteWrong(): boolean {
    this.#wrong += 1;
    return this.#wrong < MAX_WRONG_CODES;
  }

  /** Once a code was wrong, the prompt says how many tries are left. */
  shownOn(prompt: Prompt | undefined): Prompt | undefined {
    if (prompt?.kind !== 'code' || this.#wrong === 0) return prompt;
    return { ...prompt, triesLeft: MAX_WRONG_CODES - this.#wrong };
  }
}
