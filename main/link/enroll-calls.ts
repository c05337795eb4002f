import { randomUUID } from 'node:crypto';
import { type ClientFrameOf, type GatewayFrameOf, PROTOCOL_VERSION } from '../../protocol/frames.ts';
import { err, ok, type Result } from '../../protocol/result.ts';
import { type DownReason, failureOfErrorFrame, failureOfReason, type LinkFailure } from './down-reason.ts';
import { type LinkLimits, MAX_OUTSTANDING_REQUESTS } from './limits.ts';
import type { LinkTimers } from './timers.ts';

type EnrollType = 'enroll.begin' | 'enroll.sms' | 'enroll.check' | 'enroll.lostDevice' | 'enroll.remove';
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
  const waiting = new Map<string, (answer: EnrollAnswer) => void>();

  const settle = (requestId: string | undefined, answer: EnrollAnswer): boolean => {
    const resolve = requestId === undefined ? undefined : waiting.get(requestId);
    resolve?.(answer);
    return resolve !== undefined;
  };

  return {
    ask(call, send) {
      if (waiting.size >= MAX_OUTSTANDING_REQUESTS) return Promise.resolve(err(failureOfReason('RATE_LIMITED')));
      const requestId = randomUUID();
      return new Promise((resolve) => {
        const cancelTimeout = timers.after(limits.requestTimeoutMs, () =>
          settle(requestId, err(failureOfReason('READY_TIMEOUT'))),
        );
        waiting.set(requestId, (answer) => {
          waiting.delete(requestId);
          cancelTimeout();
          resolve(answer);
        });
        if (!send({ v: PROTOCOL_VERSION, requestId, ...call })) {
          settle(requestId, err(failureOfReason('CONNECT_FAILED')));
        }
      });
    },
    onState({ requestId, registered, link, expiresAt, detail }) {
      return settle(requestId, ok({ registered, link, expiresAt, detail }));
    },
    onError: (frame) => settle(frame.requestId, err(failureOfErrorFrame(frame))),
    failAll(reason) {
      for (const requestId of [...waiting.keys()]) settle(requestId, err(failureOfReason(reason)));
    },
  };
}
