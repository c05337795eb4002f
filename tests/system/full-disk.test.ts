import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRecordFile } from '../../main/audit/record-file.ts';
import { verifyRecord } from '../../main/audit/verify-record.ts';

const DISK_BYTES = 256 * 1024;
const AT = { monotonicMs: 1, wallMs: 1_700_000_000_000 };
const NOBODY = () => ({ names: [], homeDirectory: '' });

/** A disk of its own, if this machine lets us mount one. */
function mounted(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'none', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('a disk that is really full', () => {
  let folder = '';
  let disk = false;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'presence-locker-disk-'));
    disk = mounted(folder);
  });
  afterAll(async () => {
    if (disk) execFileSync('umount', [folder]);
    await rm(folder, { recursive: true, force: true });
  });

  it('loses entries, says how many once there is room, and the chain is whole', async ({ skip }) => {
    skip(!disk, 'no small disk can be mounted here (root and mount are needed)');
    const path = join(folder, 'record.jsonl');
    const ballast = join(folder, 'ballast');
    const writable: boolean[] = [];
    const record = createRecordFile(path, { personal: NOBODY, onWritable: (now) => writable.push(now) });
    const lock = (evidence: string) =>
      record.append({ what: 'lock-requested', cause: 'denied', evidence }, AT, null).then(
        () => true,
        () => false,
      );
    expect(await lock('before')).toBe(true);
    const { bavail, bsize } = await statfs(folder);
    await writeFile(ballast, Buffer.alloc(bavail * bsize));
    // What is left in the file's last block may still take some.
    const outcomes: boolean[] = [];
    for (let i = 0; i < 50; i += 1) outcomes.push(await lock(`while full ${i}`));
    expect(outcomes.filter((written) => !written)).toHaveLength(1);
    expect(writable).toEqual([false]);
    await rm(ballast);
    expect(await lock('after')).toBe(true);
    expect(writable).toEqual([false, true]);
    const report = await verifyRecord(path);
    expect(report.ok).toBe(true);
    expect(report.losses).toHaveLength(1);
    const { lostEntries = 0 } = report.losses[0] ?? {};
    // The first line, the loss and two certain ones; the rest of the fifty is either there or counted.
    expect(report.entries + lostEntries).toBe(1 + 1 + 2 + 50);
  });
});
