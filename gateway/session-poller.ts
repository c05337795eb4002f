import type { Result } from '../protocol/result.ts';
import type { CancelTask, GatewayClock } from './clock.ts';
import { MIN_HASTENED_POLL_INTERVAL_MS } from './limits.ts';
import { pollRetryDelayMs } from './poll-schedule.ts';
import type { ProviderAnswer } from './providers/provider.ts';
import type { UpstreamFailure, UpstreamSuccess } from './upstream.ts';

export interface PollerPorts {
  readonly clock: GatewayClock;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
  /** Asks the service once; never rejects. */
  readonly ask: () => Promise<Result<UpstreamSuccess<ProviderAnswer>, UpstreamFailure>>;
  /** Current time between two questions, without failures. */
  readonly intervalMs: () => number;
  /** Called just before a question; `false` calls it off. */
  readonly mayAsk: () => boolean;
  readonly onAnswer: (answer: ProviderAnswer, sentAt: number) => void;
  readonly onFailure: (failure: UpstreamFailure) => void;
}

/** The one poll of a session: never two questions at a time, at the interval of the moment, slower after failures. */
export class SessionPoller {
  readonly #ports: PollerPorts;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #notBefore = Number.NEGATIVE_INFINITY;
  #asking = false;
  #hastened = false;
  #stopped = false;
  #cancel: CancelTask | null = null;

  constructor(ports: PollerPorts) {
    this.#ports = ports;
  }

  /** An answer that came another way counts as the latest question. */
  noteSent(sentAt: number): void {
    this.#lastSentAt = Math.max(this.#lastSentAt, sentAt);
  }

  /** Plans the next question afresh: at once if it is overdue. Call whenever the interval may have changed. */
  schedule(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#asking || this.#stopped) return;
    const { clock, intervalMs } = this.#ports;
    const untilNextMs = this.#hastened ? Math.min(intervalMs(), MIN_HASTENED_POLL_INTERVAL_MS) : intervalMs();
    const dueAt = Math.max(this.#lastSentAt + untilNextMs, this.#notBefore);
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
    const { clock, ask, mayAsk, onAnswer, onFailure } = this.#ports;
    if (!mayAsk()) return;
    this.#asking = true;
    this.#hastened = false;
    this.#lastSentAt = clock.elapsedMs();
    const asked = await ask();
    this.#asking = false;
    if (this.#stopped) return;
    if (asked.ok) {
      this.#failures = 0;
      this.#notBefore = Number.NEGATIVE_INFINITY;
      onAnswer(asked.value.value, asked.value.sentAt);
    } else {
      this.#failures += 1;
      const delayMs = pollRetryDelayMs(this.#failures, asked.error.retryAfterMs, this.#ports.random());
      this.#notBefore = clock.elapsedMs() + delayMs;
      onFailure(asked.error);
    }
    this.schedule();
  }
}
