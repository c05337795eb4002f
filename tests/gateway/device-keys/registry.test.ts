import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DeviceKeys } from '../../../gateway/device-keys/registry.ts';
import { type Database, openDatabase } from '../../../gateway/store/database.ts';

const KEY = Buffer.alloc(32, 7);
const HOUR_MS = 3_600_000;
const DESK = { tokenName: 'desk', deviceId: 'device-1' };
const A_KEY = 'A'.repeat(43);
const B_KEY = 'B'.repeat(42).concat('A');
let directory = '';
let database: Database;
let keys: DeviceKeys;
const open = () => openDatabase({ file: join(directory, 'gateway.db'), key: KEY });
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'device-keys-'));
  database = await open();
  keys = new DeviceKeys(database);
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true });
});

test('a workstation that was added is known by its key after a restart', async () => {
  expect(keys.add(DESK, A_KEY, 1, 1_000)).toBeNull();
  database.close();
  database = await open();
  const known = { ...DESK, publicKey: A_KEY, addedAt: 1_000, lastSeenAt: null };
  expect(new DeviceKeys(database).findByKey(A_KEY)).toEqual(known);
  expect(new DeviceKeys(database).list()).toEqual([known]);
});

test('a known workstation gets no second key, and keeps its first', () => {
  keys.add(DESK, A_KEY, 5, 1_000);
  expect(keys.add(DESK, B_KEY, 5, 2_000)).toBe('known-by-another-key');
  expect(keys.list().map(({ publicKey }) => publicKey)).toEqual([A_KEY]);
});

test('adding it again with its own key changes nothing and is no failure', () => {
  keys.add(DESK, A_KEY, 1, 1_000);
  expect(keys.add(DESK, A_KEY, 1, 2_000)).toBeNull();
  expect(keys.find(DESK)?.addedAt).toBe(1_000);
});

test('one key is not two workstations', () => {
  keys.add(DESK, A_KEY, 5, 1_000);
  expect(keys.add({ tokenName: 'desk', deviceId: 'device-2' }, A_KEY, 5, 1_000)).toBe('key-of-another');
  expect(keys.add({ tokenName: 'other', deviceId: 'device-1' }, A_KEY, 5, 1_000)).toBe('key-of-another');
});

test('a token brings in as many workstations as it may, those of other tokens not counted', () => {
  keys.add({ tokenName: 'other', deviceId: 'device-9' }, 'C'.repeat(42).concat('A'), 1, 1_000);
  expect(keys.add(DESK, A_KEY, 2, 1_000)).toBeNull();
  expect(keys.add({ tokenName: 'desk', deviceId: 'device-2' }, B_KEY, 2, 1_000)).toBeNull();
  const third = { tokenName: 'desk', deviceId: 'device-3' };
  expect(keys.add(third, 'D'.repeat(42).concat('A'), 2, 1_000)).toBe('token-spent');
  expect(keys.find(third)).toBeNull();
});

test('one that was removed is known no more, and makes room for another', () => {
  keys.add(DESK, A_KEY, 1, 1_000);
  expect(keys.remove(DESK)).toBe(true);
  expect(keys.remove(DESK)).toBe(false);
  expect(keys.findByKey(A_KEY)).toBeNull();
  expect(keys.add({ tokenName: 'desk', deviceId: 'device-2' }, B_KEY, 1, 2_000)).toBeNull();
});

test('when it was seen is known to the hour', () => {
  keys.add(DESK, A_KEY, 1, 1_000);
  const seenAt = (now: number) => {
    const known = keys.find(DESK);
    if (known !== null) keys.noteSeen(known, now);
    return keys.find(DESK)?.lastSeenAt;
  };
  expect(seenAt(5_000)).toBe(5_000);
  expect(seenAt(5_000 + HOUR_MS - 1)).toBe(5_000);
  expect(seenAt(5_000 + HOUR_MS)).toBe(5_000 + HOUR_MS);
});
