import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { layerProblems } from '../../scripts/check-layers.ts';
import { ROOT } from '../../scripts/run-steps.ts';

let tree: string;

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'presence-locker-layers-'));
});

afterEach(() => rmSync(tree, { recursive: true }));

function problemsWith(file: string, source: string): readonly string[] {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), source);
  return layerProblems(tree).problems;
}

const ADAPTERS = ['runtime', 'link', 'os', 'electron', 'secrets', 'settings', 'enrollment', 'sentinel', 'a-new-one'];
const PRODUCT = [
  'protocol/a.ts',
  'main/core/a.ts',
  'main/link/a.ts',
  'preload/a.ts',
  'renderer/a.ts',
  'gateway/a.ts',
  'simulators/a.ts',
];

describe('the real tree', () => {
  test('keeps every rule', () => {
    const { files, problems } = layerProblems(ROOT);
    expect(problems).toEqual([]);
    expect(files).toBeGreaterThan(0);
  });
});

describe('imports point down', () => {
  test.each([
    [
      'protocol/a.ts',
      '../main/core/b.ts',
      'protocol must not import main/core: ',
      'move what is needed here into protocol/',
    ],
    [
      'main/core/a.ts',
      '../link/b.ts',
      'main/core must not import main/link: ',
      'as an event or as a port of main/core/ports.ts',
    ],
    ['main/core/a.ts', '../index.ts', 'main/core must not import main/index.ts: ', 'main/core/ports.ts'],
    ['main/link/a.ts', '../index.ts', 'main/link must not import main/index.ts: ', 'let main/index.ts connect the two'],
    ['main/index.ts', '../gateway/b.ts', 'main/index.ts must not import gateway: ', 'protocol/frames.ts'],
    ['main/index.ts', '../renderer/b.ts', 'main/index.ts must not import renderer: ', 'protocol/ipc.ts'],
    ['library/a.ts', '../main/core/b.ts', 'library must not import main/core: ', 'in gateway/providers/'],
    ['command/a.ts', '../main/link/b.ts', 'command must not import main/link: ', 'needs nothing else of main'],
    ['gateway/a.ts', '../library/b.ts', 'gateway must not import library: ', 'protocol'],
    ['main/index.ts', '../command/b.ts', 'main/index.ts must not import command: ', 'protocol/frames.ts'],
    ['gateway/a.ts', '../main/core/b.ts', 'gateway must not import main/core: ', 'move what both need into protocol/'],
    ['gateway/a.ts', '../simulators/b.ts', 'gateway must not import simulators: ', 'protocol/'],
    [
      'gateway/admin/command/a.ts',
      '../../store/b.ts',
      'administrator’s command must not import gateway: ',
      'never works on the database beside it',
    ],
    [
      'gateway/admin/wire/a.ts',
      '../command/b.ts',
      'administrator’s calls must not import administrator’s command: ',
      'what does the work is in gateway/admin/',
    ],
    ['simulators/a.ts', '../gateway/b.ts', 'simulators must not import gateway: ', 'write it again here'],
    ['preload/a.ts', '../main/core/b.ts', 'preload must not import main/core: ', 'protocol/ipc.ts'],
    [
      'renderer/curtain/a.tsx',
      '../../main/core/b.ts',
      'renderer must not import main/core: ',
      'protocol/view-model.ts',
    ],
    [
      'renderer/curtain/a.tsx',
      '../../preload/b.ts',
      'renderer must not import preload: ',
      'the bridge of protocol/ipc.ts',
    ],
    [
      'chromium-host/a.ts',
      '../main/core/b.ts',
      'chromium-host must not import main/core: ',
      'it runs the bundle in out/',
    ],
  ])('%s must not import %s', (file, specifier, rule, instead) => {
    const problems = problemsWith(file, `import { b } from '${specifier}';\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${file}:1 ${rule}`);
    expect(problems[0]).toContain(instead);
  });

  test.each(ADAPTERS.flatMap((from) => ADAPTERS.filter((to) => to !== from).map((to) => [from, to] as const)))(
    'main/%s must not import main/%s',
    (from, to) => {
      const problems = problemsWith(`main/${from}/a.ts`, `import type { B } from '../${to}/b.ts';\n`);
      expect(problems).toEqual([expect.stringContaining('declare a port in main/core/ports.ts')]);
    },
  );

  test.each(PRODUCT)('%s must not import chromium-host, scripts or tests', (file) => {
    const up = '../'.repeat(file.split('/').length - 1);
    const source = ['chromium-host', 'scripts', 'tests'].map((folder) => `import '${up}${folder}/b.ts';`).join('\n');
    expect(problemsWith(file, source)).toHaveLength(3);
  });

  test('an import that leaves the project is refused', () => {
    expect(problemsWith('gateway/a.ts', "import '../../elsewhere/b.ts';")).toHaveLength(1);
    expect(problemsWith('gateway/a.ts', "import '../node_modules/ws/index.js';")).toHaveLength(1);
  });

  test('a folder that nobody agreed on is refused', () => {
    expect(problemsWith('helpers/a.ts', '')).toEqual([expect.stringContaining('helpers/a.ts:1 belongs to no layer')]);
  });
});

describe('no way of importing goes unseen', () => {
  test.each([
    ['export from', "export { b } from '../os/b.ts';"],
    ['export all', "export * from '../os/b.ts';"],
    ['dynamic import', "const b = await import('../os/b.ts');"],
    ['dynamic import in a function', "async function f() { return [await import('../os/b.ts')]; }"],
    ['type of an import', "export type B = import('../os/b.ts').B;"],
    ['require', "const b = require('../os/b.ts');"],
    ['import assignment', "import b = require('../os/b.ts');"],
    ['a side effect', "import '../os/b.ts';"],
    ['a detour', "import { b } from './x/../../core/../os/b.ts';"],
    ['a bundler suffix', "import b from '../os/b.ts?raw';"],
  ])('%s', (_way, source) => {
    expect(problemsWith('main/link/a.ts', `\n${source}\n`)).toEqual([
      expect.stringMatching(/^main\/link\/a\.ts:2 .*main\/os/),
    ]);
  });

  test('a computed import is refused, because nobody can judge it', () => {
    expect(problemsWith('main/link/a.ts', "const name = '../os/b.ts';\nawait import(name);")).toEqual([
      expect.stringContaining('main/link/a.ts:2 main/link must not compute what it imports'),
    ]);
  });
});

describe('what is allowed', () => {
  test.each([
    ['main/core/a.ts', '../../protocol/b.ts'],
    ['main/link/a.ts', '../core/b.ts'],
    ['main/link/a.ts', './deeper/b.ts'],
    ['main/link/a.ts', 'ws'],
    ['main/index.ts', './electron/b.electron.ts'],
    ['main/index.ts', './app-log.ts'],
    ['gateway/providers/a.ts', '../../protocol/b.ts'],
    ['renderer/curtain/a.tsx', '../shared/b.tsx'],
    ['scripts/a.ts', '../chromium-host/b.ts'],
    ['tests/e2e/a.ts', '../../main/core/b.ts'],
  ])('%s may import %s', (file, specifier) => {
    expect(problemsWith(file, `import { b } from '${specifier}';`)).toEqual([]);
  });
});
