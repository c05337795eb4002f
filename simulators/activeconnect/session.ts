/** What this service answers as `session_status`. `identifying` is only ever injected: this phone decides at once. */
export type SessionStatus = 'pending' | 'active' | 'walkaway' | 'timeout' | 'failed' | 'cancelled' | 'closed';

export type EndCause =
  | 'denied'
  | 'unanswered'
  | 'away-too-long'
  | 'time-used-up'
  | 'closed-on-phone'
  | 'logged-out'
  | 'phone-replaced'
  | 'phone-lost'
  | 'user-deleted';

export const METHODS = ['acceptance', 'device', 'facial'] as const;
export type Method = (typeof METHODS)[number];

export interface PresenceLimits {
  /** Milliseconds without a proximity report after which a session is `walkaway`. */
  readonly walkawayMs: number;
  /** Milliseconds without a proximity report after which a session is `closed` for good. */
  readonly closeMs: number;
  /** Milliseconds a request waits for an answer on the phone before it is `timeout`. */
  readonly pendingMs: number;
}

/** One registered phone. While it is near it reports its proximity all the time, so its last report is "now". */
export interface Phone {
  near: boolean;
  /** Monotonic milliseconds; only meaningful while the phone is away. */
  leftAtMs: number;
}

type Phase =
  | { readonly kind: 'pending'; readonly ignored: boolean }
  | { readonly kind: 'approved'; readonly atMs: number }
  | { readonly kind: 'ended'; readonly status: SessionStatus; readonly atMs: number; readonly cause: EndCause };

/** All times are monotonic milliseconds. */
export interface Session {
  readonly id: string;
  readonly token: string;
  readonly secret: string;
  readonly phone: Phone;
  /** Empty: the service chooses. */
  readonly methods: readonly Method[];
  readonly durationSeconds: number;
  readonly startedAtMs: number;
  phase: Phase;
}

export function durationEndsAtMs(session: Session, approvedAtMs: number): number {
  return approvedAtMs + session.durationSeconds * 1000;
}

/**
 * Moves a session to where time alone has brought it, and answers its status. Must run before anything else touches
 * the session or its phone: `closed` is final, so a phone that comes back late must find it already closed.
 */
export function settle(session: Session, limits: PresenceLimits, nowMs: number): SessionStatus {
  const { phase, phone } = session;
  if (phase.kind === 'pending') {
    const timesOutAtMs = session.startedAtMs + limits.pendingMs;
    if (nowMs < timesOutAtMs) return 'pending';
    session.phase = { kind: 'ended', status: 'timeout', atMs: timesOutAtMs, cause: 'unanswered' };
    return 'timeout';
  }
  if (phase.kind === 'ended') return phase.status;

  const usedUpAtMs = durationEndsAtMs(session, phase.atMs);
  const closesAtMs = phone.near ? Number.POSITIVE_INFINITY : phone.leftAtMs + limits.closeMs;
  if (nowMs >= usedUpAtMs && usedUpAtMs <= closesAtMs) return end(session, 'time-used-up', usedUpAtMs);
  if (nowMs > closesAtMs) return end(session, 'away-too-long', closesAtMs);
  return !phone.near && nowMs - phone.leftAtMs > limits.walkawayMs ? 'walkaway' : 'active';
}

/** What an end means to the service: a request that is called off is `failed` or `cancelled`, a running session `closed`. */
function endStatus(cause: EndCause, wasPending: boolean): SessionStatus {
  if (cause === 'denied') return 'cancelled';
  if (cause === 'unanswered') return 'timeout';
  // A request sent to a phone that is gone since can never succeed; a person who logs out meant to end it.
  if (wasPending && (cause === 'phone-lost' || cause === 'phone-replaced' || cause === 'user-deleted')) return 'failed';
  return 'closed';
}

/** Ends an open session; one that has ended already keeps the status and cause it ended with. */
export function end(session: Session, cause: EndCause, atMs: number): SessionStatus {
  if (session.phase.kind === 'ended') return session.phase.status;
  const status = endStatus(cause, session.phase.kind === 'pending');
  session.phase = { kind: 'ended', status, atMs, cause };
  return status;
}
