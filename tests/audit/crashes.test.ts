import { appendFile, readFile, truncate } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { NODE_DISK, type RecordDisk } from '../../main/audit/record-disk.ts';
import { createRecordFile } from '../../main/audit/record-file.ts';
import { closedFilesOf } from '../../main/audit/record-paths.ts';
import { verifyRecord } from '../../main/audit/verify-record.ts';
import { AT, evidencesIn, lock, NOBODY, recordUnderTest, SITUATION, SMALL } from './record-under-test.ts';

/** The process dies, or the disk fails, at this call of the disk, after this share of its bytes. */
type Failure = { readonly call: number; readonly share: number };
type Run = {
  readonly entries: number;
  readonly failure: Failure | null;
  readonly tornBytes: number;
  readonly zeros: number;
};

class Died extends Error {
  override readonly name = 'Died';
}

/** Fails once at the chosen call. A disk that is `dead` afterwards is a process that died: nothing it still wanted to do is done. */
function failingDisk({ call, share }: Failure, dies: boolean): RecordDisk {
  let calls = 0;
  let dead = false;
  const mayWork = async (partly: () => Promise<void>): Promise<void> => {
    if (dead) throw new Died();
    if (calls++ !== call) return;
    await partly();
    dead = dies;
    throw new Died();
  };
  return {
    async putEnd(path, bytes, position) {
      await mayWork(() => NODE_DISK.putEnd(path, bytes.subarray(0, Math.floor(bytes.length * share)), position));
      await NODE_DISK.putEnd(path, bytes, position);
    },
    async move(from, to) {
      await mayWork(async () => (share > 0.5 ? await NODE_DISK.move(from, to) : undefined));
      await NODE_DISK.move(from, to);
    },
    async remove(path) {
      await mayWork(async () => (share > 0.5 ? await NODE_DISK.remove(path) : undefined));
      await NODE_DISK.remove(path);
    },
  };
}

const failure = fc.record({ call: fc.nat(12), share: fc.double({ min: 0, max: 1, noNaN: true }) });
const run = fc.record({
  entries: fc.nat(8),
  failure: fc.option(failure),
  /** Torn off what is there after the run, as if the last write had not reached the disk whole. */
  tornBytes: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 100 })),
  zeros: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 600 })),
}) satisfies fc.Arbitrary<Run>;

/** Tears at most what one write can have left: bytes of the last line. @returns the entry that was in it, if any. */
async function tear(path: string, bytes: number): Promise<string | null> {
  const content = await readFile(path).catch(() => Buffer.alloc(0));
  if (bytes === 0 || content.length === 0) return null;
  const lastLine = content.lastIndexOf(0x0a, content.length - 2) + 1;
  // What begins a file is on disk before older files are dropped on its word; a crash cannot take it back.
  if (lastLine === 0) return null;
  await truncate(path, Math.max(lastLine, content.length - bytes));
  return /"evidence":"(entry \d+)"/.exec(content.toString('utf8', lastLine))?.[1] ?? null;
}

async function lives(runs: readonly Run[], dies: boolean): Promise<void> {
  const { path, open } = await recordUnderTest();
  // What append said is on disk must be there, in order; what it said nothing of may be there or not.
  const written: { readonly evidence: string; readonly certain: boolean }[] = [];
  let count = 0;
  for (const { entries, failure, tornBytes, zeros } of runs) {
    const disk = failure === null ? NODE_DISK : failingDisk(failure, dies);
    const record = createRecordFile(path, { personal: () => NOBODY, disk, bounds: SMALL });
    let failed = false;
    for (let i = 0; i < entries; i += 1) {
      const evidence = `entry ${count++}`;
      const outcome = await record.append(lock(evidence), AT, SITUATION).then(
        () => true,
        () => false,
      );
      failed ||= !outcome;
      // After the first rejection of an outage nothing is promised until the record says that it can be written again.
      written.push({ evidence, certain: outcome && !failed });
    }
    if (zeros > 0 && entries > 0) await appendFile(path, Buffer.alloc(zeros));
    else {
      const torn = await tear(path, tornBytes);
      const at = written.findIndex(({ evidence }) => evidence === torn);
      if (torn !== null) written[at] = { evidence: torn, certain: false };
    }
  }
  const record = open({ bounds: SMALL });
  await record.append(lock('the end'), AT, SITUATION);
  const report = await verifyRecord(path);
  if (!report.ok) throw new Error(`not whole: ${JSON.stringify(report.broken)}`);
  const closed = await closedFilesOf(path);
  if (closed.length > SMALL.files) throw new Error(`${closed.length + 1} files`);
  const read = evidencesIn(await record.recent());
  const numbers = read.slice(0, -1).map((evidence) => Number(evidence.slice('entry '.length)));
  if (numbers.some((number, at) => at > 0 && number <= (numbers[at - 1] ?? 0))) throw new Error(`order ${numbers}`);
  const oldest = numbers[0] ?? Number.POSITIVE_INFINITY;
  const lost = written
    .filter(({ certain, evidence }) => certain && Number(evidence.slice('entry '.length)) >= oldest)
    .filter(({ evidence }) => !read.includes(evidence));
  if (lost.length > 0) throw new Error(`lost ${lost.map(({ evidence }) => evidence).join(', ')}`);
  if (!report.olderDropped && written.some(({ certain, evidence }) => certain && !read.includes(evidence)))
    throw new Error('something certain is gone although nothing was dropped');
}

describe('whatever dies, and whenever', () => {
  it('after crashes in the middle of any write the record is whole, in order, and holds what it said it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 6 }), (runs) => lives(runs, true)),
      { numRuns: 100 },
    );
  }, 60_000);

  it('after failures of the disk that pass the same process goes on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 6 }), (runs) => lives(runs, false)),
      { numRuns: 100 },
    );
  }, 60_000);
});
