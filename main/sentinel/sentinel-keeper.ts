import type { Clock } from '../core/ports.ts';
import {
  FAREWELL_TIMEOUT_MS,
  FIRST_SIGN_TIMEOUT_MS,
  HEARTBEAT_INTERVAL_MS,
  SENTINEL_QUICK_DEATH_MS,
  SENTINEL_RETRY_MS,
  UNANSWERED_UNTIL_HUNG,
} from './limits.ts';
import { pause, type SentinelLog, type SentinelTimers } from './sentinel-ports.ts';
import type { ProcessOnWire } from './start-with-wire.ts';

/** What main learns of its sentinel. `again`: it does not stay; the workstation must be locked, because nothing would lock it if main died. */
export interface SentinelLoss {
  readonly reason: string;
  readonly again: boolean;
}

/** Main's side: says that it lives, and keeps somebody there to hear it. */
export class SentinelKeeper {
  readonly #options: {
    readonly start: () => Promise<ProcessOnWire>;
    readonly processId: number;
    readonly clock: Clock;
    readonly timers: SentinelTimers;
    readonly log: SentinelLog;
  };
  readonly #untold: SentinelLoss[] = [];
  #onLoss: ((loss: SentinelLoss) => void) | null = null;
  #sentinel: ProcessOnWire | null = null;
  #startedAt = 0;
  #unanswered = 0;
  #answered = false;
  #guarding = false;
  #dismissed = false;
  /** Losses since a sentinel last stayed. */
  #losses = 0;
  #beat: unknown = null;

  constructor(options: {
    /** Starts a sentinel. @throws when it cannot be started. */
    readonly start: () => Promise<ProcessOnWire>;
    readonly processId: number;
    readonly clock: Clock;
    readonly timers: SentinelTimers;
    readonly log: SentinelLog;
  }) {
    this.#options = options;
  }

  /** @param inherited the sentinel that started this process, or null: one is started. */
  begin(inherited: ProcessOnWire | null): void {
    if (inherited === null) void this.#start();
    else this.#adopt(inherited);
    this.#schedule();
  }

  /** Told of every loss from now on, and of those before. One listener. */
  listen(onLoss: (loss: SentinelLoss) => void): void {
    this.#onLoss = onLoss;
    for (const loss of this.#untold.splice(0)) onLoss(loss);
  }

  /** Whether main's death must lock. Said at once when it changes. */
  setGuarding(guarding: boolean): void {
    if (this.#guarding === guarding) return;
    this.#guarding = guarding;
    this.#say();
  }

  /** Main ends as it was asked to. Resolves when the sentinel has been told, or cannot be. */
  async dismiss(): Promise<void> {
    this.#dismissed = true;
    this.#options.timers.clearTimeout(this.#beat);
    const wire = this.#sentinel?.wire;
    if (wire === undefined) return;
    wire.say({ type: 'farewell' });
    await Promise.race([wire.end(), pause(this.#options.timers, FAREWELL_TIMEOUT_MS)]);
  }

  async #start(): Promise<void> {
    this.#startedAt = this.#options.clock.monotonicNow();
    try {
      const started = await this.#options.start();
      if (this.#dismissed) started.kill();
      else this.#adopt(started);
    } catch (cause) {
      this.#lost(cause instanceof Error ? cause.message : 'it could not be started');
    }
  }

  #adopt(sentinel: ProcessOnWire): void {
    this.#sentinel = sentinel;
    this.#startedAt = this.#options.clock.monotonicNow();
    this.#unanswered = 0;
    this.#answered = false;
    this.#options.log.info({ processId: sentinel.processId }, 'a sentinel is there');
    sentinel.wire.listen({
      onMessage: (message) => {
        if (message.type !== 'watching') return;
        this.#unanswered = 0;
        this.#answered = true;
      },
      onClosed: () => {
        if (this.#sentinel !== sentinel) return;
        this.#sentinel = null;
        this.#lost('it ended');
      },
    });
    this.#say();
  }

  #lost(reason: string): void {
    if (this.#dismissed) return;
    const { clock, timers, log } = this.#options;
    const livedMs = clock.monotonicNow() - this.#startedAt;
    const quick = livedMs < SENTINEL_QUICK_DEATH_MS;
    if (!quick) this.#losses = 0;
    this.#losses += 1;
    // The first loss is mended at once, however young it was. Told once in a row of losses: a lock at every attempt would lock out.
    const again = this.#losses === 2;
    log.error({ reason, livedMs: Math.round(livedMs), losses: this.#losses }, 'the sentinel was lost');
    this.#tell({ reason, again });
    if (this.#losses < 2) void this.#start();
    else timers.setTimeout(() => void (this.#dismissed || this.#start()), SENTINEL_RETRY_MS);
  }

  #tell(loss: SentinelLoss): void {
    if (this.#onLoss === null) this.#untold.push(loss);
    else this.#onLoss(loss);
  }

  #schedule(): void {
    const { timers } = this.#options;
    this.#beat = timers.setTimeout(() => {
      if (this.#dismissed) return;
      this.#lookAtSentinel();
      this.#say();
      this.#schedule();
    }, HEARTBEAT_INTERVAL_MS);
  }

  /** A sentinel that hangs (stopped by somebody) is as good as none. */
  #lookAtSentinel(): void {
    const { log } = this.#options;
    if (this.#sentinel === null) return;
    const allowed = this.#answered ? UNANSWERED_UNTIL_HUNG : Math.ceil(FIRST_SIGN_TIMEOUT_MS / HEARTBEAT_INTERVAL_MS);
    if (this.#unanswered < allowed) return;
    log.error({ unanswered: this.#unanswered }, 'the sentinel does not answer and is replaced');
    this.#sentinel.kill();
    this.#unanswered = 0;
  }

  #say(): void {
    const { processId } = this.#options;
    if (this.#sentinel === null || this.#dismissed) return;
    this.#unanswered += 1;
    this.#sentinel.wire.say({ type: 'alive', guarding: this.#guarding, processId });
  }
}
