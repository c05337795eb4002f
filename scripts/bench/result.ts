import { z } from 'zod';
import { summaryOf } from './statistics.ts';

/** What of a figure an aim is about, and which way is good: smaller. */
export const AimSchema = z.strictObject({
  statistic: z.enum(['median', 'p95', 'p99']),
  below: z.number(),
  met: z.boolean(),
});

export const FigureSchema = z.strictObject({
  /** Stable; what is compared over time. */
  name: z.string().regex(/^[a-z0-9.-]+$/),
  title: z.string(),
  unit: z.enum(['ms', 'KiB', 'MiB', '% of a core', 'per second', 'times']),
  /** Measured values. 1: a total or a ratio of totals, and all statistics are that value. */
  n: z.int().min(1),
  median: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
  aim: AimSchema.nullable(),
});
export type Figure = z.infer<typeof FigureSchema>;

export const MachineSchema = z.strictObject({
  cores: z.int(),
  processor: z.string(),
  memoryGiB: z.number(),
  system: z.string(),
  node: z.string(),
  /** Over 1, 5 and 15 minutes when the bench began: above a few tenths somebody else was working. */
  loadAverage: z.array(z.number()).length(3),
});
export type Machine = z.infer<typeof MachineSchema>;

/** The last line of standard output. */
export const BenchResultSchema = z.strictObject({
  version: z.literal(1),
  command: z.string(),
  /** Unix time, ms. */
  startedAtWall: z.int(),
  seconds: z.number(),
  /** Few values, to see that everything works: no figures to quote. */
  quick: z.boolean(),
  machine: MachineSchema,
  figures: z.array(FigureSchema),
  /** Groups that did not run, with why. */
  skipped: z.array(z.strictObject({ group: z.string(), why: z.string() })),
});
export type BenchResult = z.infer<typeof BenchResultSchema>;

/** Of Figure, what the caller knows. */
export interface Measured {
  readonly name: string;
  readonly title: string;
  readonly unit: Figure['unit'];
  readonly values: readonly number[];
  readonly aim?: { readonly statistic: 'median' | 'p95' | 'p99'; readonly below: number };
}

const DIGITS = 1_000;
const rounded = (value: number): number => Math.round(value * DIGITS) / DIGITS;

/** @throws RangeError without values */
export function figureOf({ name, title, unit, values, aim }: Measured): Figure {
  const { n, median, p95, p99, max } = summaryOf(values);
  const statistics = { median, p95, p99 };
  return {
    name,
    title,
    unit,
    n,
    median: rounded(median),
    p95: rounded(p95),
    p99: rounded(p99),
    max: rounded(max),
    aim: aim === undefined ? null : { ...aim, met: statistics[aim.statistic] < aim.below },
  };
}
