import type { Result } from '../protocol/result.ts';
import type { CancelTask, GatewayClock } from './clock.ts';
import { MIN_HASTENED_POLL_INTERVAL_MS } from './limits.ts';
import { pollRetryDelayMs } from './poll-schedule.ts';
import type { ProviderAnswer } from './providers/provider.ts';
import type { UpstreamFailure, UpstreamSuccess } from './upstream.ts';

/** Rhythms jitter by milliseconds; a plan that is only so much off is kept, and the timer with it. */
const PLAN_TOLERANCE_MS = 50;

/** What is asked about. The same functions for every session, told which: a gateway holds ten thousand. */
export interface Questions<Session> {
  /** Asks the service once; never rejects. */
  readonly ask: (session: Session) => Promise<Result<UpstreamSuccess<ProviderAnswer>, UpstreamFailure>>;
  /** Current time between two questions, without failures. */
  readonly intervalMs: (session: Session) => number;
  /** Called just before a question; `false` calls it off. */
  readonly mayAsk: (session: Session) => boolean;
  readonly onAnswer: (session: Session, answer: ProviderAnswer, sentAt: number) => void;
  readonly onFailure: (session: Session, failure: UpstreamFailure) => void;
}

export interface PollerPorts {
  readonly clock: GatewayClock;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
}

/** The one poll of a session: never two questions at a time, at the interval of the moment, slower after failures. */
export class SessionPoller<Session> {
  readonly #session: Session;
  readonly #questions: Questions<Session>;
  readonly #ports: PollerPorts;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #notBefore = Number.NEGATIVE_INFINITY;
  #asking = false;
  #hastened = false;
  #stopped = false;
  #cancel: CancelTask | null = null;
  #plannedAt = Number.POSITIVE_INFINITY;

  constructor(session: Session, questions: Questions<Session>, ports: PollerPorts) {
    this.#session = session;
    this.#questions = questions;
    this.#ports = ports;
  }

  /** An answer that came another way counts as the latest question. */
  noteSent(sentAt: number): void {
    this.#lastSentAt = Math.max(this.#lastSentAt, sentAt);
  }

  /** Plans the next question afresh: at once if it is overdue. Call whenever the interval may have changed. */
  schedule(): void {
    if (this.#asking || this.#stopped) return;
    const { clock } = this.#ports;
    const intervalMs = this.#questions.intervalMs(this.#session);
    const untilNextMs = this.#hastened ? Math.min(intervalMs, MIN_HASTENED_POLL_INTERVAL_MS) : intervalMs;
    const dueAt = Math.max(this.#lastSentAt + untilNextMs, this.#notBefore);
    if (this.#cancel !== null && Math.abs(dueAt - this.#plannedAt) < PLAN_TOLERANCE_MS) return;
    this.#cancel?.();
    this.#plannedAt = dueAt;
    this.#cancel = clock.schedule(Math.max(0, dueAt - clock.elapsedMs()), () => {
      this.#cancel = null;
      // Cannot reject: `ask` turns every failure into a Result.
      void this.#askOnce();
    });
  }

  /** There is news: asks as soon as may be, and once more if a question is under way, whose answer may be older than the news. */
  hasten(): void {
    this.#hastened = true;
    this.schedule();
  }

  /** No further question; the answer to one under way is dropped. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = null;
  }

  async #askOnce(): Promise<void> {
    const { clock, random } = this.#ports;
    const { ask, mayAsk, onAnswer, onFailure } = this.#questions;
    const session = this.#session;
    if (!mayAsk(session)) return;
    this.#asking = true;
    this.#hastened = false;
    this.#lastSentAt = clock.elapsedMs();
    const asked = await ask(session);
    this.#asking = false;
    if (this.#stopped) return;
    if (asked.ok) {
      this.#failures = 0;
      this.#notBefore = Number.NEGATIVE_INFINITY;
      onAnswer(session, asked.value.value, asked.value.sentAt);
    } else {
      this.#failures += 1;
      const delayMs = pollRetryDelayMs(this.#failures, asked.error.retryAfterMs, random());
      this.#notBefore = clock.elapsedMs() + delayMs;
      onFailure(session, asked.error);
    }
    this.schedule();
  }
}
