import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openDatabase } from '../../../gateway/store/database.ts';
import type { Migration } from '../../../gateway/store/migration.ts';
import { MIGRATIONS } from '../../../gateway/store/migrations/all.ts';

let directory = '';
let file = '';
const key = randomBytes(32);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'database-'));
  file = join(directory, 'data', 'gateway.db');
});
afterEach(() => rmSync(directory, { recursive: true }));

const SchemaRow = z.object({ sql: z.string().nullable() });
const ValueRow = z.object({ value: z.union([z.string(), z.int()]) });
const BROKEN: Migration = {
  name: 'half of a step',
  up: (database) => {
    database.exec('CREATE TABLE half (id INTEGER) STRICT');
    throw new Error('and then it breaks');
  },
};

async function schemaAfter(migrations: readonly Migration[] = MIGRATIONS): Promise<readonly (string | null)[]> {
  const database = await openDatabase({ file, key, migrations });
  try {
    return database.rows(SchemaRow, 'SELECT sql FROM sqlite_schema ORDER BY name').map(({ sql }) => sql);
  } finally {
    database.close();
  }
}

async function pragma(name: string): Promise<string | number | undefined> {
  const database = await openDatabase({ file, key });
  try {
    return database.row(ValueRow, `SELECT ${name} AS value FROM pragma_${name}`)?.value;
  } finally {
    database.close();
  }
}

/** A file as another program, or another version, would have left it. */
function written(sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

describe('the database', () => {
  test('is made from nothing, for its owner alone, with a log that is written first', async () => {
    await schemaAfter();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'data')).mode & 0o777).toBe(0o700);
    expect(await pragma('user_version')).toBe(MIGRATIONS.length);
    expect(await pragma('journal_mode')).toBe('wal');
    expect(await pragma('foreign_keys')).toBe(1);
  });

  test('keeps the files beside it from others, too', async () => {
    const database = await openDatabase({ file, key });
    database.change("INSERT INTO confirmation_method (key) VALUES ('totp')");
    expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600);
    database.close();
  });

  test('that others could read is closed to them', async () => {
    await schemaAfter();
    chmodSync(file, 0o644);
    await schemaAfter();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('is not followed through a link', async () => {
    await schemaAfter();
    const target = join(directory, 'elsewhere');
    writeFileSync(target, '');
    rmSync(file);
    symlinkSync(target, file);
    await expect(schemaAfter()).rejects.toThrow('database.file');
  });

  test.each(MIGRATIONS.map((_, index) => index + 1))(
    'comes to the same from version %i as from nothing',
    async (version) => {
      const fresh = await schemaAfter();
      rmSync(file);
      await schemaAfter(MIGRATIONS.slice(0, version));
      expect(await schemaAfter()).toEqual(fresh);
      expect(await pragma('user_version')).toBe(MIGRATIONS.length);
    },
  );

  test('keeps what was in it through a step', async () => {
    const before = await openDatabase({ file, key, migrations: MIGRATIONS.slice(0, 2) });
    before.change("INSERT INTO confirmation_method (key) VALUES ('totp')");
    before.close();
    const after = await openDatabase({ file, key });
    expect(after.rows(z.object({ key: z.string() }), 'SELECT key FROM confirmation_method')).toEqual([{ key: 'totp' }]);
    after.close();
  });

  test('is left at the version before a step that breaks', async () => {
    const before = await schemaAfter();
    await expect(schemaAfter([...MIGRATIONS, BROKEN])).rejects.toThrow(
      `version ${MIGRATIONS.length + 1} (half of a step)`,
    );
    expect(await schemaAfter()).toEqual(before);
  });

  test('of a later version is refused and left alone', async () => {
    await schemaAfter();
    written(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    await expect(schemaAfter()).rejects.toThrow(`at most version ${MIGRATIONS.length}`);
  });

  test.each([
    ['another program’s', 'CREATE TABLE theirs (id INTEGER)'],
    ['another program’s, with its mark', 'PRAGMA application_id = 7'],
  ])('is refused when it is %s', async (_what, sql) => {
    await schemaAfter();
    rmSync(file);
    written(sql);
    await expect(schemaAfter()).rejects.toThrow('database.file');
  });

  test('is refused when it is none', async () => {
    await schemaAfter();
    writeFileSync(file, 'this is a text and no database at all'.repeat(200));
    await expect(schemaAfter()).rejects.toThrow('a database of this gateway');
  });

  test('does not open with another key, and says so before anything is written with it', async () => {
    await schemaAfter();
    await expect(openDatabase({ file, key: randomBytes(32) })).rejects.toThrow('database.key');
  });
});

describe('a sealed value', () => {
  test('opens for its purpose only, and is not in the file in the clear', async () => {
    const database = await openDatabase({ file, key });
    const sealed = database.seal({ secret: 'JBSWY3DPEHPK3PXP' }, 'here');
    expect(database.unseal(sealed, 'here')).toEqual({ secret: 'JBSWY3DPEHPK3PXP' });
    expect(() => database.unseal(sealed, 'there')).toThrow('not-authentic');
    database.change('UPDATE sealing_key_check SET sealed = $sealed', { sealed });
    database.close();
    expect(readFileSync(file).includes('JBSWY3DPEHPK3PXP')).toBe(false);
  });
});

describe('a transaction', () => {
  test('leaves nothing of what it began when it breaks', async () => {
    const database = await openDatabase({ file, key });
    const broken = () =>
      database.transaction(() => {
        database.change("INSERT INTO confirmation_method (key) VALUES ('half')");
        throw new Error('no');
      });
    expect(broken).toThrow('no');
    expect(database.rows(z.object({ key: z.string() }), 'SELECT key FROM confirmation_method')).toEqual([]);
    database.close();
  });
});
