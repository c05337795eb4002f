import { readFile, stat } from 'node:fs/promises';
import { type AuditEntry, AuditEntrySchema } from '../core/audit-entry.ts';
import type { AuditLog } from '../core/ports.ts';
import { decodeLine, encodeLine, type NewEntry } from './chain.ts';
import { copyRecord } from './copy-record.ts';
import { type PersonalData, withoutPersonalData } from './personal-data.ts';
import { NODE_DISK, type RecordDisk } from './record-disk.ts';
import { findHead, type Head } from './record-head.ts';
import { closedFilesOf, closedPath, isMissing, MAX_RECORD_FILE_BYTES, MAX_RECORD_FILES } from './record-paths.ts';

/** Entries read back at the start, newest last: enough for what the status window shows. */
export const MAX_RECENT_ENTRIES = 1_000;

export interface RecordedEntry {
  readonly atWall: number;
  readonly entry: AuditEntry;
}

export interface RecordFile extends AuditLog {
  /** Newest last. Lines that cannot be read, or that this version does not understand, are left out; they stay in the file. */
  recent(): Promise<readonly RecordedEntry[]>;
  /** One whole copy of everything kept, in the order it was written. @throws the file system's error, or a sentence. */
  copyTo(target: string): Promise<void>;
}

export interface RecordOptions {
  readonly personal: () => PersonalData;
  readonly disk?: RecordDisk;
  readonly bounds?: { readonly fileBytes: number; readonly files: number };
  /** Whether entries can be written; called when that changes. */
  readonly onWritable?: (writable: boolean) => void;
}

/**
 * The record of what happened and why: JSON lines, chained by hashes (chain.ts), append-only, readable by its owner only, bounded.
 * Appends are one after the other, each durable before the next: interleaved lines would be torn lines.
 */
export function createRecordFile(path: string, options: RecordOptions): RecordFile {
  const { disk = NODE_DISK, bounds = { fileBytes: MAX_RECORD_FILE_BYTES, files: MAX_RECORD_FILES } } = options;
  let last: Promise<unknown> = Promise.resolve();
  /** Null while it is not known where the chain ends: at the start, and after a write that failed half-way. */
  let head: Head | null = null;
  let lostEntries = 0;

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work);
    // The next one goes on after a failed one; the failure itself is its caller's.
    last = done.catch(() => undefined);
    return done;
  }

  async function put(before: Head, entry: AuditEntry, at: NewEntry['at'], more: Partial<Head> = {}): Promise<Head> {
    return putLine({ ...before, ...more }, { entry, situation: null, at });
  }

  async function putLine(before: Head, line: NewEntry): Promise<Head> {
    const seq = before.seq + 1;
    const { text, hash } = encodeLine(line, seq, before.hash);
    const bytes = Buffer.from(`${text}\n`);
    await disk.putEnd(path, bytes, before.size);
    return { ...before, seq, hash, size: before.size + bytes.length, tornBytes: 0 };
  }

  /** The file being written is closed, the next one begun, and what is beyond the bound dropped. */
  async function beginFile(before: Head, because: NonNullable<Head['begin']>, at: NewEntry['at']): Promise<Head> {
    const closed = [...(await closedFilesOf(path))];
    let { seq } = before;
    if (before.size > 0) {
      // Past every number in use: a file that somebody put in the place of ours must not be renamed over an older one.
      seq = Math.max(seq, closed.at(-1)?.nextSeq ?? 0);
      const filled = { path: closedPath(path, seq + 1), nextSeq: seq + 1 };
      await disk.move(path, filled.path);
      closed.push(filled);
    }
    const dropped = closed.slice(0, Math.max(0, closed.length - (bounds.files - 1)));
    const keptFrom = Math.max(before.keptFrom, dropped.at(-1)?.nextSeq ?? 1);
    const begun = await put(before, { what: 'record-begun', because, keptFrom }, at, {
      seq,
      size: 0,
      keptFrom,
      begin: null,
    });
    // Said first, then done: after a crash in between there is one file too many, and not one missing without a word.
    for (const file of dropped) await disk.remove(file.path);
    return begun;
  }

  async function write(line: NewEntry): Promise<void> {
    let now = head ?? (await findHead(path));
    head = null;
    const lostBytes = now.tornBytes;
    if (now.begin !== null) now = await beginFile(now, now.begin, line.at);
    if (lostBytes > 0 || lostEntries > 0) {
      now = await put(now, { what: 'record-recovered', lostBytes, lostEntries }, line.at);
      lostEntries = 0;
      options.onWritable?.(true);
    }
    const { text } = encodeLine(line, now.seq + 1, now.hash);
    if (now.size + Buffer.byteLength(text) + 1 > bounds.fileBytes) now = await beginFile(now, 'full', line.at);
    head = await putLine(now, line);
  }

  return {
    append(entry, at, situation) {
      const line = { entry: withoutPersonalData(entry, options.personal()), situation, at };
      return inTurn(async () => {
        try {
          await write(line);
        } catch (error) {
          lostEntries += 1;
          if (lostEntries > 1) return;
          options.onWritable?.(false);
          throw error;
        }
      });
    },
    recent: () => inTurn(() => readRecent(path)),
    copyTo: (target) => inTurn(() => copyRecord(path, target)),
  };
}

async function readRecent(path: string): Promise<readonly RecordedEntry[]> {
  const entries: RecordedEntry[] = [];
  const closed = await closedFilesOf(path);
  for (const file of [path, ...closed.map((it) => it.path).reverse()]) {
    const lines = (await readBounded(file)).split('\n');
    entries.unshift(...lines.slice(-MAX_RECENT_ENTRIES).flatMap(readLine));
    if (entries.length >= MAX_RECENT_ENTRIES) break;
  }
  return entries.slice(-MAX_RECENT_ENTRIES);
}

function readLine(text: string): readonly RecordedEntry[] {
  const line = decodeLine(Buffer.from(text));
  if (!line.ok) return [];
  const entry = AuditEntrySchema.safeParse(line.value.entry);
  return entry.success ? [{ atWall: line.value.atWall, entry: entry.data }] : [];
}

async function readBounded(path: string): Promise<string> {
  try {
    // Something else that was put in its place is not read into memory.
    const found = await stat(path);
    return found.isFile() && found.size <= 2 * MAX_RECORD_FILE_BYTES ? await readFile(path, 'utf8') : '';
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}
