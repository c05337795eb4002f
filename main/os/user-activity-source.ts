import type { OsSignal } from '../core/ports.ts';
import type { LockSource } from './lock-source.ts';

/** Between two questions how long nobody has touched anything; only while locked. */
const ACTIVITY_POLL_MS = 1_000;
/** Input this soon after a lock is the person leaving (key up, mouse let go), not somebody coming. */
export const ACTIVITY_SETTLE_MS = 2_000;

/** Milliseconds since the last input, or null where it is not known. */
export type IdleProbe = () => Promise<number | null>;

/** Reports `os.activity` while the session is locked. Activity starts a session at most; it is never evidence of presence. */
export class UserActivitySource implements LockSource {
  readonly name = 'user activity';
  readonly #probes: readonly IdleProbe[];
  readonly #now: () => number;
  #report: ((signal: OsSignal) => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lockedAt: number | null = null;
  #lastInputSeen = 0;

  /** @param now monotonic milliseconds. */
  constructor(probes: readonly IdleProbe[], now: () => number) {
    this.#probes = probes;
    this.#now = now;
  }

  async start(report: (signal: OsSignal) => void): Promise<void> {
    this.#report = report;
  }

  expectChange(): void {
    // says nothing about locks
  }

  async stop(): Promise<void> {
    this.#report = null;
    this.lockStateChanged('unlocked');
  }

  /** Polls only while locked. */
  lockStateChanged(state: 'locked' | 'unlocked'): void {
    if (state === 'unlocked') {
      this.#lockedAt = null;
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#timer = null;
      return;
    }
    if (this.#lockedAt !== null || this.#report === null) return;
    this.#lockedAt = this.#now();
    this.#lastInputSeen = this.#lockedAt + ACTIVITY_SETTLE_MS;
    this.#timer = setInterval(() => void this.#poll(), ACTIVITY_POLL_MS);
  }

  /** logind says that the session is no longer idle. */
  idleHintCleared(): void {
    this.#inputAt(this.#now());
  }

  async #poll(): Promise<void> {
    for (const probe of this.#probes) {
      const idleMs = await probe();
      if (idleMs === null) continue;
      this.#inputAt(this.#now() - idleMs);
      return;
    }
  }

  #inputAt(at: number): void {
    if (this.#lockedAt === null || at <= this.#lastInputSeen) return;
    // The counter and our clock differ by a few milliseconds: the same input must not count twice.
    this.#lastInputSeen = at + ACTIVITY_POLL_MS / 2;
    this.#report?.({ type: 'os.activity' });
  }
}
