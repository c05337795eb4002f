import { appendFile, mkdir, readdir, rename, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRecordFile, MAX_RECENT_ENTRIES } from '../../main/audit/record-file.ts';
import { closedFilesOf, MAX_RECORD_FILE_BYTES } from '../../main/audit/record-paths.ts';
import { verifyRecord } from '../../main/audit/verify-record.ts';
import {
  AT,
  appendLocks,
  diskWithRoomFor,
  evidencesIn,
  lock,
  NOBODY,
  recordUnderTest,
  SITUATION,
  SMALL,
} from './record-under-test.ts';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `entry ${index}`);

describe('the record', () => {
  it('gives back after a restart what was written before, for its owner only', async () => {
    const { path, open } = await recordUnderTest();
    const deeper = join(dirname(path), 'deeper', 'record.jsonl');
    const record = createRecordFile(deeper, { personal: () => NOBODY });
    await record.append(lock('service said walkaway'), AT, SITUATION);
    await record.append({ what: 'pause-ended' }, AT, null);
    const again = await createRecordFile(deeper, { personal: () => NOBODY }).recent();
    expect(again.slice(1)).toEqual([
      { atWall: 1_700_000_000_000, entry: lock('service said walkaway') },
      { atWall: 1_700_000_000_000, entry: { what: 'pause-ended' } },
    ]);
    expect((await stat(deeper)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(deeper))).mode & 0o777).toBe(0o700);
    expect(await open().recent()).toEqual([]);
  });

  it('keeps with each entry what was known at that moment', async () => {
    const { open, lines } = await recordUnderTest();
    await appendLocks(open(), 'why');
    expect(JSON.parse((await lines())[1] ?? '')).toMatchObject({ seq: 2, situation: SITUATION, entry: lock('why') });
  });

  it('keeps the order of entries that are appended at once', async () => {
    const { path, open } = await recordUnderTest();
    const record = open();
    const words = Array.from({ length: 50 }, (_, index) => `entry ${index}`);
    await Promise.all(words.map((word) => record.append(lock(word), AT, SITUATION)));
    expect(evidencesIn(await record.recent())).toEqual(words);
    expect(await verifyRecord(path)).toMatchObject({ ok: true, entries: 51 });
  });

  it('goes on with the same chain after a restart', async () => {
    const { path, open } = await recordUnderTest();
    await appendLocks(open(), 'a');
    await appendLocks(open(), 'b');
    await appendLocks(open(), 'c');
    expect(await verifyRecord(path)).toMatchObject({ ok: true, entries: 4, losses: [] });
  });

  it.each([1, 20, 200])('cuts a last line torn %d bytes before its end, and says so in the chain', async (missing) => {
    const { path, open, text } = await recordUnderTest();
    await appendLocks(open(), 'a', 'b', 'c');
    const whole = (await text()).length;
    const lastLine = whole - ((await text()).lastIndexOf('\n', whole - 2) + 1);
    await truncate(path, whole - missing);
    await appendLocks(open(), 'd');
    expect(evidencesIn(await open().recent())).toEqual(['a', 'b', 'd']);
    const report = await verifyRecord(path);
    expect(report).toMatchObject({ ok: true, losses: [{ seq: 4, lostBytes: lastLine - missing, lostEntries: 0 }] });
  });

  it('cuts what a power cut filled with zeros', async () => {
    const { path, open } = await recordUnderTest();
    await appendLocks(open(), 'a');
    await appendFile(path, Buffer.alloc(700));
    await appendLocks(open(), 'b');
    expect(evidencesIn(await open().recent())).toEqual(['a', 'b']);
    expect(await verifyRecord(path)).toMatchObject({ ok: true, losses: [{ lostBytes: 700 }] });
  });

  it('begins anew where even the first line was torn', async () => {
    const { path, open } = await recordUnderTest();
    await writeFile(path, '{"v":2,"seq":1,"pr');
    await appendLocks(open(), 'a');
    expect(await verifyRecord(path)).toMatchObject({ ok: true, first: { seq: 1 }, losses: [{ lostBytes: 18 }] });
  });

  it('puts a file aside that was changed at its end, and cuts nothing of it: it is evidence', async () => {
    const { path, open, text } = await recordUnderTest();
    await appendLocks(open(), 'a', 'b');
    const changed = (await text()).replace('"evidence":"b"', '"evidence":"c"');
    await writeFile(path, changed);
    await appendLocks(open(), 'd');
    const [aside] = await closedFilesOf(path);
    expect(await text(aside?.path)).toBe(changed);
    expect((await open().recent()).map(({ entry }) => entry)).toContainEqual({
      what: 'record-begun',
      because: 'damaged',
      keptFrom: 1,
    });
    expect(await verifyRecord(path)).toMatchObject({
      ok: false,
      broken: { file: aside?.path, line: 3, fault: 'wrong-hash' },
    });
  });

  it.each([
    ['a page of something else', `${'not a record\n'.repeat(10)}`],
    ['one endless line', 'x'.repeat(200_000)],
    ['zeros', '\0'.repeat(100_000)],
  ])('puts %s in its place aside and goes on', async (_what, content) => {
    const { path, open, text } = await recordUnderTest();
    await writeFile(path, content);
    await appendLocks(open(), 'a');
    await appendLocks(open(), 'b');
    expect(evidencesIn(await open().recent())).toEqual(['a', 'b']);
    expect(await text((await closedFilesOf(path))[0]?.path)).toBe(content);
    expect((await verifyRecord(path)).broken?.line).toBe(1);
  });

  it('is closed before it grows past its bound, and the chain goes on in the next file', async () => {
    const { path, open, lines } = await recordUnderTest();
    await appendLocks(open({ bounds: SMALL }), ...numbered(12));
    const [closed] = await closedFilesOf(path);
    expect((await stat(closed?.path ?? '')).size).toBeLessThanOrEqual(SMALL.fileBytes);
    expect(JSON.parse((await lines())[0] ?? '')).toMatchObject({
      seq: closed?.nextSeq,
      entry: { what: 'record-begun', because: 'full', keptFrom: 1 },
    });
    expect(await verifyRecord(path)).toMatchObject({ ok: true, files: [closed?.path, path], olderDropped: false });
    expect(evidencesIn(await open().recent())).toEqual(numbered(12));
  });

  it('drops its oldest file at its bound and names where it begins', async () => {
    const { path, open } = await recordUnderTest();
    await appendLocks(open({ bounds: SMALL }), ...numbered(60));
    expect(await closedFilesOf(path)).toHaveLength(SMALL.files - 1);
    const report = await verifyRecord(path);
    expect(report).toMatchObject({ ok: true, olderDropped: true });
    expect(report.first?.seq).toBeGreaterThan(30);
    expect(evidencesIn(await open().recent()).at(-1)).toBe('entry 59');
  });

  it('closes a file at one mebibyte, and gives back only the newest entries', async () => {
    const { path, open } = await recordUnderTest();
    const record = open();
    const long = 'x'.repeat(299);
    await Promise.all(Array.from({ length: 1_800 }, () => record.append(lock(long), AT, SITUATION)));
    expect(await closedFilesOf(path)).toHaveLength(1);
    expect((await stat(path)).size).toBeLessThanOrEqual(MAX_RECORD_FILE_BYTES);
    expect(await record.recent()).toHaveLength(MAX_RECENT_ENTRIES);
  });

  it('finds its way on after a crash between closing one file and beginning the next', async () => {
    const { path, open } = await recordUnderTest();
    await appendLocks(open(), 'a', 'b');
    await rename(path, `${path}.4`);
    await appendLocks(open(), 'c');
    expect(await verifyRecord(path)).toMatchObject({ ok: true, entries: 5, losses: [] });
    expect(evidencesIn(await open().recent())).toEqual(['a', 'b', 'c']);
  });

  it('does not follow a link or wait for a pipe that somebody put in its place', async () => {
    const { path, open } = await recordUnderTest();
    const elsewhere = join(dirname(path), 'elsewhere');
    await writeFile(elsewhere, '');
    await symlink(elsewhere, path);
    await expect(open().append(lock('a'), AT, null)).rejects.toThrow(/./);
    expect((await stat(elsewhere)).size).toBe(0);
  });
});

