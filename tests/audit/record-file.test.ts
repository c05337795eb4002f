import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRecordFile, MAX_RECORD_BYTES } from '../../main/audit/record-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presence-locker-record-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = { monotonicMs: 5, wallMs: 1_700_000_000_000.4 };

describe('the record', () => {
  it('gives back after a restart what was written before', async () => {
    const path = join(folder, 'deeper', 'record.jsonl');
    const record = createRecordFile(path);
    await record.append({ what: 'lock-requested', cause: 'walkaway', evidence: 'service said walkaway' }, at);
    await record.append({ what: 'pause-ended' }, at);
    expect(await createRecordFile(path).recent()).toEqual([
      {
        atWall: 1_700_000_000_000,
        entry: { what: 'lock-requested', cause: 'walkaway', evidence: 'service said walkaway' },
      },
      { atWall: 1_700_000_000_000, entry: { what: 'pause-ended' } },
    ]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('keeps the order of entries that are appended at once', async () => {
    const record = createRecordFile(join(folder, 'record.jsonl'));
    await Promise.all(Array.from({ length: 50 }, (_, minutes) => record.append({ what: 'paused', minutes }, at)));
    const minutes = (await record.recent()).map(({ entry }) => (entry.what === 'paused' ? entry.minutes : null));
    expect(minutes).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });

  it('loses a torn line, a foreign line and nothing else', async () => {
    const path = join(folder, 'record.jsonl');
    const record = createRecordFile(path);
    await record.append({ what: 'enrolled' }, at);
    await appendFile(path, '{"v":1,"atWall":1,"entry":{"what":"approved","proof":"magic","evidence":""}}\n{"v":1,"atW');
    const again = createRecordFile(path);
    expect((await again.recent()).map(({ entry }) => entry.what)).toEqual(['enrolled']);
  });

  it('is turned over before it grows past its bound', async () => {
    const path = join(folder, 'record.jsonl');
    const record = createRecordFile(path);
    const evidence = 'x'.repeat(100_000);
    for (let i = 0; i < 15; i += 1) await record.append({ what: 'returned', evidence }, at);
    expect((await stat(path)).size).toBeLessThanOrEqual(MAX_RECORD_BYTES);
    expect((await stat(`${path}.1`)).size).toBeLessThanOrEqual(MAX_RECORD_BYTES);
    expect(await readFile(path, 'utf8')).toMatch(/\n$/);
  });

  it('reports a record that cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const record = createRecordFile(join(folder, 'file', 'record.jsonl'));
    await expect(record.append({ what: 'enrolled' }, at)).rejects.toThrow(/./);
  });
});
