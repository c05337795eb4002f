import { type LockLadder, LockRungFailed } from '../core/ports.ts';
import type { UnlockProof } from '../core/unlock-proof.ts';
import type { ExpectantSessionWatch } from './session-watch-of-sources.ts';

/** One way to ask for a lock. */
export interface LockRung {
  readonly name: string;
  /** Resolves once requested. Rejects, in bounded time, when this way is not available or refuses. */
  request(): Promise<void>;
}

/** A rung may not keep the ladder from climbing: GNOME with `disable-lock-screen` never replies (OS-NOTES). */
export const RUNG_TIMEOUT_MS = 4_000;

/** Tries the rung it is told to try; climbing is the core's decision (S3). */
export class LadderOfRungs implements LockLadder {
  readonly rungs: readonly string[];
  readonly canUnlock: boolean;
  readonly #rungs: readonly LockRung[];
  readonly #unlock: (() => Promise<void>) | null;
  readonly #terminate: (() => Promise<void>) | null;
  readonly #watch: Pick<ExpectantSessionWatch, 'expectChange'>;
  readonly #dispose: () => Promise<void>;

  /** @param options.unlock and `terminate` ask the OS to unlock or to end the session; null where it cannot be asked. */
  constructor(options: {
    readonly rungs: readonly LockRung[];
    readonly unlock: (() => Promise<void>) | null;
    readonly terminate?: (() => Promise<void>) | null;
    readonly watch: Pick<ExpectantSessionWatch, 'expectChange'>;
    readonly dispose?: () => Promise<void>;
  }) {
    if (options.rungs.length === 0) throw new Error('a lock ladder needs at least one rung');
    this.#rungs = options.rungs;
    this.rungs = options.rungs.map((rung) => rung.name);
    this.#unlock = options.unlock;
    this.#terminate = options.terminate ?? null;
    this.canUnlock = options.unlock !== null;
    this.#watch = options.watch;
    this.#dispose = options.dispose ?? (async () => undefined);
  }

  async requestLock(rung: number): Promise<void> {
    const chosen = this.#rungs[rung];
    if (chosen === undefined) throw new LockRungFailed(`#${rung}`, `the ladder has ${this.#rungs.length} rungs`);
    try {
      await this.#bounded(chosen.name, () => chosen.request());
    } finally {
      // Also after a refusal, which may mean that the screen is locked already.
      this.#watch.expectChange('locked');
    }
  }

  async requestUnlock(_proof: UnlockProof): Promise<void> {
    const unlock = this.#unlock;
    if (unlock === null)
      throw new LockRungFailed('unlock', 'this system does not let an application unlock the session');
    await this.#bounded('unlock', unlock);
    this.#watch.expectChange('unlocked');
  }

  async terminateSession(): Promise<void> {
    const terminate = this.#terminate;
    if (terminate === null)
      throw new LockRungFailed('terminate', 'this system does not let an application end the session');
    await this.#bounded('terminate', terminate);
  }

  async dispose(): Promise<void> {
    await this.#dispose();
  }

  async #bounded(name: string, request: () => Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${RUNG_TIMEOUT_MS} ms`)), RUNG_TIMEOUT_MS);
    });
    try {
      await Promise.race([request(), tooLate]);
    } catch (error) {
      if (error instanceof LockRungFailed) throw error;
      throw new LockRungFailed(name, error instanceof Error ? error.message : 'unknown failure', { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}
