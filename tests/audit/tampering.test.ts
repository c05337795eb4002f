import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { encodeLine, NOTHING_BEFORE } from '../../main/audit/chain.ts';
import { closedFilesOf } from '../../main/audit/record-paths.ts';
import { verifyRecord } from '../../main/audit/verify-record.ts';
import {
  AT,
  appendLocks,
  lock,
  type RecordUnderTest,
  recordUnderTest,
  SITUATION,
  SMALL,
  writeForgedChain,
} from './record-under-test.ts';

/** Lines 2 to 5 are the locks; line 1 begins the file. */
const LOCKS = ['a', 'b', 'c', 'd'];

async function written(): Promise<RecordUnderTest & { readonly before: readonly string[] }> {
  const record = await recordUnderTest();
  await appendLocks(record.open(), ...LOCKS);
  return { ...record, before: await record.lines() };
}

const writeLines = (path: string, lines: readonly string[]): Promise<void> =>
  writeFile(path, lines.map((line) => `${line}\n`).join(''));

/** The line whose hash somebody made to fit again, as anybody can. */
const rehashed = (line: string): string => {
  const { v: _v, hash: _hash, seq, prev, atWall, atMonotonic, entry, situation } = JSON.parse(line);
  return encodeLine({ entry, situation, at: { wallMs: atWall, monotonicMs: atMonotonic } }, seq, prev).text;
};

type Json = Record<string, unknown>;
const CHANGED: Readonly<Record<string, (line: Json) => Json>> = {
  v: (line) => ({ ...line, v: 3 }),
  seq: (line) => ({ ...line, seq: 7 }),
  prev: (line) => ({ ...line, prev: 'f'.repeat(64) }),
  atWall: (line) => ({ ...line, atWall: 1 }),
  atMonotonic: (line) => ({ ...line, atMonotonic: 6 }),
  entry: (line) => ({ ...line, entry: { what: 'pause-ended' } }),
  'entry.cause': (line) => ({ ...line, entry: { what: 'lock-requested', cause: 'user-lock', evidence: 'b' } }),
  'entry.evidence': (line) => ({ ...line, entry: { what: 'lock-requested', cause: 'walkaway', evidence: 'B' } }),
  situation: (line) => ({ ...line, situation: null }),
  'situation.socket': (line) => ({ ...line, situation: { ...SITUATION, socket: 'down' } }),
  hash: (line) => ({ ...line, hash: 'e'.repeat(64) }),
};

describe('an honest record', () => {
  it('is whole, and its last hash is told', async () => {
    const { path, before } = await written();
    const report = await verifyRecord(path);
    expect(report).toMatchObject({ ok: true, entries: 5, first: { seq: 1 }, broken: null, olderDropped: false });
    expect(report.last?.hash).toBe(JSON.parse(before[4] ?? '').hash);
  });

  it('can be followed with nothing but a hash program: each hash is that of the line without it', async () => {
    const { before } = await written();
    let prev = NOTHING_BEFORE;
    for (const line of before) {
      const bare = line.replace(/,"hash":"[0-9a-f]{64}"\}$/, '}');
      expect(JSON.parse(line).prev).toBe(prev);
      prev = createHash('sha256').update(bare).digest('hex');
      expect(JSON.parse(line).hash).toBe(prev);
    }
  });
});

describe('a line that was changed', () => {
  it.each(Object.keys(CHANGED))('in its %s is named', async (field) => {
    const { path, before } = await written();
    const change = CHANGED[field];
    const lines = before.map((line, at) => (at === 2 ? JSON.stringify(change?.(JSON.parse(line))) : line));
    await writeLines(path, lines);
    expect((await verifyRecord(path)).broken).toMatchObject({ file: path, line: 3, fault: 'wrong-hash' });
  });

  it.each(['v', 'seq', 'prev', 'atWall', 'atMonotonic', 'entry', 'situation', 'hash'])(
    'by taking out its %s is named',
    async (field) => {
      const { path, before } = await written();
      const without = before.map((line, at) => {
        if (at !== 2) return line;
        const { [field]: _gone, ...rest } = JSON.parse(line);
        return JSON.stringify(rest);
      });
      await writeLines(path, without);
      const { broken } = await verifyRecord(path);
      expect(broken).toMatchObject({ line: 3, fault: field === 'hash' ? 'no-hash' : 'wrong-hash' });
    },
  );

  it('by a space that means nothing to JSON is named: the bytes count', async () => {
    const { path, before } = await written();
    await writeLines(
      path,
      before.map((line, at) => (at === 2 ? line.replace('"seq":', '"seq": ') : line)),
    );
    expect((await verifyRecord(path)).broken).toMatchObject({ line: 3, fault: 'wrong-hash' });
  });

  it('and hashed anew is found at the line after it', async () => {
    const { path, before } = await written();
    const lines = before.map((line, at) => (at === 2 ? rehashed(line.replace('"b"', '"B"')) : line));
    await writeLines(path, lines);
    expect((await verifyRecord(path)).broken).toMatchObject({ line: 4, fault: 'wrong-prev' });
  });

  it('and hashed anew where it is the last one is found only by a hash noted before', async () => {
    const { path, before } = await written();
    const noted = JSON.parse(before[4] ?? '').hash;
    await writeLines(
      path,
      before.map((line, at) => (at === 4 ? rehashed(line.replace('"d"', '"D"')) : line)),
    );
    expect((await verifyRecord(path)).ok).toBe(true);
    expect((await verifyRecord(path, noted)).broken).toMatchObject({ line: null, fault: 'expected-hash-missing' });
  });
});

