import { scrypt, timingSafeEqual } from 'node:crypto';
import { CROCKFORD_ALPHABET, encodeBase32, inGroupsOfFour } from './base32.ts';

export const RECOVERY_CODES = 10;
/** 80 bits, as four groups of four letters. */
export const RECOVERY_CODE_BYTES = 10;
const SYMBOLS = 16;

export const SALT_BYTES = 16;
const HASH_BYTES = 32;
/**
 * N = 2^15, r = 8, p = 1: 32 MiB and about a tenth of a second. Against 80 random bits a plain hash would do; this is for the day a
 * copied keychain meets a weaker generator. Named in the stored book, so that later versions can tell.
 */
export const SCRYPT_NAME = 'scrypt-32768-8-1';
const SCRYPT = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;

/** @param random RECOVERY_CODE_BYTES of it. @returns e.g. `7KQM-2X9D-0V4T-HB3Z`. */
export const recoveryCodeOf = (random: Uint8Array): string =>
  inGroupsOfFour(encodeBase32(random, CROCKFORD_ALPHABET), '-');

/** What people write for what: small letters, and the letters that look like digits. @returns null for what cannot be a code. */
export function canonicalRecoveryCode(typed: string): string | null {
  const plain = typed
    .toUpperCase()
    .replaceAll(/[\s\-\u2010-\u2015]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  const known = [...plain].every((symbol) => CROCKFORD_ALPHABET.includes(symbol));
  return known && plain.length === SYMBOLS ? plain : null;
}

/** @param canonical see `canonicalRecoveryCode`. @param salt one for a whole set: a typed code then costs one hash and not ten. */
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
