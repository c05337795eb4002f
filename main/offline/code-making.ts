import { encodeBase32, inGroupsOfFour, RFC4648_ALPHABET } from '../../protocol/base32.ts';
import {
  canonicalRecoveryCode,
  RECOVERY_CODE_BYTES,
  RECOVERY_CODES,
  recoveryCodeOf,
} from '../../protocol/recovery-code.ts';
import type { Clock } from '../core/ports.ts';
import { type CodeBook, NOTHING_UNTOLD } from './code-book.ts';
import { matchingTotpStep, otpauthLink, TOTP_SECRET_BYTES } from './one-time-password.ts';
import { type HashRecoveryCode, SALT_BYTES, SCRYPT_NAME } from './recovery-code.ts';
import type { TypedCode } from './typed-code.ts';

/** Shown to the person once; from then on only hashes of the recovery codes exist. */
export interface MadeCodes {
  readonly recovery: readonly string[];
  readonly totp: {
    /** `otpauth://…` */
    readonly link: string;
    /** The same secret for apps that cannot scan, in groups of four. */
    readonly secret: string;
  };
}

export interface CodeMaking {
  make(userId: string, account: string): MadeCodes;
  made(userId: string): MadeCodes | null;
  /** @returns the book to store once the person has shown one of the codes; or why not. */
  prove(userId: string, typed: TypedCode): Promise<CodeBook | 'wrong' | 'none-made'>;
  drop(): void;
}

/** A set on its way to the person: in memory, one at a time, gone when it is dropped. */
export function createCodeMaking(ports: {
  readonly clock: Clock;
  readonly randomBytes: (bytes: number) => Uint8Array;
  readonly hash: HashRecoveryCode;
}): CodeMaking {
  const { clock, randomBytes, hash } = ports;
  let made: { readonly userId: string; readonly totpSecret: Uint8Array; readonly codes: MadeCodes } | null = null;
  const madeFor = (userId: string) => (made?.userId === userId ? made : null);

  return {
    make(userId, account) {
      const totpSecret = randomBytes(TOTP_SECRET_BYTES);
      const codes = {
        recovery: Array.from({ length: RECOVERY_CODES }, () => recoveryCodeOf(randomBytes(RECOVERY_CODE_BYTES))),
        totp: {
          link: otpauthLink(totpSecret, account),
          secret: inGroupsOfFour(encodeBase32(totpSecret, RFC4648_ALPHABET), ' '),
        },
      };
      made = { userId, totpSecret, codes };
      return codes;
    },
    made: (userId) => madeFor(userId)?.codes ?? null,
    async prove(userId, typed) {
      const pending = madeFor(userId);
      if (pending === null) return 'none-made';
      const plain = pending.codes.recovery.flatMap((code) => canonicalRecoveryCode(code) ?? []);
      const totpStep =
        typed.kind === 'totp' ? matchingTotpStep(pending.totpSecret, typed.digits, clock.wallNow()) : null;
      if (totpStep === null && !(typed.kind === 'recovery' && plain.includes(typed.canonical))) return 'wrong';
      const salt = randomBytes(SALT_BYTES);
      const unused: string[] = [];
      // One by one: ten at once would take 320 MiB.
      for (const code of plain) unused.push((await hash(code, salt)).toString('base64url'));
      return {
        v: 1,
        totpSecret: Buffer.from(pending.totpSecret).toString('base64url'),
        // Six digits typed as proof do not let anybody in afterwards. A recovery code shown as proof is still good.
        totpStep: totpStep ?? -1,
        kdf: SCRYPT_NAME,
        salt: Buffer.from(salt).toString('base64url'),
        unused,
        used: [],
        failures: 0,
        untold: NOTHING_UNTOLD,
      };
    },
    drop() {
      made = null;
    },
  };
}
