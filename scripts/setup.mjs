// Makes a fresh clone ready and then, with `--run FILE …`, runs FILE on the project's own Node. This file and setup/*.mjs
// alone must run on whatever Node the machine has (20.19 or newer) and without any npm package. Everything they say goes
// to stderr: stdout belongs to what is run (`npm run gateway` prints a JSON line there that other programs read).
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { approver, approverReady, bundle, bundleReady, library, libraryReady } from './setup/bundle.mjs';
import { withLock } from './setup/lock.mjs';
import { npmPackages, npmPackagesReady, projectNode } from './setup/npm-packages.mjs';
import { ROOT, SetupFailed, say, step } from './setup/steps.mjs';
import { missingPackages, systemPackages, unpackedPackages } from './setup/system-packages.mjs';

/** What each purpose needs besides npm packages: which ones need the bundle, the library, and the phone's page. System packages: system-packages.json. */
const PURPOSES = {
  check: { bundle: false, library: false, approver: false },
  gateway: { bundle: false, library: false, approver: false },
  serve: { bundle: false, library: false, approver: true },
  simulator: { bundle: false, library: false, approver: false },
  build: { bundle: true, library: true, approver: true },
  start: { bundle: true, library: false, approver: false },
  demo: { bundle: true, library: false, approver: true },
  test: { bundle: true, library: true, approver: true },
};

const PARENT_CHECK_MS = 500;

function setUp(purpose) {
  const { packages, unpacked } = JSON.parse(readFileSync(join(ROOT, 'scripts', 'system-packages.json'), 'utf8'));
  const wanted = process.platform === 'linux' ? packages.filter((entry) => entry.for.includes(purpose)) : [];
  const wantedUnpacked = process.platform === 'linux' ? unpacked.filter((entry) => entry.for.includes(purpose)) : [];
  const { bundle: needsBundle, library: needsLibrary, approver: needsApprover } = PURPOSES[purpose];
  const steps = () => {
    step('npm packages', npmPackages);
    if (wanted.length > 0) step('system packages', (doing) => systemPackages(wanted, doing));
    for (const entry of wantedUnpacked) step(entry.packages[0], (doing) => unpackedPackages(entry, doing));
    if (needsBundle) step('bundle', bundle);
    if (needsLibrary) step('library', library);
    if (needsApprover) step('approver page', approver);
  };
  const nothingToDo =
    npmPackagesReady() &&
    (wanted.length === 0 || missingPackages(wanted).length === 0) &&
    wantedUnpacked.every(({ into, provides }) => existsSync(join(ROOT, into, provides))) &&
    (!needsBundle || bundleReady()) &&
    (!needsLibrary || libraryReady()) &&
    (!needsApprover || approverReady());
  if (nothingToDo) steps();
  else withLock(steps);
}

/** Runs a script of the project on the project's Node, as if this process were it: same streams, signals and exit code. */
function become(file, args) {
  const bin = join(ROOT, 'node_modules', '.bin');
  const child = spawn(projectNode(), [join(ROOT, file), ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  endWithNpm(child);
  child.on('error', (error) => {
    say(`setup: ${file} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

/**
 * npm passes a SIGTERM on to the shell it started, and that shell dies without passing it further: this process would be left
 * behind, and what it runs would go on holding its port. A changed parent is the only trace of it.
 */
function endWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  setInterval(() => {
    if (process.ppid !== shell) child.kill('SIGTERM');
  }, PARENT_CHECK_MS).unref();
}

function main(args) {
  const runAt = args.indexOf('--run');
  const own = runAt < 0 ? args : args.slice(0, runAt);
  const purpose = own[0] === '--for' && own.length === 2 ? own[1] : undefined;
  if (purpose === undefined || !Object.hasOwn(PURPOSES, purpose)) {
    say(`setup: say what for: --for ${Object.keys(PURPOSES).join('|')} [--run FILE [ARGUMENT …]]`);
    process.exit(2);
  }
  try {
    setUp(purpose);
  } catch (error) {
    say(`setup: ${error instanceof SetupFailed ? error.message : error.stack}`);
    process.exit(1);
  }
  if (runAt >= 0) become(args[runAt + 1], args.slice(runAt + 2));
}

main(process.argv.slice(2));
