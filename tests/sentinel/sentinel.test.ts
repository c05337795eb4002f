import { describe, expect, it } from 'vitest';
import {
  HEARTBEAT_INTERVAL_MS,
  LOCK_BEFORE_LEAVING_MS,
  LOCK_BEFORE_RESTART_MS,
  MAX_DEATHS_IN_WINDOW,
  SESSION_LOOK_INTERVAL_MS,
} from '../../main/sentinel/limits.ts';
import type { LockPursuit } from '../../main/sentinel/lock-pursuit.ts';
import { watchOverMain } from '../../main/sentinel/sentinel.ts';
import type { Death, SentinelPorts } from '../../main/sentinel/sentinel-ports.ts';
import { HandMovedTime } from '../fakes/hand-moved-time.ts';
import { FakeMain, turn } from './fake-main.ts';

const LOOKS = 4;

class FakePursuit implements LockPursuit {
  seen = false;
  stopped = false;
  readonly #locked = Promise.withResolvers<{ readonly already: boolean }>();
  readonly #unlocked = Promise.withResolvers<void>();
  readonly locked = this.#locked.promise;
  untilUnlocked = () => this.#unlocked.promise;
  async stop(): Promise<void> {
    this.stopped = true;
  }
  isSeen(already = false): void {
    this.seen = true;
    this.#locked.resolve({ already });
  }
  isUnlocked(): void {
    this.#unlocked.resolve();
  }
}

function watching(options: { readonly systemd?: boolean } = {}) {
  const time = new HandMovedTime();
  const order: string[] = [];
  const pursuits: FakePursuit[] = [];
  const mains: FakeMain[] = [];
  const notes: Death[] = [];
  const world = { enrolledByFile: true, sessionOver: false, startFails: 0, filesUnreadable: false };
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const ports: SentinelPorts = {
    clock: time,
    timers: time,
    log: silent,
    async mustLock(said) {
      if (world.filesUnreadable) throw new Error('unreadable');
      return said || world.enrolledByFile;
    },
    pursueLock() {
      order.push('lock');
      const pursuit = new FakePursuit();
      pursuits.push(pursuit);
      return pursuit;
    },
    async startMain() {
      if (world.startFails > 0) {
        world.startFails -= 1;
        throw new Error('no memory');
      }
      order.push('start');
      const main = new FakeMain(100 + mains.length);
      mains.push(main);
      return main;
    },
    sessionIsOver: async () => world.sessionOver,
    async leaveNote(death) {
      order.push('note');
      notes.push(death);
    },
    silentLooksUntilHung: LOOKS,
    restartedBySystemd: options.systemd ?? false,
  };
  const first = new FakeMain(99);
  let over = false;
  const ended = watchOverMain(first, ports).then(() => {
    over = true;
  });
  const pass = async (ms: number): Promise<void> => {
    await turn();
    // In steps, because what a timer sets off may set the next one.
    for (let left = ms; left > 0; left -= 500) {
      time.pass(Math.min(500, left));
      await turn();
    }
  };
  const lastPursuit = (): FakePursuit => {
    const last = pursuits.at(-1);
    if (last === undefined) throw new Error('no lock was pursued');
    return last;
  };
  const lastMain = (): FakeMain => {
    const last = mains.at(-1);
    if (last === undefined) throw new Error('no main was started');
    return last;
  };
  return { time, order, pursuits, mains, notes, world, first, ended, isOver: () => over, pass, lastPursuit, lastMain };
}

/** The main of now dies at once and the lock is seen. */
async function diesAndLocks(w: ReturnType<typeof watching>, main: FakeMain): Promise<void> {
  main.wire.cut();
  await turn();
  w.lastPursuit().isSeen();
  await turn();
}

