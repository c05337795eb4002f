import type { OsSignal } from '../../main/core/ports.ts';
import type { LockSource } from '../../main/os/lock-source.ts';

/** A source that says what the test tells it to say. */
export class FakeSource implements LockSource {
  readonly name: string;
  readonly #initial: OsSignal | null;
  readonly #failure: Error | null;
  report: (signal: OsSignal) => void = () => undefined;
  stopped = 0;
  expected = 0;

  constructor(name: string, options: { readonly initial?: OsSignal; readonly failure?: Error } = {}) {
    this.name = name;
    this.#initial = options.initial ?? null;
    this.#failure = options.failure ?? null;
  }

  async start(report: (signal: OsSignal) => void): Promise<void> {
    this.report = report;
    if (this.#failure !== null) throw this.#failure;
    if (this.#initial !== null) report(this.#initial);
  }

  expectChange(): void {
    this.expected += 1;
  }

  async stop(): Promise<void> {
    this.stopped += 1;
  }
}

export const locked = (evidence: string): OsSignal => ({ type: 'os.locked', evidence });
export const unlocked = (evidence: string): OsSignal => ({ type: 'os.unlocked', evidence });
