import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REVIEWER_STEPS, VITEST } from './reviewer-steps.ts';
import { runQuietly, runStep } from './run-steps.ts';
import { sumOf, type Tally, tallyLine, tallyOf } from './test-tally.ts';

/** One after the other: the last ones measure times and need the machine to themselves. */
const PROJECTS = ['unit', 'packaging', 'system', 'e2e'] as const;

async function runProject(project: string, reports: string): Promise<Tally> {
  console.log(`\n${project} tests`);
  const file = join(reports, `${project}.json`);
  const { ok } = await runStep(
    {
      label: project,
      file: VITEST,
      args: ['run', '--project', project, '--reporter', 'default', '--reporter', 'json', `--outputFile.json=${file}`],
    },
    true,
  );
  return tallyOf(readReport(file), ok);
}

function readReport(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    console.error(`vitest left no report: ${String(error)}`);
    return null;
  }
}

const reports = mkdtempSync(join(tmpdir(), 'presence-locker-tests-'));
// A failed check has no test of its own and counts as one failure, so that the last line never looks better than it is.
const failedSteps = await runQuietly(REVIEWER_STEPS);
const tallies: Tally[] = [{ passed: 0, failed: failedSteps, skipped: 0 }];
for (const project of PROJECTS) tallies.push(await runProject(project, reports));
rmSync(reports, { recursive: true });

const sum = sumOf(tallies);
console.log(`\n${tallyLine(sum)}`);
process.exitCode = sum.failed === 0 ? 0 : 1;
