import { z } from 'zod';

/** What of vitest's JSON report is counted (its form is Jest's). */
const ReportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts one vitest run. A file that could not be loaded, an error outside of any test and a run that left no report have no
 * failed test of their own, but each is one failure: a run that did not succeed never counts as zero failed.
 * @param report the report as read from disk, `null` when there is none. @param succeeded whether vitest ended with 0.
 */
export function tallyOf(report: string | null, succeeded: boolean): Tally {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  const counted = ReportSchema.parse(JSON.parse(report));
  const brokenFiles = counted.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  const failed = counted.numFailedTests + brokenFiles;
  return {
    passed: counted.numPassedTests,
    failed: failed === 0 && !succeeded ? 1 : failed,
    skipped: counted.numPendingTests + counted.numTodoTests,
  };
}

export function sumOf(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (sum, tally) => ({
      passed: sum.passed + tally.passed,
      failed: sum.failed + tally.failed,
      skipped: sum.skipped + tally.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** The line that `npm test` ends with. */
export function tallyLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}