describe('a sentinel', () => {
  it('ends with a farewell: no lock, no start, no note', async () => {
    const w = watching();
    w.first.lives(true);
    w.first.wire.hears({ type: 'farewell' });
    w.first.wire.cut();
    await w.ended;
    expect(w.order).toEqual([]);
  });

  it('takes the end of the wire for a death: locks, notes it, and only then starts main', async () => {
    const w = watching();
    w.first.lives(true);
    w.first.wire.cut();
    await turn();
    expect(w.order).toEqual(['lock']);
    await w.pass(500);
    w.lastPursuit().isSeen();
    await turn();
    expect(w.order).toEqual(['lock', 'note', 'start']);
    expect(w.notes).toEqual([{ how: 'ended', atWall: expect.any(Number), lock: 'seen', lockedAfterMs: 500 }]);
    expect(w.first.killed).toEqual([]);
  });

  it('starts main after a bounded time although no lock is seen, and goes on asking until that main guards', async () => {
    const w = watching();
    w.first.lives(true);
    w.first.wire.cut();
    await w.pass(LOCK_BEFORE_RESTART_MS);
    expect(w.order).toEqual(['lock', 'note', 'start']);
    expect(w.notes[0]?.lock).toBe('not-seen');
    w.lastMain().lives(false);
    await turn();
    expect(w.lastPursuit().stopped).toBe(false);
    w.lastMain().lives(true);
    await turn();
    expect(w.lastPursuit().stopped).toBe(true);
  });

  it('stops looking at a lock that was seen as soon as main lives', async () => {
    const w = watching();
    w.first.lives(true);
    await diesAndLocks(w, w.first);
    expect(w.lastPursuit().stopped).toBe(false);
    w.lastMain().lives(false);
    await turn();
    expect(w.lastPursuit().stopped).toBe(true);
  });

  it('says of a lock from before that it was there already', async () => {
    const w = watching();
    w.first.lives(true);
    w.first.wire.cut();
    await turn();
    w.lastPursuit().isSeen(true);
    await turn();
    expect(w.notes[0]).toMatchObject({ lock: 'already', lockedAfterMs: null });
  });

  it('takes silence for a death, and ends what hangs only after the lock', async () => {
    const w = watching();
    w.first.lives(true);
    await w.pass(LOOKS * HEARTBEAT_INTERVAL_MS - 500);
    expect(w.order).toEqual([]);
    await w.pass(500);
    expect(w.order).toEqual(['lock']);
    expect(w.first.killed).toEqual([]);
    w.lastPursuit().isSeen();
    await turn();
    expect(w.first.killed).toEqual([99]);
    expect(w.notes[0]?.how).toBe('hung');
  });

  it('never takes a main that says it lives for dead', async () => {
    const w = watching();
    for (let said = 0; said < 100; said += 1) {
      w.first.lives(true);
      await w.pass(HEARTBEAT_INTERVAL_MS * (LOOKS - 1));
    }
    expect(w.order).toEqual([]);
    expect(w.first.wire.said.every(({ type }) => type === 'watching')).toBe(true);
    expect(w.first.wire.said).toHaveLength(100);
  });

  it('proves nothing by silence while it did not run itself', async () => {
    const w = watching();
    w.first.lives(true);
    await w.pass((LOOKS - 1) * HEARTBEAT_INTERVAL_MS);
    w.time.sleep(60 * 60_000);
    await w.pass(HEARTBEAT_INTERVAL_MS);
    expect(w.order).toEqual([]);
    w.first.lives(true);
    await w.pass((LOOKS - 1) * HEARTBEAT_INTERVAL_MS);
    expect(w.order).toEqual([]);
  });

  it('locks nothing where nobody is guarded, and starts main all the same', async () => {
    const w = watching();
    w.world.enrolledByFile = false;
    w.first.lives(false);
    w.first.wire.cut();
    await turn();
    expect(w.order).toEqual(['note', 'start']);
    expect(w.notes[0]?.lock).toBe('not-needed');
  });

  it('asks the files when main died before it knew whom it guards', async () => {
    const w = watching();
    w.first.wire.cut();
    await turn();
    expect(w.order).toEqual(['lock']);
  });

  it('locks when it cannot be read whether somebody is guarded', async () => {
    const w = watching();
    w.world.filesUnreadable = true;
    w.first.wire.cut();
    await turn();
    expect(w.order).toEqual(['lock']);
  });

  it('watches over the main that it started as over the first', async () => {
    const w = watching();
    w.first.lives(true);
    await diesAndLocks(w, w.first);
    w.lastMain().lives(true);
    await diesAndLocks(w, w.lastMain());
    expect(w.order).toEqual(['lock', 'note', 'start', 'lock', 'note', 'start']);
    w.lastMain().wire.hears({ type: 'farewell' });
    await w.ended;
  });

  it('leaves the start to systemd where that does it', async () => {
    const w = watching({ systemd: true });
    w.first.lives(true);
    await diesAndLocks(w, w.first);
    await w.ended;
    expect(w.order).toEqual(['lock', 'note']);
    expect(w.lastPursuit().stopped).toBe(true);
  });

  it('stays for its lock a bounded time where systemd starts main', async () => {
    const w = watching({ systemd: true });
    w.first.lives(true);
    w.first.wire.cut();
    await w.pass(LOCK_BEFORE_RESTART_MS + LOCK_BEFORE_LEAVING_MS - 500);
    expect(w.isOver()).toBe(false);
    await w.pass(1_000);
    expect(w.isOver()).toBe(true);
  });

  it('ends with the session: after a log-out there is nothing to lock and nowhere to start', async () => {
    const w = watching();
    w.first.lives(true);
    w.world.sessionOver = true;
    w.first.wire.cut();
    await w.pass(LOCK_BEFORE_RESTART_MS);
    await w.ended;
    expect(w.mains).toEqual([]);
    expect(w.lastPursuit().stopped).toBe(true);
  });

  it('tries again when main cannot be started', async () => {
    const w = watching();
    w.world.startFails = 2;
    w.first.lives(true);
    await diesAndLocks(w, w.first);
    expect(w.mains).toEqual([]);
    await w.pass(2 * SESSION_LOOK_INTERVAL_MS);
    expect(w.mains).toHaveLength(1);
  });
});

