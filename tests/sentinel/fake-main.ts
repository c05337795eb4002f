import type { WatchedMain } from '../../main/sentinel/sentinel-ports.ts';
import type { Wire, WireMessage } from '../../main/sentinel/wire.ts';

/** One end of a wire whose other end the test holds. */
export class FakeWire implements Wire {
  readonly said: WireMessage[] = [];
  ended = false;
  #listener: Parameters<Wire['listen']>[0] | null = null;
  #closed = false;

  listen(listener: Parameters<Wire['listen']>[0]): void {
    this.#listener = listener;
    if (this.#closed) listener.onClosed();
  }
  say(message: WireMessage): void {
    this.said.push(message);
  }
  async end(): Promise<void> {
    this.ended = true;
  }
  /** The other end says this. */
  hears(message: WireMessage): void {
    this.#listener?.onMessage(message);
  }
  /** The other end is gone. */
  cut(): void {
    this.#closed = true;
    this.#listener?.onClosed();
  }
}

export class FakeMain implements WatchedMain {
  readonly wire = new FakeWire();
  readonly processId: number;
  readonly killed: (number | null)[] = [];
  constructor(processId: number) {
    this.processId = processId;
  }
  kill(claimedProcessId: number | null): void {
    this.killed.push(claimedProcessId);
  }
  lives(guarding: boolean): void {
    this.wire.hears({ type: 'alive', guarding, processId: this.processId });
  }
}

/** Lets everything run that waits for nothing but its turn. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
