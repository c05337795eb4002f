import { CROCKFORD_ALPHABET, encodeBase32, inGroupsOfFour } from './base32.ts';

/** Recovery codes as people see them: the app's own (main/offline) and those of the gateway's method (gateway/methods) look and read alike. */
export const RECOVERY_CODES = 10;
/** 80 bits, as four groups of four letters. */
export const RECOVERY_CODE_BYTES = 10;
const SYMBOLS = 16;

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
