import { z } from 'zod';
import { PromptSchema } from '../../../protocol/frames.ts';
import { ProviderError, type SessionHandle } from '../provider.ts';

export const PROVIDER_ID = 'authsignal';

/** What is needed to go on with a session. The link of a prompt holds a token of the service for the person: secret. */
const StoredSessionSchema = z.strictObject({
  v: z.literal(1),
  userId: z.string().min(1).max(500),
  deviceId: z.string().min(1).max(128),
  reason: z.string().max(40),
  /** Of the action `workstation-unlock`; those of `workstation-presence` begin with it. */
  idempotencyKey: z.string().regex(/^[A-Za-z0-9-]{1,128}$/),
  prompt: PromptSchema.nullable(),
});
export type StoredSession = z.infer<typeof StoredSessionSchema>;

export function handleOf(session: StoredSession): SessionHandle {
  return { providerId: PROVIDER_ID, serialized: JSON.stringify(session) };
}

/** @throws ProviderError PROVIDER_BAD_ANSWER for a handle that is none of ours */
export function sessionOf(handle: SessionHandle): StoredSession {
  const parsed = handle.providerId === PROVIDER_ID ? StoredSessionSchema.safeParse(jsonOf(handle.serialized)) : null;
  if (parsed?.success === true) return parsed.data;
  throw new ProviderError('PROVIDER_BAD_ANSWER', 'The session was started at another service.');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is not a stored session; the parser's message would quote the link.
    return undefined;
  }
}
