import { scrypt, timingSafeEqual } from 'node:crypto';

export const SALT_BYTES = 16;
const HASH_BYTES = 32;
/**
 * N = 2^15, r = 8, p = 1: 32 MiB and about a tenth of a second. Against 80 random bits a plain hash would do; this is for the day a
 * copied keychain meets a weaker generator. Named in the stored book, so that later versions can tell.
 */
export const SCRYPT_NAME = 'scrypt-32768-8-1';
const SCRYPT = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;

/** @param canonical see protocol/recovery-code.ts. @param salt one for a whole set: a typed code then costs one hash and not ten. */
export type HashRecoveryCode = (canonical: string, salt: Uint8Array) => Promise<Buffer>;

export const scryptOfRecoveryCode: HashRecoveryCode = (canonical, salt) => {
  return new Promise((resolve, reject) => {
    scrypt(canonical, salt, HASH_BYTES, SCRYPT, (error, hash) => (error === null ? resolve(hash) : reject(error)));
  });
};

/** All are always compared. @returns the place of the hash in the list, or -1. */
export function placeOfHash(hash: Uint8Array, stored: readonly string[]): number {
  let place = -1;
  stored.forEach((text, index) => {
    const other = Buffer.from(text, 'base64url');
    if (other.length === hash.length && timingSafeEqual(other, hash)) place = index;
  });
  return place;
}
