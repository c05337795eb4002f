import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** What setup remembers and fetches; never part of the product. */
export const STATE = join(ROOT, '.setup');
/** Longest time for one installing step on a slow line. */
const STEP_TIMEOUT_MS = 15 * 60_000;
/** Lines of a failed command's output that are shown. */
const SHOWN_LINES = 40;

export class SetupFailed extends Error {}

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** One line per step: what it is, what is being done, how it ended. */
export function step(label, work) {
  process.stderr.write(`setup: ${label} … `);
  const began = Date.now();
  let outcome;
  try {
    outcome = work((doing) => process.stderr.write(`${doing} … `));
  } catch (error) {
    say('failed');
    throw error;
  }
  const seconds = (Date.now() - began) / 1000;
  say(seconds < 1 ? outcome : `${outcome} (${seconds.toFixed(0)} s)`);
}

/** Runs a command quietly; its output is shown only when it fails. */
export function quietly(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: STEP_TIMEOUT_MS,
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  if (result.status === 0) return result.stdout;
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  const ending = result.error ? result.error.message : `ended with ${result.status ?? result.signal}`;
  throw new SetupFailed(`${command} ${args.join(' ')}: ${ending}\n${output}`);
}

export function stampMatches(name, value) {
  const file = join(STATE, name);
  return existsSync(file) && readFileSync(file, 'utf8') === value;
}

export function writeStamp(name, value) {
  mkdirSync(STATE, { recursive: true });
  writeFileSync(join(STATE, name), value);
}

/** Files below `path`, sorted, so that the same tree always gives the same hash. */
function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

export function hashOf(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap((path) => filesBelow(join(ROOT, path)))) {
    hash
      .update(`${file.slice(ROOT.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}
