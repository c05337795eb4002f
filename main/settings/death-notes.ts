import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile, removeFile, type TrustedOwner, writeJsonFile } from './json-file.ts';

/** More deaths than this between two starts that got far enough to read them: the first ones tell enough. */
export const MAX_NOTED_DEATHS = 20;

const DeathSchema = z.strictObject({
  how: z.enum(['ended', 'hung']),
  atWall: z.int().min(0),
  lock: z.enum(['seen', 'already', 'not-seen', 'not-needed']),
  lockedAfterMs: z.int().min(0).nullable(),
});
const NotesSchema = z.strictObject({ deaths: z.array(DeathSchema).max(MAX_NOTED_DEATHS) });
export type NotedDeath = z.infer<typeof DeathSchema>;

/** What the sentinel leaves for the next start of main (ADR 0016). Evidence only: a forged note can make main lock once, and nothing else. */
export interface DeathNotes {
  /** @throws when it cannot be written. */
  leave(death: NotedDeath): Promise<void>;
  /** What was left, oldest first; it is gone afterwards. `problem`: something was there that is not ours. @throws when it cannot be removed. */
  take(): Promise<{ readonly deaths: readonly NotedDeath[]; readonly problem: string | null }>;
}

export function createDeathNotes(userDataDirectory: string, owner: TrustedOwner): DeathNotes {
  const path = join(userDataDirectory, 'deaths.json');
  const read = () => readJsonFile(path, NotesSchema, owner);
  return {
    async leave(death) {
      const reading = await read();
      const before = reading.kind === 'valid' ? reading.value.deaths : [];
      if (before.length < MAX_NOTED_DEATHS) await writeJsonFile(path, { deaths: [...before, death] });
    },
    async take() {
      const reading = await read();
      if (reading.kind === 'absent') return { deaths: [], problem: null };
      await removeFile(path);
      return reading.kind === 'valid'
        ? { deaths: reading.value.deaths, problem: null }
        : { deaths: [], problem: reading.problem };
    },
  };
}
