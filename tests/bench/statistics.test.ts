import { describe, expect, it } from 'vitest';
import { percentile, summaryOf } from '../../scripts/bench/statistics.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('percentiles by nearest rank', () => {
  it.each([
    // The worked example of NIST and of Wikipedia’s article on percentiles.
    [[15, 20, 35, 40, 50], 30, 20],
    [[15, 20, 35, 40, 50], 40, 20],
    [[15, 20, 35, 40, 50], 50, 35],
    [[15, 20, 35, 40, 50], 100, 50],
    [[3, 6, 7, 8, 8, 10, 13, 15, 16, 20], 25, 7],
    [[3, 6, 7, 8, 8, 10, 13, 15, 16, 20], 75, 15],
    [upTo(100), 95, 95],
    [upTo(100), 99, 99],
    [upTo(20), 95, 19],
    [upTo(1_000), 99, 990],
    [[7], 99, 7],
  ])('of %j at %d %% is %d', (values, percent, expected) => {
    expect(percentile(values, percent)).toBe(expected);
  });

  it('does not depend on the order, and leaves the values as they are', () => {
    const values = [5, 1, 4, 2, 3];
    expect(summaryOf(values)).toEqual({ n: 5, median: 3, p95: 5, p99: 5, max: 5 });
    expect(values).toEqual([5, 1, 4, 2, 3]);
  });

  it('sorts numbers as numbers', () => {
    expect(percentile([9, 10, 100], 50)).toBe(10);
  });

  it.each([
    [[], 50],
    [[1], 0],
    [[1], 101],
    [[1], Number.NaN],
  ])('of %j at %d %% are refused', (values, percent) => {
    expect(() => percentile(values, percent)).toThrow(RangeError);
  });
});
