import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile, type TrustedOwner, writeJsonFile } from './json-file.ts';

const StoredIdSchema = z.strictObject({ id: z.string().regex(/^[0-9a-f]{32}$/) });

/** Keeps a random id for a machine that has no machine id of its own (containers, live systems). */
export function createFallbackDeviceId(userDataDirectory: string, owner: TrustedOwner) {
  const path = join(userDataDirectory, 'device-id.json');
  return {
    async read(): Promise<string | null> {
      const reading = await readJsonFile(path, StoredIdSchema, owner);
      return reading.kind === 'valid' ? reading.value.id : null;
    },
    write: (id: string): Promise<void> => writeJsonFile(path, { id }),
  };
}
