/** Verified calls remembered at once. 200 000 nonces in a ten-minute window are 330 calls a second, sustained. */
export const MAX_REMEMBERED_NONCES = 200_000;

export type NonceVerdict = 'fresh' | 'reused' | 'memory-full';

/**
 * Remembers the nonces of verified calls for as long as their timestamp could still be accepted, so that a recorded
 * call cannot be played again. Only verified nonces are kept: a stranger must not be able to fill the memory or to
 * burn somebody else's nonce. When it is full it refuses instead of forgetting, which would open replay.
 */
export class NonceMemory {
  readonly #keepMs: number;
  readonly #capacity: number;
  /** Insertion order is expiry order, because every nonce is kept equally long on a clock that is never set back. */
  readonly #forgetAtMs = new Map<string, number>();

  constructor(keepMs: number, capacity = MAX_REMEMBERED_NONCES) {
    this.#keepMs = keepMs;
    this.#capacity = capacity;
  }

  remember(clientId: string, nonce: string, nowMs: number): NonceVerdict {
    for (const [key, forgetAtMs] of this.#forgetAtMs) {
      if (forgetAtMs > nowMs) break;
      this.#forgetAtMs.delete(key);
    }
    const key = `${clientId}:${nonce}`;
    if (this.#forgetAtMs.has(key)) return 'reused';
    if (this.#forgetAtMs.size >= this.#capacity) return 'memory-full';
    this.#forgetAtMs.set(key, nowMs + this.#keepMs);
    return 'fresh';
  }
}
