import { type ClientFrame, type ClientFrameOf, PROTOCOL_VERSION, type Prompt } from '../../protocol/frames.ts';
import type { Clock } from '../core/ports.ts';
import type { ClaimedStatus } from './incoming-frame.ts';
import type { LinkLimits } from './limits.ts';
import type { SessionBook, SessionOwner } from './session-book.ts';
import { createSessionPolling } from './session-polling.ts';
import type { LinkTimers } from './timers.ts';

/** The shortest session a gateway may be asked for (protocol/frames.ts): a test needs no presence afterwards. */
const TEST_SESSION_SECONDS = 60;

export type ApprovalTestUpdate =
  | { readonly kind: 'status'; readonly status: ClaimedStatus; readonly prompt: Prompt | null }
  | { readonly kind: 'refused'; readonly code: string; readonly retryable: boolean };

/** A test approval under way. */
export interface ApprovalTest {
  /** Passes on a code typed by the person. @returns false when there is nothing to answer yet, or no connection. */
  answer(data: string): boolean;
  /** Ends the session at the service; no update follows. Idempotent. */
  end(): void;
}

interface TestContext {
  readonly requestId: string;
  readonly userId: string;
  readonly book: SessionBook;
  readonly start: (frame: ClientFrameOf<'session.start'>, owner: SessionOwner) => void;
  readonly end: (sessionId: string, reason: string) => void;
  readonly poll: (sessionId: string) => void;
  readonly send: (frame: ClientFrame) => boolean;
  readonly clock: Pick<Clock, 'monotonicNow'>;
  readonly timers: LinkTimers;
  readonly limits: LinkLimits;
}

/** A session beside the state machine: its news goes to `onUpdate` only and can never become a proof. */
export function startApprovalTest(context: TestContext, onUpdate: (update: ApprovalTestUpdate) => void): ApprovalTest {
  const { book, limits } = context;
  const polling = createSessionPolling(context.clock, context.timers, context.poll);
  let over = false;

  const owner: SessionOwner = {
    started: (_requestId, sessionId) => polling.set({ sessionId, intervalMs: limits.testPollIntervalMs }),
    status({ status, prompt }) {
      if (!over) onUpdate({ kind: 'status', status, prompt: prompt ?? null });
    },
    refused(_requestId, code, retryable) {
      if (!over) onUpdate({ kind: 'refused', code, retryable });
    },
  };
  const { requestId, userId } = context;
  context.start(
    {
      v: PROTOCOL_VERSION,
      type: 'session.start',
      requestId,
      userId,
      reason: 'enrollment-test',
      durationSeconds: TEST_SESSION_SECONDS,
    },
    owner,
  );

  return {
    answer(data) {
      const sessionId = polling.sessionId();
      return sessionId !== null && context.send({ v: PROTOCOL_VERSION, type: 'session.answer', sessionId, data });
    },
    end() {
      over = true;
      polling.set(null);
      for (const sessionId of book.forgetOwner(owner)) context.end(sessionId, 'test over');
    },
  };
}
