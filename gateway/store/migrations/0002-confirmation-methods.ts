import type { Migration } from '../migration.ts';

/**
 * Confirmation methods, what people set up of them, and confirmations. Columns named `settings`, `state` and `asked` are sealed. Times are
 * Unix milliseconds. Ids of methods and configs are numbers, as the vendor's are (PROVIDERS §3), and never given twice.
 */
export const CONFIRMATION_METHODS: Migration = {
  name: 'confirmation methods',
  up: (database) => {
    database.exec(`
      CREATE TABLE confirmation_method (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE
      ) STRICT;

      CREATE TABLE user_config (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        user_id TEXT NOT NULL,
        method_id INTEGER NOT NULL REFERENCES confirmation_method (id) ON DELETE RESTRICT,
        status TEXT NOT NULL CHECK (status IN ('015-new', '025-in_process', '085-confirmed')),
        settings BLOB NOT NULL,
        state BLOB NOT NULL,
        -- Grows with every change of settings or state: whoever writes states what was read.
        revision INTEGER NOT NULL DEFAULT 0,
        is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
        is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)),
        -- Asked for while another default is in use: it moves here with the confirmation.
        becomes_default INTEGER NOT NULL DEFAULT 0 CHECK (becomes_default IN (0, 1)),
        wrong_in_a_row INTEGER NOT NULL DEFAULT 0,
        last_attempt_at INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX user_config_of_person ON user_config (user_id);
      CREATE UNIQUE INDEX one_default_per_person ON user_config (user_id) WHERE is_default = 1;

      CREATE TABLE confirmation (
        id TEXT PRIMARY KEY,
        config_id INTEGER NOT NULL REFERENCES user_config (id) ON DELETE CASCADE,
        status TEXT NOT NULL CHECK (status IN ('025-in_process', '085-confirmed')),
        asked BLOB NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        requested_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX confirmation_of_config ON confirmation (config_id);
      CREATE INDEX confirmation_by_expiry ON confirmation (expires_at);
    `);
  },
};
