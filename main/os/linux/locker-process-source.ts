import type { OsSignal } from '../../core/ports.ts';
import type { LockSource } from '../lock-source.ts';
import { COMMAND_NAME_LENGTH, type ProcessFacts, type ProcessTable } from './process-table.ts';

/** Screen lockers that cover the screen for exactly as long as they run. Lockers that stay resident while unlocked do not belong here. */
export const DEFAULT_LOCKER_NAMES: readonly string[] = [
  'i3lock',
  'i3lock-color',
  'swaylock',
  'xsecurelock',
  'slock',
  'xtrlock',
  'hyprlock',
  'waylock',
  'gtklock',
  'physlock',
];

/** Between two looks for a new locker while nothing is expected. */
const SEARCH_INTERVAL_MS = 1_000;
/** Between two looks while a lock or unlock has been requested. */
const ALERT_INTERVAL_MS = 50;
/** How long a request keeps us alert; longer than the policy's `lockConfirmMs` so that every rung is watched closely. */
const ALERT_WINDOW_MS = 5_000;
/** Between two looks at a locker that runs: what an unlock by password may go unseen. */
const FOLLOW_INTERVAL_MS = 100;
/** Every process is read again after this many searches, because a long-lived script may turn into a locker by exec. */
const FULL_SEARCH_EVERY = 5;
/** A locker that cannot be asked whether it covers (Wayland) counts after it ran this long: one that is refused ends at once. */
export const LOCKER_SETTLE_MS = 300;
/** A running locker whose windows no longer cover is looked at this many times before it counts as unlocked (resize on hot-plug). */
const UNCOVERED_LOOKS = 10;

/** Where a locker must run to be ours: same user and same display, or else the same login session. */
export interface ExpectedSession {
  readonly userId: number;
  readonly processId: number;
  readonly display: string | undefined;
  readonly waylandDisplay: string | undefined;
}

/** Whether some window covers the whole screen; `unknown` where nobody can say (Wayland, no X). */
export type CoverProbe = () => Promise<'covered' | 'uncovered' | 'unknown'>;

/**
 * Sees lockers that tell nobody, as i3lock under xss-lock: by their process and, on X11, by the window that covers the screen.
 * A process is announced only when it covers (S3: requested is not observed). Like LockedHint this is a hint that a program of the
 * same user can fake; it can keep the curtain down, never open an OS lock.
 */
export class LockerProcessSource implements LockSource {
  readonly name = 'locker process';
  readonly #names: ReadonlySet<string>;
  readonly #table: ProcessTable;
  readonly #expected: ExpectedSession;
  readonly #cover: CoverProbe;
  readonly #now: () => number;
  readonly #isNone: (locker: ProcessFacts) => boolean;
  readonly #onGone: () => void;
  #report: ((signal: OsSignal) => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looking = false;
  #lookAgain = false;
  #alertUntil = 0;
  #searches = 0;
  #known = new Set<number>();
  #found: { readonly locker: ProcessFacts; readonly since: number } | null = null;
  #announced = false;
  #uncoveredLooks = 0;

  constructor(options: {
    readonly table: ProcessTable;
    readonly expected: ExpectedSession;
    readonly cover: CoverProbe;
    readonly names?: readonly string[];
    /** Monotonic milliseconds. */
    readonly now: () => number;
    /** Says of a process with a locker's name that it counts for nothing yet. Default: none does. */
    readonly isNone?: (locker: ProcessFacts) => boolean;
    /** A locker is gone, or covers no more. */
    readonly onGone?: () => void;
  }) {
    this.#names = new Set((options.names ?? DEFAULT_LOCKER_NAMES).map((name) => name.slice(0, COMMAND_NAME_LENGTH)));
    this.#table = options.table;
    this.#expected = options.expected;
    this.#cover = options.cover;
    this.#now = options.now;
    this.#isNone = options.isNone ?? (() => false);
    this.#onGone = options.onGone ?? (() => undefined);
  }

