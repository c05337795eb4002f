import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { ConfigurationError } from '../configuration-error.ts';

/** One step of the database's schema. Once released it is never changed: a mend is a further step. */
export interface Migration {
  /** For the message when it fails. */
  readonly name: string;
  /** Runs inside a transaction; begins and ends none itself. */
  readonly up: (database: DatabaseSync) => void;
}

/** "PLgw": so that a file of another program is not taken for an empty one of ours. */
const APPLICATION_ID = 0x504c_6777;
const NumberSchema = z.object({ value: z.int() });

/**
 * Brings the database to the newest version, one transaction for each step: after a crash there is the old version or the new one. The
 * version is read again inside, so that two processes starting together do every step once.
 *
 * @throws ConfigurationError for a database of a later version, or of another program
 */
export function migrate(database: DatabaseSync, migrations: readonly Migration[]): void {
  requireOurs(database);
  for (const [index, migration] of migrations.entries()) {
    const version = index + 1;
    database.exec('BEGIN IMMEDIATE');
    try {
      const found = versionOf(database);
      if (found > migrations.length) throw fromTheFuture(found, migrations.length);
      if (found < version) {
        migration.up(database);
        database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version};`);
      }
      database.exec('COMMIT');
    } catch (fault) {
      if (database.isTransaction) database.exec('ROLLBACK');
      if (fault instanceof ConfigurationError) throw fault;
      throw new Error(`The database could not be brought to version ${version} (${migration.name}).`, { cause: fault });
    }
  }
}

export function versionOf(database: DatabaseSync): number {
  return numberOf(database, 'SELECT user_version AS value FROM pragma_user_version');
}

function requireOurs(database: DatabaseSync): void {
  // One reading transaction: another process may be at the first step just now.
  database.exec('BEGIN');
  try {
    const applicationId = numberOf(database, 'SELECT application_id AS value FROM pragma_application_id');
    const isEmpty = numberOf(database, 'SELECT count(*) AS value FROM sqlite_schema') === 0;
    const isNew = isEmpty && applicationId === 0 && versionOf(database) === 0;
    if (applicationId !== APPLICATION_ID && !isNew) {
      throw new ConfigurationError('database.file', 'a database of this gateway, or a file that is not there yet');
    }
  } finally {
    database.exec('ROLLBACK');
  }
}

function numberOf(database: DatabaseSync, sql: string): number {
  return NumberSchema.parse(database.prepare(sql).get()).value;
}

function fromTheFuture(found: number, known: number): ConfigurationError {
  return new ConfigurationError('database.file', `a database of at most version ${known} (this one has ${found})`);
}
