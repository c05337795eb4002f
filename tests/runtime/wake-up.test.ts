import { describe, expect, it } from 'vitest';
import { createWakeUp } from '../../main/runtime/wake-up.ts';
import { startWatchdog, WATCHDOG_INTERVAL_MS } from '../../main/runtime/watchdog.ts';
import { HandMovedTime } from '../fakes/hand-moved-time.ts';

describe('the wake-up', () => {
  it('fires once its time has come, not before, and only once', () => {
    const time = new HandMovedTime();
    const wakeUp = createWakeUp(time, time);
    const start = time.monotonicNow();
    const fired: number[] = [];
    wakeUp.set(start + 500, () => fired.push(time.monotonicNow() - start));
    time.pass(499);
    expect(fired).toEqual([]);
    time.pass(2_000);
    expect(fired).toEqual([500]);
  });

  it('is replaced by the next one and taken back by null', () => {
    const time = new HandMovedTime();
    const wakeUp = createWakeUp(time, time);
    const fired: string[] = [];
    wakeUp.set(time.monotonicNow() + 100, () => fired.push('first'));
    wakeUp.set(time.monotonicNow() + 200, () => fired.push('second'));
    time.pass(300);
    expect(fired).toEqual(['second']);
    wakeUp.set(time.monotonicNow() + 100, () => fired.push('third'));
    wakeUp.set(null, () => fired.push('never'));
    time.pass(1_000);
    expect(fired).toEqual(['second']);
    expect(time.pending).toBe(0);
  });

  it('waits longer than one timer can', () => {
    const time = new HandMovedTime();
    const wakeUp = createWakeUp(time, time);
    const days60 = 60 * 24 * 3_600_000;
    let fired = 0;
    wakeUp.set(time.monotonicNow() + days60, () => {
      fired += 1;
    });
    time.pass(days60 - 1);
    expect(fired).toBe(0);
    time.pass(1);
    expect(fired).toBe(1);
  });

  it('is not moved by a wall clock that is set', () => {
    const time = new HandMovedTime();
    const wakeUp = createWakeUp(time, time);
    let fired = 0;
    wakeUp.set(time.monotonicNow() + 1_000, () => {
      fired += 1;
    });
    time.moveWallClock(86_400_000);
    time.pass(999);
    expect(fired).toBe(0);
  });
});

describe('the watchdog', () => {
  const watch = () => {
    const time = new HandMovedTime();
    const seen = { ticks: 0, sleeps: [] as number[] };
    const stop = startWatchdog({
      clock: time,
      timers: time,
      onTick: () => {
        seen.ticks += 1;
      },
      onSlept: (gapMs) => seen.sleeps.push(gapMs),
    });
    return { time, seen, stop };
  };

  it('makes the machine look at the clock every interval until it is stopped', () => {
    const { time, seen, stop } = watch();
    time.pass(5 * WATCHDOG_INTERVAL_MS);
    expect(seen).toEqual({ ticks: 5, sleeps: [] });
    stop();
    time.pass(5 * WATCHDOG_INTERVAL_MS);
    expect(seen.ticks).toBe(5);
  });

  it('notices a sleep nobody announced, before the tick that follows it', () => {
    const { time, seen } = watch();
    time.sleep(60_000);
    time.pass(0);
    expect(seen.sleeps).toEqual([59_000]);
  });

  it('notices a sleep by the wall clock where the monotonic clock stood still', () => {
    const { time, seen } = watch();
    time.moveWallClock(60_000);
    time.pass(WATCHDOG_INTERVAL_MS);
    expect(seen.sleeps).toHaveLength(1);
  });

  it('takes a wall clock set backwards for no sleep', () => {
    const { time, seen } = watch();
    time.moveWallClock(-3_600_000);
    time.pass(3 * WATCHDOG_INTERVAL_MS);
    expect(seen).toEqual({ ticks: 3, sleeps: [] });
  });
});
