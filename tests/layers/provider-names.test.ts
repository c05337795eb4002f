import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/run-steps.ts';

/** Everything that decides what to do with a service. Setting one up (main/enrollment, renderer/enrollment) has to name what there is to choose. */
const DECIDES = [
  'gateway/**/*.ts',
  'main/{core,link,runtime,os}/**/*.ts',
  'renderer/{curtain,status}/**/*.{ts,tsx}',
  'preload/**/*.ts',
];
/** Here an account's kind chooses its provider, and nothing else is decided. */
const CHOOSES = ['gateway/config.ts', 'gateway/gateway-of-config.ts', 'gateway/providers/provider-of-account.ts'];
/** A provider's own folder. */
const OWN = /^gateway\/providers\/[a-z0-9-]+\//;
/** In quotation marks. */
const NAMED = /(['"`])[^'"`\n]*(activeconnect|iampass|authsignal|wcd.2factor|webcase)[^'"`\n]*\1/i;
const COMMENT = /^\s*(\/\*\*|\*|\/\/)/;
const IMPORT = /\bfrom '\.{1,2}\//;

const files = DECIDES.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).filter(
  (file) => !CHOOSES.includes(file) && !OWN.test(file),
);

/** Lines of a source that name a service; comments may, and imports lead to folders. */
function naming(source: string): readonly string[] {
  return source.split('\n').filter((line) => NAMED.test(line) && !COMMENT.test(line) && !IMPORT.test(line));
}

describe('what a service can do decides, never its name', () => {
  test.each(files)('%s', (file) => {
    expect(naming(readFileSync(join(ROOT, file), 'utf8'))).toEqual([]);
  });

  test('a decision by name is noticed', () => {
    expect(naming("if (provider.id === 'iampass') {")).toHaveLength(1);
    expect(naming('title.includes("Authsignal")')).toHaveLength(1);
    expect(naming("const path = '/webhooks/authsignal';")).toHaveLength(1);
    expect(naming('  /** e.g. `iampass` */')).toEqual([]);
    expect(naming("import { x } from './authsignal/account.ts';")).toEqual([]);
  });

  test('every file is looked at', () => {
    expect(files).toContain('gateway/session.ts');
    expect(files).toContain('main/core/view-model.ts');
    expect(files.length).toBeGreaterThan(100);
  });
});