describe('lines', () => {
  it.each([
    ['taken out', ([a, b, , d, e]: readonly string[]) => [a, b, d, e], 3, 'wrong-seq'],
    ['swapped', ([a, b, c, d, e]: readonly string[]) => [a, c, b, d, e], 2, 'wrong-seq'],
    ['doubled', ([a, b, c, d, e]: readonly string[]) => [a, b, c, c, d, e], 4, 'wrong-seq'],
    ['put in from elsewhere', ([a, b, c, d, e]: readonly string[]) => [a, b, 'hello', c, d, e], 3, 'no-hash'],
    ['left empty', ([a, b, c, d, e]: readonly string[]) => [a, b, '', c, d, e], 3, 'no-hash'],
    ['cut off in the middle', ([a, b, c, d, e]: readonly string[]) => [a, b, c?.slice(0, 100), d, e], 3, 'no-hash'],
    ['taken from the beginning', ([, b, c, d, e]: readonly string[]) => [b, c, d, e], 1, 'no-beginning'],
  ])('%s are named', async (_how, change, line, fault) => {
    const { path, before } = await written();
    await writeLines(path, change(before).map(String));
    expect((await verifyRecord(path)).broken).toMatchObject({ line, fault });
  });

  it('put in with a number and a hash that fit are found at the line after them', async () => {
    const { path, before } = await written();
    const { hash } = JSON.parse(before[2] ?? '');
    const forged = encodeLine({ entry: lock('forged'), situation: null, at: AT }, 4, hash).text;
    await writeLines(path, [...before.slice(0, 3), forged, ...before.slice(3)]);
    expect((await verifyRecord(path)).broken).toMatchObject({ line: 5, fault: 'wrong-seq' });
  });

  it('cut from the end leave a whole chain: only a hash noted before tells', async () => {
    const { path, before } = await written();
    const noted = JSON.parse(before[4] ?? '').hash;
    await writeLines(path, before.slice(0, 3));
    expect(await verifyRecord(path)).toMatchObject({ ok: true, entries: 3 });
    expect((await verifyRecord(path, noted)).broken?.fault).toBe('expected-hash-missing');
    expect((await verifyRecord(path, JSON.parse(before[2] ?? '').hash)).ok).toBe(true);
  });

  it('cut off half-way at the very end are a torn line', async () => {
    const { path, before } = await written();
    await writeFile(path, before.join('\n'));
    expect((await verifyRecord(path)).broken).toMatchObject({ line: 5, fault: 'torn-last-line' });
  });

  it('longer than any of ours are refused without reading them to the end', async () => {
    const { path, before } = await written();
    await writeFile(path, `${before.join('\n')}\n${'x'.repeat(5_000_000)}`);
    expect((await verifyRecord(path)).broken).toMatchObject({ line: 6, fault: 'too-long' });
  });
});

describe('files', () => {
  async function several(): Promise<{ path: string; closed: readonly string[]; noted: string }> {
    const record = await recordUnderTest();
    await appendLocks(
      record.open({ bounds: { ...SMALL, files: 4 } }),
      ...Array.from({ length: 40 }, (_, at) => `${at}`),
    );
    const closed = (await closedFilesOf(record.path)).map((file) => file.path);
    const report = await verifyRecord(record.path);
    expect(report).toMatchObject({ ok: true, olderDropped: true });
    expect(closed).toHaveLength(3);
    return { path: record.path, closed, noted: report.last?.hash ?? '' };
  }

  it('whose oldest is gone are missing it, because the record says from where it was kept', async () => {
    const { path, closed } = await several();
    await rm(closed[0] ?? '');
    expect((await verifyRecord(path)).broken).toMatchObject({ file: closed[1], line: null, fault: 'missing-files' });
  });

  it('whose middle is gone do not follow each other', async () => {
    const { path, closed } = await several();
    await rm(closed[1] ?? '');
    expect((await verifyRecord(path)).broken).toMatchObject({ file: closed[2], line: 1, fault: 'wrong-seq' });
  });

  it('with a line cut from the end of an older one do not follow each other', async () => {
    const { path, closed } = await several();
    const lines = (await readFile(closed[1] ?? '', 'utf8')).split('\n').filter(Boolean);
    await writeLines(closed[1] ?? '', lines.slice(0, -1));
    expect((await verifyRecord(path)).broken).toMatchObject({ file: closed[2], line: 1, fault: 'wrong-seq' });
  });

  it('that changed places are named', async () => {
    const { path, closed } = await several();
    const [first = '', second = ''] = closed;
    await rename(first, `${path}-aside`);
    await rename(second, first);
    await rename(`${path}-aside`, second);
    expect((await verifyRecord(path)).ok).toBe(false);
  });

  it('are verified from an older one on backwards, too', async () => {
    const { closed } = await several();
    const [first = '', second = ''] = closed;
    expect(await verifyRecord(second)).toMatchObject({ ok: true, files: [first, second] });
  });

  it('that hold nothing are no record', async () => {
    const { path } = await recordUnderTest();
    await writeFile(path, '');
    expect((await verifyRecord(path)).broken).toMatchObject({ line: null, fault: 'empty' });
  });

  it('written wholly anew by somebody who knows the format are whole: only a hash noted before tells', async () => {
    const { path, closed, noted } = await several();
    await Promise.all(closed.map((file) => rm(file)));
    await writeForgedChain(path, [{ what: 'record-begun', because: 'first', keptFrom: 1 }, lock('nothing happened')]);
    expect((await verifyRecord(path)).ok).toBe(true);
    expect((await verifyRecord(path, noted)).broken?.fault).toBe('expected-hash-missing');
  });
});
