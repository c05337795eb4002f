import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { BenchResultSchema } from './bench/result.ts';
import { GROUPS, runGroups } from './bench/run.ts';
import { machineLine, tableOf } from './bench/table.ts';

const NAMES = GROUPS.map(({ name }) => name).join('|');
const USAGE = `Usage: npm run bench -- [--only ${NAMES}] [--quick] [--json FILE] [--profile DIR]

Measures what docs/performance.md tells and prints a table; the last line of standard output is the same as one JSON object.
--only NAME    one group; may be given several times.
--quick        few values, to see that everything works.
--json FILE    writes the JSON there too.
--profile DIR  leaves a CPU profile of the gateway under load there. Measuring it costs: no figures to quote.

Exits with 1 when something could not be measured. A missed aim is told in the table and is no failure.`;

function options() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        profile: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const { only } = values;
    const unknown = only?.find((name) => !GROUPS.some((group) => group.name === name));
    if (unknown !== undefined) throw new Error(`There is no group ${unknown}.`);
    const groups = only === undefined ? GROUPS : GROUPS.filter(({ name }) => only.includes(name));
    return { ...values, groups };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : 'unknown option'}\n\n${USAGE}`);
    process.exit(2);
  }
}

const { groups, quick, json, profile, help } = options();
if (help) {
  console.log(USAGE);
  process.exit(0);
}
const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
const say = (sentence: string): void => console.error(`bench: ${sentence} …`);
try {
  const result = BenchResultSchema.parse(await runGroups(groups, command, { quick, profileTo: profile ?? null, say }));
  console.log(`${tableOf(result.figures)}\n\n${machineLine(result)}`);
  for (const { group, why } of result.skipped) console.log(`Not measured: ${group}, because ${why}.`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result));
  process.exitCode = result.skipped.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = 1;
}
