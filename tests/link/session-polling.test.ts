import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSessionPolling } from '../../main/link/session-polling.ts';
import { systemTimers } from '../../main/link/timers.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function recorded() {
  const polls: [number, string][] = [];
  const begun = Date.now();
  const now = () => Date.now() - begun;
  const polling = createSessionPolling({ monotonicNow: now }, systemTimers, (sessionId) =>
    polls.push([now(), sessionId]),
  );
  return { polls, polling };
}

describe('session polling', () => {
  it('polls a new session at once and then at the interval', () => {
    const { polls, polling } = recorded();
    polling.set({ sessionId: 'a', intervalMs: 1_000 });
    vi.advanceTimersByTime(2_500);
    expect(polls).toEqual([
      [0, 'a'],
      [1_000, 'a'],
      [2_000, 'a'],
    ]);
  });

  it('counts a new interval of the same session from its last poll', () => {
    const { polls, polling } = recorded();
    polling.set({ sessionId: 'a', intervalMs: 1_000 });
    vi.advanceTimersByTime(1_400);
    polling.set({ sessionId: 'a', intervalMs: 5_000 });
    vi.advanceTimersByTime(5_000);
    expect(polls.map(([at]) => at)).toEqual([0, 1_000, 6_000]);
  });

  it('polls at once when the new interval has passed already', () => {
    const { polls, polling } = recorded();
    polling.set({ sessionId: 'a', intervalMs: 5_000 });
    vi.advanceTimersByTime(3_000);
    polling.set({ sessionId: 'a', intervalMs: 1_000 });
    vi.advanceTimersByTime(0);
    expect(polls.map(([at]) => at)).toEqual([0, 3_000]);
  });

  it('polls only the session it was given last, and none after null', () => {
    const { polls, polling } = recorded();
    polling.set({ sessionId: 'a', intervalMs: 1_000 });
    polling.set({ sessionId: 'b', intervalMs: 1_000 });
    vi.advanceTimersByTime(1_000);
    polling.set(null);
    vi.advanceTimersByTime(60_000);
    polling.pollNow();
    expect(polls).toEqual([
      [0, 'a'],
      [0, 'b'],
      [1_000, 'b'],
    ]);
  });
});
