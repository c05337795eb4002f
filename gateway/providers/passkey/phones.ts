import { z } from 'zod';
import type { Database } from '../../store/database.ts';

const MAX_KEY_BYTES = 1_024;
const flag = z.int().transform((value) => value === 1);

const PhoneSchema = z
  .object({
    id: z.string(),
    user_id: z.string(),
    credential_id: z.string(),
    public_key: z.instanceof(Uint8Array).refine((key) => key.length <= MAX_KEY_BYTES),
    counter: z.int(),
    transports: z
      .string()
      .transform((text): unknown => JSON.parse(text))
      .pipe(z.array(z.string())),
    backup_eligible: flag,
    backed_up: flag,
    name: z.string(),
    added_at: z.int(),
    last_used_at: z.int().nullable(),
    push: z.instanceof(Uint8Array).nullable(),
  })
  .transform((row) => ({
    phoneId: row.id,
    userId: row.user_id,
    credentialId: row.credential_id,
    publicKey: row.public_key,
    counter: row.counter,
    transports: row.transports,
    backedUp: row.backed_up,
    name: row.name,
    addedAt: row.added_at,
    lastUsedAt: row.last_used_at,
    hasPush: row.push !== null,
  }));
export type Phone = z.infer<typeof PhoneSchema>;

export interface NewPhone {
  readonly phoneId: string;
  readonly userId: string;
  readonly credentialId: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
  readonly name: string;
}

/** Where a phone's browser takes notifications, and the keys they are encrypted with. */
const PushSubscriptionSchema = z.strictObject({
  endpoint: z.string(),
  keys: z.strictObject({ p256dh: z.string(), auth: z.string() }),
});
export type PushSubscription = z.infer<typeof PushSubscriptionSchema>;
const PushRowSchema = z.object({ id: z.string(), push: z.instanceof(Uint8Array) });

/** The phones of all people: a passkey each. */
export class Phones {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  find(phoneId: string): Phone | null {
    return this.#database.row(PhoneSchema, 'SELECT * FROM approver_phone WHERE id = $phoneId', { phoneId });
  }

  findByCredential(credentialId: string): Phone | null {
    const sql = 'SELECT * FROM approver_phone WHERE credential_id = $credentialId';
    return this.#database.row(PhoneSchema, sql, { credentialId });
  }

  /** Oldest first. */
  of(userId: string): Phone[] {
    const sql = 'SELECT * FROM approver_phone WHERE user_id = $userId ORDER BY added_at, id';
    return this.#database.rows(PhoneSchema, sql, { userId });
  }

  /** Of everybody, by person and then oldest first. */
  all(limit: number): Phone[] {
    const sql = 'SELECT * FROM approver_phone ORDER BY user_id, added_at, id LIMIT $limit';
    return this.#database.rows(PhoneSchema, sql, { limit });
  }

  add(phone: NewPhone, now: number): void {
    this.#database.change(
      `INSERT INTO approver_phone (id, user_id, credential_id, public_key, counter, transports, backup_eligible, backed_up, name, added_at)
       VALUES ($id, $userId, $credentialId, $publicKey, $counter, $transports, $backupEligible, $backedUp, $name, $now)`,
      {
        id: phone.phoneId,
        userId: phone.userId,
        credentialId: phone.credentialId,
        publicKey: phone.publicKey,
        counter: phone.counter,
        transports: JSON.stringify(phone.transports),
        backupEligible: phone.backupEligible ? 1 : 0,
        backedUp: phone.backedUp ? 1 : 0,
        name: phone.name,
        now,
      },
    );
  }

  /**
   * Authenticators that count, count up; one that does not count says 0 for ever. One statement, so that of two assertions with the same
   * counter one counts.
   *
   * @returns false when the counter stood still or went back, or the phone is gone: then nothing is approved
   */
  noteUse(phoneId: string, use: { readonly counter: number; readonly backedUp: boolean }, now: number): boolean {
    const changed = this.#database.change(
      `UPDATE approver_phone SET counter = $counter, backed_up = $backedUp, last_used_at = $now
       WHERE id = $phoneId AND (counter < $counter OR (counter = 0 AND $counter = 0))`,
      { phoneId, counter: use.counter, backedUp: use.backedUp ? 1 : 0, now },
    );
    return changed === 1;
  }

  rename(phoneId: string, name: string): void {
    this.#database.change('UPDATE approver_phone SET name = $name WHERE id = $phoneId', { phoneId, name });
  }

  remove(phoneId: string): void {
    this.#database.change('DELETE FROM approver_phone WHERE id = $phoneId', { phoneId });
  }

  subscribe(phoneId: string, subscription: PushSubscription): void {
    const push = this.#database.seal(subscription, purposeOf(phoneId));
    this.#database.change('UPDATE approver_phone SET push = $push WHERE id = $phoneId', { phoneId, push });
  }

  unsubscribe(phoneId: string): void {
    this.#database.change('UPDATE approver_phone SET push = NULL WHERE id = $phoneId', { phoneId });
  }

  subscriptions(userId: string): { readonly phoneId: string; readonly subscription: PushSubscription }[] {
    const sql = 'SELECT id, push FROM approver_phone WHERE user_id = $userId AND push IS NOT NULL';
    return this.#database.rows(PushRowSchema, sql, { userId }).map(({ id, push }) => ({
      phoneId: id,
      subscription: PushSubscriptionSchema.parse(this.#database.unseal(push, purposeOf(id))),
    }));
  }
}

const purposeOf = (phoneId: string): string => `presence-locker approver push 1 ${phoneId}`;
