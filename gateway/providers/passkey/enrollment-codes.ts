import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { GatewayClock } from '../../clock.ts';
import type { Database } from '../../store/database.ts';
import { CodeDeadlines } from './code-deadlines.ts';
import { ENROLLMENT_CODE_BYTES, ENROLLMENT_CODE_MS, MAX_FAILURES_PER_CODE } from './limits.ts';
import type { People, Person } from './people.ts';
import { ApproverRefusal } from './refusal.ts';
import type { ApproverSecrets } from './secrets.ts';

const OwnerSchema = z.object({ user_id: z.string(), member_id: z.string().nullable(), expires_at: z.int() });
const OpenLinkSchema = z
  .object({ user_id: z.string(), made_at: z.int(), expires_at: z.int(), failures: z.int() })
  .transform((row) => ({
    userId: row.user_id,
    madeAt: row.made_at,
    expiresAt: row.expires_at,
    failures: row.failures,
  }));
/** A link that still makes somebody's phone a key. Its code is not known here any more. */
export type OpenLink = z.infer<typeof OpenLinkSchema>;

/** Whose phone a code makes a key. */
export interface CodeOwner {
  readonly person: Person;
  /** The user id of the workstation that shows the link; null for one of a phone, a recovery code or the administrator. */
  readonly memberId: string | null;
}

export interface EnrollmentCodesPorts {
  readonly clock: GatewayClock;
  readonly database: Database;
  readonly secrets: ApproverSecrets;
  readonly people: People;
}

/** One-time codes, kept by their keyed hashes. The newest of a person is the only one. */
export class EnrollmentCodes {
  readonly #ports: EnrollmentCodesPorts;
  readonly #deadlines: CodeDeadlines;

  constructor(ports: EnrollmentCodesPorts) {
    this.#ports = ports;
    this.#deadlines = new CodeDeadlines(ports.clock);
  }

  hashOf(code: string): string {
    return this.#ports.secrets.hash(code, 'enrollment');
  }

  /** In place of those before it. Within the caller's transaction. */
  make(userId: string, memberId: string | null): { readonly code: string; readonly expiresAt: number } {
    const { database } = this.#ports;
    const code = randomBytes(ENROLLMENT_CODE_BYTES).toString('base64url');
    const now = this.#now();
    const expiresAt = now + ENROLLMENT_CODE_MS;
    const hash = this.hashOf(code);
    database.change('DELETE FROM approver_code WHERE user_id = $userId OR expires_at < $now', { userId, now });
    for (const over of this.#deadlines.takeOver()) {
      database.change('DELETE FROM approver_code WHERE hash = $over', { over });
    }
    database.change(
      `INSERT INTO approver_code (hash, user_id, member_id, made_at, expires_at)
       VALUES ($hash, $userId, $memberId, $now, $expiresAt)`,
      { hash, userId, memberId, now, expiresAt },
    );
    this.#deadlines.note(hash, expiresAt);
    return { code, expiresAt };
  }

  /**
   * `made_at`: over a restart, with a clock that was set back, a code is not good for longer but not at all.
   *
   * @throws ApproverRefusal CODE_REFUSED
   */
  ownerOf(hash: string): CodeOwner {
    const { database, people } = this.#ports;
    const found = database.row(
      OwnerSchema,
      `SELECT user_id, member_id, expires_at FROM approver_code WHERE hash = $hash AND failures < ${MAX_FAILURES_PER_CODE}
       AND made_at <= $now AND expires_at > $now`,
      { hash, now: this.#now() },
    );
    const inTime = found !== null && this.#deadlines.isInTime(hash, found.expires_at);
    const person = inTime ? people.find(found.user_id) : null;
    if (found === null || person === null) throw new ApproverRefusal('CODE_REFUSED');
    return { person, memberId: found.member_id };
  }

  noteFailure(hash: string): void {
    this.#ports.database.change('UPDATE approver_code SET failures = failures + 1 WHERE hash = $hash', { hash });
  }

  /** @returns how many there were, those that had run out included */
  deleteAll(userId: string): number {
    return this.#ports.database.change('DELETE FROM approver_code WHERE user_id = $userId', { userId });
  }

  hashes(userId: string): string[] {
    const sql = 'SELECT hash FROM approver_code WHERE user_id = $userId';
    return this.#ports.database.rows(z.object({ hash: z.string() }), sql, { userId }).map(({ hash }) => hash);
  }

  /** Those that still work, by person. */
  open(limit: number): OpenLink[] {
    return this.#ports.database.rows(
      OpenLinkSchema,
      `SELECT user_id, made_at, expires_at, failures FROM approver_code WHERE failures < ${MAX_FAILURES_PER_CODE}
       AND made_at <= $now AND expires_at > $now ORDER BY user_id, made_at LIMIT $limit`,
      { now: this.#now(), limit },
    );
  }

  #now(): number {
    return Math.floor(this.#ports.clock.wallMs());
  }
}
