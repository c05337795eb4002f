import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Activity, ActivityKind } from '../../../protocol/approver-state.ts';
import { ActivitySchema, MAX_ACTIVITY_SHOWN } from '../../../protocol/approver-state.ts';
import type { Database } from '../../store/database.ts';
import { FORGET_PERSON_MS, MAX_ACTIVITY_KEPT, MAX_FAILURES_PER_CODE } from './limits.ts';

const HANDLE_BYTES = 32;
const ID_BYTES = 16;

/** 128 random bits: ids of phones and of requests. */
export const randomId = (): string => randomBytes(ID_BYTES).toString('base64url');

const PersonSchema = z
  .object({ user_id: z.string(), display_name: z.string(), handle: z.string(), recovery_hash: z.string().nullable() })
  .transform((row) => ({
    userId: row.user_id,
    displayName: row.display_name,
    handle: row.handle,
    hasRecoveryCode: row.recovery_hash !== null,
  }));
export type Person = z.infer<typeof PersonSchema>;

const PersonWithCountsSchema = z
  .object({
    user_id: z.string(),
    display_name: z.string(),
    has_recovery_code: z.int(),
    phones: z.int(),
    sessions: z.int(),
    open_links: z.int(),
  })
  .transform((row) => ({
    userId: row.user_id,
    displayName: row.display_name,
    hasRecoveryCode: row.has_recovery_code === 1,
    phones: row.phones,
    /** In which the person is in. */
    sessions: row.sessions,
    hasOpenLink: row.open_links > 0,
  }));
export type PersonWithCounts = z.infer<typeof PersonWithCountsSchema>;

const ActivityRowSchema = z
  .object({ at: z.int(), kind: z.string(), workstation: z.string().nullable(), phone: z.string().nullable() })
  .transform(({ at, kind, workstation, phone }) =>
    ActivitySchema.parse({
      at,
      kind,
      ...(workstation === null ? {} : { workstation }),
      ...(phone === null ? {} : { phone }),
    }),
  );

/** Who may approve, and what happened to them. */
export class People {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  find(userId: string): Person | null {
    return this.#database.row(PersonSchema, 'SELECT * FROM approver_person WHERE user_id = $userId', { userId });
  }

