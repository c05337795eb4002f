import type { Clock } from '../../main/core/ports.ts';
import type { EnrollmentTimers } from '../../main/enrollment/enrollment-ports.ts';

/** Rounds of the event loop in which promises that need no time settle. */
const SETTLE_ROUNDS = 5;

export async function settled(): Promise<void> {
  for (let round = 0; round < SETTLE_ROUNDS; round += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Clock and timers that move only when told to. */
export interface VirtualTime extends Clock, EnrollmentTimers {
  /** Lets time pass, timer by timer, and lets everything settle in between. */
  pass(ms: number): Promise<void>;
}

export const WALL_START = 1_700_000_000_000;

export function virtualTime(): VirtualTime {
  let now = 1_000;
  let pending: { readonly at: number; readonly fire: () => void }[] = [];
  return {
    monotonicNow: () => now,
    wallNow: () => WALL_START + now,
    after(ms, fire) {
      const timer = { at: now + ms, fire };
      pending.push(timer);
      return () => {
        pending = pending.filter((other) => other !== timer);
      };
    },
    async pass(ms) {
      const end = now + ms;
      await settled();
      for (;;) {
        const next = pending.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        pending = pending.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.fire();
        await settled();
      }
      now = end;
    },
  };
}
