import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A browser whose host was killed ends by itself when its pipe closes; it is given this long. */
const PREDECESSOR_EXIT_TIMEOUT_MS = 8_000;
const LOOK_AGAIN_MS = 25;

/** @returns the browser process that still holds the profile, or null. */
function holderOf(profileDirectory: string): number | null {
  try {
    const target = readlinkSync(join(profileDirectory, 'SingletonLock'));
    const pid = Number(target.slice(target.lastIndexOf('-') + 1));
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(profileDirectory) ? pid : null;
  } catch {
    return null; // No lock, or its process is gone: Chromium clears a stale lock itself.
  }
}

/** Waits for the browser of a run that was killed; otherwise ours would hand itself over to it and end. */
export async function waitForFreeProfile(profileDirectory: string): Promise<void> {
  const deadline = performance.now() + PREDECESSOR_EXIT_TIMEOUT_MS;
  for (let holder = holderOf(profileDirectory); holder !== null; holder = holderOf(profileDirectory)) {
    if (performance.now() > deadline) throw new Error(`the browser process ${holder} still uses ${profileDirectory}`);
    await delay(LOOK_AGAIN_MS);
  }
}
