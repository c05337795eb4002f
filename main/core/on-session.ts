import { assertNever } from '../../protocol/result.ts';
import type { Follow, LockCause, LockEvent, LockState, Machine, Presence, Session, Transition } from './lock-types.ts';
import { admit, comeBack, leave, leaveSooner, lockNow } from './moves.ts';
import { dropFollow, giveUpUnlocking } from './passing-time.ts';
import {
  isServiceTrouble,
  problemAfterAnswer,
  problemAfterRefusal,
  refusalAudit,
  troubleAfterRefusal,
} from './starting.ts';
import { andThen, become, endSessions, type Moment, note, sessionsOf, stay } from './step.ts';
import { proofFromSession } from './unlock-proof.ts';

/** What the gateway said about sessions. Anything about another session, or older than what is known, changes nothing (S6). */

type Status = Extract<LockEvent, { type: 'session.status' }>;
type Attended = Extract<LockState, { name: 'present' | 'leaving' }>;

export function onSessionStarted(
  machine: Machine,
  claimed: Extract<LockEvent, { type: 'session.started' }>,
  moment: Moment,
): Transition {
  const { state } = machine;
  const { requestId, sessionId } = claimed;
  const asked = state.name === 'present' || state.name === 'leaving' ? state.follow?.start : null;
  if (sessionsOf(state).some((held) => held.sessionId === sessionId)) {
    // The answer came twice: ending the session now would end the one everything rests on.
    if (asked?.requestId !== requestId) return stay(machine);
    // A session that was approved before is no fresh approval, whoever calls it the answer.
    return onSessionRefused(
      machine,
      { type: 'session.refused', at: claimed.at, requestId, code: 'START_REFUSED', retryable: false },
      moment,
    );
  }
  const waiting = (state.name === 'locked' || state.name === 'verifying') && state.start?.requestId === requestId;
  if (waiting) {
    const session = newSession(machine, sessionId, moment);
    return become(
      machine,
      { ...state, start: null, session },
      [{ type: 'setPolling', polling: { sessionId, intervalMs: moment.policy.verifyingPollIntervalMs } }],
      { serviceTrouble: null },
    );
  }
  if ((state.name === 'present' || state.name === 'leaving') && state.follow?.start?.requestId === requestId) {
    const { follow } = state;
    return become(
      machine,
      { ...state, follow: { ...follow, start: null, session: newSession(machine, sessionId, moment) } },
      // Asked to take over from a code, the person learns of it only now that the phone really was asked.
      state.presence.kind === 'offline-code' && follow.purpose.kind === 'renewal'
        ? [{ type: 'notify', notification: { kind: 'ask-again', endsInMs: follow.deadline - moment.now } }]
        : [],
      { serviceTrouble: null },
    );
  }
  // Answer to a request of an earlier lock cycle: end it, so that nobody is asked for an approval that would be worth nothing.
  return { machine, effects: [{ type: 'endSession', sessionId, reason: 'superseded' }] };
}

function newSession({ context }: Machine, sessionId: string, { now }: Moment): Session {
  return {
    sessionId,
    lockCycle: context.lockCycle,
    userId: context.enrollment?.userId ?? '',
    deviceId: context.enrollment?.deviceId ?? '',
    startedAt: now,
    status: 'pending',
    seq: 0,
    leaseUntil: 0,
    approvedAt: null,
    endsAt: Number.POSITIVE_INFINITY,
    prompt: null,
  };
}

export function onSessionRefused(
  machine: Machine,
  refused: Extract<LockEvent, { type: 'session.refused' }>,
  moment: Moment,
): Transition {
  const { state, context } = machine;
  const { requestId, code } = refused;
  const serviceTrouble = troubleAfterRefusal(context.serviceTrouble, code);
  if (state.name === 'verifying' && state.start?.requestId === requestId) {
    const problem = problemAfterRefusal(refused, state.attempt, moment);
    return become(machine, { ...state, start: null, problem }, [refusalAudit(code)], { serviceTrouble });
  }
  if (state.name === 'locked' && state.start?.requestId === requestId) {
    return become(machine, { ...state, start: null, deadline: null }, [refusalAudit(code)], { serviceTrouble });
  }
  if ((state.name === 'present' || state.name === 'leaving') && state.follow?.start?.requestId === requestId) {
    const stillCutOff = isServiceTrouble(code) || code === 'GATEWAY_UNREACHABLE' || code === 'RATE_LIMITED';
    // After a code the phone still cannot be asked: no news for the person, and tried again later.
    const takesOver = state.presence.kind === 'offline-code' && state.follow.purpose.kind === 'renewal';
    if (takesOver && stillCutOff)
      return become(machine, { ...state, follow: null }, [refusalAudit(code)], { serviceTrouble });
    return andThen(
      { machine, effects: [refusalAudit(code), { type: 'notify', notification: { kind: 'problem', code } }] },
      (current) => dropFollow(current, state),
    );
  }
  return stay(machine);
}

