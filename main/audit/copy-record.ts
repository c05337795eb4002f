import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { closedFilesOf, isMissing, MAX_RECORD_FILE_BYTES } from './record-paths.ts';

/** The copy could not be made; the message is a sentence for the person. */
export class CopyRefused extends Error {
  override readonly name = 'CopyRefused';
}

const NEWLINE = 0x0a;

/**
 * Copies every file of a record into one, oldest first: a chain across files is the same chain in one file. Whole lines only, so that
 * a copy taken while something is written is as whole as the record itself. Readable by its owner only.
 * @throws CopyRefused, or the file system's error; a file that stood at `target` is then untouched.
 */
export async function copyRecord(path: string, target: string): Promise<void> {
  // The app's own folder holds the record itself, the settings and the enrollment: nothing there may be written over.
  if (await isSameFolder(dirname(path), dirname(target)))
    throw new CopyRefused('Choose a folder outside of Presence Locker’s own.');
  const files = [...(await closedFilesOf(path)).map((file) => file.path), path];
  const part = `${target}.${randomUUID()}.part`;
  try {
    const copy = await open(part, 'wx', 0o600);
    try {
      for (const file of files) await appendLines(copy, file);
      await copy.sync();
    } finally {
      await copy.close();
    }
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function appendLines(copy: FileHandle, file: string): Promise<void> {
  let bytes: Buffer;
  try {
    const found = await stat(file);
    if (!found.isFile() || found.size > 4 * MAX_RECORD_FILE_BYTES)
      throw new CopyRefused('A file of the record is not what Presence Locker wrote.');
    bytes = await readFile(file);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  await copy.writeFile(bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1));
}

async function isSameFolder(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((folder) => realpath(folder).catch(() => folder)));
  return a === b;
}
