import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { assertNever } from '../../protocol/result.ts';
import { AuditEntrySchema } from '../core/audit-entry.ts';
import { type ChainLine, decodeLine, type LineFault, MAX_LINE_BYTES, NOTHING_BEFORE } from './chain.ts';
import { keptFromStatedIn } from './record-head.ts';
import { closedFilesOf, isMissing } from './record-paths.ts';

/** Why a record is not what was written. */
export type RecordFault =
  | LineFault
  | 'torn-last-line' // the last line has no end
  | 'wrong-prev' // it does not name the hash of the line before
  | 'wrong-seq' // it is not the next one
  | 'no-beginning' // the first line is not one that begins a file
  | 'missing-files' // older entries are gone that the record did not drop
  | 'empty' // there is no line at all
  | 'expected-hash-missing'; // the hash that was noted elsewhere is not in the chain

export interface RecordBreak {
  readonly file: string;
  /** Counted from 1; null when no line of the file is to blame. */
  readonly line: number | null;
  readonly fault: RecordFault;
  readonly sentence: string;
}

export interface RecordReport {
  readonly ok: boolean;
  /** Files looked at, oldest first. */
  readonly files: readonly string[];
  /** Entries that follow each other up to the first fault, or all. */
  readonly entries: number;
  readonly first: { readonly seq: number; readonly atWall: number } | null;
  readonly last: { readonly seq: number; readonly atWall: number; readonly hash: string } | null;
  /** Whether older entries were dropped because the record is bounded. */
  readonly olderDropped: boolean;
  /** Losses that the record itself tells of. */
  readonly losses: readonly {
    readonly seq: number;
    readonly atWall: number;
    readonly lostBytes: number;
    readonly lostEntries: number;
  }[];
  readonly broken: RecordBreak | null;
}

/**
 * Follows the chain from the oldest file that belongs to `path` to `path` itself and stops at the first line that does not fit.
 * What a chain without a key cannot tell: that its end was cut off at a line, or that all of it was written anew. Both show with
 * `expectedHash`, a hash that was noted elsewhere.
 * @throws when `path` is no file, or it or an older file cannot be read.
 */
export async function verifyRecord(path: string, expectedHash: string | null = null): Promise<RecordReport> {
  if (!(await stat(path)).isFile()) throw new Error('it is not a file');
  const { older, live } = await surroundingsOf(path);
  const files = [...older, path];
  // Of an older part of a record: what was dropped after it was closed is said in the newest file only.
  const chain = new FollowedChain(expectedHash, live === null ? 1 : await keptFromStatedIn(live));
  let broken: RecordBreak | null = null;
  for (const file of files) {
    let number = 0;
    for await (const line of linesOf(file)) {
      number += 1;
      const fault = line.torn ? 'torn-last-line' : chain.follow(line.bytes, number === 1);
      if (fault === null) continue;
      broken = { file, line: number, fault, sentence: sentenceOf(fault) };
      break;
    }
    if (broken !== null) break;
  }
  const fault = broken === null ? chain.faultAtEnd() : null;
  if (fault !== null) broken = { file: files[0] ?? path, line: null, fault, sentence: sentenceOf(fault) };
  return { ok: broken === null, files, ...chain.report(), broken };
}

/** The files before `path`; and when `path` is itself a closed one, the file that the record was last written to. */
async function surroundingsOf(
  path: string,
): Promise<{ readonly older: readonly string[]; readonly live: string | null }> {
  const [, live, number] = /^(.+)\.([1-9]\d{0,14})$/s.exec(path) ?? [];
  const closed = await closedFilesOf(path);
  if (live === undefined || number === undefined || closed.length > 0)
    return { older: closed.map((file) => file.path), live: null };
  const before = (await closedFilesOf(live)).filter(({ nextSeq }) => nextSeq < Number(number));
  return { older: before.map((file) => file.path), live };
}

class FollowedChain {
  readonly #expectedHash: string | null;
  #expectedSeen = false;
  #first: ChainLine | null = null;
  #last: ChainLine | null = null;
  #entries = 0;
  #keptFrom: number;
  readonly #losses: RecordReport['losses'][number][] = [];

