import { assertNever } from '../../protocol/result.ts';
import type { LockCause, LockEvent, LockState, Session } from './lock-types.ts';
import type { Moment } from './step.ts';

/** What the gateway says about one session, and what of it is taken in. */

export type Status = Extract<LockEvent, { type: 'session.status' }>;

/** The session of this state that is spoken of, or null: anything about another one changes nothing (S6). */
export function knownSession(state: LockState, sessionId: string): Session | null {
  const candidates =
    state.name === 'present' || state.name === 'leaving'
      ? [state.presence.kind === 'session' ? state.presence.session : null, state.follow?.session ?? null]
      : state.name === 'verifying' || state.name === 'locked' || state.name === 'unlocking'
        ? [state.session]
        : [];
  return candidates.find((session) => session?.sessionId === sessionId) ?? null;
}

/** Records an answer. The lease counts from when the answer was asked for, and is never longer than policy allows. */
export function takeIn(known: Session, claimed: Status, { now, policy }: Moment): Session {
  const status = typeof claimed.status === 'string' ? claimed.status : 'failed';
  const active = status === 'active';
  const asOf = Math.min(claimed.asOf, now);
  const granted = asOf + Math.min(Math.max(0, claimed.validForMs), policy.leaseMs);
  const approvedAt = known.approvedAt ?? (active ? now : null);
  return {
    ...known,
    status,
    seq: claimed.seq,
    leaseUntil: active ? granted : 0,
    approvedAt,
    // A policy that became looser does not lengthen what was approved under a stricter one.
    endsAt: Math.min(known.endsAt, approvedAt === null ? known.endsAt : approvedAt + policy.maxSessionSeconds * 1_000),
    prompt: claimed.prompt ?? (status === 'pending' || status === 'identifying' ? known.prompt : null),
  };
}

/** Why a status ends the session, or null while it goes on. Unknown is not active and not in progress: lock. */
export function endingCause(status: Status['status']): LockCause | null {
  if (typeof status !== 'string') return 'unknown-status';
  switch (status) {
    case 'pending':
    case 'identifying':
    case 'active':
    case 'walkaway':
      return null;
    case 'timeout':
      return 'approval-timeout';
    case 'closed':
      return 'session-closed';
    case 'failed':
    case 'cancelled':
      return 'denied';
    default:
      return assertNever(status, 'status');
  }
}

/** For the record and the evidence line. */
export function evidenceOf({ status, reason }: Status): string {
  const word = typeof status === 'string' ? status : `unknown status “${status.unknown}”`;
  return reason === undefined ? `service said ${word}` : `service said ${word} (${reason})`;
}
