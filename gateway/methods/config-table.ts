import { z } from 'zod';
import { type ConfigId, MethodDataSchema, STATUSES } from '../providers/wcd-2factor/wire.ts';
import type { Database } from '../store/database.ts';
import type { MethodRegistry } from './registry.ts';
import type { NewConfig, ServedMethod, StoredConfig } from './stored-config.ts';

const flag = z.literal([0, 1]).transform((value) => value === 1);
const RowSchema = z.object({
  id: z.int(),
  user_id: z.string(),
  method_id: z.int(),
  method_key: z.string(),
  status: z.enum([STATUSES.inProcess, STATUSES.confirmed]),
  settings: z.instanceof(Uint8Array),
  state: z.instanceof(Uint8Array),
  revision: z.int(),
  is_active: flag,
  is_default: flag,
  becomes_default: flag,
  wrong_in_a_row: z.int(),
  last_attempt_at: z.int(),
});
const IdSchema = z.object({ id: z.int() });
const MethodRowSchema = z.object({ id: z.int(), key: z.string() });
const SELECT = `SELECT user_config.*, confirmation_method.key AS method_key
  FROM user_config JOIN confirmation_method ON confirmation_method.id = user_config.method_id`;
const CountSchema = z.object({ user_id: z.string(), configs: z.int() });
const NOTHING = new Uint8Array();

/** The configs of all people. Those of methods that are no longer served are kept and not seen. */
export class ConfigTable {
  readonly #database: Database;
  readonly #registry: MethodRegistry;
  readonly #methodIds: ReadonlyMap<string, number>;

