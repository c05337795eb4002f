import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { err, ok, type Result } from '../protocol/result.ts';

/**
 * AES-256-GCM for what is kept at rest. Sealed form: nonce (12 bytes) ‖ tag (16 bytes) ‖ ciphertext. The associated data is not stored:
 * whoever opens states what it must be, so a sealed thing cannot be passed off as another one.
 */
export const SEALING_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @throws RangeError when the key is not SEALING_KEY_BYTES long */
export function seal(plaintext: string, key: Uint8Array, associatedData: string): Buffer {
  requireKeyLength(key);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(associatedData, 'utf8'));
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
}

/** `torn`: too short to be sealed. `not-authentic`: another key, another purpose, or changed by somebody. */
export function unseal(
  sealed: Uint8Array,
  key: Uint8Array,
  expectedAssociatedData: string,
): Result<string, 'torn' | 'not-authentic'> {
  requireKeyLength(key);
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return err('torn');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(expectedAssociatedData, 'utf8'));
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const plaintext = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return ok(plaintext.toString('utf8'));
  } catch {
    // The one failure `final` has here: the tag does not fit. Its text says nothing more.
    return err('not-authentic');
  }
}

function requireKeyLength(key: Uint8Array): void {
  if (key.length !== SEALING_KEY_BYTES) throw new RangeError(`a sealing key has ${SEALING_KEY_BYTES} bytes`);
}
