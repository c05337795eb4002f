import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectNode } from './npm-packages.mjs';
import { hashOf, quietly, ROOT, stampMatches, writeStamp } from './steps.mjs';

const BUNDLE_STAMP = 'bundle.sha256';

/** Everything the bundle is made of; a change in any of these makes it stale. */
const BUNDLE_SOURCES = [
  'main',
  'preload',
  'renderer',
  'protocol',
  'gateway',
  'simulators',
  'build/icons',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
];

export function bundleReady() {
  return existsSync(join(ROOT, 'out', 'main', 'index.js')) && stampMatches(BUNDLE_STAMP, hashOf(BUNDLE_SOURCES));
}

export function bundle(doing) {
  if (bundleReady()) return 'ok';
  doing('building');
  const hash = hashOf(BUNDLE_SOURCES);
  const node = projectNode();
  quietly(node, [join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build']);
  writeStamp(BUNDLE_STAMP, hash);
  return 'ok';
}

const LIBRARY_STAMP = 'library.sha256';
const LIBRARY_SOURCES = [
  'library',
  'command',
  'gateway',
  'protocol',
  'main',
  'library.vite.config.ts',
  'gateway.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.library.json',
];

export function libraryReady() {
  const built = [join('library', 'types'), join('gateway', 'presence-locker-gateway.js')];
  return (
    built.every((path) => existsSync(join(ROOT, 'out', path))) && stampMatches(LIBRARY_STAMP, hashOf(LIBRARY_SOURCES))
  );
}

/** What the npm package exports (`exports` and `bin` of package.json), the gateway with it: JavaScript, then the library's declarations. */
export function library(doing) {
  if (libraryReady()) return 'ok';
  doing('building');
  const hash = hashOf(LIBRARY_SOURCES);
  const node = projectNode();
  const tool = (...path) => join(ROOT, 'node_modules', ...path);
  const vite = tool('vite', 'bin', 'vite.js');
  quietly(node, [vite, 'build', '--config', 'library.vite.config.ts']);
  quietly(node, [vite, 'build', '--config', 'gateway.vite.config.ts']);
  quietly(node, [tool('typescript', 'bin', 'tsc'), '-p', 'tsconfig.library.json']);
  writeStamp(LIBRARY_STAMP, hash);
  return 'ok';
}

const APPROVER_STAMP = 'approver.sha256';
const APPROVER_SOURCES = [
  'gateway/approver/web',
  'renderer/shared',
  'protocol',
  'approver.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
];

export function approverReady() {
  return (
    existsSync(join(ROOT, 'out', 'approver', 'index.html')) && stampMatches(APPROVER_STAMP, hashOf(APPROVER_SOURCES))
  );
}

/** The phone's page, as the gateway serves it (gateway/approver/static-files.ts). */
export function approver(doing) {
  if (approverReady()) return 'ok';
  doing('building');
  const hash = hashOf(APPROVER_SOURCES);
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  quietly(projectNode(), [vite, 'build', '--config', 'approver.vite.config.ts']);
  writeStamp(APPROVER_STAMP, hash);
  return 'ok';
}
