import { randomBytes as systemRandomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { z } from 'zod';
import { type ConfirmationMethod, defineMethod, labelSetting } from './method.ts';

const STEP_SECONDS = 30;
/** Steps before and after the present one that count: clocks differ, and people type slowly. */
const TOLERATED_STEPS = 1;
/** RFC 4226 §4: at least as long as the hash is. 160 bits for what every app understands. */
const SECRET_BYTES = { SHA1: 20, SHA256: 32, SHA512: 64 } as const;
/** With three steps counting, ten tries guess one with a chance of 3 in 100,000, and patience adds nothing (docs/adr/0014). */
const MAX_WRONG_IN_A_ROW = 10;
const NO_STEP = -1;

const SettingsSchema = z.strictObject({
  label: labelSetting.default('').meta({ title: 'Name', description: 'What you call this app or phone' }),
  algorithm: z.enum(['SHA1', 'SHA256', 'SHA512']).default('SHA1').meta({
    title: 'Algorithm',
    description: 'Leave it as it is unless your app says otherwise',
  }),
  digits: z.enum(['6', '8']).default('6').meta({ title: 'Digits' }),
});

const StateSchema = z.strictObject({
  secret: z.base64(),
  /** Newest accepted step: it and all before it are spent. */
  lastStep: z.int(),
});

export interface TotpOptions {
  /** Shown by the app beside the code. */
  readonly issuer: string;
  /** Default node:crypto's. */
  readonly randomBytes?: (bytes: number) => Uint8Array;
}

/** RFC 6238 with secrets made here, shown once. A step is accepted once, in whatever confirmation. */
export function totpMethod({ issuer, randomBytes = systemRandomBytes }: TotpOptions): ConfirmationMethod {
  return defineMethod({
    key: 'totp',
    title: 'Authenticator app',
    settings: SettingsSchema,
    state: StateSchema,
    asked: z.null(),
    data: z.object({ code: z.string().max(32) }),
    maxWrongInARow: MAX_WRONG_IN_A_ROW,
    titleOf: (settings) => settings.label,
    isSignificantChange: (before, after) =>
      before === null || before.algorithm !== after.algorithm || before.digits !== after.digits,
    request({ purpose, userId, settings, state }) {
      if (purpose === 'permit' && state !== null) return { asked: null };
      const secret = randomBytes(SECRET_BYTES[settings.algorithm]);
      const totp = generator(settings, secret, issuer, settings.label === '' ? shortName(userId) : settings.label);
      return {
        newState: { secret: Buffer.from(secret).toString('base64'), lastStep: NO_STEP },
        asked: null,
        needs: { setUpLink: totp.toString() },
      };
    },
    confirm({ settings, state, nowMs }, { code }) {
      const token = code.replaceAll(/[\s-]/g, '');
      if (!/^\d+$/.test(token)) return null;
      const secret = Buffer.from(state.secret, 'base64');
      const delta = generator(settings, secret, issuer, '').validate({
        token,
        timestamp: nowMs,
        window: TOLERATED_STEPS,
      });
      if (delta === null) return null;
      const step = Math.floor(nowMs / (STEP_SECONDS * 1_000)) + delta;
      return step > state.lastStep ? { newState: { ...state, lastStep: step } } : null;
    },
  });
}

function generator(settings: z.infer<typeof SettingsSchema>, secret: Uint8Array, issuer: string, label: string): TOTP {
  // A copy: a Buffer's memory may be a part of a pool.
  const { buffer } = Uint8Array.from(secret);
  const { algorithm, digits } = settings;
  return new TOTP({
    issuer,
    label,
    algorithm,
    digits: Number(digits),
    period: STEP_SECONDS,
    secret: new Secret({ buffer }),
  });
}

/** A person is a random token to us; enough of it to tell two entries of an app apart. */
const shortName = (userId: string): string => userId.slice(0, 8);
