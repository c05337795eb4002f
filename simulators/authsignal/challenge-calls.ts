import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { actionCode, idempotencyKey } from './action-calls.ts';
import { type Answer, done, invalid, notFound } from './answer.ts';
import type { Action, Method, Tenant } from './tenant.ts';

const CHALLENGE_MS = 600_000;
const MAX_TRIES = 3;
const MAX_CHALLENGES = 10_000;

const short = z.string().max(256);
const challengeSchema = z.object({
  verificationMethod: z.enum(['SMS', 'EMAIL_OTP', 'WHATSAPP']).default('SMS'),
  action: actionCode.optional(),
  challengeId: short.optional(),
  idempotencyKey: idempotencyKey.optional(),
  userId: short.optional(),
  email: z.email().optional(),
  phoneNumber: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/)
    .optional(),
  smsChannel: z.enum(['WHATSAPP', 'DEFAULT']).optional(),
});
const verifySchema = z.object({ challengeId: short, verificationCode: z.string().max(32) });
const claimSchema = z.object({ challengeId: short, userId: short, skipVerificationCheck: z.boolean().optional() });

interface Challenge {
  readonly challengeId: string;
  readonly idempotencyKey: string;
  readonly method: 'SMS' | 'EMAIL_OTP' | 'WHATSAPP';
  readonly to: string;
  readonly userId: string | undefined;
  readonly action: string | undefined;
  readonly code: string;
  readonly expiresAtMs: number;
  tries: number;
  verified: boolean;
}

/** Codes by SMS and e-mail, for callers with a page of their own. What is sent lies on the person's phone page. */
export class Challenges {
  readonly #tenant: Tenant;
  readonly #known = new Map<string, Challenge>();

  constructor(tenant: Tenant) {
    this.#tenant = tenant;
  }

  async challenge(body: unknown): Promise<Answer> {
    const asked = challengeSchema.safeParse(body);
    if (!asked.success) return invalid('The challenge is not valid.');
    const { verificationMethod: method, userId, action, email, phoneNumber } = asked.data;
    const user = userId === undefined ? undefined : this.#tenant.userOrNew(userId);
    const own = user?.authenticators.find((each) => each.verificationMethod === method);
    const to = method === 'EMAIL_OTP' ? (email ?? own?.email) : (phoneNumber ?? own?.phoneNumber);
    if (to === undefined) return invalid('There is no number or address to send a code to.');
    const challenge: Challenge = {
      challengeId: asked.data.challengeId ?? randomBytes(24).toString('hex'),
      idempotencyKey: asked.data.idempotencyKey ?? randomUUID(),
      method,
      to,
      userId,
      action,
      code: String(randomInt(1_000_000)).padStart(6, '0'),
      expiresAtMs: this.#tenant.nowMs() + CHALLENGE_MS,
      tries: 0,
      verified: false,
    };
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= MAX_CHALLENGES) this.#known.delete(oldest);
    this.#known.set(challenge.challengeId, challenge);
    // Nobody's phone is that of a number without a person: a caller that has not said who it is for reads the code from its webhook.
    if (user !== undefined) this.#tenant.note(user, { to, code: challenge.code, atMs: this.#tenant.nowMs() });
    const { challengeId, idempotencyKey: key, code, expiresAtMs } = challenge;
    const type = method === 'EMAIL_OTP' ? 'email.created' : 'sms.created';
    const data = { to, code, userId, actionCode: action, idempotencyKey: key, verificationMethod: method };
    await this.#tenant.deliver({ type, data });
    return done({ challengeId, idempotencyKey: key, expiresAt: Math.floor(expiresAtMs / 1_000) });
  }

  async verify(body: unknown): Promise<Answer> {
    const asked = verifySchema.safeParse(body);
    if (!asked.success) return invalid('A challenge and a code are needed.');
    const challenge = this.#open(asked.data.challengeId);
    if (challenge === undefined) return done({ isVerified: false, failureReason: 'CODE_INVALID_OR_EXPIRED' });
    if (challenge.tries >= MAX_TRIES) return done({ isVerified: false, failureReason: 'MAX_ATTEMPTS_EXCEEDED' });
    challenge.tries += 1;
    if (asked.data.verificationCode !== challenge.code) {
      return done({ isVerified: false, failureReason: 'CODE_INVALID_OR_EXPIRED' });
    }
    challenge.verified = true;
    const action = this.#actionOf(challenge);
    if (action !== undefined) await this.#tenant.succeed(action, challenge.method);
    return done({ isVerified: true, ...reached(challenge), verificationMethod: challenge.method });
  }

  /** Binds a challenge that was answered before anybody knew whose it is to a person. */
  claim(body: unknown): Answer {
    const asked = claimSchema.safeParse(body);
    if (!asked.success) return invalid('A challenge and a user are needed.');
    const challenge = this.#open(asked.data.challengeId);
    if (challenge === undefined) return notFound('challenge');
    if (!challenge.verified && asked.data.skipVerificationCheck !== true) {
      return invalid('The challenge has not been verified.');
    }
    if (challenge.userId !== undefined && challenge.userId !== asked.data.userId) {
      return invalid('The challenge belongs to another user.');
    }
    const user = this.#tenant.userOrNew(asked.data.userId);
    if (user === undefined) return invalid('The simulated tenant is full.');
    const action = this.#tenant.track(user, {
      action: challenge.action ?? 'claim',
      idempotencyKey: challenge.idempotencyKey,
      toSettings: false,
      custom: {},
    });
    if (challenge.verified) {
      action.verificationMethod = challenge.method;
      this.#tenant.setState(action, 'CHALLENGE_SUCCEEDED');
    }
    return done({ token: this.#tenant.newToken(action), verificationMethod: challenge.method });
  }

  /** Nothing open is an empty answer, not a refusal. */
  find(query: URLSearchParams): Answer {
    const wanted = (name: string, value: string | undefined): boolean => {
      const asked = query.get(name);
      return asked === null || asked === value;
    };
    const found = [...this.#known.values()].findLast(
      (each) =>
        this.#open(each.challengeId) !== undefined &&
        !each.verified &&
        wanted('challengeId', each.challengeId) &&
        wanted('userId', each.userId) &&
        wanted('action', each.action) &&
        wanted('verificationMethod', each.method),
    );
    if (found === undefined) return done({});
    const { challengeId, expiresAtMs, method, action } = found;
    const expiresAt = Math.floor(expiresAtMs / 1_000);
    return done({ challengeId, expiresAt, verificationMethod: method, action, ...reached(found) });
  }

  #open(challengeId: string): Challenge | undefined {
    const challenge = this.#known.get(challengeId);
    return challenge !== undefined && this.#tenant.nowMs() < challenge.expiresAtMs ? challenge : undefined;
  }

  #actionOf({ userId, action, idempotencyKey: key }: Challenge): Action | undefined {
    const user = userId === undefined ? undefined : this.#tenant.user(userId);
    return user === undefined || action === undefined ? undefined : this.#tenant.action(user, action, key);
  }
}

function reached({ method, to }: Pick<Challenge, 'to'> & { readonly method: Method }) {
  return method === 'EMAIL_OTP' ? { email: to } : { phoneNumber: to };
}
