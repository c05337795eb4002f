import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/run-steps.ts';
import { describeProviderContract } from './provider-contract.ts';
import { COLUMNS } from './provider-contract-columns.ts';
import { observationsTable, withObservedTable } from './provider-observations.ts';

const PAGE = join(ROOT, 'docs/providers.md');

const columns = COLUMNS.map(describeProviderContract);

/** After all of the above: they look at what was seen there, so a run of a part of this file cannot pass them. */
describe('what was seen', () => {
  test.each(columns)('is all there is to see: $title', ({ missing }) => {
    expect(missing).toEqual([]);
  });

  test.each(columns)('was declared: $title', ({ seenCapabilities, declaredCapabilities }) => {
    expect(declaredCapabilities).toEqual(expect.arrayContaining([...seenCapabilities]));
  });

  test.each(columns)('leaves nothing that is only declared: $title', ({ providerId, declaredCapabilities }) => {
    const seen = columns.filter((column) => column.providerId === providerId).flatMap((each) => each.seenCapabilities);
    expect(seen).toEqual(expect.arrayContaining([...declaredCapabilities]));
  });

  /** With vitest's `--update` the page is written instead: `npm run docs:providers`. */
  test('is what docs/providers.md shows', async () => {
    const page = readFileSync(PAGE, 'utf8');
    await expect(withObservedTable(page, observationsTable(columns))).toMatchFileSnapshot(PAGE);
  });
});
