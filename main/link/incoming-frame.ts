import { z } from 'zod';
import { decodeGatewayFrame, type FrameRefusal } from '../../protocol/codec.ts';
import { type GatewayFrame, type GatewayFrameOf, SESSION_STATUSES, type SessionStatus } from '../../protocol/frames.ts';
import { ok, type Result } from '../../protocol/result.ts';

/** A session's status as the state machine takes it: canonical, or the unknown word. */
export type ClaimedStatus = SessionStatus | { readonly unknown: string };

/** A session's state with a status word this version does not know. */
export interface UnknownSessionState {
  readonly type: 'session.state.unknown';
  readonly sessionId: string;
  readonly requestId?: string | undefined;
  readonly seq: number;
  readonly status: { readonly unknown: string };
}

export type IncomingFrame = GatewayFrame | UnknownSessionState;
export type IncomingSessionState = GatewayFrameOf<'session.state'> | UnknownSessionState;

const KNOWN_WORDS: readonly unknown[] = SESSION_STATUSES;
const READABLE_WORD = /^[\x20-\x7e]{1,40}$/;
const id = z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/);

/**
 * Only what is needed to say "this session has a status I do not know". Loose, because a gateway new enough to have a new
 * status may have new fields with it; and dropping the frame would only let the lease run out, where the rule is to lock now.
 */
const UnknownSessionStateSchema = z.looseObject({
  type: z.literal('session.state'),
  sessionId: id,
  requestId: id.optional(),
  seq: z.int().min(1),
  status: z.unknown().refine((word) => word !== undefined && !KNOWN_WORDS.includes(word)),
});

/** The word goes to the log and the screen: nothing unprintable, nothing long. */
const readable = (word: unknown): string =>
  typeof word === 'string' && READABLE_WORD.test(word) ? word : '(unreadable)';

/** Decodes a text frame that claims to come from the gateway. */
export function decodeIncomingFrame(text: string): Result<IncomingFrame, FrameRefusal> {
  const strict = decodeGatewayFrame(text);
  // Any other refusal than FRAME_INVALID means: too large, not JSON, or another protocol version. Nothing to read leniently.
  if (strict.ok || strict.error.code !== 'FRAME_INVALID') return strict;
  const lenient = UnknownSessionStateSchema.safeParse(JSON.parse(text));
  if (!lenient.success) return strict;
  const { sessionId, requestId, seq, status } = lenient.data;
  return ok({ type: 'session.state.unknown', sessionId, requestId, seq, status: { unknown: readable(status) } });
}
