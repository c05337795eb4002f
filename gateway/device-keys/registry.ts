import { z } from 'zod';
import { LAST_SEEN_RESOLUTION_MS } from '../limits.ts';
import type { Workstation } from '../session-registry.ts';
import type { Database } from '../store/database.ts';

/** A workstation that proved to hold its key. Times are Unix milliseconds. */
export interface KnownWorkstation extends Workstation {
  /** Raw Ed25519 key, base64url, 43 characters. */
  readonly publicKey: string;
  readonly addedAt: number;
  /** To LAST_SEEN_RESOLUTION_MS; `null`: never again since it was added. */
  readonly lastSeenAt: number | null;
}

/** Why a workstation was not added: it has another key here, the key is another one's, or its token has brought in all that it may. */
export type NotAdded = 'known-by-another-key' | 'key-of-another' | 'token-spent';

const RowSchema = z
  .object({
    token_name: z.string(),
    device_id: z.string(),
    public_key: z.string(),
    added_at: z.int(),
    last_seen_at: z.int().nullable(),
  })
  .transform(
    (row): KnownWorkstation => ({
      tokenName: row.token_name,
      deviceId: row.device_id,
      publicKey: row.public_key,
      addedAt: row.added_at,
      lastSeenAt: row.last_seen_at,
    }),
  );
const CountSchema = z.object({ count: z.int() });

/** The workstations this gateway knows by their keys. Every change is on the disk when its call returns. */
export class DeviceKeys {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** In the order of token names and device ids. */
  list(): readonly KnownWorkstation[] {
    return this.#database.rows(RowSchema, 'SELECT * FROM known_workstation ORDER BY token_name, device_id');
  }

  find({ tokenName, deviceId }: Workstation): KnownWorkstation | null {
    return this.#database.row(
      RowSchema,
      'SELECT * FROM known_workstation WHERE token_name = $tokenName AND device_id = $deviceId',
      { tokenName, deviceId },
    );
  }

  findByKey(publicKey: string): KnownWorkstation | null {
    return this.#database.row(RowSchema, 'SELECT * FROM known_workstation WHERE public_key = $publicKey', {
      publicKey,
    });
  }

  /**
   * To be called only once the key has been proven. @param devices how many workstations the token may bring in. @returns null when it is added,
   * or was so before with this same key
   */
  add({ tokenName, deviceId }: Workstation, publicKey: string, devices: number, now: number): NotAdded | null {
    // One transaction: of two that come with the last place at the same moment, one gets it, in another process too.
    return this.#database.transaction(() => {
      const known = this.find({ tokenName, deviceId });
      if (known !== null) return known.publicKey === publicKey ? null : 'known-by-another-key';
      if (this.findByKey(publicKey) !== null) return 'key-of-another';
      if (this.#countOf(tokenName) >= devices) return 'token-spent';
      this.#database.change(
        `INSERT INTO known_workstation (token_name, device_id, public_key, added_at)
         VALUES ($tokenName, $deviceId, $publicKey, $now)`,
        { tokenName, deviceId, publicKey, now },
      );
      return null;
    });
  }

  /** @returns whether it was known. Whoever is connected stays connected: see `Gateway.forgetWorkstation`. */
  remove({ tokenName, deviceId }: Workstation): boolean {
    const removed = this.#database.change(
      'DELETE FROM known_workstation WHERE token_name = $tokenName AND device_id = $deviceId',
      { tokenName, deviceId },
    );
    return removed > 0;
  }

  /** A write to the disk for each connection of a whole office would be seen; nobody asks for the minute. */
  noteSeen(known: KnownWorkstation, now: number): void {
    if (known.lastSeenAt !== null && now - known.lastSeenAt < LAST_SEEN_RESOLUTION_MS) return;
    const { tokenName, deviceId } = known;
    this.#database.change(
      'UPDATE known_workstation SET last_seen_at = $now WHERE token_name = $tokenName AND device_id = $deviceId',
      { tokenName, deviceId, now },
    );
  }

  #countOf(tokenName: string): number {
    const counted = this.#database.row(
      CountSchema,
      'SELECT count(*) AS count FROM known_workstation WHERE token_name = $tokenName',
      { tokenName },
    );
    return counted?.count ?? 0;
  }
}
