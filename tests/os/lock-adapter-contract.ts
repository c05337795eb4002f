import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RUNG_TIMEOUT_MS } from '../../main/os/ladder-of-rungs.ts';
import type { OsAdapter } from '../../main/os/os-adapter.ts';
import { waitFor } from '../system/desktop/managed-process.ts';
import { HeardSignals } from '../system/heard-signals.ts';

/** How the part that is asked to lock takes the request. */
export type RequestTaken = 'normally' | 'late' | 'never' | 'refused' | 'without locking' | 'by dying';

/** One adapter with the world around it, under the test's control. */
export interface LockWorld {
  readonly adapter: OsAdapter;
  /** The rung under test. */
  readonly rung: number;
  /** How the next request is taken. @throws for what this world cannot play; the contract then does not ask for it. */
  takeRequests(how: RequestTaken): void | Promise<void>;
  /** Somebody else locks, by the usual means of this system. Resolves once it was asked for. */
  lockFromOutside(): void | Promise<void>;
  /** The person types the password. */
  unlockFromOutside(): void | Promise<void>;
  /** What reports the state goes away, the screen is locked meanwhile, and it comes back. */
  lockWhileAway?(): Promise<void>;
  /** A program of the user tells the adapter that the screen is locked, in the name of who would know. */
  forgeLock?(): Promise<void>;
  /** Listeners, connections, children that the adapter holds. */
  held(): number | Promise<number>;
  /** Ends the world; the contract has stopped the adapter before. */
  stop(): void | Promise<void>;
}

/** What a world cannot show, each with the sentence why: it is listed as skipped, not left out. */
export type NotHere = Partial<
  Record<'late' | 'never' | 'refused' | 'without locking' | 'by dying' | 'away' | 'forged', string>
>;

/** Longer than anything in an adapter that turns "requested" into "locked" by waiting (300 and 500 ms at the most). */
const QUIET_MS = 800;
/** Policy `lockConfirmMs`: a lock seen later is a rung climbed over. */
const LOCK_CONFIRM_MS = 3_000;
/** A bus that crashed is looked for again after 0.1, 0.2, 0.4 … seconds. */
const BACK_MS = 10_000;
/** What a busy machine may add to a time-out. */
const SLACK_MS = 1_500;