export function onSessionStatus(machine: Machine, claimed: Status, moment: Moment): Transition {
  const { state } = machine;
  const known = knownSession(state, claimed.sessionId);
  if (known === null || claimed.seq <= known.seq) return stay(machine);
  const session = takeIn(known, claimed, moment);
  // An answer that says the service itself was not reached is no news of the person.
  const heard = note(
    machine,
    isServiceTrouble(claimed.reason)
      ? { serviceTrouble: claimed.reason }
      : { serviceTrouble: null, lastHeardAt: moment.now },
  ).machine;
  switch (state.name) {
    case 'verifying':
      return whileVerifying(heard, state, session, claimed, moment);
    case 'locked':
      return whileLocked(heard, state, session, claimed, moment);
    case 'unlocking':
      return whileUnlocking(heard, state, session, claimed, moment);
    case 'present':
    case 'leaving':
      return state.follow?.session?.sessionId === session.sessionId
        ? onFollow(heard, state, state.follow, session, claimed, moment)
        : onPresence(heard, state, session, claimed, moment);
    case 'unenrolled':
    case 'locking':
    case 'paused':
      return stay(heard);
    default:
      return assertNever(state, 'state');
  }
}

function knownSession(state: LockState, sessionId: string): Session | null {
  const candidates =
    state.name === 'present' || state.name === 'leaving'
      ? [state.presence.kind === 'session' ? state.presence.session : null, state.follow?.session ?? null]
      : state.name === 'verifying' || state.name === 'locked' || state.name === 'unlocking'
        ? [state.session]
        : [];
  return candidates.find((session) => session?.sessionId === sessionId) ?? null;
}