  constructor(expectedHash: string | null, keptFrom: number) {
    this.#expectedHash = expectedHash;
    this.#keptFrom = keptFrom;
  }

  /** @returns why this line cannot be the next one, or null. */
  follow(bytes: Buffer, beginsFile: boolean): RecordFault | null {
    const decoded = decodeLine(bytes);
    if (!decoded.ok) return decoded.error;
    const line = decoded.value;
    const before = this.#last;
    if (before !== null && line.seq !== before.seq + 1) return 'wrong-seq';
    if (before !== null && line.prev !== before.hash) return 'wrong-prev';
    if (before === null && line.seq === 1 && line.prev !== NOTHING_BEFORE) return 'wrong-prev';
    const known = AuditEntrySchema.safeParse(line.entry);
    const entry = known.success ? known.data : null;
    if (beginsFile && entry?.what !== 'record-begun') return 'no-beginning';
    if (entry?.what === 'record-begun') this.#keptFrom = Math.max(this.#keptFrom, entry.keptFrom);
    if (entry?.what === 'record-recovered') {
      const { lostBytes, lostEntries } = entry;
      this.#losses.push({ seq: line.seq, atWall: line.atWall, lostBytes, lostEntries });
    }
    this.#first ??= line;
    this.#last = line;
    this.#entries += 1;
    if (line.hash === this.#expectedHash) this.#expectedSeen = true;
    return null;
  }

  faultAtEnd(): RecordFault | null {
    if (this.#first === null) return 'empty';
    if (this.#first.seq > this.#keptFrom) return 'missing-files';
    return this.#expectedHash !== null && !this.#expectedSeen ? 'expected-hash-missing' : null;
  }

  report(): Pick<RecordReport, 'entries' | 'first' | 'last' | 'olderDropped' | 'losses'> {
    const [first, last] = [this.#first, this.#last];
    return {
      entries: this.#entries,
      first: first === null ? null : { seq: first.seq, atWall: first.atWall },
      last: last === null ? null : { seq: last.seq, atWall: last.atWall, hash: last.hash },
      olderDropped: first !== null && first.seq > 1,
      losses: this.#losses,
    };
  }
}

const NEWLINE = 0x0a;

/** Lines as bytes. A line longer than any of ours is cut at that length: it is wrong all the same, and must not fill the memory. */
async function* linesOf(path: string): AsyncGenerator<{ readonly bytes: Buffer; readonly torn: boolean }> {
  let rest = Buffer.alloc(0);
  try {
    for await (const piece of createReadStream(path)) {
      let bytes: Buffer = Buffer.concat([rest, piece]);
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
        yield { bytes: bytes.subarray(0, end), torn: false };
        bytes = bytes.subarray(end + 1);
      }
      if (bytes.length > MAX_LINE_BYTES) {
        yield { bytes, torn: false };
        return;
      }
      rest = Buffer.from(bytes);
    }
  } catch (error) {
    // Dropped by the app between looking for it and reading it.
    if (!isMissing(error)) throw error;
  }
  if (rest.length > 0) yield { bytes: rest, torn: true };
}

function sentenceOf(fault: RecordFault): string {
  switch (fault) {
    case 'too-long':
      return 'The line is longer than any entry can be.';
    case 'no-hash':
      return 'The line does not end with a hash: it is incomplete, or was not written by Presence Locker.';
    case 'wrong-hash':
      return 'The line is not what was written: it does not match its own hash.';
    case 'unknown-content':
      return 'The line is not an entry of a record.';
    case 'torn-last-line':
      return 'The last line is incomplete: cut by a crash, a full disk or by hand. The app mends it with its next entry and says so.';
    case 'wrong-prev':
      return 'The line does not follow the one before it: something was changed, taken out or put in between.';
    case 'wrong-seq':
      return 'The line does not have the next number: entries are missing, doubled or out of order.';
    case 'no-beginning':
      return 'The file does not begin as a file of the record does: its first lines are missing.';
    case 'missing-files':
      return 'Older entries are missing that the record itself still had.';
    case 'empty':
      return 'There is not one entry.';
    case 'expected-hash-missing':
      return 'The expected hash is not in the record: its end was cut off, or it was written anew.';
    default:
      return assertNever(fault, 'fault');
  }
}
