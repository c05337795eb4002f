import { createHash } from 'node:crypto';
import { z } from 'zod';
import { MAX_WORKSTATIONS_SHOWN } from '../../../protocol/approver-state.ts';
import type { Database } from '../../store/database.ts';
import { FORGET_SESSION_MS } from './limits.ts';

const ID_CHARACTERS = 22;
/** Of `approver_workstation w`: one of the person's user ids has asked from it. */
const IS_TIED = 'EXISTS (SELECT 1 FROM approver_member_at t WHERE t.workstation_id = w.id)';

/** Who asks: the token it holds and the workstation it says it is, as for every session of the gateway. */
export interface AskingWorkstation {
  readonly tokenName: string;
  readonly deviceId: string;
}

/** One person at one workstation; neither the token's name nor the device id can be read from it. */
export function workstationIdOf(userId: string, { tokenName, deviceId }: AskingWorkstation): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([userId, tokenName, deviceId]), 'utf8')
    .digest('base64url');
  return digest.slice(0, ID_CHARACTERS);
}

const WorkstationSchema = z
  .object({
    id: z.string(),
    user_id: z.string(),
    token_name: z.string(),
    device_id: z.string(),
    name: z.string(),
    last_used_at: z.int().nullable(),
    blocked_until: z.int().nullable(),
  })
  .transform((row) => ({
    workstationId: row.id,
    userId: row.user_id,
    tokenName: row.token_name,
    deviceId: row.device_id,
    name: row.name,
    lastUsedAt: row.last_used_at,
    blockedUntil: row.blocked_until,
  }));
export type KnownWorkstation = z.infer<typeof WorkstationSchema>;

const SessionSchema = z
  .object({
    id: z.string(),
    user_id: z.string(),
    member_id: z.string(),
    workstation_id: z.string(),
    phone_id: z.string().nullable(),
    status: z.enum(['pending', 'active', 'timeout', 'closed', 'failed', 'cancelled']),
    reason: z.string().nullable(),
    started_at: z.int(),
    approved_at: z.int().nullable(),
    duration_ms: z.int(),
  })
  .transform((row) => ({
    sessionId: row.id,
    userId: row.user_id,
    /** The user id that asked. */
    memberId: row.member_id,
    workstationId: row.workstation_id,
    phoneId: row.phone_id,
    status: row.status,
    reason: row.reason,
    startedAt: row.started_at,
    approvedAt: row.approved_at,
    durationMs: row.duration_ms,
  }));
export type BookedSession = z.infer<typeof SessionSchema>;
export type EndStatus = 'timeout' | 'closed' | 'failed' | 'cancelled';

/** Sessions and the workstations they are at, as they survive a restart. */
export class SessionBook {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  workstation(workstationId: string): KnownWorkstation | null {
    const sql = 'SELECT * FROM approver_workstation WHERE id = $workstationId';
    return this.#database.row(WorkstationSchema, sql, { workstationId });
  }

