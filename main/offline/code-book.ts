import { z } from 'zod';
import { RECOVERY_CODES } from '../../protocol/recovery-code.ts';
import type { SecretStore } from '../core/ports.ts';
import { SCRYPT_NAME } from './recovery-code.ts';

const base64url = (bytes: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .refine((text) => {
      const decoded = Buffer.from(text, 'base64url');
      // One text for one value: the last character of another text may stand for the same bytes.
      return decoded.length === bytes && decoded.toString('base64url') === text;
    });
const count = z.int().min(0);

/**
 * Everything about one person's offline codes, in one entry of the keychain. The count of failures lies beside the secrets it
 * protects: whoever deletes the entry to begin counting anew has deleted every code with it, and half an entry is none.
 * Windows takes at most 1,280 characters in an entry.
 */
const CodeBookSchema = z
  .strictObject({
    v: z.literal(1),
    totpSecret: base64url(20),
    /** Newest TOTP step accepted; nothing at or before it is accepted again. -1: none yet. */
    totpStep: z.int().min(-1),
    kdf: z.literal(SCRYPT_NAME),
    salt: base64url(16),
    unused: z.array(base64url(32)).max(RECOVERY_CODES),
    used: z.array(base64url(32)).max(RECOVERY_CODES),
    /** Wrong codes in a row. */
    failures: count,
    /** What the person has not been told yet. */
    untold: z.strictObject({ accepted: count, refused: count }),
  })
  // One that stands twice would let in twice.
  .refine(({ unused, used }) => new Set([...unused, ...used]).size === unused.length + used.length);
export type CodeBook = z.infer<typeof CodeBookSchema>;
export type Untold = CodeBook['untold'];

export const NOTHING_UNTOLD: Untold = { accepted: 0, refused: 0 };

/** Name in the keychain; of its own for each enrollment. */
export const codeBookAccount = (userId: string): string => `offline-codes:${userId}`;

export type BookReading =
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged' }
  | { readonly kind: 'valid'; readonly book: CodeBook };

/** Each of these rejects with SecretStoreFailed. */
export interface CodeBooks {
  read(userId: string): Promise<BookReading>;
  write(userId: string, book: CodeBook): Promise<void>;
  remove(userId: string): Promise<void>;
}

export function createCodeBooks(secrets: SecretStore): CodeBooks {
  return {
    async read(userId) {
      const text = await secrets.get(codeBookAccount(userId));
      return text === null ? { kind: 'absent' } : decode(text);
    },
    write: (userId, book) => secrets.set(codeBookAccount(userId), JSON.stringify(book)),
    remove: (userId) => secrets.delete(codeBookAccount(userId)),
  };
}

function decode(text: string): BookReading {
  let claimed: unknown;
  try {
    claimed = JSON.parse(text);
  } catch {
    return { kind: 'damaged' };
  }
  const parsed = CodeBookSchema.safeParse(claimed);
  return parsed.success ? { kind: 'valid', book: parsed.data } : { kind: 'damaged' };
}
