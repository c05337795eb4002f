import type { GatewayClock } from '../../clock.ts';
import { BLOCK_MS } from './limits.ts';
import { type AskingWorkstation, type KnownWorkstation, type SessionBook, workstationIdOf } from './session-book.ts';

/** Workstations that a phone reported: "that wasn't me". For that person alone, and for a while. */
export class Blocks {
  readonly #clock: GatewayClock;
  readonly #book: SessionBook;
  /** Elapsed time until which a block holds, by workstation: a clock that is set makes none shorter. */
  readonly #until = new Map<string, number>();

  constructor(ports: { readonly clock: GatewayClock; readonly book: SessionBook }) {
    this.#clock = ports.clock;
    this.#book = ports.book;
  }

  block(workstationId: string): void {
    this.#until.set(workstationId, this.#clock.elapsedMs() + BLOCK_MS);
    this.#book.block(workstationId, Math.floor(this.#clock.wallMs()) + BLOCK_MS);
  }

  unblock(workstationId: string): void {
    this.#until.delete(workstationId);
    this.#book.block(workstationId, null);
  }

  /** @returns Unix milliseconds, or null where it is not blocked */
  untilOf({ workstationId, blockedUntil }: KnownWorkstation): number | null {
    if (blockedUntil === null) return null;
    const wallLeftMs = blockedUntil - this.#clock.wallMs();
    // Of an earlier run: wall time is all there is, and one that was set back must not make it endless.
    const until = this.#until.get(workstationId) ?? this.#clock.elapsedMs() + Math.min(wallLeftMs, BLOCK_MS);
    this.#until.set(workstationId, until);
    const leftMs = until - this.#clock.elapsedMs();
    return leftMs > 0 ? Math.ceil(this.#clock.wallMs() + leftMs) : null;
  }

  /**
   * Whether requests from there are refused. A device id is what the workstation says it is, so a blocked one must not get rid of the block by
   * calling itself something else: while a token is blocked anywhere for the person, it takes no workstation that is new to them.
   */
  refuses(userId: string, asking: AskingWorkstation): boolean {
    const known = this.#book.workstation(workstationIdOf(userId, asking));
    if (known !== null) return this.untilOf(known) !== null;
    return this.#book.reportedWith(userId, asking.tokenName).some((workstation) => this.untilOf(workstation) !== null);
  }
}
