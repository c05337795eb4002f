import type { Migration } from '../migration.ts';

/** Something sealed by which a start with another key is noticed before anything is written with it. */
export const SEALING_KEY_CHECK: Migration = {
  name: 'sealing key check',
  up: (database) => {
    database.exec(`
      CREATE TABLE sealing_key_check (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        sealed BLOB NOT NULL
      ) STRICT;
    `);
  },
};
