import { type Curtain, type LockLadder, LockRungFailed, type OsSignal } from '../../main/core/ports.ts';
import type { SystemSessionWatch } from '../../main/os/os-adapter.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type Computer, Process, type VirtualTime } from './virtual-time.ts';

/** How the OS takes a request to lock. */
export type LockManners =
  | 'honest'
  /** Reports success, and nothing locks. */
  | 'lies'
  /** Locks long after it said so. */
  | 'locks late'
  /** Locks, and says so late. */
  | 'tells late'
  | 'fails'
  /** Locks, and says so three times. */
  | 'repeats itself';

/** Longest time between something that happened to the OS session and main hearing of it, `tells late` aside. */
export const LONGEST_SIGNAL_MS = 400;
/** A cover that can be mended is back within this. */
export const CURTAIN_MENDED_MS = 300;
const RUNGS = ['desktop', 'logind', 'command'] as const;

/** The workstation's screen, keyboard and OS session: what is really locked and really covered. */
export class Desk {
  readonly computer: Computer;
  /** Rungs of its lock ladder. */
  readonly rungs = RUNGS.length;
  locked = false;
  /** What the newest signal to main said. */
  toldLocked: boolean | null = null;
  covered = false;
  manners: LockManners = 'honest';
  /** The cover cannot be shown at all. */
  curtainBroken = false;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #onSettled: () => void;
  readonly #os: Process;
  #main: Process | null = null;
  #listener: ((signal: OsSignal) => void) | null = null;
  #onSleepHandled: (() => void) | null = null;
  #lastTellAt = 0;
  #wantsCover = false;

  constructor(options: {
    readonly computer: Computer;
    readonly time: VirtualTime;
    readonly random: SeededRandom;
    readonly onSettled: () => void;
  }) {
    this.computer = options.computer;
    this.#time = options.time;
    this.#random = options.random;
    this.#onSettled = options.onSettled;
    this.#os = new Process(options.computer);
  }

  /** The person's password, or an unlock that was asked for. */
  unlock(evidence: string): void {
    if (!this.locked) return;
    this.locked = false;
    this.#tell({ type: 'os.unlocked', evidence });
  }

  lock(evidence: string, times = 1, late = 0): void {
    this.locked = true;
    for (let time = 0; time < times; time += 1) this.#tell({ type: 'os.locked', evidence }, late);
  }

  activity(): void {
    if (this.locked) this.#tell({ type: 'os.activity' });
  }

  /** Told at once: nothing may sleep before main has heard of it. @param onHandled main has asked for the lock, and it was seen. */
  announceSleep(onHandled: () => void): void {
    this.#onSleepHandled = onHandled;
    this.#listener?.({ type: 'os.suspending' });
  }

  announceWaking(delayMs: number, times: number): void {
    for (let time = 0; time < times; time += 1) this.#tell({ type: 'os.resumed' }, delayMs);
  }

  /** The process that draws the curtain died, or a display came: mended in time, or reported as lost. */
  uncover(mends: boolean, onLost: () => void): void {
    if (!this.covered) return;
    this.covered = false;
    const main = this.#main;
    if (main === null) return;
    this.#time.after(CURTAIN_MENDED_MS, main, () => {
      if (mends) this.#cover();
      if (!this.covered && this.#wantsCover) onLost();
    });
    if (!mends) this.#time.after(10 * CURTAIN_MENDED_MS, main, () => this.#cover());
  }

  /** Windows and observers die with main. */
  onMainDied(): void {
    this.covered = false;
    this.#wantsCover = false;
    this.#listener = null;
    this.#onSleepHandled = null;
  }

  watchFor(main: Process): SystemSessionWatch {
    this.#main = main;
    return {
      start: async (listener) => {
        this.#listener = listener;
        this.#lastTellAt = 0;
        const state = this.locked ? 'locked' : 'unlocked';
        this.toldLocked = this.locked;
        listener({ type: this.locked ? 'os.locked' : 'os.unlocked', evidence: 'found at the start' });
        return state;
      },
      stop: async () => {
        this.#listener = null;
      },
      expectChange: () => undefined,
      sleepHandled: () => {
        this.#onSleepHandled?.();
        this.#onSleepHandled = null;
      },
    };
  }

  ladderFor(main: Process): LockLadder {
    return {
      rungs: RUNGS,
      canUnlock: true,
      requestLock: (rung) => this.#requestLock(rung, main),
      requestUnlock: () => this.#requestUnlock(main),
      terminateSession: async () => undefined,
      dispose: async () => undefined,
    };
  }

  curtain(): Curtain {
    const hide = async (): Promise<void> => {
      this.#wantsCover = false;
      this.covered = false;
    };
    return {
      raise: async () => {
        this.#wantsCover = true;
        if (this.curtainBroken) {
          this.#onSettled();
          throw new Error('the cover could not be shown on any display');
        }
        this.#cover();
      },
      lower: hide,
      discard: hide,
    };
  }

  #cover(): void {
    if (this.#wantsCover && !this.curtainBroken) this.covered = true;
  }

  async #requestLock(rung: number, main: Process): Promise<void> {
    const { manners } = this;
    const soonMs = this.#random.between(20, 500);
    switch (manners) {
      case 'fails':
        await this.#pause(this.#random.between(0, 1_500), main);
        throw new LockRungFailed(RUNGS[rung] ?? 'unknown', 'not available');
      case 'lies':
        return;
      case 'locks late':
        this.#later(this.#random.between(3_500, 20_000), () => this.lock(`rung ${rung}, late`));
        return;
      case 'tells late':
        this.#later(soonMs, () => this.lock(`rung ${rung}`, 1, this.#random.between(2_000, 9_000)));
        return;
      case 'repeats itself':
        this.#later(soonMs, () => this.lock(`rung ${rung}`, 3));
        return;
      case 'honest':
        this.#later(soonMs, () => this.lock(`rung ${rung}`));
        return;
    }
  }

  async #requestUnlock(main: Process): Promise<void> {
    if (this.manners === 'fails') {
      await this.#pause(100, main);
      throw new LockRungFailed('logind', 'refused');
    }
    if (this.manners !== 'lies') this.#later(this.#random.between(50, 900), () => this.unlock('logind Unlock'));
  }

  #later(delayMs: number, happen: () => void): void {
    this.#time.after(delayMs, this.#os, happen);
  }

  #pause(delayMs: number, process: Process): Promise<void> {
    return new Promise((resolve) => {
      this.#time.after(delayMs, process, () => {
        resolve();
        this.#onSettled();
      });
    });
  }

  /** In the order in which it happened: signals of one bus do not overtake each other. */
  #tell(signal: OsSignal, extraMs = 0): void {
    const main = this.#main;
    if (main === null || !main.alive) return;
    const at = Math.max(this.#lastTellAt, this.#time.now + this.#random.between(1, LONGEST_SIGNAL_MS) + extraMs);
    this.#lastTellAt = at;
    this.#time.after(at - this.#time.now, main, () => {
      if (signal.type === 'os.locked') {
        this.toldLocked = true;
        // The inhibitor is let go once the lock is seen.
        this.#onSleepHandled?.();
        this.#onSleepHandled = null;
      }
      if (signal.type === 'os.unlocked') this.toldLocked = false;
      this.#listener?.(signal);
    });
  }
}