describe('a record that cannot be written', () => {
  it('is reported once, goes on when it can be written again, and counts what is missing', async () => {
    const { path, open } = await recordUnderTest();
    const room = { bytes: 800 };
    const writable: boolean[] = [];
    const record = open({ disk: diskWithRoomFor(room), onWritable: (now) => writable.push(now) });
    await appendLocks(record, 'a');
    await expect(record.append(lock('b'), AT, null)).rejects.toThrow('ENOSPC');
    // Told again at every entry, an outage would be told by notifications that fail and are recorded, for ever.
    await appendLocks(record, 'c', 'd');
    expect(writable).toEqual([false]);
    room.bytes = 100_000;
    await appendLocks(record, 'e', 'f');
    expect(writable).toEqual([false, true]);
    expect(evidencesIn(await record.recent())).toEqual(['a', 'e', 'f']);
    expect(await verifyRecord(path)).toMatchObject({ ok: true, losses: [{ lostEntries: 3 }] });
  });

  it('says so for a folder that is none', async () => {
    const { path } = await recordUnderTest();
    await writeFile(path, '');
    const record = createRecordFile(join(path, 'record.jsonl'), { personal: () => NOBODY });
    await expect(record.append({ what: 'enrolled' }, AT, null)).rejects.toThrow(/./);
    expect(await record.recent()).toEqual([]);
  });
});

describe('a copy', () => {
  it('holds every file of the record as one chain that verifies', async () => {
    const { path, open, everyLine } = await recordUnderTest();
    const record = open({ bounds: SMALL });
    await appendLocks(record, ...numbered(60));
    const elsewhere = join(dirname(path), 'elsewhere');
    await mkdir(elsewhere);
    const target = join(elsewhere, 'copy.jsonl');
    await record.copyTo(target);
    expect(await verifyRecord(target)).toMatchObject({ ok: true, entries: (await everyLine()).length });
    expect((await stat(target)).mode & 0o777).toBe(0o600);
    expect(await readdir(elsewhere)).toEqual(['copy.jsonl']);
  });

  it('leaves a torn last line behind', async () => {
    const { path, open } = await recordUnderTest();
    const record = open();
    await appendLocks(record, 'a');
    await appendFile(path, '{"v":2,"se');
    const elsewhere = join(dirname(path), 'elsewhere');
    await mkdir(elsewhere);
    await record.copyTo(join(elsewhere, 'copy.jsonl'));
    expect(await verifyRecord(join(elsewhere, 'copy.jsonl'))).toMatchObject({ ok: true, entries: 2 });
  });

  it('is refused in the folder of the record itself, whichever way that is written', async () => {
    const { path, open, text } = await recordUnderTest();
    const record = open();
    await appendLocks(record, 'a');
    const before = await text();
    for (const target of [path, `${dirname(path)}/../${dirname(path).split('/').at(-1)}/policy.json`])
      await expect(record.copyTo(target)).rejects.toThrow('outside');
    expect(await text()).toBe(before);
  });
});
