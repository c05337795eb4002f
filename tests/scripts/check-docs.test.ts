import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { docsProblems } from '../../scripts/check-docs.ts';
import { ROOT } from '../../scripts/run-steps.ts';

let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'presence-locker-docs-'));
  for (const path of ['README.md', 'CHANGELOG.md', 'deploy', 'docs', 'package.json', 'protocol', 'scripts', 'tests']) {
    cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  }
});

afterEach(() => rmSync(copy, { recursive: true }));

function change(page: string, from: string | RegExp, to: string): void {
  const before = readFileSync(join(copy, page), 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  writeFileSync(join(copy, page), after);
}

describe('the real documentation', () => {
  test('lists what the product has', () => {
    expect(docsProblems(ROOT, false)).toEqual([]);
  });
});

describe('a page is refused', () => {
  test.each([
    ['docs/operations.md', /^\| `leaseMs`.*\n/m, ''],
    ['README.md', '| `leaseMs` | 15000 ms', '| `leaseMs` | 16000 ms'],
    ['docs/operations.md', '1000 – 120000', '1000 – 999999'],
    ['docs/protocol.md', /^\| `UNAUTHORIZED` \| 4004/m, '| `UNAUTHORIZED` | 4005'],
    ['docs/protocol.md', 'The message was too large.', 'Too large.'],
    ['docs/protocol.md', /^(\| `INTERNAL`.*\n)/m, '$1| `INVENTED` | stays open | info | no | Nothing. |\n'],
    ['docs/ipc.md', /^\| `view.get`.*\n/m, ''],
  ])('when a table of %s is changed at %s', (page, from, to) => {
    change(page, from, to);
    expect(docsProblems(copy, false)).toEqual([
      `${page} shows a table that is not what the product has: npm run docs renews it`,
    ]);
  });

  test('when it lost its table', () => {
    change('docs/protocol.md', '<!-- table: error codes -->', '');
    expect(docsProblems(copy, false)).toEqual(['docs/protocol.md must show the table <!-- table: error codes -->']);
  });

  test('when it shows a table that nobody makes', () => {
    change('docs/security.md', '# Security', '# Security\n\n<!-- table: recipes -->\n<!-- end of table -->\n');
    expect(docsProblems(copy, false)).toContain('docs/security.md shows an unknown table: recipes');
  });

  test('when it is missing', () => {
    rmSync(join(copy, 'docs/ipc.md'));
    expect(docsProblems(copy, false)).toContain('docs/ipc.md is missing');
    expect(docsProblems(copy, false)).toContain('README.md links to docs/ipc.md, which does not exist');
  });

  test('when it links to a heading that does not exist', () => {
    change('docs/operations.md', '## Getting back in', '## Getting in');
    expect(docsProblems(copy, false)).toContain(
      'README.md links to docs/operations.md#getting-back-in, but docs/operations.md has no such heading',
    );
  });

  test.each([
    ['"walkawayGraceMs": 5000', '"walkawayGraceMs": -1', 'policy'],
    ['"profile": "iampass"', '"profile": "iampast"', 'gateway'],
  ])('when it has an example that the product refuses: %s as %s', (from, to, kind) => {
    change('docs/operations.md', from, to);
    expect(docsProblems(copy, false)).toEqual([
      expect.stringContaining(`docs/operations.md has a ${kind} example that the product refuses: `),
    ]);
  });

  test.each([
    [
      'does not exist',
      '`tests/e2e/other-lockers.test.ts`: *neither typing',
      '`tests/e2e/no-such.test.ts`: *neither typing',
      'docs/security.md names a test in tests/e2e/no-such.test.ts, which does not exist',
    ],
    [
      'has another title',
      '*neither typing nor clicking',
      '*neither clicking nor typing',
      expect.stringMatching(/names a test that tests\/e2e\/other-lockers\.test\.ts does not have: neither clicking/),
    ],
    [
      'is left out of a row',
      /\| `tests\/e2e\/other-lockers\.test\.ts`: \*neither typing[^|]*\|/,
      '| soon |',
      expect.stringMatching(/names neither a test nor a reason for: Typing/),
    ],
  ])('when a test that it names %s', (_what, from, to, problem) => {
    change('docs/security.md', from, to);
    expect(docsProblems(copy, false)).toEqual([problem]);
  });

  test('when a test that it names is skipped', () => {
    change('tests/e2e/other-lockers.test.ts', "it('neither typing", "it.skip('neither typing");
    expect(docsProblems(copy, false)).toEqual([
      expect.stringContaining('names a test that is not run: neither typing'),
    ]);
  });

  test('when it names a command that does not exist', () => {
    change('README.md', '`npm run check`', '`npm run cheque`');
    expect(docsProblems(copy, false)).toEqual([
      'README.md names a command that package.json does not have: npm run cheque',
    ]);
  });
});

test('writing renews a changed table and nothing else', () => {
  const before = readFileSync(join(copy, 'docs/operations.md'), 'utf8');
  change('docs/operations.md', /^\| `leaseMs`.*\n/m, '');
  expect(docsProblems(copy, true)).toEqual([]);
  expect(readFileSync(join(copy, 'docs/operations.md'), 'utf8')).toBe(before);
});
