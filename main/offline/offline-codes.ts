import type { Clock, SecretStore } from '../core/ports.ts';
import { createAttemptDelay, delayAfter, MAX_FAILURES_FOR_TOTP } from './attempt-delay.ts';
import { checkCode } from './check-code.ts';
import { type CodeBook, createCodeBooks, NOTHING_UNTOLD, type Untold } from './code-book.ts';
import { createCodeMaking, type MadeCodes } from './code-making.ts';
import type { HashRecoveryCode } from './recovery-code.ts';
import { readTypedCode } from './typed-code.ts';

export interface OfflineCodesPorts {
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly randomBytes: (bytes: number) => Uint8Array;
  /** `scryptOfRecoveryCode`, as the stored book names it. */
  readonly hash: HashRecoveryCode;
}

export type CodeOutcome =
  | { readonly kind: 'accepted'; readonly codeKind: 'totp' | 'recovery'; readonly recoveryLeft: number }
  | {
      readonly kind: 'wrong' | 'used';
      readonly codeKind: 'totp' | 'recovery';
      readonly failures: number;
      readonly waitMs: number;
    }
  /** Neither six digits nor a recovery code: not an attempt. */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'wait'; readonly waitMs: number }
  | { readonly kind: 'totp-off' }
  | { readonly kind: 'none-made' }
  | { readonly kind: 'damaged' };

/** The codes that stand in for the phone. What needs the keychain rejects with SecretStoreFailed, and then nothing was accepted. */
export interface OfflineCodes {
  /** Recovery codes left; null where no set is in force. */
  left(userId: string): Promise<number | null>;
  check(userId: string, typed: string): Promise<CodeOutcome>;
  /** A new set, in memory only; the one in force stays in force until `prove`. @param account names the workstation in the app. */
  make(userId: string, account: string): MadeCodes;
  /** The set that was made and not proven yet. */
  made(userId: string): MadeCodes | null;
  /** Puts the set in force when the person shows that they have one of its codes. */
  prove(userId: string, typed: string): Promise<'proven' | 'wrong' | 'malformed' | 'none-made'>;
  /** Forgets a set that was not proven. */
  drop(): void;
  /** @returns whether there was a set in force. */
  forget(userId: string): Promise<boolean>;
  /** Tells what the person has not been told yet, once. */
  report(userId: string, tell: (untold: Untold) => void): Promise<void>;
  /** @returns a function that stops listening. */
  onLeft(listener: (userId: string, left: number | null) => void): () => void;
}

export function createOfflineCodes({ secrets, clock, randomBytes, hash }: OfflineCodesPorts): OfflineCodes {
  const books = createCodeBooks(secrets);
  const delay = createAttemptDelay(clock);
  const making = createCodeMaking({ clock, randomBytes, hash });
  const listeners = new Set<(userId: string, left: number | null) => void>();
  /** Who may have something untold; unknown after a start. */
  const told = new Set<string>();

  // One after the other: two attempts at once would be counted as one, and one code would let in twice.
  let last: Promise<unknown> = Promise.resolve();
  const serially = <T>(act: () => Promise<T>): Promise<T> => {
    const done = last.then(act, act);
    last = done.catch(() => undefined); // Its caller has the failure; the next in line does not.
    return done;
  };
  const tellLeft = (userId: string, left: number | null): void => {
    for (const listener of listeners) listener(userId, left);
  };

  async function left(userId: string): Promise<number | null> {
    const reading = await books.read(userId);
    if (reading.kind !== 'valid') return null;
    delay.seen(userId, reading.book.failures);
    return reading.book.unused.length;
  }

  async function check(userId: string, text: string): Promise<CodeOutcome> {
    const typed = readTypedCode(text);
    if (typed === null) return { kind: 'malformed' };
    const reading = await books.read(userId);
    if (reading.kind === 'absent') return { kind: 'none-made' };
    if (reading.kind === 'damaged') return { kind: 'damaged' };
    const { book } = reading;
    const waitMs = delay.remaining(userId, book.failures);
    if (waitMs > 0) return { kind: 'wait', waitMs };
    if (typed.kind === 'totp' && book.failures >= MAX_FAILURES_FOR_TOTP) return { kind: 'totp-off' };

    // Counted as a failure before it is looked at: whoever cuts the power in between has used up the attempt all the same.
    const counted = refusedOnceMore(book);
    await books.write(userId, counted);
    delay.attempted(userId);
    told.delete(userId);
    const checked = await checkCode(book, typed, { clock, hash });
    if (checked.kind !== 'genuine') {
      const { failures } = counted;
      return { kind: checked.kind, codeKind: typed.kind, failures, waitMs: delayAfter(failures) };
    }
    // Spent before it lets anybody in: a code that cannot be spent is not accepted.
    const untold = { ...book.untold, accepted: book.untold.accepted + 1 };
    await books.write(userId, { ...checked.spent, failures: 0, untold });
    const recoveryLeft = checked.spent.unused.length;
    tellLeft(userId, recoveryLeft);
    return { kind: 'accepted', codeKind: typed.kind, recoveryLeft };
  }

  async function prove(userId: string, text: string): Promise<'proven' | 'wrong' | 'malformed' | 'none-made'> {
    const typed = readTypedCode(text);
    if (typed === null) return 'malformed';
    const proven = await making.prove(userId, typed);
    if (typeof proven === 'string') return proven;
    const before = await books.read(userId);
    await books.write(userId, { ...proven, untold: before.kind === 'valid' ? before.book.untold : NOTHING_UNTOLD });
    making.drop();
    tellLeft(userId, proven.unused.length);
    return 'proven';
  }

  async function report(userId: string, tell: (untold: Untold) => void): Promise<void> {
    const reading = await books.read(userId);
    told.add(userId);
    if (reading.kind !== 'valid') return;
    const { untold } = reading.book;
    if (untold.accepted + untold.refused === 0) return;
    // Told first: told twice is better than never.
    tell(untold);
    await books.write(userId, { ...reading.book, untold: NOTHING_UNTOLD });
  }

  return {
    left: (userId) => serially(() => left(userId)),
    check: (userId, typed) => serially(() => check(userId, typed)),
    make: (userId, account) => making.make(userId, account),
    made: (userId) => making.made(userId),
    prove: (userId, typed) => serially(() => prove(userId, typed)),
    drop: () => making.drop(),
    forget: (userId) =>
      serially(async () => {
        making.drop();
        const found = await books.read(userId);
        await books.remove(userId);
        tellLeft(userId, null);
        return found.kind !== 'absent';
      }),
    report: (userId, tell) => (told.has(userId) ? Promise.resolve() : serially(() => report(userId, tell))),
    onLeft(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const refusedOnceMore = (book: CodeBook): CodeBook => ({
  ...book,
  failures: book.failures + 1,
  untold: { ...book.untold, refused: book.untold.refused + 1 },
});
