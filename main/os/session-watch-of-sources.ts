import { assertNever } from '../../protocol/result.ts';
import type { OsSessionWatch, OsSignal } from '../core/ports.ts';
import type { LockSource } from './lock-source.ts';

type Observed = { readonly state: 'locked' | 'unlocked'; readonly evidence: string };

/** A watch that can also be told that a lock or unlock was just requested, so that it looks closer for a while. */
export interface ExpectantSessionWatch extends OsSessionWatch {
  /** Makes the sources look again at once. What is expected and already observed is reported once more, so that it is confirmed. */
  expectChange(expected: 'locked' | 'unlocked'): void;
}

/**
 * Makes one answer of several sources. The session is locked when ANY source sees a lock, and unlocked only when ALL sources that
 * ever said something see none: a source that lags behind must not bring the curtain down from a lock that still stands.
 * A source whose service is lost keeps its last word until it speaks again.
 */
export class SessionWatchOfSources implements ExpectantSessionWatch {
  readonly #sources: readonly LockSource[];
  readonly #onSourceUnavailable: (source: string, reason: string) => void;
  readonly #onSignal: (signal: OsSignal) => void;
  readonly #observed = new Map<LockSource, Observed>();
  #listener: ((signal: OsSignal) => void) | null = null;
  #reported: Observed['state'] | null = null;
  #starting = false;

  /**
   * @param options.onSourceUnavailable hears why a source does not take part (yet); the watch goes on with the others.
   * @param options.onSignal hears every signal just before the listener does.
   */
  constructor(
    sources: readonly LockSource[],
    options: {
      readonly onSourceUnavailable?: (source: string, reason: string) => void;
      readonly onSignal?: (signal: OsSignal) => void;
    } = {},
  ) {
    this.#sources = sources;
    this.#onSourceUnavailable = options.onSourceUnavailable ?? (() => undefined);
    this.#onSignal = options.onSignal ?? (() => undefined);
  }

  async start(listener: (signal: OsSignal) => void): Promise<'locked' | 'unlocked' | 'unknown'> {
    this.#listener = listener;
    this.#starting = true;
    const reasons: string[] = [];
    for (const source of this.#sources) {
      try {
        await source.start((signal) => this.#hear(source, signal));
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'unknown error';
        reasons.push(`${source.name}: ${reason}`);
        this.#onSourceUnavailable(source.name, reason);
      }
    }
    this.#starting = false;
    if (reasons.length === this.#sources.length) {
      await this.stop();
      throw new Error(`the session cannot be observed: ${reasons.join('; ')}`);
    }
    this.#report();
    return this.#reported ?? 'unknown';
  }

  async stop(): Promise<void> {
    this.#listener = null;
    await Promise.all(this.#sources.map((source) => source.stop()));
    this.#observed.clear();
    this.#reported = null;
  }

  expectChange(expected: 'locked' | 'unlocked'): void {
    for (const source of this.#sources) source.expectChange();
    // A lock requested while one is already observed would otherwise never be confirmed, and the ladder would climb to the alarm.
    if (this.#reported !== expected) return;
    this.#reported = null;
    this.#report();
  }

  #hear(source: LockSource, signal: OsSignal): void {
    switch (signal.type) {
      case 'os.locked':
        this.#observed.set(source, { state: 'locked', evidence: signal.evidence });
        this.#report();
        return;
      case 'os.unlocked':
        this.#observed.set(source, { state: 'unlocked', evidence: signal.evidence });
        this.#report();
        return;
      case 'os.suspending':
      case 'os.resumed':
      case 'os.activity':
        this.#tell(signal);
        return;
      default:
        assertNever(signal, 'OS signal');
    }
  }

  #report(): void {
    if (this.#starting || this.#listener === null || this.#observed.size === 0) return;
    const observed = [...this.#observed.values()];
    const lock = observed.find((seen) => seen.state === 'locked');
    const state = lock === undefined ? 'unlocked' : 'locked';
    if (state === this.#reported) return;
    this.#reported = state;
    const evidence = lock?.evidence ?? observed.map((seen) => seen.evidence).join('; ');
    this.#tell(state === 'locked' ? { type: 'os.locked', evidence } : { type: 'os.unlocked', evidence });
  }

  #tell(signal: OsSignal): void {
    if (this.#listener === null) return;
    this.#onSignal(signal);
    this.#listener(signal);
  }
}
