import { assertNever } from '../../protocol/result.ts';
import type { refusalOfOfflineCodes } from '../core/on-offline-code.ts';
import { SecretStoreFailed } from '../core/ports.ts';
import { durationInWords } from '../core/sentences.ts';
import type { CodeOutcome } from './offline-codes.ts';

/** What the curtain says about a code that lets nobody in: cause first, then what to do. */

export const BUSY = 'Another code is being checked.';
export const TOO_LATE =
  'The code was right but came too late: the phone can be asked, or the workstation locked meanwhile.';

export function sentenceOfRefusal(refusal: NonNullable<ReturnType<typeof refusalOfOfflineCodes>>): string {
  switch (refusal) {
    case 'phone-can-be-asked':
      return 'Your phone can be asked, so a code is not accepted now.';
    case 'not-allowed':
      return 'Codes are not accepted on this computer.';
    case 'not-covered':
      return 'Nothing has to be typed now.';
    default:
      return assertNever(refusal, 'refusal');
  }
}

export function sentenceOfOutcome(outcome: Exclude<CodeOutcome, { kind: 'accepted' }>): string {
  switch (outcome.kind) {
    case 'malformed':
      return 'That is no code: a recovery code has 16 letters and digits, a code from an app has 6 digits.';
    case 'wrong':
      return `That code is wrong.${nextTry(outcome.waitMs)}`;
    case 'used':
      return outcome.codeKind === 'totp'
        ? `That code was used already. Wait for the app to show the next one.${nextTry(outcome.waitMs)}`
        : `That recovery code was used already. Each works once.${nextTry(outcome.waitMs)}`;
    case 'wait':
      return `Too many wrong codes. Wait ${durationInWords(wholeSeconds(outcome.waitMs))}, then try again.`;
    case 'totp-off':
      return 'Too many wrong codes: codes from an app are no longer accepted. Use a recovery code.';
    case 'none-made':
      return 'No recovery codes were set up for this workstation.';
    case 'damaged':
      return 'The stored codes cannot be read. New ones have to be made once your phone can be asked.';
    default:
      return assertNever(outcome, 'outcome');
  }
}

/** Rounded up: who waits as long as told is not told to wait again. */
const wholeSeconds = (ms: number): number => Math.ceil(ms / 1_000) * 1_000;
const nextTry = (waitMs: number): string =>
  waitMs === 0 ? '' : ` The next try is possible in ${durationInWords(wholeSeconds(waitMs))}.`;

/** @param cause what `check` rejected with. Its own words are not repeated: they are not ours. */
export function sentenceOfKeychain(cause: unknown): string {
  const code = cause instanceof SecretStoreFailed ? cause.code : 'unavailable';
  switch (code) {
    case 'locked':
      return 'The keychain is locked, so no code can be checked.';
    case 'timeout':
      return 'The keychain does not answer, so no code can be checked.';
    case 'unavailable':
      return 'The keychain cannot be used, so no code can be checked.';
    default:
      return assertNever(code, 'keychain failure');
  }
}
