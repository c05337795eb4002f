import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ROOT } from '../../scripts/run-steps.ts';

const RUN_TIMEOUT_MS = 14_000;

/** A project that has its packages and nothing else, so that setup finds nothing to install. */
let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'presence-locker-setup-'));
  for (const path of ['scripts', 'package.json', 'package-lock.json']) {
    cpSync(join(ROOT, path), join(project, path), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'), 'junction');
});

afterEach(() => rmSync(project, { recursive: true }));

function setup(...args: readonly string[]) {
  return spawnSync(process.execPath, [join(project, 'scripts/setup.mjs'), ...args], {
    encoding: 'utf8',
    timeout: RUN_TIMEOUT_MS,
  });
}

test('what it says goes to standard error, so that standard output belongs to what it runs', () => {
  writeFileSync(join(project, 'run.ts'), `console.log(JSON.stringify({ event: 'listening' }));`);
  const { stdout, stderr, status } = setup('--for', 'gateway', '--run', 'run.ts');
  expect(stdout).toBe('{"event":"listening"}\n');
  expect(stderr).toBe('setup: npm packages … ok\n');
  expect(status).toBe(0);
});

test('packages that do not fit are never replaced through a link: they are those of another checkout', () => {
  const lock = join(project, 'package-lock.json');
  const changed = JSON.parse(readFileSync(lock, 'utf8'));
  changed.packages['node_modules/ws'].integrity = 'sha512-another';
  writeFileSync(lock, JSON.stringify(changed));
  writeFileSync(join(project, 'run.ts'), `console.log('run');`);
  const { stdout, stderr, status } = setup('--for', 'gateway', '--run', 'run.ts');
  expect(stderr).toContain('node_modules is a link');
  expect(stdout).toBe('');
  expect(status).not.toBe(0);
  expect(existsSync(join(ROOT, 'node_modules', 'ws', 'package.json'))).toBe(true);
});

test('arguments after the file reach it unchanged', () => {
  writeFileSync(join(project, 'run.ts'), 'console.log(JSON.stringify(process.argv.slice(2)));');
  const { stdout } = setup('--for', 'gateway', '--run', 'run.ts', '--config', 'a b', '--run', '--for');
  expect(JSON.parse(stdout)).toEqual(['--config', 'a b', '--run', '--for']);
});

test('the exit code is that of what it runs', () => {
  writeFileSync(join(project, 'run.ts'), 'process.exitCode = 2;');
  expect(setup('--for', 'gateway', '--run', 'run.ts').status).toBe(2);
});

test('what it runs has the Node of the project, whatever Node setup was started with', () => {
  writeFileSync(join(project, 'run.ts'), 'const kept: string = process.execPath; console.log(kept);');
  const { stdout } = setup('--for', 'gateway', '--run', 'run.ts');
  expect(stdout).toContain(join('node_modules', 'node', 'bin', 'node'));
});

test.skipIf(process.platform === 'win32')('a signal reaches what it runs', async () => {
  writeFileSync(
    join(project, 'run.ts'),
    `process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 60_000); console.log('up');`,
  );
  const child = spawn(process.execPath, [join(project, 'scripts/setup.mjs'), '--for', 'gateway', '--run', 'run.ts'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: RUN_TIMEOUT_MS,
  });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(7);
});

test('packages that differ from the lock file are noticed', () => {
  const ready = spawnSync(
    process.execPath,
    ['-e', `import('./scripts/setup/npm-packages.mjs').then((m) => console.log(m.npmPackagesReady()))`],
    { cwd: project, encoding: 'utf8', timeout: RUN_TIMEOUT_MS },
  );
  expect(ready.stdout.trim()).toBe('true');
  const lock = JSON.stringify({
    packages: { '': {}, 'node_modules/never-installed': { version: '1.0.0', integrity: 'sha512-x' } },
  });
  writeFileSync(join(project, 'package-lock.json'), lock);
  const stale = spawnSync(
    process.execPath,
    ['-e', `import('./scripts/setup/npm-packages.mjs').then((m) => console.log(m.npmPackagesReady()))`],
    { cwd: project, encoding: 'utf8', timeout: RUN_TIMEOUT_MS },
  );
  expect(stale.stdout.trim()).toBe('false');
});

test.each([[[]], [['--for']], [['--for', 'lunch']], [['--for', 'toString']], [['start']]])(
  '%j is refused with exit code 2',
  (args) => {
    const { status, stderr } = setup(...args);
    expect(status).toBe(2);
    expect(stderr).toContain('--for check|gateway');
  },
);
