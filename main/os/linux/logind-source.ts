import { z } from 'zod';
import type { OsSignal } from '../../core/ports.ts';
import type { LockSource } from '../lock-source.ts';
import type { CoverProbe } from './locker-process-source.ts';
import { LOGIND, LOGIND_MANAGER, LOGIND_PATH, LOGIND_SESSION, type OwnSession, PROPERTIES } from './own-session.ts';
import type { Bus } from './reconnecting-bus.ts';

/** LockedHint is read again this often, in case a change signal was lost on a way we do not know. */
const CROSS_CHECK_INTERVAL_MS = 5_000;

/**
 * xss-lock sets LockedHint when it starts the locker, before anything is covered. Where the screen can be asked (X11), the hint is
 * passed on once it is covered, and after this long in any case: GNOME's shield is no window that can be seen.
 */
const COVER_WAIT_MS = 500;
/** Between two questions whether the screen is covered. */
const COVER_INTERVAL_MS = 20;
/** How long the hint may outlive a locker before it counts as left behind. */
export const HINT_WITHOUT_LOCKER_MS = 2_000;

const booleanReplySchema = z.tuple([z.boolean()]);
const propertiesChangedSchema = z.tuple([
  z.literal(LOGIND_SESSION),
  z.looseObject({ LockedHint: z.boolean().optional(), IdleHint: z.boolean().optional() }),
  z.array(z.string()),
]);

/** What besides the lock state this source can tell. */
export interface LogindListeners {
  /** logind broadcast `Lock` or `Unlock` for our session: somebody is asked to act on it now, so look closely. Not a state. */
  readonly onLockOrUnlockRequested: () => void;
  /** The session stopped being idle. */
  readonly onIdleHintCleared: () => void;
}

/**
 * LockedHint and sleep of our own session. `Lock`/`Unlock` signals are requests and are never taken for state; LockedHint can be set by
 * any process of the user: a hint, not proof (OS-NOTES). An unlock seen here therefore only ever raises the curtain.
 */
export class LogindSource implements LockSource {
  readonly name = 'logind';
  readonly #bus: Bus;
  readonly #findSession: () => Promise<OwnSession>;
  readonly #listeners: LogindListeners;
  readonly #cover: CoverProbe;
  #report: ((signal: OsSignal) => void) | null = null;
  #hint: boolean | null = null;
  /** Counts changes of the hint: one that was set anew meanwhile is another lock. */
  #hintTurns = 0;
  #session: OwnSession | null = null;
  #subscribedPaths = new Set<string>();
  #preparingForSleep = false;
  #crossCheck: NodeJS.Timeout | null = null;
  #trouble: string | null = null;
  /** Counts change signals, so that an answer read before one is not applied after it. */
  #changes = 0;

  constructor(options: {
    readonly bus: Bus;
    readonly findSession: () => Promise<OwnSession>;
    readonly listeners: LogindListeners;
    /** Default: nobody can say, and the hint is passed on at once. */
    readonly cover?: CoverProbe;
  }) {
    this.#bus = options.bus;
    this.#findSession = options.findSession;
    this.#listeners = options.listeners;
    this.#cover = options.cover ?? (async () => 'unknown');
  }

