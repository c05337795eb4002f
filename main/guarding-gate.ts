import type { Policy } from '../protocol/policy.ts';
import type { Enrollment, LockEvent } from './core/lock-types.ts';
import type { Clock } from './core/ports.ts';
import { lockFirst } from './lock-first.ts';
import type { Guard } from './runtime/guard.ts';
import type { GuardingReading } from './settings/guarding-switch.ts';

export interface GuardingGateOptions {
  readonly guard: Guard;
  readonly clock: Clock;
  readonly policy: () => Policy;
  readonly onSwitched: (offSinceWall: number | null) => void;
  /** The lock could not be seen although the person asked from a console: the cover must go all the same. */
  readonly onStuck: () => void;
}

/**
 * Stands between the enrollment and the guard: `presence-locker disable` closes it, `enable` opens it. While it is closed nobody is
 * guarded, whoever is enrolled. A marker is believed only where the policy allows it, also when it was written by hand.
 */
export class GuardingGate {
  readonly #options: GuardingGateOptions;
  #wanted: Enrollment | null = null;
  #offSinceWall: number | null = null;

  /** @param initial the marker as found at the start, before anybody is guarded. */
  constructor(options: GuardingGateOptions, initial: GuardingReading) {
    this.#options = options;
    this.#offSinceWall = this.#believed(initial);
  }

  get offSinceWall(): number | null {
    return this.#offSinceWall;
  }

  /** Takes the place of the guard's dispatch for whoever enrolls. */
  dispatch(event: LockEvent): void {
    if (event.type === 'enrollment.changed') this.#wanted = event.enrollment;
    if (event.type !== 'enrollment.changed' || this.#offSinceWall === null) this.#options.guard.dispatch(event);
  }

  /** The marker came or went. Locks first, so that the desk is not left open by somebody at a distance. */
  async follow(reading: GuardingReading): Promise<void> {
    const { guard, onSwitched, onStuck } = this.#options;
    const offSinceWall = this.#believed(reading);
    if ((offSinceWall === null) === (this.#offSinceWall === null)) return;
    this.#offSinceWall = offSinceWall;
    onSwitched(offSinceWall);
    if (offSinceWall === null) {
      this.#tell(this.#wanted);
      return;
    }
    const locked = await lockFirst(guard, 'disable', this.#options);
    // Switched on again meanwhile: guarding never ended.
    if (this.#offSinceWall === null) return;
    if (locked) this.#tell(null);
    else onStuck();
  }

  #believed(reading: GuardingReading): number | null {
    return reading.guarding || !this.#options.policy().allowDisable ? null : reading.sinceWall;
  }

  #tell(enrollment: Enrollment | null): void {
    const { guard, clock } = this.#options;
    guard.dispatch({ type: 'enrollment.changed', enrollment, at: clock.monotonicNow() });
  }
}
