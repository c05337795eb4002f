import {
  DEATHS_WINDOW_MS,
  LOCK_BEFORE_LEAVING_MS,
  LOCK_BEFORE_RESTART_MS,
  MAX_DEATHS_IN_WINDOW,
  SESSION_LOOK_INTERVAL_MS,
} from './limits.ts';
import type { LockPursuit } from './lock-pursuit.ts';
import { type Death, pause, type SentinelPorts, type WatchedMain } from './sentinel-ports.ts';

/** What happens between a main that died and the next one. */
export class AfterDeath {
  readonly #ports: SentinelPorts;
  readonly #deaths: number[] = [];
  #pursuit: LockPursuit | null = null;

  constructor(ports: SentinelPorts) {
    this.#ports = ports;
  }

  /** A main lives again: locking is its business now, and one that was not seen as soon as it guards (the note tells it). */
  async mainLives(guarding: boolean): Promise<void> {
    if (this.#pursuit?.seen === true || guarding) await this.#stopPursuing();
  }

  /** Main is gone for good. */
  async close(): Promise<void> {
    await this.#stopPursuing();
  }

  async #stopPursuing(): Promise<void> {
    const pursuit = this.#pursuit;
    this.#pursuit = null;
    await pursuit?.stop();
  }

  /** @returns the next main, or null when there is nothing left to do here. */
  async lockAndStart(death: {
    readonly how: Death['how'];
    readonly guarding: boolean;
    /** Ends a main that hangs; only after the lock, because its cover goes with it. */
    readonly kill: () => void;
  }): Promise<WatchedMain | null> {
    const { clock, log, restartedBySystemd } = this.#ports;
    const diedAt = clock.monotonicNow();
    const atWall = clock.wallNow();
    this.#deaths.push(diedAt);
    const lock = await this.#lock(death.guarding);
    const lockedAfterMs = lock === 'seen' ? Math.round(clock.monotonicNow() - diedAt) : null;
    log.warn({ lock, lockedAfterMs }, 'sentinel: the workstation after the death of the app');
    death.kill();
    await this.#leaveNote({ how: death.how, atWall, lock, lockedAfterMs });
    if (restartedBySystemd) {
      if (lock === 'not-seen') await this.#seenWithin(LOCK_BEFORE_LEAVING_MS);
      await this.#stopPursuing();
      return null;
    }
    return await this.#start();
  }

  async #lock(guarding: boolean): Promise<Death['lock']> {
    if (!(await this.#mustLock(guarding))) return 'not-needed';
    // One of a death right before, whose main never said that it lives.
    await this.#stopPursuing();
    this.#pursuit = this.#ports.pursueLock();
    const seen = await this.#seenWithin(LOCK_BEFORE_RESTART_MS);
    return seen === null ? 'not-seen' : seen.already ? 'already' : 'seen';
  }

  async #start(): Promise<WatchedMain | null> {
    const { log, timers } = this.#ports;
    for (;;) {
      if (await this.#ports.sessionIsOver()) return await this.#nothingLeft('the session is over');
      if (this.#diesTooOften()) {
        const why = await this.#untilUnlocked();
        if (why !== null) return await this.#nothingLeft(why);
      }
      try {
        const main = await this.#ports.startMain();
        log.info({ processId: main.processId }, 'sentinel: the app was started again');
        return main;
      } catch (cause) {
        log.error({ err: cause }, 'sentinel: the app could not be started again');
        this.#deaths.push(this.#ports.clock.monotonicNow());
        await pause(timers, SESSION_LOOK_INTERVAL_MS);
      }
    }
  }

  /**
   * Main does not stay up. It stays locked, and is started once for every unlock: no lock-out, because `presence-locker disable` from a
   * console ends this. @returns why there is nothing left to guard, or null when somebody unlocked.
   */
  async #untilUnlocked(): Promise<string | null> {
    const { log, timers } = this.#ports;
    log.error({ deaths: this.#deaths.length }, 'sentinel: the app keeps dying; the workstation stays locked');
    const pursuit = this.#pursuit;
    if (pursuit === null) return 'nobody is guarded';
    const unlocked = pursuit.locked.then(() => pursuit.untilUnlocked()).then(() => true);
    for (;;) {
      const look = pause(timers, SESSION_LOOK_INTERVAL_MS).then(() => false);
      if (await Promise.race([unlocked, look])) return null;
      if (await this.#ports.sessionIsOver()) return 'the session is over';
      // Only what the files say: by what main said before it died nobody could ever switch it off.
      if (!(await this.#mustLock(false))) return 'guarding was switched off';
    }
  }

  #diesTooOften(): boolean {
    const since = this.#ports.clock.monotonicNow() - DEATHS_WINDOW_MS;
    return this.#deaths.filter((at) => at > since).length > MAX_DEATHS_IN_WINDOW;
  }

  async #nothingLeft(why: string): Promise<null> {
    this.#ports.log.warn({ why }, 'sentinel: ends');
    await this.#stopPursuing();
    return null;
  }

  async #mustLock(guarding: boolean): Promise<boolean> {
    try {
      return await this.#ports.mustLock(guarding);
    } catch (cause) {
      this.#ports.log.error({ err: cause }, 'sentinel: whether somebody is guarded cannot be read; locking');
      return true;
    }
  }

  #seenWithin(ms: number): Promise<{ readonly already: boolean } | null> {
    const never = pause(this.#ports.timers, ms).then(() => null);
    return this.#pursuit === null ? never : Promise.race([this.#pursuit.locked, never]);
  }

  async #leaveNote(death: Death): Promise<void> {
    await this.#ports.leaveNote(death).catch((cause: unknown) => {
      this.#ports.log.error({ err: cause }, 'sentinel: no note could be left');
    });
  }
}
