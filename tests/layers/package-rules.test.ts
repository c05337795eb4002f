import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/run-steps.ts';

const LINT_TIMEOUT_MS = 10_000;
const ELECTRON_RULE = 'only main/electron/*.electron.ts and preload/index.ts import electron';

let tree: string;

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'presence-locker-lint-'));
  cpSync(join(ROOT, 'biome.json'), join(tree, 'biome.json'));
});

afterEach(() => rmSync(tree, { recursive: true }));

/** What Biome says about the file with the project's own configuration, in one line. */
function lint(file: string, source: string): string {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), source);
  const result = spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/@biomejs/biome/bin/biome'),
      'lint',
      '--only=style/noRestrictedImports',
      '--colors=off',
      file,
    ],
    { cwd: tree, encoding: 'utf8', timeout: LINT_TIMEOUT_MS },
  );
  const said = `${result.stdout}${result.stderr}`.replace(/\s+/g, ' ');
  expect(said).toContain('Checked 1 file');
  return result.status === 0 ? 'passed' : said;
}

describe('electron', () => {
  test.each([
    'main/core/a.ts',
    'main/link/a.ts',
    'main/os/a.ts',
    'main/electron/windows.ts',
    'main/index.ts',
    'main/link/a.electron.ts',
    'preload/other.ts',
    'renderer/curtain/a.tsx',
    'gateway/a.ts',
    'simulators/a.ts',
    'protocol/a.ts',
  ])('is not imported by %s', (file) => {
    expect(lint(file, "import { app } from 'electron';\napp.quit();\n")).toContain(ELECTRON_RULE);
  });

  test.each([
    "import type { App } from 'electron/main';",
    "await import('electron');",
    "export { app } from 'electron';",
  ])('is not imported by %s', (source) => {
    expect(lint('main/runtime/a.ts', `${source}\n`)).toContain(ELECTRON_RULE);
  });

  test.each(['main/electron/windows.electron.ts', 'preload/index.ts', 'chromium-host/electron.ts'])(
    'may be imported by %s',
    (file) => {
      expect(lint(file, "import { app } from 'electron';\napp.quit();\n")).toBe('passed');
    },
  );
});

describe('what else a folder must do without', () => {
  test.each([
    ['main/core/a.ts', 'ws', 'sockets belong to main/link and gateway'],
    ['protocol/a.ts', 'ws', 'sockets belong to main/link and gateway'],
    ['main/core/a.ts', 'node:crypto', 'as an event or a port of main/core/ports.ts'],
    ['main/core/deeper/a.ts', 'node:fs/promises', 'as an event or a port of main/core/ports.ts'],
    ['protocol/a.ts', 'node:buffer', 'as an event or a port of main/core/ports.ts'],
    ['renderer/status/a.tsx', 'node:os', 'ask main through the bridge of protocol/ipc.ts'],
    ['renderer/status/a.tsx', 'ws', 'ask main through the bridge of protocol/ipc.ts'],
    ['preload/index.ts', 'node:fs', 'do the work in main'],
    ['preload/index.ts', 'ws', 'do the work in main'],
  ])('%s must not import %s', (file, name, instead) => {
    expect(lint(file, `import x from '${name}';\nx();\n`)).toContain(instead);
  });

  test.each([
    ['main/link/a.ts', 'ws'],
    ['main/os/a.ts', 'node:fs'],
    ['gateway/a.ts', 'ws'],
    ['main/core/a.ts', 'zod'],
    ['renderer/status/a.tsx', 'react'],
  ])('%s may import %s', (file, name) => {
    expect(lint(file, `import x from '${name}';\nx();\n`)).toBe('passed');
  });
});
