import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSystemClock } from '../../gateway/clock.ts';
import { remainingLeaseMs } from '../../gateway/lease.ts';
import { pollIntervalMs, pollRetryDelayMs } from '../../gateway/poll-schedule.ts';
import { SlidingWindow, TokenBucket } from '../../gateway/rate-limit.ts';
import { FakeGatewayClock } from './fake-gateway-clock.ts';

describe('a lease', () => {
  test('counts from the moment the question was sent', () => {
    expect(remainingLeaseMs({ status: 'active', lastGoodAnswerAt: 1_000 }, 15_000, 4_000)).toBe(12_000);
  });

  test('never lasts longer than the answer supports, whatever the numbers', () => {
    const numbers = fc.tuple(
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.integer({ min: 1_000, max: 120_000 }),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
    );
    fc.assert(
      fc.property(numbers, ([sentAt, leaseMs, now]) => {
        const remaining = remainingLeaseMs({ status: 'active', lastGoodAnswerAt: sentAt }, leaseMs, now);
        expect(Number.isInteger(remaining)).toBe(true);
        expect(remaining).toBeGreaterThanOrEqual(0);
        expect(remaining).toBeLessThanOrEqual(Math.max(0, Math.min(leaseMs, sentAt + leaseMs - now)));
      }),
    );
  });

  test.each(['pending', 'identifying', 'walkaway', 'timeout', 'closed', 'failed', 'cancelled'] as const)(
    'is 0 when %s',
    (status) => {
      expect(remainingLeaseMs({ status, lastGoodAnswerAt: 1_000 }, 15_000, 1_000)).toBe(0);
    },
  );

  test('is 0 before the first answer', () => {
    expect(remainingLeaseMs({ status: 'active', lastGoodAnswerAt: null }, 15_000, 1_000)).toBe(0);
  });
});

describe('the system clock', () => {
  test('counts the time the machine slept, and small differences not at all', () => {
    let monotonicMs = 5_000;
    let uptimeMs = 90_000;
    let wallMs = 1_700_000_000_000;
    const clock = createSystemClock({
      monotonicMs: () => monotonicMs,
      uptimeMs: () => uptimeMs,
      wallMs: () => wallMs,
    });
    const pass = (awakeMs: number, asleepMs: number, wallPassedMs = awakeMs + asleepMs): void => {
      monotonicMs += awakeMs;
      uptimeMs += awakeMs + asleepMs;
      wallMs += wallPassedMs;
    };
    pass(1_000, 1_500);
    expect(clock.elapsedMs()).toBe(6_000);
    pass(10, 3_600_000);
    expect(clock.elapsedMs()).toBeGreaterThanOrEqual(3_606_000);
    // The wall clock was set back by as much as the machine slept: it tells nothing, and the uptime is looked at in its turn.
    pass(250, 3_600_000, 250);
    expect(clock.elapsedMs()).toBeGreaterThanOrEqual(7_206_000);
  });

  test('does not read the uptime again while nothing points to a sleep', () => {
    let monotonicMs = 5_000;
    let looks = 0;
    const uptimeMs = () => {
      looks += 1;
      return monotonicMs;
    };
    const clock = createSystemClock({ monotonicMs: () => monotonicMs, uptimeMs, wallMs: () => monotonicMs });
    looks = 0;
    for (let read = 0; read < 1_000; read += 1) {
      monotonicMs += 1;
      expect(clock.elapsedMs()).toBe(monotonicMs);
    }
    expect(looks).toBeLessThanOrEqual(5);
  });

  test('never runs backwards when the coarse clock does', () => {
    let uptimeMs = 90_000;
    const clock = createSystemClock({ monotonicMs: () => 5_000, uptimeMs: () => uptimeMs, wallMs: () => 0 });
    uptimeMs += 60_000;
    const before = clock.elapsedMs();
    uptimeMs -= 120_000;
    expect(clock.elapsedMs()).toBe(before);
  });
});

describe('the poll of a session', () => {
  test('is urgent until approved, calm while active, and fits thrice into a short lease', () => {
    expect(pollIntervalMs('pending', 15_000, null)).toBe(1_000);
    expect(pollIntervalMs('walkaway', 15_000, null)).toBe(1_000);
    expect(pollIntervalMs('active', 15_000, null)).toBe(5_000);
    expect(pollIntervalMs('active', 3_000, null)).toBe(1_000);
    expect(pollIntervalMs('active', 120_000, null)).toBe(5_000);
  });

  test('is hastened by an eager watcher, but not beyond a second', () => {
    expect(pollIntervalMs('active', 15_000, 2_000)).toBe(2_000);
    expect(pollIntervalMs('active', 15_000, 10)).toBe(1_000);
    expect(pollIntervalMs('active', 15_000, 60_000)).toBe(5_000);
  });

  test('backs off after failures and heeds Retry-After within reason', () => {
    expect([1, 2, 3, 4, 9].map((failures) => pollRetryDelayMs(failures, null, 0.999_999))).toEqual(
      [1_000, 2_000, 4_000, 5_000, 5_000].map((ms) => expect.closeTo(ms, 0)),
    );
    expect(pollRetryDelayMs(1, null, 0)).toBe(500);
    expect(pollRetryDelayMs(1, 30_000, 0)).toBe(30_000);
    expect(pollRetryDelayMs(1, 3_000_000, 0)).toBe(60_000);
  });
});

describe('limits', () => {
  test('a token bucket lets a burst through and refills evenly', async () => {
    const clock = new FakeGatewayClock();
    const bucket = new TokenBucket(3, 2, clock);
    expect([bucket.take(), bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, true, false]);
    await clock.advance(500);
    expect([bucket.take(), bucket.take()]).toEqual([true, false]);
  });

  test('a sliding window counts per key and forgets what is old', async () => {
    const clock = new FakeGatewayClock();
    const window = new SlidingWindow([{ events: 2, windowMs: 1_000 }], clock);
    expect([window.take('a'), window.take('a'), window.take('a'), window.take('b')]).toEqual([true, true, false, true]);
    await clock.advance(1_001);
    expect([window.take('a'), window.hasRoom('a')]).toEqual([true, true]);
  });

  test('a sliding window of two limits holds both', async () => {
    const clock = new FakeGatewayClock();
    const limits = [
      { events: 2, windowMs: 1_000 },
      { events: 3, windowMs: 10_000 },
    ];
    const window = new SlidingWindow(limits, clock);
    expect([window.take('a'), window.take('a'), window.take('a')]).toEqual([true, true, false]);
    await clock.advance(1_001);
    expect([window.take('a'), window.take('a')]).toEqual([true, false]);
    await clock.advance(10_001);
    expect(window.take('a')).toBe(true);
  });
});
