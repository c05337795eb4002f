import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { EXAMPLE_SCHEMAS } from './docs/examples.ts';
import { examples, headingAnchors, linkTargets, npmScripts, tableNames, withTables } from './docs/markdown.ts';
import { namedTestProblems, rowsWithoutTest } from './docs/named-tests.ts';
import { TABLES } from './docs/tables.ts';
import { ROOT } from './run-steps.ts';

/** Which page must show which table. */
const REQUIRED_TABLES: { readonly [page: string]: readonly string[] } = {
  'README.md': ['policy settings'],
  'docs/operations.md': ['policy settings', 'words of the administrator'],
  'docs/protocol.md': ['error codes'],
  'docs/ipc.md': ['ipc channels'],
  'docs/cli.md': ['exit codes'],
  'docs/library.md': ['codes of the library'],
};

const PackageSchema = z.object({ scripts: z.record(z.string(), z.string()) });

/** @returns a sentence for everything in README.md, deploy/ and docs/ that is not as the product is. `write` renews the tables first. */
export function docsProblems(root: string, write: boolean): readonly string[] {
  const { scripts } = PackageSchema.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const pages = globSync(['README.md', 'CHANGELOG.md', 'deploy/*.md', 'docs/**/*.md'], { cwd: root }).sort();
  const missing = Object.keys(REQUIRED_TABLES).filter((page) => !pages.includes(page));
  return [
    ...missing.map((page) => `${page} is missing`),
    ...pages.flatMap((page) => [
      ...tableProblems(root, page, write),
      ...linkProblems(root, page),
      ...exampleProblems(root, page),
      ...testProblems(root, page),
      ...npmScripts(readFileSync(join(root, page), 'utf8'))
        .filter((name) => !Object.hasOwn(scripts, name))
        .map((name) => `${page} names a command that package.json does not have: npm run ${name}`),
    ]),
  ];
}

function tableProblems(root: string, page: string, write: boolean): readonly string[] {
  const file = join(root, page);
  const text = readFileSync(file, 'utf8');
  const shown = tableNames(text);
  const unknown = shown
    .filter((name) => !Object.hasOwn(TABLES, name))
    .map((name) => `${page} shows an unknown table: ${name}`);
  const absent = (REQUIRED_TABLES[page] ?? [])
    .filter((name) => !shown.includes(name))
    .map((name) => `${page} must show the table <!-- table: ${name} -->`);
  if (unknown.length > 0) return unknown;
  const renewed = withTables(text, (name) => TABLES[name]?.(root) ?? '');
  if (renewed === text) return absent;
  if (!write) return [...absent, `${page} shows a table that is not what the product has: npm run docs renews it`];
  writeFileSync(file, renewed);
  return absent;
}

function linkProblems(root: string, page: string): readonly string[] {
  const text = readFileSync(join(root, page), 'utf8');
  return linkTargets(text).flatMap((target) => {
    if (/^[a-z]+:/i.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(root, file))) return [`${page} links to ${target}, which does not exist`];
    if (anchor === undefined || !file.endsWith('.md')) return [];
    const known = headingAnchors(readFileSync(join(root, file), 'utf8')).includes(anchor);
    return known ? [] : [`${page} links to ${target}, but ${file} has no such heading`];
  });
}

function exampleProblems(root: string, page: string): readonly string[] {
  return examples(readFileSync(join(root, page), 'utf8')).flatMap(({ kind, text }) => {
    const schema = EXAMPLE_SCHEMAS[kind];
    if (schema === undefined) return [`${page} has an example of an unknown kind: ${kind}`];
    const issue = schema.safeParse(JSON.parse(text)).error?.issues[0];
    if (issue === undefined) return [];
    return [`${page} has a ${kind} example that the product refuses: ${issue.path.join('.')} ${issue.message}`];
  });
}

function testProblems(root: string, page: string): readonly string[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...namedTestProblems(root, page, text), ...rowsWithoutTest(page, text)];
}

if (import.meta.main) {
  const problems = docsProblems(ROOT, process.argv.includes('--write'));
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log('the documentation lists what the product has');
  process.exitCode = problems.length === 0 ? 0 : 1;
}