  /** Goes on trying after it threw: a logind that comes up later is followed from then on. */
  async start(report: (signal: OsSignal) => void): Promise<void> {
    this.#report = report;
    this.#crossCheck = setInterval(() => this.#lookAgain(), CROSS_CHECK_INTERVAL_MS);
    this.#bus.onServiceBack(LOGIND, () => {
      // A restarted logind may know our session under another path.
      this.#session = null;
      this.#lookAgain();
    });
    await this.#bus.subscribe(
      { sender: LOGIND, path: LOGIND_PATH, interface: LOGIND_MANAGER, member: 'PrepareForSleep' },
      (body) => {
        const preparing = booleanReplySchema.safeParse(body);
        if (!preparing.success) return;
        this.#changes += 1;
        this.#sleep(preparing.data[0]);
      },
    );
    await this.#follow();
  }

  expectChange(): void {
    this.#lookAgain();
  }

  async stop(): Promise<void> {
    this.#report = null;
    if (this.#crossCheck !== null) clearInterval(this.#crossCheck);
    this.#crossCheck = null;
  }

  /**
   * A locker is gone. xss-lock sets and takes back its hint without waiting for either, and seldom "locked" is what
   * arrives last: whoever believed that for ever would leave an open desktop unguarded. So a hint that stays although nothing covers the
   * screen any more is told as an unlock, until it changes.
   */
  lockerGone(): void {
    this.#judgeHintWithoutLocker().catch(() => {
      // Nobody can say whether the screen is covered: then there is nothing to hold against the hint.
    });
  }

  /** Why the session could not be read the last time, or null. For the log. */
  get trouble(): string | null {
    return this.#trouble;
  }

  #lookAgain(): void {
    this.#follow().catch((error: unknown) => {
      // The last word stands while logind is away; the bus tells us when it is back, and the cross-check asks again anyhow.
      this.#session = null;
      this.#trouble = error instanceof Error ? error.message : 'unknown error';
    });
  }

  async #follow(): Promise<void> {
    this.#session ??= await this.#findSession();
    const { path } = this.#session;
    if (!this.#subscribedPaths.has(path)) {
      this.#subscribedPaths.add(path);
      await this.#subscribe(path);
    }
    const changesBefore = this.#changes;
    const locked = await this.#read(path, LOGIND_SESSION, 'LockedHint');
    const preparing = await this.#read(LOGIND_PATH, LOGIND_MANAGER, 'PreparingForSleep');
    this.#trouble = null;
    if (changesBefore !== this.#changes) return;
    this.#sleep(preparing);
    await this.#locked(locked);
  }

  async #subscribe(path: string): Promise<void> {
    await this.#bus.subscribe({ sender: LOGIND, path, interface: PROPERTIES, member: 'PropertiesChanged' }, (body) => {
      const change = propertiesChangedSchema.safeParse(body);
      if (!change.success || this.#session?.path !== path) return;
      const [, changed, invalidated] = change.data;
      this.#changes += 1;
      if (changed.LockedHint !== undefined) void this.#locked(changed.LockedHint);
      else if (invalidated.includes('LockedHint')) this.#lookAgain();
      if (changed.IdleHint === false) this.#listeners.onIdleHintCleared();
    });
    for (const member of ['Lock', 'Unlock']) {
      await this.#bus.subscribe({ sender: LOGIND, path, interface: LOGIND_SESSION, member }, () =>
        this.#listeners.onLockOrUnlockRequested(),
      );
    }
  }

  async #read(path: string, propertyInterface: string, property: string): Promise<boolean> {
    const reply = await this.#bus.call({
      destination: LOGIND,
      path,
      interface: PROPERTIES,
      member: 'Get',
      signature: 'ss',
      body: [propertyInterface, property],
    });
    return booleanReplySchema.parse(reply)[0];
  }

  async #locked(locked: boolean): Promise<void> {
    if (this.#hint === locked) return;
    this.#hint = locked;
    this.#hintTurns += 1;
    if (locked) await this.#untilCovered();
    if (this.#hint !== locked) return;
    this.#report?.({ type: locked ? 'os.locked' : 'os.unlocked', evidence: `logind LockedHint=${locked}` });
  }

  async #untilCovered(): Promise<void> {
    const deadline = performance.now() + COVER_WAIT_MS;
    while (this.#hint === true && performance.now() < deadline && (await this.#cover()) === 'uncovered') {
      await new Promise((resolve) => setTimeout(resolve, COVER_INTERVAL_MS));
    }
  }

  async #judgeHintWithoutLocker(): Promise<void> {
    const turnsBefore = this.#hintTurns;
    await new Promise((resolve) => setTimeout(resolve, HINT_WITHOUT_LOCKER_MS));
    if ((await this.#cover()) !== 'uncovered' || this.#hint !== true || this.#hintTurns !== turnsBefore) return;
    this.#report?.({
      type: 'os.unlocked',
      evidence: 'the locker is gone and nothing covers the screen, though LockedHint stayed',
    });
  }

  #sleep(preparing: boolean): void {
    if (preparing === this.#preparingForSleep) return;
    this.#preparingForSleep = preparing;
    this.#report?.({ type: preparing ? 'os.suspending' : 'os.resumed' });
  }
}

/**
 * Of our own session none of these needs a prompt. `Lock` and `Unlock` are requests that logind passes on to the desktop; `Terminate`
 * ends all that runs in the session. @throws BusCallFailed
 */
export async function callOwnSession(
  bus: Bus,
  session: OwnSession,
  member: 'Lock' | 'Unlock' | 'Terminate',
): Promise<void> {
  await bus.call({ destination: LOGIND, path: session.path, interface: LOGIND_SESSION, member });
}
