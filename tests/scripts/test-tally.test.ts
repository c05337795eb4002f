import { describe, expect, test } from 'vitest';
import { sumOf, tallyLine, tallyOf } from '../../scripts/test-tally.ts';

function report(
  counts: { passed?: number; failed?: number; pending?: number; todo?: number },
  files: unknown[] = [],
): string {
  return JSON.stringify({
    numTotalTests: 99,
    numPassedTests: counts.passed ?? 0,
    numFailedTests: counts.failed ?? 0,
    numPendingTests: counts.pending ?? 0,
    numTodoTests: counts.todo ?? 0,
    testResults: files,
  });
}

describe('a run', () => {
  test('counts what passed, failed and was skipped', () => {
    expect(tallyOf(report({ passed: 5, failed: 2, pending: 3, todo: 1 }), false)).toEqual({
      passed: 5,
      failed: 2,
      skipped: 4,
    });
  });

  test('with a file that could not be loaded has one failure more', () => {
    const files = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] },
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
    ];
    expect(tallyOf(report({ passed: 2, failed: 1 }, files), false)).toEqual({ passed: 2, failed: 2, skipped: 0 });
  });

  test('that did not succeed never counts as without failure', () => {
    expect(tallyOf(report({ passed: 5 }), false)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });

  test('without a report is a failure', () => {
    expect(tallyOf(null, false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(tallyOf(null, true).failed).toBe(1);
  });
});

describe('the last line', () => {
  test('is the sum over all runs', () => {
    const sum = sumOf([
      { passed: 10, failed: 0, skipped: 0 },
      { passed: 3, failed: 1, skipped: 2 },
    ]);
    expect(tallyLine(sum)).toBe('13 passed, 1 failed, 2 skipped');
  });

  test('does not speak of skipped tests when there are none', () => {
    expect(tallyLine({ passed: 7, failed: 0, skipped: 0 })).toBe('7 passed, 0 failed');
  });
});
