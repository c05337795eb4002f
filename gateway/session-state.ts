import type { Prompt, SessionStatus } from '../protocol/frames.ts';
import { CodeTries } from './code-tries.ts';
import { remainingLeaseMs } from './lease.ts';
import { isTerminal } from './poll-schedule.ts';
import type { ProviderAnswer } from './providers/provider.ts';
import { speakable } from './session-frames.ts';

/** What is known of one session: the last word of its service, and how old it is. Tells nobody and plans nothing. A terminal status is final. */
export class SessionState {
  readonly tries = new CodeTries();
  #status: SessionStatus;
  #reason: string | undefined;
  #prompt: Prompt | undefined;
  #lastGoodAnswerAt: number | null = null;
  #heard = false;

  constructor(status: SessionStatus) {
    this.#status = status;
  }

  get status(): SessionStatus {
    return this.#status;
  }

  /** Why it is over, or why nothing newer is known. */
  get reason(): string | undefined {
    return this.#reason;
  }

  get prompt(): Prompt | undefined {
    return this.#prompt;
  }

  get over(): boolean {
    return isTerminal(this.#status);
  }

  /** Whether the service, or its silence, has been heard since this process knows the session. */
  get heard(): boolean {
    return this.#heard;
  }

  /** 0 for every status but `active`. */
  remainingLeaseMs(leaseMs: number, nowMs: number): number {
    return remainingLeaseMs({ status: this.#status, lastGoodAnswerAt: this.#lastGoodAnswerAt }, leaseMs, nowMs);
  }

  /**
   * @param sentAt elapsed ms at which the question was sent
   * @returns `old`, and nothing has changed: the session is over, or the question is older than that of the last answer taken (S6).
   *   `same`: only its age is new.
   */
  accept(answer: ProviderAnswer, sentAt: number): 'old' | 'same' | 'new' {
    if (this.over || (this.#lastGoodAnswerAt !== null && sentAt < this.#lastGoodAnswerAt)) return 'old';
    const before = { heard: this.#heard, status: this.#status, reason: this.#reason, prompt: this.#prompt };
    this.#lastGoodAnswerAt = sentAt;
    this.#heard = true;
    this.#status = answer.status;
    this.#reason = speakable(answer.reason);
    this.#prompt = this.over ? undefined : this.tries.shownOn(answer.prompt);
    const same =
      before.heard &&
      before.status === this.#status &&
      before.reason === this.#reason &&
      JSON.stringify(before.prompt) === JSON.stringify(this.#prompt);
    return same ? 'same' : 'new';
  }

  /** The lease is left to run out. */
  noteFailure(code: string): void {
    this.#heard = true;
    this.#reason = code;
  }

  /** @returns false where no further try is left */
  noteWrongCode(): boolean {
    const mayTryAgain = this.tries.noteWrong();
    if (mayTryAgain) this.#prompt = this.tries.shownOn(this.#prompt);
    return mayTryAgain;
  }

  /** @param status a terminal one */
  close(status: SessionStatus, reason: string | undefined): void {
    this.#status = status;
    this.#reason = speakable(reason);
    this.#prompt = undefined;
  }
}
