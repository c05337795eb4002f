import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reconnectDelayMs } from '../../main/link/back-off.ts';
import { LINK_LIMITS } from '../../main/link/limits.ts';

describe('reconnect delay', () => {
  it('stays between 0.2 s and 15 s for every attempt and every roll of the dice', () => {
    fc.assert(
      fc.property(fc.nat(5_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, roll) => {
        const delay = reconnectDelayMs(attempt, () => roll, LINK_LIMITS);
        expect(delay).toBeGreaterThanOrEqual(200);
        expect(delay).toBeLessThanOrEqual(15_000);
      }),
    );
  });

  it('grows its ceiling until the longest delay', () => {
    const worst = (attempt: number) => reconnectDelayMs(attempt, () => 0.999_999, LINK_LIMITS);
    expect([0, 1, 2, 3, 4, 5, 6, 7, 60].map(worst)).toEqual([400, 800, 1600, 3200, 6400, 12800, 15000, 15000, 15000]);
  });

  it('uses the whole range, so that many workstations do not return in step', () => {
    expect(reconnectDelayMs(9, () => 0, LINK_LIMITS)).toBe(200);
    expect(reconnectDelayMs(9, () => 0.5, LINK_LIMITS)).toBe(7_600);
  });
});
