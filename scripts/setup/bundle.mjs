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
