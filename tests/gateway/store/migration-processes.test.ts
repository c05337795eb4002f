import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../../gateway/store/database.ts';
import { type Migration, versionOf } from '../../../gateway/store/migration.ts';
import { MIGRATIONS } from '../../../gateway/store/migrations/all.ts';
import { RunningProcess } from '../running-process.ts';

/** As the processes of this test have it. */
const KEY = Buffer.alloc(32, 7);
let directory = '';
let file = '';
const processes: RunningProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'migrations-'));
  file = join(directory, 'data', 'gateway.db');
});
afterEach(() => {
  for (const running of processes.splice(0)) running.kill();
  rmSync(directory, { recursive: true });
});

/** Version and tables as another program sees them. */
function lookInside(): { readonly version: number; readonly schema: readonly string[] } {
  const plain = new DatabaseSync(file);
  try {
    const schema = plain.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name').all();
    return { version: versionOf(plain), schema: schema.map((row) => String(row['sql'])) };
  } finally {
    plain.close();
  }
}

test('a process killed in the middle of a migration leaves the old version, which then can be brought up to date', async () => {
  (await openDatabase({ file, key: KEY })).close();
  const before = lookInside();
  const killed = new RunningProcess(['tests/gateway/store/killed-migration.ts', file]);
  processes.push(killed);
  await killed.end();
  expect([killed.child.signalCode, killed.stdout]).toEqual(['SIGKILL', 'half-way\n']);
  expect(lookInside()).toEqual(before);
  const next: Migration = { name: 'next', up: (database) => database.exec('CREATE TABLE half_done (id INTEGER)') };
  (await openDatabase({ file, key: KEY, migrations: [...MIGRATIONS, next] })).close();
  expect(lookInside().version).toBe(MIGRATIONS.length + 1);
});

test('of several processes that start together on a new file each migration is done once', async () => {
  const starting = Array.from({ length: 3 }, () => new RunningProcess(['tests/gateway/store/opens-database.ts', file]));
  processes.push(...starting);
  expect(await Promise.all(starting.map((each) => each.end()))).toEqual([0, 0, 0]);
  expect(lookInside().version).toBe(MIGRATIONS.length);
});
