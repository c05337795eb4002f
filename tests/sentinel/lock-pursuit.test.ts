import { describe, expect, it } from 'vitest';
import type { LockLadder, OsSessionWatch, OsSignal } from '../../main/core/ports.ts';
import { LockRungFailed } from '../../main/core/ports.ts';
import { LADDER_REST_MS, RUNG_CONFIRM_MS, WATCH_START_TIMEOUT_MS } from '../../main/sentinel/limits.ts';
import { pursueLock } from '../../main/sentinel/lock-pursuit.ts';
import { HandMovedTime } from '../fakes/hand-moved-time.ts';
import { turn } from './fake-main.ts';

type Rung = 'works' | 'refuses' | 'hangs' | 'lies';

function pursuing(rungs: readonly Rung[], world: { start?: 'locked' | 'unlocked' | 'throws' | 'hangs' } = {}) {
  const time = new HandMovedTime();
  const asked: number[] = [];
  let tell: (signal: OsSignal) => void = () => undefined;
  let stops = 0;
  const ladder: LockLadder = {
    rungs: rungs.map((_, index) => `rung ${index}`),
    canUnlock: false,
    async requestLock(rung) {
      asked.push(rung);
      const behaviour = rungs[rung];
      if (behaviour === 'works') tell({ type: 'os.locked', evidence: 'seen' });
      if (behaviour === 'refuses') throw new LockRungFailed(`rung ${rung}`, 'no such locker');
      if (behaviour === 'hangs') await new Promise(() => undefined);
    },
    requestUnlock: () => Promise.reject(new Error('never')),
    terminateSession: async () => undefined,
    dispose: async () => undefined,
  };
  const watch: OsSessionWatch = {
    async start(listener) {
      tell = listener;
      const { start = 'unlocked' } = world;
      if (start === 'throws') throw new Error('no bus');
      if (start === 'hangs') await new Promise(() => undefined);
      if (start === 'locked') listener({ type: 'os.locked', evidence: 'was so' });
      return start === 'locked' ? 'locked' : 'unlocked';
    },
    async stop() {
      stops += 1;
    },
  };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const pursuit = pursueLock({ makeAdapter: () => ({ watch, ladder }), timers: time, log });
  const pass = async (ms: number): Promise<void> => {
    await turn();
    for (let left = ms; left > 0; left -= 250) {
      time.pass(Math.min(250, left));
      await turn();
    }
  };
  return { pursuit, asked, pass, tell: (signal: OsSignal) => tell(signal), stops: () => stops };
}

describe('a pursued lock', () => {
  it('is seen on the first rung that works', async () => {
    const { pursuit, asked, pass } = pursuing(['works', 'works']);
    await pass(0);
    expect(await pursuit.locked).toEqual({ already: false });
    await pass(60_000);
    expect(asked).toEqual([0]);
  });

  it('is not asked for when it is there already', async () => {
    const { pursuit, asked, pass } = pursuing(['works'], { start: 'locked' });
    await pass(60_000);
    expect(await pursuit.locked).toEqual({ already: true });
    expect(asked).toEqual([]);
  });

  it('climbs at once past a rung that refuses, and after a bounded time past one that lies or hangs', async () => {
    const { pursuit, asked, pass } = pursuing(['refuses', 'lies', 'hangs', 'works']);
    await pass(0);
    expect(asked).toEqual([0, 1]);
    await pass(RUNG_CONFIRM_MS);
    expect(asked).toEqual([0, 1, 2]);
    await pass(RUNG_CONFIRM_MS);
    expect(asked).toEqual([0, 1, 2, 3]);
    expect(pursuit.seen).toBe(true);
  });

  it('goes on for as long as no lock is seen', async () => {
    const { pursuit, asked, pass, tell } = pursuing(['lies', 'refuses']);
    await pass(10 * (RUNG_CONFIRM_MS + LADDER_REST_MS));
    expect(asked.length).toBeGreaterThan(10);
    const before = asked.length;
    tell({ type: 'os.locked', evidence: 'at last' });
    await pass(60_000);
    expect(asked).toHaveLength(before);
    expect(await pursuit.locked).toEqual({ already: false });
  });

  it.each(['throws', 'hangs'] as const)('is asked for when watching the session %s', async (start) => {
    const { asked, pass } = pursuing(['lies'], { start });
    await pass(WATCH_START_TIMEOUT_MS);
    expect(asked).toEqual([0]);
  });

  it('tells when the lock that was seen ends', async () => {
    const { pursuit, pass, tell } = pursuing(['works']);
    let unlocked = false;
    void pursuit.untilUnlocked().then(() => {
      unlocked = true;
    });
    tell({ type: 'os.unlocked', evidence: 'not yet locked' });
    await pass(0);
    expect(unlocked).toBe(false);
    tell({ type: 'os.unlocked', evidence: 'password' });
    await pass(0);
    expect(unlocked).toBe(true);
  });

  it('asks for nothing more once it is stopped, and lets the watch go once', async () => {
    const { pursuit, asked, pass, stops } = pursuing(['lies']);
    await pass(0);
    await Promise.all([pursuit.stop(), pursuit.stop()]);
    await pass(60_000);
    expect(asked).toEqual([0]);
    expect(stops()).toBe(1);
  });
});
