import { appendFile, chmod, mkdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { type AuditEntry, AuditEntrySchema } from '../core/audit-entry.ts';
import type { AuditLog } from '../core/ports.ts';

/** A record is turned over to `<file>.1` at this size; the one before that is gone. */
export const MAX_RECORD_BYTES = 1024 * 1024;
/** Entries shown to the person. */
export const MAX_HISTORY = 50;

const LineSchema = z.strictObject({ v: z.literal(1), atWall: z.number(), entry: AuditEntrySchema });

export interface RecordedEntry {
  readonly atWall: number;
  readonly entry: AuditEntry;
}

/**
 * The record of what happened and why: JSON lines, append-only, readable by its owner only. It holds causes and evidence, never a
 * secret, a name or a phone number. A torn last line (power cut) costs that line and nothing else.
 * Lines that this version does not understand stay in the file and are not shown.
 */
export function createRecordFile(path: string): AuditLog & { recent(): Promise<readonly RecordedEntry[]> } {
  // One append after the other: interleaved lines would be torn lines.
  let last: Promise<void> = Promise.resolve();

  async function write(line: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const size = await sizeOf(path);
    if (size + line.length > MAX_RECORD_BYTES) await rename(path, `${path}.1`);
    await appendFile(path, line, { mode: 0o600, flush: true });
    if (size === 0) await chmod(path, 0o600);
  }

  return {
    append(entry, at) {
      const line = `${JSON.stringify({ v: 1, atWall: Math.round(at.wallMs), entry })}\n`;
      const written = last.then(() => write(line));
      // The next append goes on after a failed one; the failure itself is the caller's (it becomes `effect.failed`).
      last = written.catch(() => undefined);
      return written;
    },
    async recent() {
      const texts = await Promise.all([`${path}.1`, path].map((file) => readIfThere(file)));
      return texts.join('').split('\n').flatMap(readLine);
    },
  };
}

function readLine(line: string): RecordedEntry[] {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return []; // Torn by a power cut, or the empty end of the file.
  }
  const parsed = LineSchema.safeParse(json);
  return parsed.success ? [{ atWall: parsed.data.atWall, entry: parsed.data.entry }] : [];
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    const size = await sizeOf(path);
    return size > 2 * MAX_RECORD_BYTES ? '' : await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
