import { useEffect, useState } from 'react';

/** Ten steps a second move the dot by less than a pixel each: smooth, and cheap enough to draw at 4K without a GPU. */
const SMOOTH_STEP_MS = 100;
const CALM_STEP_MS = 1_000;

export interface Remaining {
  readonly ms: number;
  /** 1 at the start, 0 at the end. */
  readonly share: number;
}

export interface Countdown {
  readonly endsInMs: number;
  readonly totalMs: number;
}

/** What is left of a countdown received at `receivedAt` (performance.now): a wall clock that jumps moves nothing. */
export function remainingOf(countdown: Countdown, receivedAt: number, now: number): Remaining {
  const ms = Math.max(0, countdown.endsInMs - Math.max(0, now - receivedAt));
  const share = countdown.totalMs > 0 ? Math.min(1, ms / countdown.totalMs) : 0;
  return { ms, share };
}

/** Ticks while there is something to count. With reduced motion the ring steps once a second instead of gliding. */
export function useCountdown(countdown: Countdown | null, receivedAt: number): Remaining | null {
  const [now, setNow] = useState(() => performance.now());
  const counting = countdown !== null;
  useEffect(() => {
    if (!counting) return;
    const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    const timer = window.setInterval(() => setNow(performance.now()), calm ? CALM_STEP_MS : SMOOTH_STEP_MS);
    return () => window.clearInterval(timer);
  }, [counting]);
  return countdown === null ? null : remainingOf(countdown, receivedAt, Math.max(now, receivedAt));
}

/** The wall clock, for "2 s ago" and the time in the corner. */
export function useWallClock(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), CALM_STEP_MS);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}
