import type { ExportResult } from '../protocol/ipc.ts';
import { CopyRefused } from './audit/copy-record.ts';
import type { RecordFile } from './audit/record-file.ts';
import type { StateName } from './core/lock-types.ts';
import type { RecordKeeping } from './record-keeping.ts';

/** A dialog of the system opens in these only: it may stand above the cover, and it can look into folders. */
const OPEN_STATES: readonly StateName[] = ['present', 'leaving', 'paused', 'unenrolled'];

const refused = (sentence: string): ExportResult => ({ ok: false, sentence });

/** "presence-locker-record-2025-03-14.jsonl": by the day where the person is. */
export function nameOfCopy(wallMs: number): string {
  const day = new Date(wallMs);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `presence-locker-record-${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}.jsonl`;
}

/** Asks where, and saves a copy of the record there. The copy is recorded, its place is not: that is the person's own business. */
export async function exportRecord(app: {
  readonly record: Pick<RecordFile, 'copyTo'>;
  readonly keeping: Pick<RecordKeeping, 'tell'>;
  readonly ask: (suggestedName: string) => Promise<string | null>;
  readonly state: () => StateName;
  readonly wallNow: () => number;
}): Promise<ExportResult> {
  if (!OPEN_STATES.includes(app.state())) return refused('A copy can be saved while you are here.');
  const target = await app.ask(nameOfCopy(app.wallNow()));
  if (target === null) return { ok: true, savedAs: null };
  try {
    await app.record.copyTo(target);
  } catch (error) {
    if (error instanceof CopyRefused) return refused(error.message);
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return refused(`The copy could not be saved there${code}. Choose another place.`);
  }
  await app.keeping.tell({ what: 'record-copied' });
  return { ok: true, savedAs: target };
}
