import type { OsSignal } from '../../main/core/ports.ts';
import { waitFor } from './desktop/managed-process.ts';

/** Collects what a watch reports, with the time of each signal. */
export class HeardSignals {
  readonly all: { readonly signal: OsSignal; readonly at: number }[] = [];

  readonly listen = (signal: OsSignal): void => {
    this.all.push({ signal, at: performance.now() });
  };

  /** Forgets what was heard, so that the next wait is for something new. */
  clear(): void {
    this.all.length = 0;
  }

  /** Waits for the first signal of this type since `clear()`. @returns its evidence (if any) and when it came. */
  async next(type: OsSignal['type'], timeoutMs = 5_000): Promise<{ readonly evidence: string; readonly at: number }> {
    const heard = await waitFor(
      `${type} (heard: ${JSON.stringify(this.all.map((entry) => entry.signal))})`,
      () => this.all.find((entry) => entry.signal.type === type),
      timeoutMs,
    );
    return { evidence: 'evidence' in heard.signal ? heard.signal.evidence : '', at: heard.at };
  }
}
