import { canonicalRecoveryCode } from '../../protocol/recovery-code.ts';
import { TOTP_DIGITS } from './one-time-password.ts';

/** Longest text looked at; the channel refuses longer ones (protocol/ipc.ts). */
const MAX_TYPED_CHARACTERS = 64;
const DIGITS = new RegExp(`^\\d{${TOTP_DIGITS}}$`);

export type TypedCode =
  | { readonly kind: 'totp'; readonly digits: string }
  | { readonly kind: 'recovery'; readonly canonical: string };

/** Both kinds are typed into one field; their lengths tell them apart. @returns null for what is neither: it says nothing to guess by. */
export function readTypedCode(claimed: string): TypedCode | null {
  if (claimed.length > MAX_TYPED_CHARACTERS) return null;
  const digits = claimed.replaceAll(/\s/g, '');
  if (DIGITS.test(digits)) return { kind: 'totp', digits };
  const canonical = canonicalRecoveryCode(claimed);
  return canonical === null ? null : { kind: 'recovery', canonical };
}
