import { z } from 'zod';
import { type Prompt, PromptSchema, type SessionStatus } from '../../../protocol/frames.ts';
import { type ProviderAnswer, ProviderError } from '../provider.ts';
import { isLoopback, parseServiceAddress } from '../service-address.ts';
import type { ServiceAnswer } from '../service-http.ts';

const word = z.string().max(200);
const words = z.array(word).max(64);

/** Answers grow with the vendor's versions, so unknown members are let be; what is used is checked. */
export const TrackAnswerSchema = z.object({
  idempotencyKey: word,
  state: word,
  url: z.string().max(4_096).optional(),
  isEnrolled: z.boolean(),
  enrolledVerificationMethods: words.optional(),
  defaultVerificationMethod: word.optional(),
});
export type TrackAnswer = z.infer<typeof TrackAnswerSchema>;

export const ActionSchema = z.object({ state: word, createdAt: z.string().max(64) });
export const UpdatedActionSchema = z.object({ state: word });
export const UserSchema = z.object({
  isEnrolled: z.boolean(),
  displayName: z.string().nullish(),
  username: z.string().nullish(),
  email: z.string().nullish(),
  phoneNumber: z.string().nullish(),
});
export const AuthenticatorsSchema = z.array(z.object({ userAuthenticatorId: z.string().min(1).max(500) })).max(1_000);
export const EnrolledSchema = z.object({ authenticator: z.object({ userAuthenticatorId: z.string() }) });

/** @throws ProviderError PROVIDER_BAD_ANSWER, without a word of the body */
export function decoded<T>(schema: z.ZodType<T>, answer: ServiceAnswer, call: string): T {
  const parsed = schema.safeParse(answer.json);
  if (parsed.success) return parsed.data;
  throw new ProviderError('PROVIDER_BAD_ANSWER', `The answer to "${call}" was not understood.`);
}

/** What a status that is no success means, where no call knows better. */
export function errorOfStatus(answer: ServiceAnswer, call: string, refused: ProviderError['code']): ProviderError {
  const { status, retryAfterMs } = answer;
  const options = retryAfterMs === null ? {} : { retryAfterMs };
  if (status === 401 || status === 403) {
    return new ProviderError('PROVIDER_UNAUTHORIZED', 'The service does not accept the secret key.');
  }
  if (status === 429) return new ProviderError('PROVIDER_RATE_LIMITED', 'The service asks to wait.', options);
  if (status >= 500) {
    return new ProviderError('PROVIDER_UNAVAILABLE', `The service has a fault of its own (${status}).`, options);
  }
  if (status >= 400) return new ProviderError(refused, `The service refused "${call}" (${status}).`);
  return new ProviderError('PROVIDER_BAD_ANSWER', `The answer to "${call}" was not understood (${status}).`);
}

type Reading = Pick<ProviderAnswer, 'status' | 'reason'>;

/** PROVIDERS §2, for a request to unlock that has not been approved so far. */
export function unlockReading(state: string): Reading {
  switch (state) {
    case 'ALLOW':
    case 'CHALLENGE_SUCCEEDED':
    case 'REVIEW_SUCCEEDED':
      return { status: 'active' };
    case 'CHALLENGE_REQUIRED':
    case 'REVIEW_REQUIRED':
      return { status: 'pending' };
    default:
      // BLOCK, *_FAILED and every word the service learns later: unknown is not active.
      return over('failed', state);
  }
}

/** PROVIDERS §2, for the action that carries an approved session: the tenant's rules decide whether the person is still there. */
export function presenceReading(state: string): Reading {
  switch (state) {
    case 'ALLOW':
    case 'CHALLENGE_SUCCEEDED':
    case 'REVIEW_SUCCEEDED':
      return { status: 'active' };
    case 'CHALLENGE_REQUIRED':
    case 'REVIEW_REQUIRED':
      return { status: 'walkaway' };
    case 'BLOCK':
      return over('closed', state);
    default:
      return over('failed', state);
  }
}

function over(status: SessionStatus, state: string): Reading {
  return { status, reason: /^[A-Z_]{1,40}$/.test(state) ? state : 'UNKNOWN_STATE' };
}

/**
 * How the person answers a challenge. The phone of a PUSH authenticator shows it by itself; every other one is reached through the link.
 * @returns undefined where nothing is asked of the person (a review is somebody else's)
 * @throws ProviderError PROVIDER_BAD_ANSWER for a challenge nobody could answer
 */
export function promptOf(tracked: TrackAnswer, simulated: boolean): Prompt | undefined {
  if (tracked.state !== 'CHALLENGE_REQUIRED') return undefined;
  const { defaultVerificationMethod, enrolledVerificationMethods } = tracked;
  const method = defaultVerificationMethod ?? enrolledVerificationMethods?.[0];
  if (method === 'PUSH') return { kind: 'phone' };
  return { kind: 'link', url: usableLink(tracked, simulated) };
}

/**
 * The link is shown as a QR code and opened on a phone, so it must be one that nobody on the way can read or change: `https`, or a
 * service on this computer, which somebody tries the product with.
 */
export function usableLink(tracked: TrackAnswer, simulated: boolean): string {
  const parsed = PromptSchema.safeParse({ kind: 'link', url: tracked.url });
  if (parsed.success && parsed.data.kind === 'link') {
    const { url } = parsed.data;
    const address = parseServiceAddress(url);
    if (simulated || new URL(url).protocol === 'https:' || (address.ok && isLoopback(address.value))) return url;
  }
  throw new ProviderError('PROVIDER_BAD_ANSWER', 'The service gave no link that can be opened.');
}