  async start(report: (signal: OsSignal) => void): Promise<void> {
    await this.#table.ids(); // throws where there is no process table to watch
    this.#report = report;
    await this.#look();
    if (!this.#announced) report({ type: 'os.unlocked', evidence: 'no screen locker runs' });
    this.#schedule();
  }

  expectChange(): void {
    this.#alertUntil = this.#now() + ALERT_WINDOW_MS;
    this.#lookNow();
  }

  async stop(): Promise<void> {
    this.#report = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Whether a locker covers the screen at the last look. */
  get seesLocker(): boolean {
    return this.#announced;
  }

  #schedule(): void {
    if (this.#report === null) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const alert = this.#now() < this.#alertUntil || (this.#found !== null && !this.#announced);
    const calm = this.#found === null ? SEARCH_INTERVAL_MS : FOLLOW_INTERVAL_MS;
    this.#timer = setTimeout(() => this.#lookNow(), alert ? ALERT_INTERVAL_MS : calm);
  }

  #lookNow(): void {
    if (this.#report === null) return;
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = true;
    this.#look()
      .catch(() => {
        // The table could not be listed this once (out of descriptors): what was known stands and the next look tries again.
        this.#lookAgain = false;
      })
      .finally(() => {
        this.#looking = false;
        if (this.#lookAgain) {
          this.#lookAgain = false;
          this.#lookNow();
        } else {
          this.#schedule();
        }
      });
  }

  async #look(): Promise<void> {
    if (this.#found !== null) {
      const { locker } = this.#found;
      const now = await this.#table.facts(locker.processId);
      if (now?.alive && now.startedAt === locker.startedAt && this.#names.has(now.name)) {
        await this.#judgeCover(this.#found.since, locker);
        return;
      }
      this.#found = null;
      this.#known.clear();
      // Also one that was not seen to cover yet: a hint may have been believed because of it.
      if (!this.#announced) this.#onGone();
    }
    const locker = await this.#search();
    if (locker !== null) {
      this.#found = { locker, since: this.#now() };
      await this.#judgeCover(this.#found.since, locker);
    } else if (this.#announced) {
      this.#unlocked('the screen locker is gone');
    }
  }

  async #judgeCover(since: number, locker: ProcessFacts): Promise<void> {
    const cover = await this.#cover();
    if (cover === 'uncovered') {
      this.#uncoveredLooks += 1;
      if (this.#announced && this.#uncoveredLooks >= UNCOVERED_LOOKS) {
        this.#unlocked(`${locker.name} runs but does not cover the screen`);
      }
      return;
    }
    this.#uncoveredLooks = 0;
    if (this.#announced) return;
    if (cover === 'unknown' && this.#now() - since < LOCKER_SETTLE_MS) return;
    this.#announced = true;
    this.#report?.({
      type: 'os.locked',
      evidence: `${locker.name} (process ${locker.processId}) ${cover === 'covered' ? 'covers the screen' : 'runs'}`,
    });
  }

  #unlocked(evidence: string): void {
    this.#announced = false;
    this.#uncoveredLooks = 0;
    this.#report?.({ type: 'os.unlocked', evidence });
    this.#onGone();
  }

  /** Reads new processes on every search and all of them every few searches: listing is cheap, reading each is not. */
  async #search(): Promise<ProcessFacts | null> {
    const alert = this.#now() < this.#alertUntil;
    const full = alert || this.#searches % FULL_SEARCH_EVERY === 0;
    this.#searches += 1;
    const ids = await this.#table.ids();
    const unread = full ? ids : ids.filter((id) => !this.#known.has(id));
    this.#known = new Set(ids);
    for (const id of unread) {
      const facts = await this.#table.facts(id);
      if (!facts?.alive || !this.#names.has(facts.name) || !(await this.#isOurs(facts))) continue;
      if (!this.#isNone(facts)) return facts;
      this.#known.delete(id); // it is looked at again when it has proven itself
    }
    return null;
  }

  async #isOurs(locker: ProcessFacts): Promise<boolean> {
    if ((await this.#table.userId(locker.processId)) !== this.#expected.userId) return false;
    // A set-uid locker hides its environment; the program that started it (xss-lock, swayidle) usually does not.
    for (const id of [locker.processId, locker.parentId]) {
      const { display, waylandDisplay } = this.#expected;
      const claimed = {
        display: await this.#table.environment(id, 'DISPLAY'),
        waylandDisplay: await this.#table.environment(id, 'WAYLAND_DISPLAY'),
      };
      if (claimed.display === 'unreadable') continue;
      if (display !== undefined && claimed.display === display) return true;
      return waylandDisplay !== undefined && claimed.waylandDisplay === waylandDisplay;
    }
    const ours = await this.#table.controlGroup(this.#expected.processId);
    return ours !== null && ours === (await this.#table.controlGroup(locker.processId));
  }
}
