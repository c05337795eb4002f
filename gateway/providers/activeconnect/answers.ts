import { z } from 'zod';
import type { SessionStatus } from '../../../protocol/frames.ts';
import { ProviderError } from '../provider.ts';
import { readableWord } from '../readable-word.ts';
import type { ServiceAnswer } from '../service-http.ts';

/** Some servers answer booleans as the strings `"True"`/`"False"` (PROVIDERS §1). */
const wireBoolean = z.union([
  z.boolean(),
  z.literal('True').transform(() => true),
  z.literal('False').transform(() => false),
]);
/** Becomes part of a header: visible ASCII without the `:` that separates the header's parts. */
const wireToken = z.string().regex(/^[!-9;-~]{1,512}$/);
const wireSecret = z.string().min(1).max(512);
const wireUrl = z.string().min(1).max(2_048);
const wireWord = z.string().max(1_000).nullish();

/** Members the service adds later are ignored: this is their dialect, not ours. */
export const ManagementAnswerSchema = z.object({ status: wireBoolean, reason: wireWord });
export const RegistrationLinkSchema = z.object({ register_url: z.url({ protocol: /^https?$/ }).max(2_048) });
export const RegisteredDeviceSchema = z.object({ device_registered: wireBoolean });
export const AddedUsersSchema = z.object({
  users: z
    .object({ created: z.array(z.string()), existing: z.array(z.string()) })
    .partial()
    .optional(),
});

/** The documentation shows the fields unwrapped, the shipped service wraps them: both are accepted. */
const wrappedOrNot = <T extends z.ZodType>(fields: T) => z.preprocess(unwrapped, fields);

function unwrapped(claimed: unknown): unknown {
  const wrapped = typeof claimed === 'object' && claimed !== null && 'authentication_status' in claimed;
  return wrapped ? claimed.authentication_status : claimed;
}

export const StartAnswerSchema = wrappedOrNot(
  z.object({ authenticated: wireBoolean, session_status: wireWord, reason: wireWord }),
);
export const StartedSessionSchema = wrappedOrNot(
  z.object({ status_url: wireUrl, logout_url: wireUrl, session_token: wireToken, session_secret: wireSecret }),
);
export const StatusAnswerSchema = wrappedOrNot(
  z.object({ authenticated: wireBoolean.optional(), session_status: z.string().min(1).max(1_000), reason: wireWord }),
);

/** What the vendor's client serialises (PROVIDERS §1). */
export const StoredSessionSchema = z.strictObject({
  session_status: z.string().max(1_000),
  session_token: wireToken,
  session_secret: wireSecret,
  status_url: wireUrl,
  logout_url: wireUrl,
  failure_reason: z.string().max(1_000).nullable(),
});
export type StoredSession = z.infer<typeof StoredSessionSchema>;

/** @throws ProviderError PROVIDER_BAD_ANSWER, naming the call and no part of the answer */
export function decodeAnswer<T>(schema: z.ZodType<T>, answer: ServiceAnswer, call: string): T {
  const parsed = schema.safeParse(answer.json);
  if (parsed.success) return parsed.data;
  throw new ProviderError('PROVIDER_BAD_ANSWER', `The answer to "${call}" was not understood.`);
}

/**
 * The service's word → canonical status. Fail-secure: `active` without `authenticated: true` is a contradiction and not
 * active; an unknown word is `failed`, with the word as evidence.
 */
export function canonicalStatus(
  claimedWord: string,
  authenticated: boolean | undefined,
): { readonly status: SessionStatus; readonly reason?: string } {
  switch (claimedWord) {
    case 'active':
      return authenticated === true
        ? { status: 'active' }
        : { status: 'failed', reason: 'active but not authenticated' };
    case 'pending':
    case 'identifying':
    case 'walkaway':
    case 'timeout':
    case 'failed':
    case 'cancelled':
    case 'closed':
      return { status: claimedWord };
    // Words of older servers.
    case 'inactive':
      return { status: 'closed', reason: 'inactive' };
    case 'expired':
      return { status: 'timeout', reason: 'expired' };
    default:
      return { status: 'failed', reason: `unknown status: ${readableWord(claimedWord)}` };
  }
}
