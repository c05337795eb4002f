import { createHmac, randomBytes } from 'node:crypto';
import webPush from 'web-push';
import { z } from 'zod';
import type { Database } from '../../store/database.ts';

const PURPOSE = 'presence-locker approver secrets 1';
const HASH_KEY_BYTES = 32;
const RowSchema = z.object({ sealed: z.instanceof(Uint8Array) });
const SecretsSchema = z.strictObject({
  vapid: z.strictObject({ publicKey: z.string(), privateKey: z.string() }),
  /** Of the hashes of codes: who reads the database alone cannot try codes against them. */
  hashKey: z.base64(),
});

/** Made once, kept sealed: push services know the gateway by the one, the stored hashes stand on the other. */
export interface ApproverSecrets {
  readonly vapid: { readonly publicKey: string; readonly privateKey: string };
  /** Keyed hash of a code, in hexadecimal. `purpose`: a code of one kind is none of another. */
  hash(code: string, purpose: 'enrollment' | 'recovery'): string;
}

export function approverSecretsOf(database: Database): ApproverSecrets {
  const { vapid, hashKey } = database.transaction(() => {
    const found = database.row(RowSchema, 'SELECT sealed FROM approver_secret');
    if (found !== null) return SecretsSchema.parse(database.unseal(found.sealed, PURPOSE));
    const made = { vapid: webPush.generateVAPIDKeys(), hashKey: randomBytes(HASH_KEY_BYTES).toString('base64') };
    const sealed = database.seal(made, PURPOSE);
    database.change('INSERT INTO approver_secret (id, sealed) VALUES (1, $sealed)', { sealed });
    return made;
  });
  const key = Buffer.from(hashKey, 'base64');
  return {
    vapid,
    hash: (code, purpose) => createHmac('sha256', key).update(`${purpose} ${code}`, 'utf8').digest('hex'),
  };
}
