import { type ClientFrameOf, type GatewayFrameOf, PROTOCOL_VERSION } from '../../protocol/frames.ts';
import type { Result } from '../../protocol/result.ts';
import type { DownReason, LinkFailure } from './down-reason.ts';
import type { LinkLimits } from './limits.ts';
import { createRequestsUnderWay } from './requests-under-way.ts';
import type { LinkTimers } from './timers.ts';

type EnrollType = `enroll.${'begin' | 'sms' | 'contact' | 'check' | 'lostDevice' | 'remove'}`;
type EnrollFrame = ClientFrameOf<EnrollType>;
type Asked<T> = T extends unknown ? Omit<T, 'v' | 'requestId'> : never;

/** A question about the enrollment; the request id is added here. */
export type EnrollCall = Asked<EnrollFrame>;
/** The gateway's answer. `expiresAt` is wall clock, Unix ms. */
export type EnrollState = Omit<GatewayFrameOf<'enroll.state'>, 'v' | 'type' | 'requestId'>;
export type EnrollAnswer = Result<EnrollState, LinkFailure>;

/** Requests and answers over one connection. None is sent twice by itself: an SMS is not a question. */
export interface EnrollCalls {
  /** Never rejects. @param send false when there is no connection. */
  ask(call: EnrollCall, send: (frame: EnrollFrame) => boolean): Promise<EnrollAnswer>;
  /** @returns false when nobody waits for it (any more). */
  onState(frame: GatewayFrameOf<'enroll.state'>): boolean;
  onError(frame: GatewayFrameOf<'error'>): boolean;
  /** The connection is gone, and the answers with it. */
  failAll(reason: DownReason): void;
}

export function createEnrollCalls(timers: LinkTimers, limits: Pick<LinkLimits, 'requestTimeoutMs'>): EnrollCalls {
  const requests = createRequestsUnderWay<EnrollState>(timers, limits);
  return {
    ask: (call, send) => requests.ask((requestId) => send({ v: PROTOCOL_VERSION, requestId, ...call })),
    onState: ({ requestId, registered, link, expiresAt, detail }) =>
      requests.settle(requestId, { registered, link, expiresAt, detail }),
    onError: (frame) => requests.onError(frame),
    failAll: (reason) => requests.failAll(reason),
  };
}
