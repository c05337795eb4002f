import type { CancelTask, GatewayClock } from './clock.ts';
import { HEARTBEAT_INTERVAL_MS } from './limits.ts';

/** Each is visited once a turn; twice per ping, so that the half interval of HEARTBEAT_PATIENCE_MS is seen. */
const TURN_MS = HEARTBEAT_INTERVAL_MS / 2;
const SLOTS = 10;
const SLOT_MS = TURN_MS / SLOTS;

/** What is visited. */
export interface HasHeart {
  /** Called every TURN_MS. */
  beat(): void;
}

/**
 * One timer for the heartbeats of all connections, spread over ten slots by when each came: a timer of its own for each would be a third of
 * what a connection holds in memory, and all at one moment would stop ten thousand for as long as that takes.
 */
export class HeartbeatWheel<Member extends HasHeart> {
  readonly #clock: GatewayClock;
  readonly #slots: readonly Set<Member>[] = Array.from({ length: SLOTS }, () => new Set<Member>());
  /** Number of the slot visited last, counted from the clock's beginning. */
  #visited = 0;
  #cancel: CancelTask | null = null;

  constructor(clock: GatewayClock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#slots.reduce((sum, slot) => sum + slot.size, 0);
  }

  all(): readonly Member[] {
    return this.#slots.flatMap((slot) => [...slot]);
  }

  /** Visited for the first time one turn from now, to within a slot. */
  add(member: Member): void {
    const now = this.#slotNow();
    this.#slots[now % SLOTS]?.add(member);
    if (this.#cancel !== null) return;
    this.#visited = now;
    this.#turn();
  }

  delete(member: Member): void {
    for (const slot of this.#slots) if (slot.delete(member)) break;
    if (this.size > 0) return;
    this.#cancel?.();
    this.#cancel = null;
  }

  #slotNow(): number {
    return Math.floor(this.#clock.elapsedMs() / SLOT_MS);
  }

  /** On to the next slot that holds anything; where time ran ahead, through those that were missed, but no more than one turn of them. */
  #turn(): void {
    let next = Math.max(this.#visited, this.#slotNow() - SLOTS) + 1;
    for (let empty = 1; empty < SLOTS && this.#slots[next % SLOTS]?.size === 0; empty += 1) next += 1;
    const delayMs = Math.max(0, next * SLOT_MS - this.#clock.elapsedMs());
    this.#cancel = this.#clock.schedule(delayMs, () => {
      this.#cancel = null;
      this.#visited = next;
      for (const member of [...(this.#slots[next % SLOTS] ?? [])]) member.beat();
      // A beat may have cut the last one, or let the first one in.
      if (this.size > 0 && this.#cancel === null) this.#turn();
    });
  }
}
