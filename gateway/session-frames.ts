import { type GatewayFrameOf, PROTOCOL_VERSION, type Prompt, type SessionStatus } from '../protocol/frames.ts';

const MAX_REASON_CHARACTERS = 120;

/** `remainingLeaseMs` is 0 for every status but `active`. `requestId` only in answers to a `session.start`. */
export function sessionStateFrame(
  sessionId: string,
  seq: number,
  told: { readonly status: SessionStatus; readonly reason: string | undefined; readonly prompt: Prompt | undefined },
  remainingLeaseMs: number,
  requestId: string | undefined,
): GatewayFrameOf<'session.state'> {
  return {
    v: PROTOCOL_VERSION,
    type: 'session.state',
    sessionId,
    ...(requestId === undefined ? {} : { requestId }),
    seq,
    status: told.status,
    validForMs: remainingLeaseMs,
    ...(told.reason === undefined ? {} : { reason: told.reason }),
    ...(told.prompt === undefined ? {} : { prompt: told.prompt }),
  };
}

export function sessionEndedFrame(sessionId: string): GatewayFrameOf<'session.ended'> {
  return { v: PROTOCOL_VERSION, type: 'session.ended', sessionId };
}

/** A provider's words made fit for the frame's schema: bounded, without control characters. */
export function speakable(reason: string | undefined): string | undefined {
  const cleaned = reason
    ?.replace(/\p{Cc}/gu, ' ')
    .slice(0, MAX_REASON_CHARACTERS)
    .toWellFormed();
  return cleaned === '' ? undefined : cleaned;
}
