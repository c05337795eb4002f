import type { Clock } from '../core/ports.ts';
import type { CodeBook } from './code-book.ts';
import { matchingTotpStep } from './one-time-password.ts';
import { type HashRecoveryCode, placeOfHash } from './recovery-code.ts';
import type { TypedCode } from './typed-code.ts';

export type Checked =
  /** The book with this code spent. */
  { readonly kind: 'genuine'; readonly spent: CodeBook } | { readonly kind: 'used' } | { readonly kind: 'wrong' };

export interface CheckingPorts {
  readonly clock: Clock;
  readonly hash: HashRecoveryCode;
}

/** Whether a code is genuine and not spent. Stores nothing: who calls this has counted the attempt before. */
export async function checkCode(book: CodeBook, typed: TypedCode, { clock, hash }: CheckingPorts): Promise<Checked> {
  if (typed.kind === 'totp') {
    const step = matchingTotpStep(Buffer.from(book.totpSecret, 'base64url'), typed.digits, clock.wallNow());
    if (step === null) return { kind: 'wrong' };
    // A wall clock set back makes old codes fit again; they stay spent.
    return step <= book.totpStep ? { kind: 'used' } : { kind: 'genuine', spent: { ...book, totpStep: step } };
  }
  const typedHash = await hash(typed.canonical, Buffer.from(book.salt, 'base64url'));
  const place = placeOfHash(typedHash, book.unused);
  if (place < 0) return { kind: placeOfHash(typedHash, book.used) < 0 ? 'wrong' : 'used' };
  const unused = book.unused.filter((_, index) => index !== place);
  return { kind: 'genuine', spent: { ...book, unused, used: [...book.used, typedHash.toString('base64url')] } };
}
