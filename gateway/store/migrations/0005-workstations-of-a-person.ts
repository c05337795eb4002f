import type { Migration } from '../migration.ts';

/**
 * Workstations that share a person. Each made its own user id when it was enrolled; a row ties that id to the person whose phones it asks. What has
 * no row is tied to nobody, whatever person carries the same id.
 */
export const WORKSTATIONS_OF_A_PERSON: Migration = {
  name: 'workstations of a person',
  up: (database) => {
    database.exec(`
      CREATE TABLE approver_member (
        user_id TEXT PRIMARY KEY,
        person_id TEXT NOT NULL REFERENCES approver_person (user_id) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX approver_member_of_person ON approver_member (person_id);
      INSERT INTO approver_member (user_id, person_id) SELECT user_id, user_id FROM approver_person;

      -- Where a workstation's user id has asked: what is removed with it, and what stays.
      CREATE TABLE approver_member_at (
        member_id TEXT NOT NULL REFERENCES approver_member (user_id) ON DELETE CASCADE,
        workstation_id TEXT NOT NULL REFERENCES approver_workstation (id) ON DELETE CASCADE,
        PRIMARY KEY (member_id, workstation_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX approver_member_at_workstation ON approver_member_at (workstation_id);
      INSERT INTO approver_member_at (member_id, workstation_id) SELECT user_id, id FROM approver_workstation;

      -- The user id that asked; user_id is the person it asked.
      ALTER TABLE approver_session ADD COLUMN member_id TEXT;
      UPDATE approver_session SET member_id = user_id;

      -- The workstation that shows the link; none for a link of a phone or of the administrator.
      ALTER TABLE approver_code ADD COLUMN member_id TEXT REFERENCES approver_member (user_id) ON DELETE CASCADE;
    `);
  },
};
