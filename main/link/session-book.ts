import type { ClientFrameOf, GatewayFrameOf, Prompt } from '../../protocol/frames.ts';
import type { ClaimedStatus, IncomingSessionState } from './incoming-frame.ts';
import { MAX_OPEN_SESSIONS } from './limits.ts';

/** One answer about a session, as handed on. */
export interface SessionNews {
  readonly sessionId: string;
  readonly seq: number;
  readonly status: ClaimedStatus;
  /** Lease granted, counted from `asOf`; 0 unless active. */
  readonly validForMs: number;
  readonly asOf: number;
  readonly reason?: string;
  readonly prompt?: Prompt;
}

/** Who asked for a session and hears of it: the state machine, or an enrollment test. */
export interface SessionOwner {
  started(requestId: string, sessionId: string): void;
  status(news: SessionNews): void;
  refused(requestId: string, code: string, retryable: boolean): void;
}

type StartFrame = ClientFrameOf<'session.start'>;

interface PendingStart {
  readonly frame: StartFrame;
  readonly owner: SessionOwner;
  readonly cancelExpiry: () => void;
}

interface OpenSession {
  readonly owner: SessionOwner;
  highestSeq: number;
}

/** Codes that say, about a session we think is open, that it is not ours to watch any more. */
const GONE_CODES: readonly string[] = ['SESSION_UNKNOWN', 'SESSION_FORBIDDEN'];

/**
 * Which starts are unanswered and which sessions are ours. A session becomes ours only as the answer to a start of this
 * process (S1); what is said about any other is not passed on (S6).
 */
export interface SessionBook {
  /** A newer start of the same owner takes the place of an unanswered one: nobody waits for two. */
  addStart(frame: StartFrame, owner: SessionOwner, cancelExpiry: () => void): void;
  /** Does nothing when it was answered or replaced before. */
  giveUpStart(requestId: string, code: string): void;
  unanswered(): readonly StartFrame[];
  openSessions(): readonly string[];
  seqOf(sessionId: string): number;
  forget(sessionId: string): void;
  /** Drops the starts and sessions of an owner that went away. */
  forgetOwner(owner: SessionOwner): readonly string[];
  onState(frame: IncomingSessionState, asOf: number): 'delivered' | 'foreign' | 'stale';
  /** Ended by others, or by the gateway itself. @returns false when it is not ours. */
  onEnded(sessionId: string, asOf: number, reason: string): boolean;
  /** @returns false when the error is about nothing in this book. */
  onError(frame: GatewayFrameOf<'error'>, asOf: number): boolean;
  /** Another gateway: nothing of the old one holds. */
  clear(code: string): void;
  /** The app ends: nobody is told anything any more. */
  dispose(): void;
}

export function createSessionBook(): SessionBook {
  const starts = new Map<string, PendingStart>();
  const sessions = new Map<string, OpenSession>();

  function open(sessionId: string, owner: SessionOwner): OpenSession {
    const session = { owner, highestSeq: 0 };
    sessions.set(sessionId, session);
    if (sessions.size > MAX_OPEN_SESSIONS) {
      const [oldest] = sessions.keys();
      if (oldest !== undefined) sessions.delete(oldest);
    }
    return session;
  }

  function takeStart(requestId: string | undefined): PendingStart | null {
    const start = requestId === undefined ? undefined : starts.get(requestId);
    if (start === undefined) return null;
    starts.delete(start.frame.requestId);
    start.cancelExpiry();
    return start;
  }

  function dropStartsOf(owner: SessionOwner): void {
    for (const [requestId, start] of starts) if (start.owner === owner) takeStart(requestId);
  }

  function giveUpStart(requestId: string, code: string): void {
    takeStart(requestId)?.owner.refused(requestId, code, true);
  }

  /** `seq` is ours: one more than the highest, so that the news is newer than all before and older than nothing to come. */
  function close(sessionId: string, asOf: number, reason: string): boolean {
    const session = sessions.get(sessionId);
    if (session === undefined) return false;
    sessions.delete(sessionId);
    session.owner.status({ sessionId, seq: session.highestSeq + 1, status: 'closed', validForMs: 0, asOf, reason });
    return true;
  }

  return {
    addStart(frame, owner, cancelExpiry) {
      dropStartsOf(owner);
      starts.set(frame.requestId, { frame, owner, cancelExpiry });
    },
    giveUpStart,
    unanswered: () => [...starts.values()].map((start) => start.frame),
    openSessions: () => [...sessions.keys()],
    seqOf: (sessionId) => sessions.get(sessionId)?.highestSeq ?? 0,
    forget: (sessionId) => void sessions.delete(sessionId),
    forgetOwner(owner) {
      dropStartsOf(owner);
      const gone = [...sessions].filter(([, session]) => session.owner === owner).map(([sessionId]) => sessionId);
      for (const sessionId of gone) sessions.delete(sessionId);
      return gone;
    },
    onState(frame, asOf) {
      const { sessionId, seq } = frame;
      const start = takeStart(frame.requestId);
      if (start !== null) {
        const session = open(sessionId, start.owner);
        session.highestSeq = seq;
        start.owner.started(start.frame.requestId, sessionId);
        start.owner.status(newsOf(frame, asOf));
        return 'delivered';
      }
      const session = sessions.get(sessionId);
      if (session === undefined) return 'foreign';
      if (seq <= session.highestSeq) return 'stale';
      session.highestSeq = seq;
      session.owner.status(newsOf(frame, asOf));
      return 'delivered';
    },
    onEnded: close,
    onError(frame, asOf) {
      const start = takeStart(frame.requestId);
      if (start !== null) {
        start.owner.refused(start.frame.requestId, frame.code, frame.retryable);
        return true;
      }
      // About a session there is no request id of its own: `requestId` carries the session id (docs/protocol.md).
      if (frame.requestId === undefined || !sessions.has(frame.requestId)) return false;
      if (GONE_CODES.includes(frame.code)) close(frame.requestId, asOf, frame.code);
      return true;
    },
    clear(code) {
      sessions.clear();
      for (const requestId of [...starts.keys()]) giveUpStart(requestId, code);
    },
    dispose() {
      sessions.clear();
      for (const requestId of [...starts.keys()]) takeStart(requestId);
    },
  };
}

function newsOf(frame: IncomingSessionState, asOf: number): SessionNews {
  if (frame.type === 'session.state.unknown') {
    return { sessionId: frame.sessionId, seq: frame.seq, status: frame.status, validForMs: 0, asOf };
  }
  const { sessionId, seq, status, reason, prompt } = frame;
  return {
    sessionId,
    seq,
    status,
    validForMs: status === 'active' ? frame.validForMs : 0,
    asOf,
    ...(reason === undefined ? {} : { reason }),
    ...(prompt === undefined ? {} : { prompt }),
  };
}
