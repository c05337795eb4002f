import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { encodeLine } from '../../main/audit/chain.ts';
import type { PersonalData } from '../../main/audit/personal-data.ts';
import { NODE_DISK, type RecordDisk } from '../../main/audit/record-disk.ts';
import { createRecordFile, type RecordFile, type RecordOptions } from '../../main/audit/record-file.ts';
import { closedFilesOf } from '../../main/audit/record-paths.ts';
import type { AuditEntry } from '../../main/core/audit-entry.ts';
import type { AuditSituation } from '../../main/core/audit-situation.ts';

export const AT = { monotonicMs: 5, wallMs: 1_700_000_000_000.4 };
export const SITUATION: AuditSituation = {
  state: 'present',
  status: 'active',
  leaseLeftMs: 9_000,
  heardAgoMs: 6_000,
  socket: 'up',
};
export const NOBODY: PersonalData = { names: [], homeDirectory: '' };

export interface RecordUnderTest {
  readonly path: string;
  /** A new process: nothing of the one before is remembered. */
  open(options?: Partial<RecordOptions>): RecordFile;
  text(file?: string): Promise<string>;
  lines(): Promise<string[]>;
  /** What every file holds, oldest first, one line after the other. */
  everyLine(): Promise<string[]>;
}

export async function recordUnderTest(): Promise<RecordUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'presence-locker-record-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'record.jsonl');
  const text = (file = path): Promise<string> => readFile(file, 'utf8');
  const linesOf = async (file: string): Promise<string[]> => (await text(file)).split('\n').filter(Boolean);
  return {
    path,
    text,
    open: (options = {}) => createRecordFile(path, { personal: () => NOBODY, ...options }),
    lines: () => linesOf(path),
    async everyLine() {
      const closed = (await closedFilesOf(path)).map((file) => file.path);
      return (await Promise.all([...closed, path].map(linesOf))).flat();
    },
  };
}

export const lock = (evidence: string): AuditEntry => ({ what: 'lock-requested', cause: 'walkaway', evidence });

/** So small that a few entries fill a file. */
export const SMALL = { fileBytes: 4_000, files: 3 } as const;

/** Appends one lock for each evidence, waiting for each. */
export async function appendLocks(record: RecordFile, ...evidences: readonly string[]): Promise<void> {
  for (const evidence of evidences) await record.append(lock(evidence), AT, SITUATION);
}

export function evidencesIn(entries: readonly { readonly entry: AuditEntry }[]): readonly string[] {
  return entries.flatMap(({ entry }) => (entry.what === 'lock-requested' ? [entry.evidence] : []));
}

/** A chain written by hand: what someone who knows the format could put in the file's place. */
export async function writeForgedChain(path: string, entries: readonly AuditEntry[]): Promise<void> {
  let prev = '0'.repeat(64);
  const lines = entries.map((entry, index) => {
    const { text, hash } = encodeLine({ entry, situation: null, at: AT }, index + 1, prev);
    prev = hash;
    return `${text}\n`;
  });
  await writeFile(path, lines.join(''));
}

/** Writes only what there is room for, then fails as a full disk does. */
export function diskWithRoomFor(bytesLeft: { bytes: number }): RecordDisk {
  return {
    ...NODE_DISK,
    async putEnd(path, bytes, position) {
      const fits = Math.min(bytes.length, bytesLeft.bytes);
      bytesLeft.bytes -= fits;
      if (fits > 0) await NODE_DISK.putEnd(path, bytes.subarray(0, fits), position);
      if (fits < bytes.length)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
  };
}
