/** What is told of a set of measured values. All in the unit of the values. */
export interface Summary {
  readonly n: number;
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Nearest rank: the smallest measured value that at least `percent` of all values do not exceed. No value is made up between two measured
 * ones, so with few values the high percentiles are simply the largest.
 * @param percent above 0, at most 100.
 * @throws RangeError without values, or for another percentage
 */
export function percentile(values: readonly number[], percent: number): number {
  return ofSorted(values.toSorted(ascending), percent);
}

/** @throws RangeError without values */
export function summaryOf(values: readonly number[]): Summary {
  const sorted = values.toSorted(ascending);
  return {
    n: sorted.length,
    median: ofSorted(sorted, 50),
    p95: ofSorted(sorted, 95),
    p99: ofSorted(sorted, 99),
    max: ofSorted(sorted, 100),
  };
}

const ascending = (a: number, b: number): number => a - b;

function ofSorted(sorted: readonly number[], percent: number): number {
  if (!(percent > 0 && percent <= 100)) throw new RangeError(`no percentile ${percent}`);
  // Times 100 first: 0.95 * 20 is a little more than 19 in binary, and would name the next value.
  const value = sorted[Math.ceil((percent * sorted.length) / 100) - 1];
  if (value === undefined) throw new RangeError('no values');
  return value;
}
