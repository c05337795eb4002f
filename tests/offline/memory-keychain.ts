import { type SecretStore, SecretStoreFailed } from '../../main/core/ports.ts';

/** A keychain in memory that outlives restarts, with every fault a real one has. */
export class MemoryKeychain implements SecretStore {
  readonly entries = new Map<string, string>();
  fault: SecretStoreFailed['code'] | null = null;
  /** Reading works, storing does not: a keychain that locked itself in between. */
  refusesToStore = false;
  /** Stores so many times more, then the power is cut. */
  storesLeft = Number.POSITIVE_INFINITY;

  async get(account: string): Promise<string | null> {
    this.#mayFail();
    return this.entries.get(account) ?? null;
  }

  async set(account: string, secret: string): Promise<void> {
    this.#mayFail();
    if (this.refusesToStore || this.storesLeft <= 0) throw new SecretStoreFailed('locked', 'locked');
    this.storesLeft -= 1;
    this.entries.set(account, secret);
  }

  async delete(account: string): Promise<void> {
    this.#mayFail();
    this.entries.delete(account);
  }

  #mayFail(): void {
    if (this.fault !== null) throw new SecretStoreFailed(this.fault, `keychain ${this.fault}`);
  }
}
