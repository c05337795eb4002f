import { SEQ_BLOCK } from './limits.ts';
import { describeFault, type GatewayLogger } from './logger.ts';
import type { SessionRecord, SessionStore } from './store/session-store.ts';

/**
 * Keeps one session's record in the store and hands out its sequence numbers. Numbers are reserved in blocks *before* they are used, so a
 * restarted gateway goes on above every number ever sent, whatever the clock says (S6: an older `seq` changes nothing).
 */
export class SessionKeeper {
  #record: SessionRecord;
  #seq: number;
  /** Highest number that the store is known to hold as reserved. */
  #usableSeq: number;
  #durable = true;
  #queue: Promise<void> = Promise.resolve();
  readonly #store: SessionStore;
  readonly #logger: GatewayLogger;

  constructor(record: SessionRecord, store: SessionStore, logger: GatewayLogger) {
    this.#record = record;
    this.#seq = record.reservedSeq;
    this.#usableSeq = record.reservedSeq;
    this.#store = store;
    this.#logger = logger;
  }

  /** Reserves the first block. Resolves when numbers may be used. */
  open(): Promise<void> {
    return this.#save({ reservedSeq: this.#seq + SEQ_BLOCK });
  }

  /**
   * The next number, or null while the store has not yet confirmed one: then nothing is sent and the workstation's lease runs
   * out, rather than a number being used twice.
   */
  nextSeq(): number | null {
    if (this.#durable) {
      const reserved = this.#record.reservedSeq;
      if (this.#seq + SEQ_BLOCK / 2 >= reserved) this.#saveInBackground({ reservedSeq: reserved + SEQ_BLOCK });
      if (this.#seq >= this.#usableSeq) return null;
    }
    this.#seq += 1;
    return this.#seq;
  }

  note(change: Pick<Partial<SessionRecord>, 'status' | 'ending'>): void {
    this.#saveInBackground(change);
  }

  /** The session is not to survive a restart any more. */
  forget(): Promise<void> {
    this.#durable = false;
    return this.#enqueue(() => this.#store.remove(this.#record.sessionId), 'remove');
  }

  /** Resolves when everything asked for so far has been written or has failed. */
  settled(): Promise<void> {
    return this.#queue;
  }

  #saveInBackground(change: Partial<SessionRecord>): void {
    // Cannot reject: #enqueue turns a failure into a log line and a session that is not durable.
    void this.#save(change);
  }

  async #save(change: Partial<SessionRecord>): Promise<void> {
    if (!this.#durable) return;
    this.#record = { ...this.#record, ...change };
    const record = this.#record;
    await this.#enqueue(async () => {
      await this.#store.save(record);
      this.#usableSeq = Math.max(this.#usableSeq, record.reservedSeq);
    }, 'save');
  }

  #enqueue(task: () => Promise<void>, what: 'save' | 'remove'): Promise<void> {
    this.#queue = this.#queue.then(task).catch(async (fault: unknown) => {
      const { sessionId } = this.#record;
      this.#logger.error({ sessionId, what, fault: describeFault(fault) }, 'a session could not be kept');
      if (what === 'save') await this.#giveUpDurability();
    });
    return this.#queue;
  }

  /** With a store that does not write, go on in memory; the old record must not come back after a restart with numbers already used. */
  async #giveUpDurability(): Promise<void> {
    this.#durable = false;
    try {
      await this.#store.remove(this.#record.sessionId);
    } catch (fault) {
      const { sessionId } = this.#record;
      this.#logger.error({ sessionId, fault: describeFault(fault) }, 'an outdated session record could not be removed');
    }
  }
}
