import { join } from 'node:path';
import { z } from 'zod';
import { watchFiles } from './file-watch.ts';
import { readJsonFile, removeFile, type TrustedOwner, writeJsonFile } from './json-file.ts';

const MarkerSchema = z.strictObject({
  /** Unix ms. */
  sinceWall: z.int().min(0),
  /** User id on Linux and macOS; null on Windows. */
  by: z.int().min(0).nullable(),
});

/** Whether the person switched guarding off from a console of their own (`presence-locker disable`). */
export type GuardingReading =
  | {
      readonly guarding: true /** A sentence when a marker is there and not believed. */;
      readonly problem: string | null;
    }
  | { readonly guarding: false; readonly sinceWall: number; readonly by: number | null };

export interface GuardingSwitch {
  /** A marker that is torn, foreign or malformed does not switch anything off. Never throws. */
  read(): Promise<GuardingReading>;
  /** @throws when the marker cannot be written. */
  switchOff(sinceWall: number): Promise<void>;
  /** @returns whether it was off. @throws when the marker cannot be removed. */
  switchOn(): Promise<boolean>;
  /** Calls back with the new reading after a change. @returns a function that stops watching. */
  watch(onChanged: (reading: GuardingReading) => void, pollIntervalMs?: number): Promise<() => void>;
}

export function createGuardingSwitch(userDataDirectory: string, owner: TrustedOwner): GuardingSwitch {
  const path = join(userDataDirectory, 'guarding-off.json');

  async function read(): Promise<GuardingReading> {
    const reading = await readJsonFile(path, MarkerSchema, owner);
    switch (reading.kind) {
      case 'absent':
        return { guarding: true, problem: null };
      case 'invalid':
        return { guarding: true, problem: reading.problem };
      case 'valid':
        return { guarding: false, ...reading.value };
    }
  }

  return {
    read,
    switchOff: (sinceWall) => writeJsonFile(path, { sinceWall, by: owner?.uid ?? null }),
    switchOn: () => removeFile(path),
    watch: (onChanged, pollIntervalMs) => watchFiles([path], () => void read().then(onChanged), pollIntervalMs),
  };
}
