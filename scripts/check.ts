import { REVIEWER_STEPS, VITEST } from './reviewer-steps.ts';
import { runQuietly, runStep } from './run-steps.ts';

/** `npm run check`: types, lint and layers, docs, unit tests — in about two minutes on two cores. */
const failedSteps = await runQuietly(REVIEWER_STEPS);
const unit = await runStep(
  { label: 'unit tests', file: VITEST, args: ['run', '--project', 'unit', '--reporter', 'dot'] },
  true,
);
console.log(`unit tests … ${unit.ok ? 'ok' : 'failed'} (${unit.seconds.toFixed(1)} s)`);
process.exitCode = failedSteps === 0 && unit.ok ? 0 : 1;