  /** Whose phones the workstation with this user id asks. The one way from what a workstation says to a person. */
  ofWorkstation(memberId: string): Person | null {
    return this.#database.row(
      PersonSchema,
      `SELECT p.* FROM approver_member m JOIN approver_person p ON p.user_id = m.person_id WHERE m.user_id = $memberId`,
      { memberId },
    );
  }

  /** For the administrator, who may have read either: a person's id, or else the user id of a workstation of theirs. */
  named(id: string): Person | null {
    return this.find(id) ?? this.ofWorkstation(id);
  }

  /** The user ids of their workstations. */
  members(userId: string): string[] {
    const sql = 'SELECT user_id FROM approver_member WHERE person_id = $userId ORDER BY user_id';
    return this.#database.rows(z.object({ user_id: z.string() }), sql, { userId }).map((row) => row.user_id);
  }

  /** The workstation asks this person's phones from now on. */
  tie(memberId: string, userId: string): void {
    this.#database.change(
      `INSERT INTO approver_member (user_id, person_id) VALUES ($memberId, $userId)
       ON CONFLICT (user_id) DO UPDATE SET person_id = excluded.person_id`,
      { memberId, userId },
    );
  }

  /** It asks nobody's any more, nor does a link that it shows work. */
  untie(memberId: string): void {
    this.#database.change('DELETE FROM approver_member WHERE user_id = $memberId', { memberId });
  }

  /** User ids of those who have one. */
  withRecoveryCode(limit: number): string[] {
    const sql = 'SELECT user_id FROM approver_person WHERE recovery_hash IS NOT NULL ORDER BY user_id LIMIT $limit';
    return this.#database.rows(z.object({ user_id: z.string() }), sql, { limit }).map((row) => row.user_id);
  }

  findByRecovery(hash: string): Person | null {
    return this.#database.row(PersonSchema, 'SELECT * FROM approver_person WHERE recovery_hash = $hash', { hash });
  }

  /** In one question, however many there are. By user id; `userId`: this person alone. */
  withCounts(now: number, limit: number, userId: string | null = null): PersonWithCounts[] {
    return this.#database.rows(
      PersonWithCountsSchema,
      `SELECT user_id, display_name, recovery_hash IS NOT NULL AS has_recovery_code,
         (SELECT count(*) FROM approver_phone t WHERE t.user_id = p.user_id) AS phones,
         (SELECT count(*) FROM approver_session t WHERE t.user_id = p.user_id AND t.status = 'active'
            AND t.approved_at + t.duration_ms > $now) AS sessions,
         (SELECT count(*) FROM approver_code t WHERE t.user_id = p.user_id AND t.failures < ${MAX_FAILURES_PER_CODE}
            AND t.made_at <= $now AND t.expires_at > $now) AS open_links
       FROM approver_person p WHERE $userId IS NULL OR user_id = $userId ORDER BY user_id LIMIT $limit`,
      { now, limit, userId },
    );
  }

  /**
   * Creates the person if need be. The name of somebody who has phones stays: their phones show it. A user id that was untied makes a new
   * person, under another id where the old one is still there.
   */
  enroll(memberId: string, displayName: string, now: number): Person {
    this.#forgetTheUnenrolled(now);
    const userId = this.ofWorkstation(memberId)?.userId ?? (this.find(memberId) === null ? memberId : randomId());
    const handle = randomBytes(HANDLE_BYTES).toString('base64url');
    this.#database.change(
      `INSERT INTO approver_person (user_id, display_name, handle, created_at) VALUES ($userId, $displayName, $handle, $now)
       ON CONFLICT (user_id) DO UPDATE SET display_name = excluded.display_name
       WHERE NOT EXISTS (SELECT 1 FROM approver_phone WHERE approver_phone.user_id = $userId)`,
      { userId, displayName, handle, now },
    );
    this.tie(memberId, userId);
    const person = this.find(userId);
    if (person === null) throw new Error('a person that was just stored is not there');
    return person;
  }

  setRecovery(userId: string, hash: string | null): void {
    this.#database.change('UPDATE approver_person SET recovery_hash = $hash WHERE user_id = $userId', { userId, hash });
  }

  /** With everything of theirs. */
  remove(userId: string): void {
    this.#database.change('DELETE FROM approver_person WHERE user_id = $userId', { userId });
  }

  note(userId: string, at: number, kind: ActivityKind, about: { workstation?: string; phone?: string } = {}): void {
    this.#database.change(
      `INSERT INTO approver_activity (user_id, at, kind, workstation, phone)
       SELECT $userId, $at, $kind, $workstation, $phone
       WHERE EXISTS (SELECT 1 FROM approver_person WHERE user_id = $userId)`,
      { userId, at, kind, workstation: about.workstation ?? null, phone: about.phone ?? null },
    );
    this.#database.change(
      `DELETE FROM approver_activity WHERE user_id = $userId AND id <= (
         SELECT id FROM approver_activity WHERE user_id = $userId ORDER BY id DESC LIMIT 1 OFFSET ${MAX_ACTIVITY_KEPT})`,
      { userId },
    );
  }

  /** Newest first. */
  activity(userId: string): Activity[] {
    return this.#database.rows(
      ActivityRowSchema,
      `SELECT at, kind, workstation, phone FROM approver_activity WHERE user_id = $userId
       ORDER BY id DESC LIMIT ${MAX_ACTIVITY_SHOWN}`,
      { userId },
    );
  }

  /** Anybody with a workstation's token can begin for any user id: what comes of nothing must not stay. */
  #forgetTheUnenrolled(now: number): void {
    this.#database.change(
      `DELETE FROM approver_person WHERE created_at < $before
       AND NOT EXISTS (SELECT 1 FROM approver_phone WHERE approver_phone.user_id = approver_person.user_id)
       AND NOT EXISTS (SELECT 1 FROM approver_code WHERE approver_code.user_id = approver_person.user_id)
       AND recovery_hash IS NULL`,
      { before: now - FORGET_PERSON_MS },
    );
  }
}
