import type { Policy } from '../../protocol/policy.ts';

const HOUR_MS = 3_600_000;

/** S7: counts what a phone was asked, from effects and rings alone. */
export class PromptCount {
  readonly #policy: Policy;
  #inHour: number[] = [];
  #thisUnlock = 0;
  #everAsked = 0;
  #osLocked = false;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** The hour's count is this process's own; the gateway's limits go on over its restarts. */
  begin(): void {
    this.#inHour = [];
    this.#thisUnlock = 0;
    this.#osLocked = false;
  }

  boundary(): void {
    this.#thisUnlock = 0;
  }

  locked(): void {
    if (!this.#osLocked) this.#thisUnlock = 0;
    this.#osLocked = true;
  }

  heardUnlocked(): void {
    if (this.#osLocked) this.#thisUnlock = 0;
    this.#osLocked = false;
  }

  unlocked(stateBefore: string): void {
    if (stateBefore !== 'verifying') this.#thisUnlock = 0;
  }

  /** @returns what is too much, or null. */
  asked(reason: string, now: number): string | null {
    this.#everAsked += 1;
    this.#inHour = [...this.#inHour.filter((at) => now - at < HOUR_MS), now];
    if (reason === 'unlock' || reason === 'retry') this.#thisUnlock += 1;
    if (this.#inHour.length > this.#policy.maxStartsPerHour)
      return `${this.#inHour.length} session starts within an hour`;
    if (this.#thisUnlock > this.#policy.maxAttemptsPerUnlock)
      return `${this.#thisUnlock} session starts for one unlock`;
    return null;
  }

  /** A gateway that died over a start and forgot it may ask once more: the workstation repeats what was not answered. */
  excessRings(rings: number, gatewayStarts: number): number {
    return rings - this.#everAsked - gatewayStarts;
  }
}