/** Records an answer. The lease counts from when the answer was asked for, and is never longer than policy allows. */
function takeIn(known: Session, claimed: Status, { now, policy }: Moment): Session {
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

function evidenceOf({ status, reason }: Status): string {
  const word = typeof status === 'string' ? status : `unknown status “${status.unknown}”`;
  return reason === undefined ? `service said ${word}` : `service said ${word} (${reason})`;
}

function whileVerifying(
  machine: Machine,
  state: Extract<LockState, { name: 'verifying' }>,
  session: Session,
  claimed: Status,
  moment: Moment,
): Transition {
  const ending = endingCause(claimed.status);
  if (ending !== null) return lockNow(machine, ending, evidenceOf(claimed), moment);
  const proof = proofFromSession(session, machine.context, moment.now);
  if (proof === null)
    return become(machine, { ...state, session, problem: problemAfterAnswer(state.problem, claimed.reason) });
  return admit(machine, { kind: 'session', session }, proof, evidenceOf(claimed), moment);
}

function whileLocked(
  machine: Machine,
  state: Extract<LockState, { name: 'locked' }>,
  session: Session,
  claimed: Status,
  moment: Moment,
): Transition {
  const { now, policy } = moment;
  const ending = endingCause(claimed.status);
  if (ending !== null) {
    // A "no" silences the phone until the OS is unlocked by other means.
    const attempt = ending === 'denied' ? policy.maxAttemptsPerUnlock : state.attempt;
    return become(machine, { ...state, session: null, deadline: null, attempt }, [
      ...endSessions(state, ending),
      refusalAudit(ending),
    ]);
  }
  const proof = policy.unlockOnApproval === 'session' ? proofFromSession(session, machine.context, now) : null;
  if (proof === null) return become(machine, { ...state, session });
  return become(
    machine,
    {
      name: 'unlocking',
      since: now,
      proof,
      session,
      until: now + policy.lockConfirmMs,
      attempt: state.attempt,
      lockCause: state.cause,
    },
    [
      { type: 'requestUnlock', proof },
      { type: 'audit', entry: { what: 'unlock-requested', evidence: evidenceOf(claimed) } },
    ],
  );
}

function whileUnlocking(
  machine: Machine,
  state: Extract<LockState, { name: 'unlocking' }>,
  session: Session,
  claimed: Status,
  moment: Moment,
): Transition {
  if (proofFromSession(session, machine.context, moment.now) === null)
    return giveUpUnlocking(machine, state, evidenceOf(claimed), moment);
  return become(machine, { ...state, session });
}

function onPresence(machine: Machine, state: Attended, session: Session, claimed: Status, moment: Moment): Transition {
  const { now, policy } = moment;
  const ending = endingCause(claimed.status);
  if (ending !== null)
    return lockNow(machine, ending === 'denied' ? 'session-closed' : ending, evidenceOf(claimed), moment);
  const presence: Presence = { kind: 'session', session };
  switch (session.status) {
    case 'active': {
      if (proofFromSession(session, machine.context, now) === null)
        return become(machine, { ...state, presence: keepLease(state.presence, session) });
      return state.name === 'leaving'
        ? comeBack(machine, state, session, evidenceOf(claimed))
        : become(machine, { ...state, presence });
    }
    case 'walkaway': {
      const until = now + policy.walkawayGraceMs;
      const left = become(machine, { ...state, presence });
      if (state.name === 'leaving') {
        return andThen(left, (current) =>
          current.state.name === 'leaving'
            ? leaveSooner(current, current.state, 'walkaway', until, evidenceOf(claimed), moment)
            : stay(current),
        );
      }
      return andThen(left, (current) =>
        current.state.name === 'present'
          ? leave(current, current.state, 'walkaway', until, evidenceOf(claimed), moment)
          : stay(current),
      );
    }
    // Asked again by the service itself: not active, so the lease that was granted runs out unless it becomes active again.
    case 'pending':
    case 'identifying':
    case 'timeout':
    case 'closed':
    case 'failed':
    case 'cancelled':
      return become(machine, { ...state, presence: keepLease(state.presence, session) });
    default:
      return assertNever(session.status, 'status');
  }
}

/** News that grants no lease takes none away either: the one granted before runs to its end. */
function keepLease(before: Presence, session: Session): Presence {
  const leaseUntil = before.kind === 'session' ? before.session.leaseUntil : session.leaseUntil;
  return { kind: 'session', session: { ...session, leaseUntil } };
}

function onFollow(
  machine: Machine,
  state: Attended,
  follow: Follow,
  session: Session,
  claimed: Status,
  moment: Moment,
): Transition {
  const { now, policy } = moment;
  const ending = endingCause(claimed.status);
  if (ending !== null) {
    if (follow.purpose.kind === 'renewal' && ending === 'denied')
      return lockNow(machine, 'denied', evidenceOf(claimed), moment);
    return andThen({ machine, effects: [refusalAudit(ending)] }, (current) => dropFollow(current, state));
  }
  const proof = proofFromSession(session, machine.context, now);
  if (proof === null) return become(machine, { ...state, follow: { ...follow, session } });
  const endOld =
    state.presence.kind === 'session'
      ? [{ type: 'endSession', sessionId: state.presence.session.sessionId, reason: 'renewed' } as const]
      : [];
  if (follow.purpose.kind === 'pause') {
    const minutes = Math.min(follow.purpose.minutes, policy.maxPauseMinutes);
    // Forbidden since it was asked for.
    if (minutes <= 0) return dropFollow(machine, state);
    return become(machine, { name: 'paused', since: now, until: now + minutes * 60_000 }, [
      ...endOld,
      { type: 'endSession', sessionId: session.sessionId, reason: 'paused' },
      { type: 'setPolling', polling: null },
      ...(state.name === 'leaving' ? [{ type: 'withdrawNotification', notification: 'leaving' } as const] : []),
      { type: 'notify', notification: { kind: 'paused', minutes } },
      { type: 'audit', entry: { what: 'paused', minutes } },
    ]);
  }
  return become(
    machine,
    { name: 'present', since: state.since, presence: { kind: 'session', session }, follow: null },
    [
      ...endOld,
      ...(state.name === 'leaving' ? [{ type: 'withdrawNotification', notification: 'leaving' } as const] : []),
      { type: 'setPolling', polling: { sessionId: session.sessionId, intervalMs: policy.pollIntervalMs } },
      { type: 'audit', entry: { what: 'renewed', evidence: evidenceOf(claimed) } },
    ],
  );
}
