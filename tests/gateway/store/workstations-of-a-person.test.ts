import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { People } from '../../../gateway/providers/passkey/people.ts';
import { SessionBook } from '../../../gateway/providers/passkey/session-book.ts';
import { openDatabase } from '../../../gateway/store/database.ts';
import { MIGRATIONS } from '../../../gateway/store/migrations/all.ts';

const BEFORE = MIGRATIONS.slice(
  0,
  MIGRATIONS.findIndex(({ name }) => name === 'workstations of a person'),
);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'members-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('people of before keep their workstation, their sessions and their links', async () => {
  const options = { file: join(directory, 'store', 'gateway.db'), key: randomBytes(32) };
  const old = await openDatabase({ ...options, migrations: BEFORE });
  old.change(
    `INSERT INTO approver_person (user_id, display_name, handle, created_at) VALUES ('ada', 'Ada', 'handle', 1)`,
  );
  old.change(`INSERT INTO approver_code (hash, user_id, made_at, expires_at) VALUES ('hash', 'ada', 1, 2)`);
  old.change(
    `INSERT INTO approver_workstation (id, user_id, token_name, device_id, name) VALUES ('w', 'ada', 'desk', 'device', 'Desk')`,
  );
  old.change(
    `INSERT INTO approver_session (id, user_id, workstation_id, status, started_at, duration_ms)
     VALUES ('s', 'ada', 'w', 'active', 1, 1000)`,
  );
  old.close();

  const database = await openDatabase(options);
  const [people, book] = [new People(database), new SessionBook(database)];
  expect(people.ofWorkstation('ada')?.userId).toBe('ada');
  expect(people.members('ada')).toEqual(['ada']);
  expect(book.session('s')).toMatchObject({ userId: 'ada', memberId: 'ada' });
  expect(book.workstations('ada').map(({ name }) => name)).toEqual(['Desk']);
  expect(book.membersAt('w')).toEqual(['ada']);
  people.untie('ada');
  expect([people.ofWorkstation('ada'), people.find('ada')?.userId]).toEqual([null, 'ada']);
  database.close();
});
