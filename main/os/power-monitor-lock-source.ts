import type { OsSignal, PowerMonitorSource } from '../core/ports.ts';
import type { LockSource } from './lock-source.ts';

/** Between two cross-checks with `getSystemIdleState()`: events of the power monitor can be missed, and it gives no initial state. */
export const IDLE_STATE_INTERVAL_MS = 1_000;
/** Between two cross-checks while a requested lock is awaited. */
const ALERT_INTERVAL_MS = 100;
/** How long a request keeps us alert. */
const ALERT_WINDOW_MS = 5_000;
/** Threshold for `getSystemIdleState`; only its `locked` matters here. */
const IDLE_THRESHOLD_SECONDS = 60;
/** "Not locked" is believed over a lock event only after this long: the idle state lags behind the event. */
export const LOCK_EVENT_PRECEDENCE_MS = 3_000;

/** Lock, unlock, suspend and resume as Electron's power monitor tells them, cross-checked with the idle state. */
export class PowerMonitorLockSource implements LockSource {
  readonly name = 'power monitor';
  readonly #power: PowerMonitorSource;
  readonly #now: () => number;
  #report: ((signal: OsSignal) => void) | null = null;
  #remove: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;
  #alertUntil = 0;
  #lockEventAt: number | null = null;

  /** @param now monotonic milliseconds. */
  constructor(power: PowerMonitorSource, now: () => number) {
    this.#power = power;
    this.#now = now;
  }

  async start(report: (signal: OsSignal) => void): Promise<void> {
    this.#report = report;
    this.#remove = [
      this.#power.on('lock-screen', () => {
        this.#lockEventAt = this.#now();
        report({ type: 'os.locked', evidence: 'power monitor: lock-screen' });
      }),
      this.#power.on('unlock-screen', () => {
        this.#lockEventAt = null;
        report({ type: 'os.unlocked', evidence: 'power monitor: unlock-screen' });
      }),
      this.#power.on('suspend', () => report({ type: 'os.suspending' })),
      this.#power.on('resume', () => {
        report({ type: 'os.resumed' });
        this.expectChange();
      }),
    ];
    this.#crossCheck();
  }

  expectChange(): void {
    this.#alertUntil = this.#now() + ALERT_WINDOW_MS;
    this.#crossCheck();
  }

  async stop(): Promise<void> {
    this.#report = null;
    for (const remove of this.#remove.splice(0)) remove();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #crossCheck(): void {
    if (this.#report === null) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const interval = this.#now() < this.#alertUntil ? ALERT_INTERVAL_MS : IDLE_STATE_INTERVAL_MS;
    this.#timer = setTimeout(() => this.#crossCheck(), interval);
    const state = this.#power.getSystemIdleState(IDLE_THRESHOLD_SECONDS);
    if (state === 'locked') {
      this.#report({ type: 'os.locked', evidence: 'system idle state: locked' });
    } else if (state !== 'unknown') {
      if (this.#lockEventAt !== null && this.#now() - this.#lockEventAt < LOCK_EVENT_PRECEDENCE_MS) return;
      this.#lockEventAt = null;
      this.#report({ type: 'os.unlocked', evidence: `system idle state: ${state}` });
    }
  }
}
