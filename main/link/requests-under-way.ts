import { randomUUID } from 'node:crypto';
import type { GatewayFrameOf } from '../../protocol/frames.ts';
import { err, ok, type Result } from '../../protocol/result.ts';
import { type DownReason, failureOfErrorFrame, failureOfReason, type LinkFailure } from './down-reason.ts';
import { type LinkLimits, MAX_OUTSTANDING_REQUESTS } from './limits.ts';
import type { LinkTimers } from './timers.ts';

/** Requests of one kind and their answers over one connection: one answer each, in bounded time. None is sent twice by itself. */
export interface RequestsUnderWay<State> {
  /** Never rejects. @param send sends the request under this id; false when there is no connection. */
  ask(send: (requestId: string) => boolean): Promise<Result<State, LinkFailure>>;
  /** @returns false when nobody waits for it (any more). */
  settle(requestId: string, state: State): boolean;
  onError(frame: GatewayFrameOf<'error'>): boolean;
  /** The connection is gone, and the answers with it. */
  failAll(reason: DownReason): void;
}

export function createRequestsUnderWay<State>(
  timers: LinkTimers,
  limits: Pick<LinkLimits, 'requestTimeoutMs'>,
): RequestsUnderWay<State> {
  const waiting = new Map<string, (answer: Result<State, LinkFailure>) => void>();

  const settle = (requestId: string | undefined, answer: Result<State, LinkFailure>): boolean => {
    const resolve = requestId === undefined ? undefined : waiting.get(requestId);
    resolve?.(answer);
    return resolve !== undefined;
  };

  return {
    ask(send) {
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
        if (!send(requestId)) settle(requestId, err(failureOfReason('CONNECT_FAILED')));
      });
    },
    settle: (requestId, state) => settle(requestId, ok(state)),
    onError: (frame) => settle(frame.requestId, err(failureOfErrorFrame(frame))),
    failAll(reason) {
      for (const requestId of [...waiting.keys()]) settle(requestId, err(failureOfReason(reason)));
    },
  };
}
