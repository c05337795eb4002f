import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A folder of this test's own, removed after it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'presence-locker-'));
  folders.push(folder);
  return folder;
}

/** Whoever runs the tests, as the owner of their files; null on Windows. */
export const me = process.getuid === undefined ? null : { uid: process.getuid() };
