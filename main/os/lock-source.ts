import type { OsSignal } from '../core/ports.ts';

/**
 * One place that knows something about the session: logind, a screen saver, a locker process, Electron's power monitor.
 * A source reports what *it* sees; session-watch-of-sources.ts makes one answer of several.
 */
export interface LockSource {
  /** Shown in logs, e.g. `logind`. Unique within one watch. */
  readonly name: string;
  /**
   * Begins observing. The state found at the start is reported before the promise resolves; a source that cannot say reports nothing.
   * @throws when this source does not exist here (no such service, no display).
   */
  start(report: (signal: OsSignal) => void): Promise<void>;
  /** Look again soon and closely: a lock or unlock has just been requested. Never throws. */
  expectChange(): void;
  /** Idempotent. */
  stop(): Promise<void>;
}
