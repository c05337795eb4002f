import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSealedFileStore } from '../../gateway/store/sealed-file-store.ts';
import type { SessionRecord } from '../../gateway/store/session-store.ts';

const key = randomBytes(32);
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sealed-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const record = (sessionId: string): SessionRecord => ({
  v: 1,
  sessionId,
  providerId: 'fake',
  tokenName: 't',
  deviceId: 'd',
  requestId: 'r',
  userId: 'u',
  handle: 'HANDLE-WITH-SECRET',
  status: 'active',
  reservedSeq: 1_000,
  startedAtWallMs: 5,
  durationMs: 6,
  ending: false,
});
const FIRST = 'a'.repeat(32);
const SECOND = 'b'.repeat(32);
const open = (overrides: { key?: Buffer; providerId?: string } = {}) =>
  openSealedFileStore({ directory, key, providerId: 'fake', ...overrides });

test('what was saved is loaded by the next run, and removed is removed', async () => {
  const store = await open();
  await store.save(record(FIRST));
  await store.save({ ...record(SECOND), reservedSeq: 1 });
  await store.save({ ...record(SECOND), reservedSeq: 2_000 });
  const { records, problems } = await (await open()).load();
  expect(records).toEqual([record(FIRST), { ...record(SECOND), reservedSeq: 2_000 }]);
  expect(problems).toEqual([]);
  await store.remove(FIRST);
  await store.remove(FIRST);
  expect((await store.load()).records).toEqual([{ ...record(SECOND), reservedSeq: 2_000 }]);
});

test('files are for their owner only and hold no secret in the clear', async () => {
  const store = await open();
  await store.save(record(FIRST));
  const path = join(directory, `${FIRST}.session`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path).includes('HANDLE-WITH-SECRET')).toBe(false);
});

test('a folder that others may enter stays as it is: it may hold more than ours', async () => {
  chmodSync(directory, 0o755);
  await open();
  expect(statSync(directory).mode & 0o777).toBe(0o755);
});

test('a folder that others may write into is refused, and not changed', async () => {
  for (const mode of [0o1777, 0o775, 0o757]) {
    chmodSync(directory, mode);
    await expect(open()).rejects.toThrow(/only its owner may write into/);
    expect(statSync(directory).mode & 0o7777).toBe(mode);
  }
});

test('no nonce is used twice', async () => {
  const store = await open();
  const nonces = new Set<string>();
  for (let round = 0; round < 20; round += 1) {
    await store.save(record(FIRST));
    nonces.add(
      readFileSync(join(directory, `${FIRST}.session`))
        .subarray(0, 12)
        .toString('hex'),
    );
  }
  expect(nonces.size).toBe(20);
});

test('every changed byte is noticed', async () => {
  const store = await open();
  await store.save(record(FIRST));
  const path = join(directory, `${FIRST}.session`);
  const intact = readFileSync(path);
  for (let at = 0; at < intact.length; at += 7) {
    const changed = Buffer.from(intact);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    writeFileSync(path, changed);
    expect(await store.load()).toEqual({
      records: [],
      problems: [{ name: `${FIRST}.session`, problem: 'not-authentic' }],
    });
  }
});

test('a torn file is ignored and reported', async () => {
  const store = await open();
  await store.save(record(FIRST));
  truncateSync(join(directory, `${FIRST}.session`), 20);
  expect((await store.load()).problems).toEqual([{ name: `${FIRST}.session`, problem: 'torn' }]);
});

test('a session renamed to another, of another provider or another key does not open', async () => {
  const store = await open();
  await store.save(record(FIRST));
  copyFileSync(join(directory, `${FIRST}.session`), join(directory, `${SECOND}.session`));
  expect(await store.load()).toMatchObject({
    records: [{ sessionId: FIRST }],
    problems: [{ problem: 'not-authentic' }],
  });
  expect((await (await open({ providerId: 'other' })).load()).records).toEqual([]);
  expect((await (await open({ key: randomBytes(32) })).load()).records).toEqual([]);
});

test('foreign files are left alone and reported, links are not followed, half-written ones are cleared', async () => {
  const store = await open();
  await store.save(record(FIRST));
  writeFileSync(join(directory, 'notes.txt'), 'x');
  writeFileSync(join(directory, `${FIRST}.session.123.tmp`), 'half');
  renameSync(join(directory, `${FIRST}.session`), join(directory, 'elsewhere'));
  symlinkSync(join(directory, 'elsewhere'), join(directory, `${FIRST}.session`));
  const { records, problems } = await store.load();
  expect(records).toEqual([]);
  expect(problems.map(({ name, problem }) => `${name} ${problem}`).sort()).toEqual(
    [`${FIRST}.session foreign`, 'elsewhere foreign', 'notes.txt foreign'].sort(),
  );
  expect(readdirSync(directory).sort()).toEqual([`${FIRST}.session`, 'elsewhere', 'notes.txt'].sort());
});