describe('a main that keeps dying', () => {
  /** Dies as often as it is started at once. */
  async function loop(w: ReturnType<typeof watching>): Promise<void> {
    w.first.lives(true);
    await diesAndLocks(w, w.first);
    for (let died = 1; died <= MAX_DEATHS_IN_WINDOW; died += 1) await diesAndLocks(w, w.lastMain());
  }

  it('is not started again by itself; it stays locked', async () => {
    const w = watching();
    await loop(w);
    expect(w.mains).toHaveLength(MAX_DEATHS_IN_WINDOW);
    await w.pass(60 * 60_000);
    expect(w.mains).toHaveLength(MAX_DEATHS_IN_WINDOW);
    expect(w.lastPursuit().stopped).toBe(false);
  });

  it('is started for somebody who unlocks, and locks again when it dies again', async () => {
    const w = watching();
    await loop(w);
    w.lastPursuit().isUnlocked();
    await turn();
    expect(w.mains).toHaveLength(MAX_DEATHS_IN_WINDOW + 1);
    const before = w.pursuits.length;
    w.lastMain().wire.cut();
    await turn();
    expect(w.pursuits).toHaveLength(before + 1);
  });

  it('locks nobody out: guarding switched off from a console ends it', async () => {
    const w = watching();
    await loop(w);
    w.world.enrolledByFile = false;
    await w.pass(2 * SESSION_LOOK_INTERVAL_MS);
    expect(w.isOver()).toBe(true);
    expect(w.lastPursuit().stopped).toBe(true);
  });

  it('is left alone where nobody is guarded', async () => {
    const w = watching();
    w.world.enrolledByFile = false;
    w.first.wire.cut();
    await turn();
    for (let died = 1; died <= MAX_DEATHS_IN_WINDOW; died += 1) {
      w.lastMain().wire.cut();
      await turn();
    }
    await w.ended;
    expect(w.pursuits).toEqual([]);
  });
});
