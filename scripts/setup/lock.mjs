import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFailed, STATE, say } from './steps.mjs';

/** Another setup in the same folder may be installing: wait for it this long. */
const LOCK_TIMEOUT_MS = 20 * 60_000;
const LOCK_POLL_MS = 250;

/** Two commands started at once on a fresh clone must not install over each other. */
export function withLock(work) {
  mkdirSync(STATE, { recursive: true });
  const file = join(STATE, 'lock');
  const deadline = Date.now() + LOCK_TIMEOUT_MS;
  let told = false;
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!holderLives(file)) rmSync(file, { force: true });
    else if (Date.now() > deadline)
      throw new SetupFailed(`another setup does not end; if there is none, remove ${file}`);
    else {
      if (!told) say('setup: waiting for another setup in this folder');
      told = true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_POLL_MS);
    }
  }
  try {
    work();
  } finally {
    rmSync(file, { force: true });
  }
}

function holderLives(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    // Written a moment ago by a process that has not put its id in yet: counts as alive.
    if (pid === 0) return Date.now() - statSync(file).mtimeMs < LOCK_POLL_MS * 8;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
