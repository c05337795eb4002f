import type { Step } from './run-steps.ts';

const TSC = 'node_modules/typescript/bin/tsc';

/** Everything a reviewer would otherwise have to say, short of running the product. */
export const REVIEWER_STEPS: readonly Step[] = [
  { label: 'types (node)', file: TSC, args: ['-p', 'tsconfig.json'] },
  { label: 'types (web)', file: TSC, args: ['-p', 'tsconfig.web.json'] },
  { label: 'types (service worker)', file: TSC, args: ['-p', 'tsconfig.worker.json'] },
  { label: 'types (pure)', file: TSC, args: ['-p', 'tsconfig.pure.json'] },
  {
    label: 'lint and format',
    file: 'node_modules/@biomejs/biome/bin/biome',
    args: ['check', '--error-on-warnings', '--colors=off', '.'],
  },
  { label: 'layers', file: 'scripts/check-layers.ts', args: [] },
  { label: 'docs', file: 'scripts/check-docs.ts', args: [] },
];

export const VITEST = 'node_modules/vitest/vitest.mjs';
