import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Looks again this often, because fs.watch misses changes on network folders and in folders made later. */
export const WATCH_POLL_INTERVAL_MS = 2_000;

/** What tells one version of a file from the next: every write of ours is a new inode. */
async function versionOf(path: string): Promise<string> {
  try {
    const { ino, mtimeMs, size, uid, mode } = await stat(path);
    return [ino, mtimeMs, size, uid, mode].join(':');
  } catch (cause) {
    return cause instanceof Error ? cause.message : 'unreadable';
  }
}

/**
 * Calls `onChanged` after any of the files was written, replaced or removed. Several changes at once may be one call.
 * @returns a function that stops watching, once the files' present state is known and changes are noticed.
 */
export async function watchFiles(
  paths: readonly string[],
  onChanged: () => void,
  pollIntervalMs = WATCH_POLL_INTERVAL_MS,
): Promise<() => void> {
  const versions = () => Promise.all(paths.map(versionOf)).then((all) => all.join('|'));
  let known = await versions();
  let stopped = false;
  let checking = false;
  let askedMeanwhile = false;

  async function check(): Promise<void> {
    if (checking) {
      askedMeanwhile = true;
      return;
    }
    checking = true;
    do {
      askedMeanwhile = false;
      const current = await versions();
      if (stopped) return;
      if (current !== known) {
        known = current;
        onChanged();
      }
    } while (askedMeanwhile);
    checking = false;
  }

  const watchers = [...new Set(paths.map(dirname))].flatMap((directory) =>
    watchDirectory(directory, () => void check()),
  );
  const poll = setInterval(() => void check(), pollIntervalMs);
  poll.unref();
  return () => {
    stopped = true;
    clearInterval(poll);
    for (const watcher of watchers) watcher.close();
  };
}

/** @returns nothing where the folder is missing or cannot be watched: the poll then has to do. */
function watchDirectory(directory: string, changed: () => void): FSWatcher[] {
  try {
    const watcher = watch(directory, { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}
