/** Confirmations remembered; the oldest is forgotten first. Far more than sessions of a gateway that are not over. */
const MAX_REMEMBERED = 20_000;

/**
 * Which confirmations this gateway has used. One is a one-time permit (PROVIDERS §3), but the interface has no call that uses it up, so the
 * rule is kept here: a confirmation belongs to the one session that asked for it, and to none after that has ended.
 */
export class PermitBook {
  readonly #taken = new Map<string, 'in-use' | 'ended'>();

  /** @returns false when it was given to a session before */
  take(confirmationId: string): boolean {
    if (this.#taken.has(confirmationId)) return false;
    this.#remember(confirmationId, 'in-use');
    return true;
  }

  end(confirmationId: string): void {
    this.#remember(confirmationId, 'ended');
  }

  isEnded(confirmationId: string): boolean {
    return this.#taken.get(confirmationId) === 'ended';
  }

  #remember(confirmationId: string, use: 'in-use' | 'ended'): void {
    this.#taken.set(confirmationId, use);
    if (this.#taken.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#taken.keys();
    if (oldest !== undefined) this.#taken.delete(oldest);
  }
}
