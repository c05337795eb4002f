import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Violation } from '../tests/fuzz/run-target.ts';
import { FUZZ_SHARES } from '../tests/fuzz/shares.ts';
import { runInputs } from './fuzz/run-inputs.ts';
import { ROOT } from './run-steps.ts';

const USAGE = `Usage: npm run fuzz -- --inputs N [--from SEED] [--target NAME] [--outcomes]

Feeds N bad inputs (default 10000), beginning with seed SEED (default 1), to every place where something from outside is read, or to
one of them: ${Object.keys(FUZZ_SHARES).join(', ')}. Exits with 1 when a promise was
broken; the inputs that broke it are in .setup/fuzz, and one seed makes one input again. --outcomes tells what came of them.`;
/** Told in full; the others are in the folder. */
const TOLD_IN_FULL = 3;

function options() {
  try {
    const { values } = parseArgs({
      options: {
        inputs: { type: 'string', default: '10000' },
        from: { type: 'string', default: '1' },
        target: { type: 'string' },
        outcomes: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const [inputs, from] = [values.inputs, values.from].map(Number);
    const usable = (value: number | undefined): value is number => Number.isInteger(value) && Number(value) > 0;
    if (!usable(inputs) || !usable(from)) throw new Error('--inputs and --from are whole numbers.');
    if (values.target !== undefined && !Object.hasOwn(FUZZ_SHARES, values.target))
      throw new Error(`There is no target ${values.target}.`);
    return { inputs, from, target: values.target ?? null, outcomes: values.outcomes, help: values.help };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : 'unknown option'}\n\n${USAGE}`);
    process.exit(2);
  }
}

const { inputs, from, target, outcomes, help } = options();
if (help) {
  console.log(USAGE);
  process.exit(0);
}
const violations: Violation[] = [];
const targets: Record<string, number> = {};
const came: Record<string, Record<string, number>> = {};
await runInputs(from, inputs, target, (result) => {
  targets[result.target] = (targets[result.target] ?? 0) + result.inputs;
  violations.push(...result.violations);
  const words = came[result.target] ?? {};
  came[result.target] = words;
  for (const [word, times] of Object.entries(result.outcomes)) words[word] = (words[word] ?? 0) + times;
});
violations.sort((a, b) => a.seed - b.seed);
if (violations.length > 0) {
  const folder = join(ROOT, '.setup/fuzz');
  mkdirSync(folder, { recursive: true });
  for (const violation of violations) {
    writeFileSync(
      join(folder, `${violation.target}-${violation.seed}.json`),
      `${JSON.stringify(violation, null, 2)}\n`,
    );
  }
}
for (const { target: name, seed, sentence, input } of violations.slice(0, TOLD_IN_FULL)) {
  console.error(`${name}, seed ${seed}: ${sentence}\n  ${input}`);
  console.error(`again: npm run fuzz -- --target ${name} --from ${seed} --inputs 1\n`);
}
for (const { target: name, seed, sentence } of violations.slice(TOLD_IN_FULL)) {
  console.error(`${name}, seed ${seed}: ${sentence.split('\n', 1)[0]}`);
}
if (outcomes) console.error(JSON.stringify(came, null, 2));
const ran = Object.values(targets).reduce((sum, count) => sum + count, 0);
console.log(JSON.stringify({ inputs: ran, targets, violations: violations.length }));
process.exitCode = violations.length === 0 ? 0 : 1;
