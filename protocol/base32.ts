/** Letters and digits of RFC 4648 §6: what authenticator apps read. */
export const RFC4648_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Crockford's: without I, L, O and U, so that a code copied by hand is read back as it was written. */
export const CROCKFORD_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const BITS_PER_SYMBOL = 5;

/** Without padding. @param alphabet 32 symbols. */
export function encodeBase32(bytes: Uint8Array, alphabet: string): string {
  let text = '';
  let held = 0;
  let heldBits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    heldBits += 8;
    while (heldBits >= BITS_PER_SYMBOL) {
      heldBits -= BITS_PER_SYMBOL;
      text += alphabet.charAt((held >>> heldBits) & 31);
    }
    held &= (1 << heldBits) - 1;
  }
  return heldBits === 0 ? text : text + alphabet.charAt((held << (BITS_PER_SYMBOL - heldBits)) & 31);
}

/** "ABCD-EFGH-…": people read and type four at a time. */
export const inGroupsOfFour = (text: string, separator: string): string =>
  (text.match(/.{1,4}/g) ?? []).join(separator);
