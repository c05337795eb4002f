import { useEffect, useState } from 'react';
import type { Known } from '../gateway/link.ts';

const STEP_MS = 1_000;

export type SignedIn = Extract<Known, { phase: 'signed-in' }>;

/** The gateway's clock now (Unix ms): the phone's own may be wrong, and a countdown must not believe it. */
export function useServerClock({ state, receivedAt }: SignedIn): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(performance.now()), STEP_MS);
    return () => window.clearInterval(timer);
  }, []);
  return state.serverTime + Math.max(0, now - receivedAt);
}
