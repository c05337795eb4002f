import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';

/** No file of ours comes near this; a larger one was not written by us. */
export const MAX_SETTINGS_FILE_BYTES = 64 * 1024;
/** Owner only: who enrolled, and whether guarding is off, is nobody else's business. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;

/** What a file says. `problem` is a sentence for the person; it names the file, never its contents. */
export type FileReading<T> =
  | { readonly kind: 'absent' }
  | { readonly kind: 'valid'; readonly value: T }
  | { readonly kind: 'invalid'; readonly problem: string };

/** Who must own a file for it to be believed; `null` where the OS has no such thing (Windows). */
export type TrustedOwner = { readonly uid: number } | null;

const invalid = (path: string, why: string): FileReading<never> => ({
  kind: 'invalid',
  problem: `The file ${path} cannot be used: ${why}.`,
});

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown fault';

/** Reads and decodes. Never throws: whatever is wrong with the file is an answer. */
export async function readJsonFile<T>(
  path: string,
  schema: z.ZodType<T>,
  owner: TrustedOwner,
): Promise<FileReading<T>> {
  let file: FileHandle;
  try {
    // Without blocking: a named pipe put in the file's place must not hang the start.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    return codeOf(cause) === 'ENOENT' ? { kind: 'absent' } : invalid(path, `it cannot be opened (${codeOf(cause)})`);
  }
  try {
    // Of the open file, not of the path, which somebody could exchange between the two.
    const found = await file.stat();
    if (!found.isFile()) return invalid(path, 'it is not a file');
    if (owner !== null && found.uid !== owner.uid) return invalid(path, 'it belongs to another user');
    if (owner !== null && (found.mode & WRITABLE_BY_OTHERS) !== 0) return invalid(path, 'others may write to it');
    if (found.size > MAX_SETTINGS_FILE_BYTES)
      return invalid(path, `it is larger than ${MAX_SETTINGS_FILE_BYTES} bytes`);
    const bytes = Buffer.alloc(MAX_SETTINGS_FILE_BYTES + 1);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    if (bytesRead > MAX_SETTINGS_FILE_BYTES) return invalid(path, `it is larger than ${MAX_SETTINGS_FILE_BYTES} bytes`);
    return decode(path, bytes.toString('utf8', 0, bytesRead), schema);
  } catch (cause) {
    return invalid(path, `it cannot be read (${codeOf(cause)})`);
  } finally {
    await file.close();
  }
}

function decode<T>(path: string, text: string, schema: z.ZodType<T>): FileReading<T> {
  let claimed: unknown;
  try {
    claimed = JSON.parse(text);
  } catch {
    return invalid(path, 'it is not complete JSON');
  }
  const parsed = schema.safeParse(claimed);
  if (parsed.success) return { kind: 'valid', value: parsed.data };
  const issue = parsed.error.issues[0];
  const unknownKeys = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 3).join(', ').slice(0, 100) : null;
  const where =
    issue === undefined || issue.path.length === 0 ? 'its contents' : `“${issue.path.map(String).join('.')}”`;
  return invalid(
    path,
    unknownKeys === null ? `${where} is not as expected` : `unknown setting ${JSON.stringify(unknownKeys)}`,
  );
}

/**
 * Replaces a file as a whole: who reads it, also after a power cut, finds the old contents or the new, never half of either.
 * @throws the file system's error; the old file is then untouched.
 */
export async function writeJsonFile(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', FILE_MODE);
    try {
      await file.writeFile(`${JSON.stringify(value, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
  await syncDirectory(dirname(path));
}

/** Removes a file durably. @returns whether there was one. @throws the file system's error. */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await rm(path);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return false;
    throw cause;
  }
  await syncDirectory(dirname(path));
  return true;
}

/** A rename or removal is on disk only once its folder is. Windows has no such call and needs none. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