  /** Those that may ask, last used first. */
  workstations(userId: string): KnownWorkstation[] {
    return this.#database.rows(
      WorkstationSchema,
      `SELECT * FROM approver_workstation w WHERE user_id = $userId AND ${IS_TIED}
       ORDER BY last_used_at DESC, id LIMIT ${MAX_WORKSTATIONS_SHOWN}`,
      { userId },
    );
  }

  /** User ids that have asked from there. */
  membersAt(workstationId: string): string[] {
    const sql = 'SELECT member_id FROM approver_member_at WHERE workstation_id = $workstationId ORDER BY member_id';
    return this.#database.rows(z.object({ member_id: z.string() }), sql, { workstationId }).map((row) => row.member_id);
  }

  /** Workstations of the person from which none of their user ids asks any more; a block that still holds must not be got rid of that way. */
  forgetUntied(userId: string, now: number): void {
    this.#database.change(
      `DELETE FROM approver_workstation AS w WHERE user_id = $userId AND NOT ${IS_TIED}
       AND (blocked_until IS NULL OR blocked_until < $now)`,
      { userId, now },
    );
  }

  /** Everybody who has used the workstation. */
  usersAt({ tokenName, deviceId }: AskingWorkstation): string[] {
    const sql = 'SELECT user_id FROM approver_workstation WHERE token_name = $tokenName AND device_id = $deviceId';
    return this.#database
      .rows(z.object({ user_id: z.string() }), sql, { tokenName, deviceId })
      .map((row) => row.user_id);
  }

  /** A workstation asks for this person under a user id of its own: remembered under the name it gives itself. */
  noteWorkstation(
    { userId, memberId }: { readonly userId: string; readonly memberId: string },
    asking: AskingWorkstation,
    name: string,
    now: number,
  ): string {
    const id = workstationIdOf(userId, asking);
    const { tokenName, deviceId } = asking;
    this.#database.change(
      `INSERT INTO approver_workstation (id, user_id, token_name, device_id, name, last_used_at)
       VALUES ($id, $userId, $tokenName, $deviceId, $name, $now)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, last_used_at = excluded.last_used_at`,
      { id, userId, tokenName, deviceId, name, now },
    );
    const sql = 'INSERT OR IGNORE INTO approver_member_at (member_id, workstation_id) VALUES ($memberId, $id)';
    this.#database.change(sql, { memberId, id });
    this.#database.change(
      `DELETE FROM approver_workstation WHERE user_id = $userId AND id IN (
         SELECT id FROM approver_workstation WHERE user_id = $userId
         ORDER BY last_used_at DESC LIMIT -1 OFFSET ${MAX_WORKSTATIONS_SHOWN})
       AND (blocked_until IS NULL OR blocked_until < $now)
       AND NOT EXISTS (SELECT 1 FROM approver_session s WHERE s.workstation_id = approver_workstation.id AND s.status IN ('pending', 'active'))`,
      { userId, now },
    );
    return id;
  }

  /** @param until Unix milliseconds; null takes it back */
  block(workstationId: string, until: number | null): void {
    const sql = 'UPDATE approver_workstation SET blocked_until = $until WHERE id = $workstationId';
    this.#database.change(sql, { workstationId, until });
  }

  /** Workstations of the person with this token that were reported, lately or long ago. */
  reportedWith(userId: string, tokenName: string): KnownWorkstation[] {
    const sql = `SELECT * FROM approver_workstation
      WHERE user_id = $userId AND token_name = $tokenName AND blocked_until IS NOT NULL`;
    return this.#database.rows(WorkstationSchema, sql, { userId, tokenName });
  }

  session(sessionId: string): BookedSession | null {
    return this.#database.row(SessionSchema, 'SELECT * FROM approver_session WHERE id = $sessionId', { sessionId });
  }

  /** Sessions in which the person is in, by the book; whether their time is over is the caller's to see. */
  active(userId: string): BookedSession[] {
    const sql = `SELECT * FROM approver_session WHERE user_id = $userId AND status = 'active' ORDER BY approved_at`;
    return this.#database.rows(SessionSchema, sql, { userId });
  }

  open(
    session: Pick<BookedSession, 'sessionId' | 'userId' | 'memberId' | 'workstationId' | 'durationMs'>,
    now: number,
  ): void {
    const { sessionId, userId, memberId, workstationId, durationMs } = session;
    this.#database.change('DELETE FROM approver_session WHERE started_at < $before', {
      before: now - FORGET_SESSION_MS,
    });
    this.#database.change(
      `INSERT INTO approver_session (id, user_id, member_id, workstation_id, status, started_at, duration_ms)
       VALUES ($sessionId, $userId, $memberId, $workstationId, 'pending', $now, $durationMs)`,
      { sessionId, userId, memberId, workstationId, now, durationMs },
    );
  }

  /** @returns false when it was no longer pending: then nobody is in. */
  approve(sessionId: string, phoneId: string, now: number): boolean {
    const changed = this.#database.change(
      `UPDATE approver_session SET status = 'active', phone_id = $phoneId, approved_at = $now
       WHERE id = $sessionId AND status = 'pending'`,
      { sessionId, phoneId, now },
    );
    return changed === 1;
  }

  /** @returns whether it was pending or active until now */
  finish(sessionId: string, status: EndStatus, reason: string): boolean {
    const changed = this.#database.change(
      `UPDATE approver_session SET status = $status, reason = $reason
       WHERE id = $sessionId AND status IN ('pending', 'active')`,
      { sessionId, status, reason },
    );
    return changed === 1;
  }
}
