import { NETWORK_NAME_TIMEOUT_MS, type NetworkNameSource, presentableNetworkName } from './network-name.ts';

export interface KeptNetworkNameOptions {
  readonly source: NetworkNameSource;
  /** Hears in one sentence why the name is not known, once for the same reason. Never the name. */
  readonly onTrouble?: (reason: string) => void;
}

/**
 * Keeps the name at hand, so that no start of a session waits for it: a request goes out with the name that is known by then, or without
 * one. A name that may be of the network before is not told.
 */
export class KeptNetworkName {
  readonly #source: NetworkNameSource;
  readonly #onTrouble: (reason: string) => void;
  #name: string | null = null;
  #lastTrouble: string | null = null;
  #reading: Promise<void> | null = null;
  #again = false;
  #closed = false;

  constructor({ source, onTrouble = () => undefined }: KeptNetworkNameOptions) {
    this.#source = source;
    this.#onTrouble = onTrouble;
    source.onChange(() => this.networkMayHaveChanged());
  }

  /** `null`: not known now. */
  current(): string | null {
    return this.#name;
  }

  /** After sleep, or when the system says so. */
  networkMayHaveChanged(): void {
    this.#name = null;
    this.refresh();
  }

  /** Looks again in the background. */
  refresh(): void {
    if (this.#closed) return;
    if (this.#reading !== null) {
      this.#again = true;
      return;
    }
    this.#reading = this.#read().finally(() => {
      this.#reading = null;
      if (!this.#again) return;
      this.#again = false;
      this.refresh();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#name = null;
    await this.#source.close();
  }

  async #read(): Promise<void> {
    try {
      const claimed = await this.#source.read(NETWORK_NAME_TIMEOUT_MS);
      // What was asked before a change is about the network before.
      if (this.#closed || this.#again) return;
      this.#name = claimed === null ? null : presentableNetworkName(claimed);
      this.#lastTrouble = null;
    } catch (error) {
      this.#name = null;
      const reason = error instanceof Error ? error.message : 'unknown error';
      if (reason !== this.#lastTrouble && !this.#closed) this.#onTrouble(reason);
      this.#lastTrouble = reason;
    }
  }
}
