import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, quietly, ROOT, SetupFailed, stampMatches, writeStamp } from './steps.mjs';

const NODE_MAJOR = 24;
const NPM_STAMP = 'npm.sha256';

/** The Node that the `node` devDependency brought, or `undefined` when it is missing or of another major version. */
export function projectNode() {
  const file = join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(file)) return undefined;
  const asked = spawnSync(file, ['--version'], { encoding: 'utf8' });
  return asked.status === 0 && asked.stdout.startsWith(`v${NODE_MAJOR}.`) ? file : undefined;
}

/** npm's own record of what lies in node_modules says the same as package-lock.json: somebody installed by hand. */
function installedMatchesLock() {
  const record = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const isWanted = (path) => wanted[path]?.integrity === installed[path].integrity;
  const isThere = (path) => path === '' || path in installed || wanted[path].optional || wanted[path].devOptional;
  // What an install script brought (the `node` package's binary) is in the record but not in the lock.
  const extras = Object.keys(installed).filter((path) => !(path in wanted) && !path.startsWith('node_modules/node/'));
  return (
    extras.length === 0 &&
    Object.keys(wanted).every(isThere) &&
    Object.keys(installed)
      .filter((path) => path in wanted)
      .every(isWanted)
  );
}

/** npm is a script on Unix and a command file on Windows, where only a shell can start it. */
function npm(args) {
  quietly('npm', [...args, '--no-audit', '--no-fund'], { shell: process.platform === 'win32' });
}

export function npmPackagesReady() {
  if (projectNode() === undefined) return false;
  const lock = hashOf(['package-lock.json']);
  if (existsSync(join(ROOT, 'node_modules', '.package-lock.json')) && stampMatches(NPM_STAMP, lock)) return true;
  if (!installedMatchesLock()) return false;
  writeStamp(NPM_STAMP, lock);
  return true;
}

export function npmPackages(doing) {
  if (npmPackagesReady()) return 'ok';
  // `npm ci` empties the folder first: through a link it would empty another checkout's.
  if (lstatSync(join(ROOT, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    throw new SetupFailed('node_modules is a link to packages that do not fit package-lock.json; remove the link.');
  }
  doing('installing');
  npm(['ci']);
  // An npm that blocks install scripts leaves the `node` package without its binary; `allowScripts` in package.json
  // names it, and `rebuild` runs what `ci` did not.
  if (projectNode() === undefined) npm(['rebuild', 'node']);
  if (projectNode() === undefined) {
    throw new SetupFailed(
      `Node ${NODE_MAJOR} did not arrive: node_modules/node/bin/node is missing or of another version.`,
    );
  }
  writeStamp(NPM_STAMP, hashOf(['package-lock.json']));
  return 'ok';
}
