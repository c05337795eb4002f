import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AuditEntrySchema } from '../core/audit-entry.ts';
import { type ChainLine, decodeLine, MAX_LINE_BYTES, NOTHING_BEFORE } from './chain.ts';
import { closedFilesOf, isMissing } from './record-paths.ts';

/** Where the chain ends on disk, and so where it goes on. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
  /** Bytes of the file being written that stand; what is after them is torn. */
  readonly size: number;
  readonly tornBytes: number;
  /** Oldest entry kept, as the newest file says in its first line. */
  readonly keptFrom: number;
  /** Why a new file must be begun, or null when the present one goes on. */
  readonly begin: 'first' | 'full' | 'damaged' | null;
}

/** How far back a sound line is looked for behind a damaged end, in bytes. */
const TAIL_BYTES = 4 * MAX_LINE_BYTES;
const NEWLINE = 0x0a;

/**
 * Reads where the chain ends. A last line without a newline was torn by a crash, a power cut or a full disk and is to be cut. A whole
 * last line that is not ours was not torn but changed: it is not to be cut, because it is evidence.
 * @throws the file system's error.
 */
export async function findHead(path: string): Promise<Head> {
  const present = await readEnds(path);
  if (present !== null && present.size > 0 && !(present.wholeLines === 0 && present.size <= MAX_LINE_BYTES)) {
    const { last, first, size, tornBytes, endsSoundly } = present;
    const newestClosed = (await closedFilesOf(path)).at(-1)?.nextSeq ?? 1;
    return {
      seq: last?.seq ?? newestClosed - 1,
      hash: last?.hash ?? NOTHING_BEFORE,
      // A damaged file is put aside whole.
      size: endsSoundly ? size - tornBytes : size,
      tornBytes: endsSoundly ? tornBytes : 0,
      keptFrom: keptFromOf(first),
      begin: endsSoundly ? null : 'damaged',
    };
  }
  // Nothing of it, or only a torn first line: a crash between closing one file and beginning the next.
  const tornBytes = present?.size ?? 0;
  const before = (await closedFilesOf(path)).at(-1);
  const ends = before === undefined ? null : await readEnds(before.path);
  if (before === undefined || ends === null)
    return { seq: 0, hash: NOTHING_BEFORE, size: 0, tornBytes, keptFrom: 1, begin: 'first' };
  return {
    seq: before.nextSeq - 1,
    hash: ends.last?.hash ?? NOTHING_BEFORE,
    size: 0,
    tornBytes,
    keptFrom: keptFromOf(ends.first),
    begin: ends.endsSoundly && ends.tornBytes === 0 && ends.last?.seq === before.nextSeq - 1 ? 'full' : 'damaged',
  };
}

/** The oldest entry that a file says was still kept when it was begun; 1 when it says nothing. @throws the file system's error. */
export async function keptFromStatedIn(path: string): Promise<number> {
  return keptFromOf((await readEnds(path))?.first ?? null);
}

interface Ends {
  readonly size: number;
  readonly first: ChainLine | null;
  /** The last sound line within reach. */
  readonly last: ChainLine | null;
  /** Whether that is the last whole line of the file. */
  readonly endsSoundly: boolean;
  readonly tornBytes: number;
  /** Within reach of the end. */
  readonly wholeLines: number;
}

async function readEnds(path: string): Promise<Ends | null> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new Error('the record is not a file');
    const { size } = found;
    const tail = await readAt(file, Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES));
    const lines = linesIn(tail, size <= TAIL_BYTES);
    const sound = lines.map((line) => decodeLine(line)).map((decoded) => (decoded.ok ? decoded.value : null));
    const begin = await readAt(file, 0, Math.min(size, MAX_LINE_BYTES + 1));
    const first = decodeLine(begin.subarray(0, Math.max(0, begin.indexOf(NEWLINE))));
    return {
      size,
      first: first.ok ? first.value : null,
      last: sound.findLast((line) => line !== null) ?? null,
      endsSoundly: (sound.at(-1) ?? null) !== null,
      tornBytes: tail.length - (tail.lastIndexOf(NEWLINE) + 1),
      wholeLines: lines.length,
    };
  } finally {
    await file.close();
  }
}

/** Whole lines; the first piece is one only where the file begins there. */
function linesIn(tail: Buffer, fromBeginning: boolean): readonly Buffer[] {
  const lines: Buffer[] = [];
  let from = fromBeginning ? 0 : tail.indexOf(NEWLINE) + 1;
  for (let end = tail.indexOf(NEWLINE, from); end >= 0; end = tail.indexOf(NEWLINE, from)) {
    lines.push(tail.subarray(from, end));
    from = end + 1;
  }
  return lines;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

function keptFromOf(first: ChainLine | null): number {
  const begun = AuditEntrySchema.safeParse(first?.entry);
  return begun.success && begun.data.what === 'record-begun' ? begun.data.keptFrom : 1;
}
