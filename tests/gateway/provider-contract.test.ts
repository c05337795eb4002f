import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/run-steps.ts';
import { activeconnectSubject } from './activeconnect-subject.ts';
import { authsignalSubject } from './authsignal-subject.ts';
import { describeProviderContract } from './provider-contract.ts';
import type { ContractColumn } from './provider-contract-subject.ts';
import { observationsTable, withObservedTable } from './provider-observations.ts';
import { twoFactorSubject } from './wcd-2factor-subject.ts';

/** Every provider at its service; a provider that can be used in two ways, in both. */
const COLUMNS: readonly ContractColumn[] = [
  { title: 'Activeconnect', start: () => activeconnectSubject('activeconnect') },
  { title: 'IAMPASS', start: () => activeconnectSubject('iampass') },
  { title: 'Authsignal, its app and webhooks', start: () => authsignalSubject('app', true) },
  { title: 'Authsignal, passkey by link', start: () => authsignalSubject('passkey', false) },
  { title: '2factor, typed code', start: () => twoFactorSubject('typed') },
  { title: '2factor, confirmed elsewhere', start: () => twoFactorSubject('elsewhere') },
];
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
