import type { Migration } from '../migration.ts';

/**
 * People whose phones are keys, by passkey. Columns named `sealed` and `push` are sealed; codes are kept as keyed hashes only. Times are Unix
 * milliseconds. A phone that is revoked, and a code that is used, is deleted: what is not there opens nothing.
 */
export const PASSKEYS: Migration = {
  name: 'passkeys',
  up: (database) => {
    database.exec(`
      CREATE TABLE approver_secret (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        sealed BLOB NOT NULL
      ) STRICT;

      CREATE TABLE approver_person (
        user_id TEXT PRIMARY KEY,
        display_name TEXT NOT NULL,
        -- WebAuthn's user handle: random, never the user id.
        handle TEXT NOT NULL UNIQUE,
        recovery_hash TEXT UNIQUE,
        created_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE approver_phone (
        id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES approver_person (user_id) ON DELETE CASCADE,
        credential_id TEXT NOT NULL UNIQUE,
        public_key BLOB NOT NULL,
        counter INTEGER NOT NULL,
        transports TEXT NOT NULL,
        backup_eligible INTEGER NOT NULL CHECK (backup_eligible IN (0, 1)),
        backed_up INTEGER NOT NULL CHECK (backed_up IN (0, 1)),
        name TEXT NOT NULL,
        added_at INTEGER NOT NULL,
        last_used_at INTEGER,
        push BLOB
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX approver_phone_of_person ON approver_phone (user_id);

      CREATE TABLE approver_code (
        hash TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES approver_person (user_id) ON DELETE CASCADE,
        failures INTEGER NOT NULL DEFAULT 0,
        made_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX approver_code_of_person ON approver_code (user_id);

      -- One row for each person at each workstation.
      CREATE TABLE approver_workstation (
        id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES approver_person (user_id) ON DELETE CASCADE,
        token_name TEXT NOT NULL,
        device_id TEXT NOT NULL,
        name TEXT NOT NULL,
        last_used_at INTEGER,
        blocked_until INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX approver_workstation_of_person ON approver_workstation (user_id);
      CREATE INDEX approver_workstation_by_machine ON approver_workstation (token_name, device_id);

      CREATE TABLE approver_session (
        id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES approver_person (user_id) ON DELETE CASCADE,
        workstation_id TEXT NOT NULL REFERENCES approver_workstation (id) ON DELETE CASCADE,
        phone_id TEXT,
        status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'timeout', 'closed', 'failed', 'cancelled')),
        reason TEXT,
        started_at INTEGER NOT NULL,
        approved_at INTEGER,
        duration_ms INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX approver_session_of_person ON approver_session (user_id, status);
      CREATE INDEX approver_session_by_start ON approver_session (started_at);

      CREATE TABLE approver_request (
        session_id TEXT NOT NULL UNIQUE REFERENCES approver_session (id) ON DELETE CASCADE,
        idempotency_key TEXT NOT NULL,
        network TEXT,
        reason TEXT NOT NULL,
        number TEXT NOT NULL,
        numbers TEXT NOT NULL,
        requested_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE approver_activity (
        id INTEGER PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES approver_person (user_id) ON DELETE CASCADE,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        workstation TEXT,
        phone TEXT
      ) STRICT;
      CREATE INDEX approver_activity_of_person ON approver_activity (user_id, id);
    `);
  },
};