/** Every lock adapter, whatever it stands on, keeps these promises (S3: requested is not observed). */
export function describeLockAdapter(name: string, start: () => Promise<LockWorld>, notHere: NotHere = {}): void {
  /** Skipped by name where the world cannot show it. */
  const where = (needed: keyof NotHere, title: string, test: () => Promise<void>): void => {
    const why = notHere[needed];
    if (why === undefined) it(title, test);
    else it.skip(`${title} (not here: ${why})`, () => undefined);
  };

  describe(`the lock adapter contract, ${name}`, () => {
    let world: LockWorld;
    let heard: HeardSignals;

    beforeEach(async () => {
      heard = new HeardSignals();
      world = await start();
    });
    afterEach(async () => {
      await world.adapter.watch.stop();
      await world.adapter.ladder.dispose();
      await world.stop();
    });

    const watchUnlocked = async (): Promise<void> => {
      expect(await world.adapter.watch.start(heard.listen)).toBe('unlocked');
      heard.clear();
    };
    const locks = (): number => heard.all.filter(({ signal }) => signal.type === 'os.locked').length;
    const staysQuiet = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      expect(heard.all.map(({ signal }) => signal.type)).not.toContain('os.locked');
    };

    it('reads a lock that stands when it starts', async () => {
      await world.lockFromOutside();
      // Asking is not having: a world of real parts needs a moment, and each look is a new start.
      await waitFor(
        'the lock to be found at the start',
        async () => {
          const state = await world.adapter.watch.start(heard.listen);
          if (state === 'locked') return true;
          return await heard.next('os.locked', LOCK_CONFIRM_MS).then(() => true);
        },
        LOCK_CONFIRM_MS,
      );
    });

    it('observes the lock that it requested, and then the unlock by password', async () => {
      await watchUnlocked();
      await world.adapter.ladder.requestLock(world.rung);
      expect((await heard.next('os.locked', LOCK_CONFIRM_MS)).evidence).not.toBe('');
      heard.clear();
      await world.unlockFromOutside();
      await heard.next('os.unlocked', LOCK_CONFIRM_MS);
      expect(locks()).toBe(0);
    });

    it('reports a lock again when it is requested while it stands, so that the request is confirmed', async () => {
      await watchUnlocked();
      await world.adapter.ladder.requestLock(world.rung);
      await heard.next('os.locked', LOCK_CONFIRM_MS);
      heard.clear();
      await world.adapter.ladder.requestLock(world.rung);
      await heard.next('os.locked', LOCK_CONFIRM_MS);
    });

    it('observes a lock and an unlock that somebody else wanted', async () => {
      await watchUnlocked();
      await world.lockFromOutside();
      await heard.next('os.locked', LOCK_CONFIRM_MS);
      heard.clear();
      await world.unlockFromOutside();
      await heard.next('os.unlocked', LOCK_CONFIRM_MS);
    });

    where('without locking', 'does not take a request that was acknowledged for a lock', async () => {
      await watchUnlocked();
      await world.takeRequests('without locking');
      await world.adapter.ladder.requestLock(world.rung);
      await staysQuiet();
      await world.takeRequests('normally');
      await world.lockFromOutside();
      await heard.next('os.locked', LOCK_CONFIRM_MS);
    });

    where('late', 'observes a lock that comes late', async () => {
      await watchUnlocked();
      await world.takeRequests('late');
      await world.adapter.ladder.requestLock(world.rung);
      await heard.next('os.locked', LOCK_CONFIRM_MS);
    });

    where('never', 'gives up in bounded time on a request that is never answered, and observes nothing', async () => {
      await watchUnlocked();
      await world.takeRequests('never');
      const askedAt = performance.now();
      // A part that never answers may be known for that; then the request counts as made, and the core waits for the lock in vain.
      await world.adapter.ladder.requestLock(world.rung).catch((error: unknown) => {
        expect(error).toMatchObject({ name: 'LockRungFailed' });
      });
      expect(performance.now() - askedAt).toBeLessThan(RUNG_TIMEOUT_MS + SLACK_MS);
      await staysQuiet();
    });

    where('refused', 'fails the rung, with its name and a reason, when the request is refused', async () => {
      await watchUnlocked();
      await world.takeRequests('refused');
      const failure = world.adapter.ladder.requestLock(world.rung);
      await expect(failure).rejects.toMatchObject({
        name: 'LockRungFailed',
        rung: world.adapter.ladder.rungs[world.rung],
        message: expect.stringMatching(/./),
      });
      expect(locks()).toBe(0);
    });

    where('by dying', 'fails the rung, and observes nothing, when the locker dies of the request', async () => {
      await watchUnlocked();
      await world.takeRequests('by dying');
      await world.adapter.ladder.requestLock(world.rung).catch((error: unknown) => {
        expect(error).toMatchObject({ name: 'LockRungFailed' });
      });
      await staysQuiet();
    });

    where('away', 'reads the state anew after what reports it was away', async () => {
      await watchUnlocked();
      await world.lockWhileAway?.();
      await heard.next('os.locked', BACK_MS);
      heard.clear();
      await world.unlockFromOutside();
      await heard.next('os.unlocked', BACK_MS);
    });

    where('forged', 'does not believe a lock that another client of the bus tells it', async () => {
      await watchUnlocked();
      await world.forgeLock?.();
      await staysQuiet();
      await world.lockFromOutside();
      await heard.next('os.locked', LOCK_CONFIRM_MS);
    });

    it('leaves nothing behind when it is stopped, and tells nothing more', async () => {
      const before = await world.held();
      await watchUnlocked();
      await waitFor('what it holds', async () => (await world.held()) > before, LOCK_CONFIRM_MS);
      await world.adapter.watch.stop();
      await world.adapter.ladder.dispose();
      await waitFor('everything to be let go', async () => (await world.held()) === before, LOCK_CONFIRM_MS);
      heard.clear();
      await world.lockFromOutside();
      await staysQuiet();
    });
  });
}
