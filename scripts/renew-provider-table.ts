import { VITEST } from './reviewer-steps.ts';
import { runStep } from './run-steps.ts';

/** `npm run docs:providers`: the contract runs and writes what it saw into docs/providers.md, where it otherwise compares. */
const CONTRACT = 'tests/gateway/provider-contract.test.ts';
const args = ['run', '--project', 'unit', CONTRACT, '--update'];
const { ok } = await runStep({ label: 'the table of docs/providers.md', file: VITEST, args }, true);
process.exitCode = ok ? 0 : 1;