  constructor(database: Database, registry: MethodRegistry) {
    this.#database = database;
    this.#registry = registry;
    this.#methodIds = database.transaction(() => {
      for (const { key } of registry.methods) {
        database.change('INSERT INTO confirmation_method (key) VALUES ($key) ON CONFLICT DO NOTHING', { key });
      }
      const rows = database.rows(MethodRowSchema, 'SELECT id, key FROM confirmation_method');
      return new Map(rows.map(({ id, key }) => [key, id]));
    });
  }

  /** Served methods with their ids, in the registry's order. */
  methods(): readonly ServedMethod[] {
    return this.#registry.methods.flatMap((method, place) => {
      const id = this.#methodIds.get(method.key);
      return id === undefined ? [] : [{ id, method, isDefault: place === 0 }];
    });
  }

  methodById(id: ConfigId): ServedMethod | undefined {
    return this.methods().find((each) => String(each.id) === String(id));
  }

  of(userId: string): readonly StoredConfig[] {
    return this.#database
      .rows(RowSchema, `${SELECT} WHERE user_config.user_id = $userId ORDER BY user_config.id`, { userId })
      .flatMap((row) => this.#decoded(row) ?? []);
  }

  /** Who set up how many, those of methods that are no longer served included. By user id; `userId`: this person alone. */
  counts(limit: number, userId: string | null = null): { readonly userId: string; readonly configs: number }[] {
    const sql = `SELECT user_id, count(*) AS configs FROM user_config WHERE $userId IS NULL OR user_id = $userId
      GROUP BY user_id ORDER BY user_id LIMIT $limit`;
    return this.#database
      .rows(CountSchema, sql, { userId, limit })
      .map(({ user_id, configs }) => ({ userId: user_id, configs }));
  }

  /** Another person's is not found. */
  find(userId: string, id: ConfigId): StoredConfig | null {
    if (!/^\d{1,15}$/.test(String(id))) return null;
    const row = this.#database.row(
      RowSchema,
      `${SELECT} WHERE user_config.id = $id AND user_config.user_id = $userId`,
      { id: Number(id), userId },
    );
    return row === null ? null : this.#decoded(row);
  }

  /** Within a transaction. @returns its id */
  insert(config: NewConfig): number {
    const row = this.#database.row(
      IdSchema,
      `INSERT INTO user_config
         (user_id, method_id, status, settings, state, is_active, is_default, becomes_default, created_at)
       VALUES ($userId, $methodId, $status, $nothing, $nothing, $isActive, 0, $becomesDefault, $createdAt)
       RETURNING id`,
      {
        userId: config.userId,
        methodId: config.methodId,
        status: config.status,
        nothing: NOTHING,
        isActive: Number(config.isActive),
        becomesDefault: Number(config.becomesDefault),
        createdAt: config.createdAt,
      },
    );
    if (row === null) throw new Error('a config was not stored');
    // Sealed for the id, which is known only now.
    this.#database.change('UPDATE user_config SET settings = $settings, state = $state WHERE id = $id', {
      id: row.id,
      ...this.#sealed(row.id, config.userId, config.settings, config.state),
    });
    if (config.isDefault) this.makeDefault(config.userId, row.id);
    return row.id;
  }

  /** @returns false when the config is gone or was changed since it was read */
  replace(known: StoredConfig, changed: Pick<StoredConfig, 'status' | 'settings' | 'state' | 'isActive'>): boolean {
    const { id, userId, revision } = known;
    const changes = this.#database.change(
      `UPDATE user_config
       SET status = $status, settings = $settings, state = $state, is_active = $isActive, revision = revision + 1
       WHERE id = $id AND user_id = $userId AND revision = $revision`,
      {
        id,
        userId,
        revision,
        status: changed.status,
        isActive: Number(changed.isActive),
        ...this.#sealed(id, userId, changed.settings, changed.state),
      },
    );
    return changes === 1;
  }

  /** Within a transaction: takes it from whichever had it. */
  makeDefault(userId: string, id: number): void {
    this.#database.change('UPDATE user_config SET is_default = 0 WHERE user_id = $userId AND is_default = 1', {
      userId,
    });
    this.#database.change('UPDATE user_config SET is_default = 1, becomes_default = 0 WHERE id = $id', { id });
  }

  setDefaultWish(id: number, isDefault: boolean, becomesDefault: boolean): void {
    this.#database.change(
      'UPDATE user_config SET is_default = $isDefault, becomes_default = $becomesDefault WHERE id = $id',
      { id, isDefault: Number(isDefault), becomesDefault: Number(becomesDefault) },
    );
  }

  /** Counts an attempt before it is looked at: a crash in between costs the attempt. */
  countAttempt(id: number, nowMs: number): void {
    this.#database.change(
      'UPDATE user_config SET wrong_in_a_row = wrong_in_a_row + 1, last_attempt_at = $nowMs WHERE id = $id',
      { id, nowMs },
    );
  }

  noteAttemptAt(id: number, nowMs: number): void {
    this.#database.change('UPDATE user_config SET last_attempt_at = $nowMs WHERE id = $id', { id, nowMs });
  }

  forgetWrongAttempts(id: number): void {
    this.#database.change('UPDATE user_config SET wrong_in_a_row = 0 WHERE id = $id', { id });
  }

  /** With its confirmations: what was confirmed with it does not count any more. @returns whether it was there */
  remove(userId: string, id: number): boolean {
    return this.#database.change('DELETE FROM user_config WHERE id = $id AND user_id = $userId', { id, userId }) === 1;
  }

  /** Those of methods that are no longer served included. @returns how many there were */
  removeAll(userId: string): number {
    return this.#database.change('DELETE FROM user_config WHERE user_id = $userId', { userId });
  }

  #sealed(id: number, userId: string, settings: unknown, state: unknown) {
    return {
      settings: this.#database.seal(settings, purposeOf(id, userId, 'settings')),
      state: this.#database.seal(state, purposeOf(id, userId, 'state')),
    };
  }

  #decoded(row: z.infer<typeof RowSchema>): StoredConfig | null {
    const method = this.#registry.method(row.method_key);
    if (method === undefined) return null;
    const { id, user_id: userId } = row;
    return {
      id,
      userId,
      methodId: row.method_id,
      method,
      isOfDefaultMethod: this.#registry.methods[0] === method,
      status: row.status,
      settings: MethodDataSchema.parse(this.#database.unseal(row.settings, purposeOf(id, userId, 'settings'))),
      state: this.#database.unseal(row.state, purposeOf(id, userId, 'state')),
      revision: row.revision,
      isActive: row.is_active,
      isDefault: row.is_default,
      becomesDefault: row.becomes_default,
      wrongInARow: row.wrong_in_a_row,
      lastAttemptAt: row.last_attempt_at,
    };
  }
}

const purposeOf = (id: number, userId: string, column: string): string =>
  `presence-locker user_config 1|${id}|${column}|${userId}`;
