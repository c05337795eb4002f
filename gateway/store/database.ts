import { chmodSync, closeSync, lstatSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { z } from 'zod';
import { ConfigurationError } from '../configuration-error.ts';
import { seal, unseal } from '../sealing.ts';
import { type Migration, migrate } from './migration.ts';
import { MIGRATIONS } from './migrations/all.ts';
import { openPrivateDirectory } from './private-directory.ts';

/** How long a write waits for another process. It holds up this one meanwhile: SQLite is called synchronously. */
const BUSY_TIMEOUT_MS = 2_000;
const KEY_CHECK_PURPOSE = 'presence-locker database key check 1';
const SealedRowSchema = z.object({ sealed: z.instanceof(Uint8Array) });

export type SqlParameters = Readonly<Record<string, SQLInputValue>>;

export interface DatabaseOptions {
  /** Its folder is made, and closed to others, if need be. */
  readonly file: string;
  /** SEALING_KEY_BYTES for `seal`. */
  readonly key: Buffer;
  /** Default: those of this version. A test brings others. */
  readonly migrations?: readonly Migration[];
}

/**
 * Opens the gateway's database, made or brought up to date if need be. Several processes may use one file.
 *
 * @throws ConfigurationError for a file that is not ours, of a later version, or sealed with another key
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  await openPrivateDirectory(dirname(options.file), 'database.file');
  closeFileToOthers(options.file);
  const sqlite = new DatabaseSync(options.file, { timeout: BUSY_TIMEOUT_MS, defensive: true });
  try {
    // A code that was spent stays spent after a power cut (synchronous), and what is deleted is overwritten (secure_delete).
    sqlite.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA trusted_schema = OFF;
      PRAGMA secure_delete = ON;
    `);
    migrate(sqlite, options.migrations ?? MIGRATIONS);
    const database = new Database(sqlite, options.key);
    requireKeyThatFits(database);
    return database;
  } catch (fault) {
    sqlite.close();
    if (isNoDatabase(fault)) throw new ConfigurationError('database.file', 'a database of this gateway');
    throw fault;
  }
}

/** Tables behind prepared statements, decoded rows and sealed columns. Knows no table itself but the one for the key. */
export class Database {
  readonly #sqlite: DatabaseSync;
  readonly #key: Buffer;
  readonly #statements = new Map<string, StatementSync>();

  /** @param sqlite migrated. See `openDatabase`. */
  constructor(sqlite: DatabaseSync, key: Buffer) {
    this.#sqlite = sqlite;
    this.#key = key;
  }

  rows<T>(schema: z.ZodType<T>, sql: string, parameters: SqlParameters = {}): T[] {
    return this.#prepared(sql)
      .all(parameters)
      .map((row) => schema.parse(row));
  }

  /** The first row, or null. */
  row<T>(schema: z.ZodType<T>, sql: string, parameters: SqlParameters = {}): T | null {
    const row = this.#prepared(sql).get(parameters);
    return row === undefined ? null : schema.parse(row);
  }

  /** @returns how many rows changed, those of cascades not counted */
  change(sql: string, parameters: SqlParameters = {}): number {
    return Number(this.#prepared(sql).run(parameters).changes);
  }

  /** All of `work` or nothing of it, and no other writer in between: it waits for them first. Not nested. */
  transaction<T>(work: () => T): T {
    this.#sqlite.exec('BEGIN IMMEDIATE');
    try {
      const done = work();
      this.#sqlite.exec('COMMIT');
      return done;
    } catch (fault) {
      // SQLite may have rolled back by itself (a full disk).
      if (this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK');
      throw fault;
    }
  }

  /** @param purpose what and whose it is: a sealed value does not open in another's place */
  seal(value: unknown, purpose: string): Uint8Array {
    return seal(JSON.stringify(value), this.#key, purpose);
  }

  /** @throws Error for what was not sealed with this key for this purpose; it holds nothing of the content */
  unseal(sealed: Uint8Array, purpose: string): unknown {
    const opened = unseal(Buffer.from(sealed), this.#key, purpose);
    if (!opened.ok) throw new Error(`A sealed value of the database does not open (${opened.error}).`);
    return JSON.parse(opened.value);
  }

  close(): void {
    this.#statements.clear();
    if (this.#sqlite.isOpen) this.#sqlite.close();
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#sqlite.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/**
 * Made as a regular file with mode 0600 before SQLite sees it; the files beside it get the same mode from SQLite. One that is there is not
 * opened here: closing it would take away the locks that another connection of this process holds on it.
 */
function closeFileToOthers(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
    return;
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? String(fault.code) : 'unknown fault';
    if (code !== 'EEXIST') throw new ConfigurationError('database.file', `a file that can be made (${code})`);
  }
  const found = lstatSync(file);
  if (!found.isFile()) throw new ConfigurationError('database.file', 'a regular file');
  if (process.platform === 'win32') return;
  if (found.uid !== process.geteuid?.()) throw new ConfigurationError('database.file', 'a file of this user');
  if ((found.mode & 0o077) !== 0) chmodSync(file, 0o600);
}

function requireKeyThatFits(database: Database): void {
  const fits = database.transaction(() => {
    const found = database.row(SealedRowSchema, 'SELECT sealed FROM sealing_key_check');
    if (found !== null) return opens(database, found.sealed);
    const sealed = database.seal('', KEY_CHECK_PURPOSE);
    return database.change('INSERT INTO sealing_key_check (id, sealed) VALUES (1, $sealed)', { sealed }) === 1;
  });
  if (!fits) throw new ConfigurationError('database.key', 'the key that this database was made with');
}

function opens(database: Database, sealed: Uint8Array): boolean {
  try {
    database.unseal(sealed, KEY_CHECK_PURPOSE);
    return true;
  } catch {
    // The one failure it has here: another key.
    return false;
  }
}

/** SQLITE_NOTADB and SQLITE_CORRUPT. */
function isNoDatabase(fault: unknown): boolean {
  return fault instanceof Error && 'errcode' in fault && (fault.errcode === 26 || fault.errcode === 11);
}
