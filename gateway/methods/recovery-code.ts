import { scrypt, randomBytes as systemRandomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import {
  canonicalRecoveryCode,
  RECOVERY_CODE_BYTES,
  RECOVERY_CODES,
  recoveryCodeOf,
} from '../../protocol/recovery-code.ts';
import { type ConfirmationMethod, defineMethod, labelSetting } from './method.ts';

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** 32 MiB and about a tenth of a second. Against 80 random bits a plain hash would do; this is for a weaker generator (docs/adr/0014). */
const SCRYPT = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;

const StateSchema = z.strictObject({
  kdf: z.literal('scrypt-32768-8-1'),
  salt: z.base64(),
  /** Of the codes that were not used yet. One salt for all: a typed code then costs one hash and not ten. */
  unused: z.array(z.base64()).max(RECOVERY_CODES),
});

export type HashCode = (canonical: string, salt: Uint8Array) => Promise<Buffer>;

export interface RecoveryCodeOptions {
  /** Default node:crypto's. */
  readonly randomBytes?: (bytes: number) => Uint8Array;
  /** Default scrypt; one at a time, since each takes 32 MiB. */
  readonly hash?: HashCode;
}

/** Ten codes, shown once; each confirms once. New ones: remove the config and set it up again. */
export function recoveryCodeMethod(options: RecoveryCodeOptions = {}): ConfirmationMethod {
  const { randomBytes = systemRandomBytes, hash = oneAtATime(scryptOf) } = options;
  return defineMethod({
    key: 'recovery_code',
    title: 'Recovery codes',
    settings: z.strictObject({
      label: labelSetting.default('').meta({ title: 'Name', description: 'Where you keep them' }),
    }),
    state: StateSchema,
    asked: z.null(),
    data: z.object({ code: z.string().max(64) }),
    maxWrongInARow: null,
    titleOf: (settings) => settings.label,
    isSignificantChange: (before) => before === null,
    async request({ purpose, state }) {
      if (purpose === 'permit' && state !== null) return { asked: null, needs: { codesLeft: state.unused.length } };
      const setUpCodes = Array.from({ length: RECOVERY_CODES }, () => recoveryCodeOf(randomBytes(RECOVERY_CODE_BYTES)));
      const salt = randomBytes(SALT_BYTES);
      const unused: string[] = [];
      for (const code of setUpCodes) unused.push((await hash(code.replaceAll('-', ''), salt)).toString('base64'));
      return {
        newState: { kdf: 'scrypt-32768-8-1' as const, salt: Buffer.from(salt).toString('base64'), unused },
        asked: null,
        needs: { setUpCodes, codesLeft: unused.length },
      };
    },
    async confirm({ purpose, state }, { code }) {
      const canonical = canonicalRecoveryCode(code);
      if (canonical === null) return null;
      const typed = await hash(canonical, Buffer.from(state.salt, 'base64'));
      const left = state.unused.filter((stored) => !isSame(typed, Buffer.from(stored, 'base64')));
      if (left.length === state.unused.length) return null;
      // Typed at set-up it only shows that the codes were written down; it lets nobody in, and stays good.
      return purpose === 'set-up' ? {} : { newState: { ...state, unused: left } };
    },
  });
}

const isSame = (hash: Buffer, stored: Buffer): boolean =>
  hash.length === stored.length && timingSafeEqual(hash, stored);

const scryptOf: HashCode = (canonical, salt) =>
  new Promise((resolve, reject) => {
    scrypt(canonical, salt, HASH_BYTES, SCRYPT, (fault, hash) => (fault === null ? resolve(hash) : reject(fault)));
  });

/** Otherwise many requests at once would take 32 MiB each, and all threads. */
function oneAtATime(hash: HashCode): HashCode {
  let last: Promise<unknown> = Promise.resolve();
  return (canonical, salt) => {
    const next = last.then(() => hash(canonical, salt));
    last = next.catch(() => undefined);
    return next;
  };
}
