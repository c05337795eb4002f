import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { STATUSES } from '../providers/wcd-2factor/wire.ts';
import type { Database } from '../store/database.ts';
import type { ConfigStatus } from './stored-config.ts';

/** A question whether somebody can confirm with a config, and once it is answered the permit for one use. */
export interface StoredConfirmation {
  /** A random UUID. */
  readonly id: string;
  readonly configId: number;
  readonly status: ConfigStatus;
  readonly asked: unknown;
  /** Made so far. */
  readonly attempts: number;
}

/** A clock set back further than this makes what it finds requested in the future void: it cannot know how old that is. */
const CLOCK_SLACK_MS = 5_000;

const RowSchema = z.object({
  id: z.string(),
  config_id: z.int(),
  status: z.enum([STATUSES.inProcess, STATUSES.confirmed]),
  asked: z.instanceof(Uint8Array),
  attempts: z.int(),
});
const CountSchema = z.object({ count: z.int() });
const IdSchema = z.object({ config_id: z.int() });
const VALID = 'confirmation.expires_at > $nowMs AND confirmation.requested_at <= $latestRequest';
const OWN = 'confirmation.config_id IN (SELECT id FROM user_config WHERE user_id = $userId)';

const at = (nowMs: number) => ({ nowMs, latestRequest: nowMs + CLOCK_SLACK_MS });

export class ConfirmationTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns its id */
  insert(configId: number, asked: unknown, nowMs: number, expiresAt: number): string {
    const id = randomUUID();
    this.#database.change(
      `INSERT INTO confirmation (id, config_id, status, asked, requested_at, expires_at)
       VALUES ($id, $configId, $status, $asked, $nowMs, $expiresAt)`,
      { id, configId, status: STATUSES.inProcess, asked: this.#database.seal(asked, purposeOf(id)), nowMs, expiresAt },
    );
    return id;
  }

  /** Neither another person's nor an expired one is found. */
  find(userId: string, id: string, nowMs: number): StoredConfirmation | null {
    const row = this.#database.row(
      RowSchema,
      `SELECT id, config_id, status, asked, attempts FROM confirmation WHERE id = $id AND ${VALID} AND ${OWN}`,
      { id: id.toLowerCase(), userId, ...at(nowMs) },
    );
    if (row === null) return null;
    const { config_id: configId, status, attempts } = row;
    return { id: row.id, configId, status, attempts, asked: this.#database.unseal(row.asked, purposeOf(row.id)) };
  }

  /** Of one person, neither confirmed nor expired. */
  countOpen(userId: string, nowMs: number): number {
    const row = this.#database.row(
      CountSchema,
      `SELECT count(*) AS count FROM confirmation WHERE status = $status AND ${VALID} AND ${OWN}`,
      { status: STATUSES.inProcess, userId, ...at(nowMs) },
    );
    return row?.count ?? 0;
  }

  countAttempt(id: string): void {
    this.#database.change('UPDATE confirmation SET attempts = attempts + 1 WHERE id = $id', { id });
  }

  /** @returns false when it was confirmed, removed or ran out meanwhile: of several at once, one gets `true` */
  confirm(id: string, nowMs: number, expiresAt: number): boolean {
    const changes = this.#database.change(
      `UPDATE confirmation SET status = $confirmed, expires_at = $expiresAt
       WHERE id = $id AND status = $inProcess AND ${VALID}`,
      { id, confirmed: STATUSES.confirmed, inProcess: STATUSES.inProcess, expiresAt, ...at(nowMs) },
    );
    return changes === 1;
  }

  /** Checks and uses a permit in one statement. @returns its config, or null when there is nothing (left) to use */
  use(userId: string, id: string, configIds: readonly number[], nowMs: number): number | null {
    const row = this.#database.row(
      IdSchema,
      `DELETE FROM confirmation
       WHERE id = $id AND status = $confirmed AND ${VALID} AND ${OWN}
         AND config_id IN (SELECT value FROM json_each($configIds))
       RETURNING config_id`,
      {
        id: id.toLowerCase(),
        confirmed: STATUSES.confirmed,
        userId,
        configIds: JSON.stringify(configIds),
        ...at(nowMs),
      },
    );
    return row?.config_id ?? null;
  }

  /** @returns whether it was there */
  remove(id: string): boolean {
    return this.#database.change('DELETE FROM confirmation WHERE id = $id', { id }) === 1;
  }

  removeOfConfig(configId: number): void {
    this.#database.change('DELETE FROM confirmation WHERE config_id = $configId', { configId });
  }

  removeExpired(nowMs: number): void {
    this.#database.change('DELETE FROM confirmation WHERE expires_at <= $nowMs', { nowMs });
  }
}

const purposeOf = (id: string): string => `presence-locker confirmation 1|${id}`;
