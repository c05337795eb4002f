import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A test as pages name it: the file in code, a colon, the title in italics. */
const NAMED_TEST = /`(tests\/[^`]+\.test\.tsx?)`: \*([^*\n]+)\*/g;
/** Of a table of attacks: where there is no test there is a reason. */
const NO_TEST_NEEDED = 'Does not apply:';
const HEADINGS: readonly string[] = ['## What other lockers fell over', '## What is tried against the phones’ part'];

export interface NamedTest {
  readonly file: string;
  readonly title: string;
}

export function namedTests(markdown: string): readonly NamedTest[] {
  return [...markdown.matchAll(NAMED_TEST)].map((match) => ({ file: match[1] ?? '', title: match[2] ?? '' }));
}

/** @returns a sentence for every test that a page names and that is not there, or is not run. */
export function namedTestProblems(root: string, page: string, markdown: string): readonly string[] {
  return namedTests(markdown).flatMap(({ file, title }) => {
    const path = join(root, file);
    if (!existsSync(path)) return [`${page} names a test in ${file}, which does not exist`];
    const source = readFileSync(path, 'utf8');
    const call = new RegExp(`(\\.(?:skip|todo|fails))?\\(\\s*(['"\`])${escaped(title)}\\2`).exec(source);
    if (call === null) return [`${page} names a test that ${file} does not have: ${title}`];
    return call[1] === undefined ? [] : [`${page} names a test that is not run: ${title} (${file})`];
  });
}

/** @returns a sentence for every row of the tables under those headings that names neither a test nor a reason why there is none. */
export function rowsWithoutTest(page: string, markdown: string): readonly string[] {
  return HEADINGS.flatMap((heading) => rowsWithoutTestUnder(heading, page, markdown));
}

function rowsWithoutTestUnder(heading: string, page: string, markdown: string): readonly string[] {
  const from = markdown.indexOf(heading);
  if (from < 0) return [];
  const section = markdown.slice(from + heading.length).split(/^## /m, 1)[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:-|what )/.test(line));
  if (rows.length === 0) return [`${page} must show a table under “${heading.slice(3)}”`];
  return rows
    .filter((row) => namedTests(row).length === 0 && !row.includes(NO_TEST_NEEDED))
    .map((row) => `${page} names neither a test nor a reason for: ${row.split('|')[1]?.trim() ?? ''}`);
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
