import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A file of the record is closed and the next begun before it grows past this. */
export const MAX_RECORD_FILE_BYTES = 1024 * 1024;
/** Files kept, the one being written included; the oldest is dropped for the next. */
export const MAX_RECORD_FILES = 8;

/** A file that is full: `<path>.<n>`, where n is the number of the entry that the file after it begins with. */
export interface ClosedFile {
  readonly path: string;
  readonly nextSeq: number;
}

export const closedPath = (path: string, nextSeq: number): string => `${path}.${nextSeq}`;

/**
 * Files that belong to a record and are full, oldest first. One rename closes a file, so there is no moment at which a crash leaves
 * two of them half exchanged.
 * @throws the file system's error when the folder is there and cannot be read.
 */
export async function closedFilesOf(path: string): Promise<readonly ClosedFile[]> {
  const prefix = `${basename(path)}.`;
  const names = await readdir(dirname(path)).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return names
    .filter((name) => name.startsWith(prefix) && /^[1-9]\d{0,14}$/.test(name.slice(prefix.length)))
    .map((name) => ({ path: join(dirname(path), name), nextSeq: Number(name.slice(prefix.length)) }))
    .sort((a, b) => a.nextSeq - b.nextSeq);
}

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
