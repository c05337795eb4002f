import { randomBytes } from 'node:crypto';
import { lstat, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seal, unseal } from '../sealing.ts';
import { openPrivateDirectory } from './private-directory.ts';
import { type SessionRecord, SessionRecordSchema, type SessionStore, type StoreProblem } from './session-store.ts';

const FILE_SUFFIX = '.session';
const TEMPORARY_SUFFIX = '.tmp';
const FILE_NAME = /^([A-Za-z0-9_-]{16,64})\.session$/;
/** A sealed record is a few KiB; anything larger was not written by us. */
const MAX_FILE_BYTES = 64 * 1024;

/**
 * One sealed file per session: AES-256-GCM bound to the session id and the provider, so a file moved to another name, another provider or
 * another key does not open. Written to a temporary file, synced, renamed, and the folder synced: after a power cut there is the old record or the
 * new one, never half of one. What does not open is left where it is and reported — deleting evidence is not this file's job.
 */
export async function openSealedFileStore(options: {
  readonly directory: string;
  readonly key: Buffer;
  readonly providerId: string;
}): Promise<SessionStore> {
  const { directory, key, providerId } = options;
  await openPrivateDirectory(directory, 'store.directory');
  const purposeOf = (sessionId: string) => `presence-locker session 1|${providerId}|${sessionId}`;
  const pathOf = (sessionId: string) => join(directory, `${sessionId}${FILE_SUFFIX}`);

  async function loadOne(name: string): Promise<SessionRecord | StoreProblem> {
    const sessionId = FILE_NAME.exec(name)?.[1];
    if (sessionId === undefined) return { name, problem: 'foreign' };
    const path = join(directory, name);
    try {
      const found = await lstat(path);
      if (!found.isFile() || found.size > MAX_FILE_BYTES) return { name, problem: 'foreign' };
      const opened = unseal(await readFile(path), key, purposeOf(sessionId));
      if (!opened.ok) return { name, problem: opened.error };
      const parsed = SessionRecordSchema.safeParse(JSON.parse(opened.value));
      const belongs = parsed.success && parsed.data.sessionId === sessionId && parsed.data.providerId === providerId;
      return belongs ? parsed.data : { name, problem: 'foreign' };
    } catch {
      // Gone meanwhile, no permission, or JSON of another version: reported as what it is to us. The cause could quote content.
      return { name, problem: 'unreadable' };
    }
  }

  return {
    async load() {
      const records: SessionRecord[] = [];
      const problems: StoreProblem[] = [];
      for (const name of (await readdir(directory)).sort()) {
        if (name.endsWith(TEMPORARY_SUFFIX)) {
          // Left by a crash between write and rename: the record it was to replace is still there.
          await rm(join(directory, name), { force: true });
          continue;
        }
        const loaded = await loadOne(name);
        if ('problem' in loaded) problems.push(loaded);
        else records.push(loaded);
      }
      return { records, problems };
    },
    async save(record) {
      const path = pathOf(record.sessionId);
      const temporary = `${path}.${randomBytes(6).toString('hex')}${TEMPORARY_SUFFIX}`;
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(seal(JSON.stringify(record), key, purposeOf(record.sessionId)));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      await syncDirectory(directory);
    },
    async remove(sessionId) {
      await rm(pathOf(sessionId), { force: true });
      await syncDirectory(directory);
    },
  };
}

async function syncDirectory(directory: string): Promise<void> {
  // Windows cannot open a folder; its rename is journalled.
  if (process.platform === 'win32') return;
  const folder = await open(directory, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
