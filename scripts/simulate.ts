import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type SeedResult, simulateSeed } from '../tests/simulation/simulate-seed.ts';
import { runSeeds } from './simulate/run-seeds.ts';

const USAGE = `Usage: npm run simulate -- --seeds N [--from S] [--minutes M] [--trace FILE]

Runs N simulated worlds of M virtual minutes (default 480) each, beginning with seed S (default 1), and exits with 1 when a promise
of S1–S7 is broken. One seed replays to the byte; --trace FILE writes everything that happened in it.`;
/** Broken seeds told in full; the others are only counted. */
const TOLD_IN_FULL = 3;

function options() {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: 'string', default: '100' },
        from: { type: 'string', default: '1' },
        minutes: { type: 'string', default: '480' },
        trace: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const [seeds, from, minutes] = [values.seeds, values.from, values.minutes].map(Number);
    const usable = (value: number | undefined): value is number => Number.isInteger(value) && Number(value) > 0;
    if (!usable(seeds) || !usable(from) || !usable(minutes))
      throw new Error('--seeds, --from and --minutes are whole numbers.');
    if (values.trace !== undefined && seeds !== 1) throw new Error('--trace takes one seed: --seeds 1.');
    return { seeds, from, minutes, trace: values.trace ?? null, help: values.help };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : 'unknown option'}\n\n${USAGE}`);
    process.exit(2);
  }
}

const { seeds, from, minutes, trace, help } = options();
if (help) {
  console.log(USAGE);
  process.exit(0);
}
let events = 0;
let virtualMs = 0;
const broken: SeedResult[] = [];
const count = (result: SeedResult): void => {
  events += result.events;
  virtualMs += result.virtualMs;
  if (result.violation !== null) broken.push(result);
};
if (trace === null) await runSeeds(from, seeds, minutes, count);
else {
  const file = openSync(trace, 'w');
  count(await simulateSeed(from, minutes, { onLine: (line) => writeSync(file, `${line}\n`) }));
  closeSync(file);
}
broken.sort((a, b) => a.seed - b.seed);
for (const { seed, violation, lastEvents } of broken.slice(0, TOLD_IN_FULL)) {
  console.error(`seed ${seed}: ${violation?.invariant} ${violation?.sentence}`);
  for (const line of lastEvents) console.error(`  ${line}`);
  console.error(`again: npm run simulate -- --from ${seed} --seeds 1 --minutes ${minutes}\n`);
}
for (const { seed, violation } of broken.slice(TOLD_IN_FULL)) {
  console.error(`seed ${seed}: ${violation?.invariant} ${violation?.sentence}`);
}
console.log(
  JSON.stringify({ seeds, events, violations: broken.length, virtualHours: Math.round(virtualMs / 36_000) / 100 }),
);
process.exitCode = broken.length === 0 ? 0 : 1;
