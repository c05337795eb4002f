import type { Migration } from '../migration.ts';

/**
 * Workstations that proved themselves, each with the public half of its device key: nothing here is secret. Times are Unix milliseconds. One that
 * is removed is deleted: what is not there is not let in.
 */
export const KNOWN_WORKSTATIONS: Migration = {
  name: 'known workstations',
  up: (database) => {
    database.exec(`
      CREATE TABLE known_workstation (
        token_name TEXT NOT NULL,
        device_id TEXT NOT NULL,
        -- One key is one workstation.
        public_key TEXT NOT NULL UNIQUE,
        added_at INTEGER NOT NULL,
        last_seen_at INTEGER,
        PRIMARY KEY (token_name, device_id)
      ) STRICT, WITHOUT ROWID;
    `);
  },
};
