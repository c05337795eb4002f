import { dropFollow, retryRenewal } from './follow.ts';
import type { LockEvent, Machine, Session, Transition } from './lock-types.ts';

import { isServiceTrouble, problemAfterRefusal, refusalAudit, troubleAfterRefusal } from './starting.ts';
import { andThen, become, type Moment, note, sessionsOf, stay } from './step.ts';

/** What the gateway answered to a request for a session. How a session goes on: on-session-status.ts. */

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
    const heard = note(machine, { serviceTrouble }, [refusalAudit(code)]);
    const retried = retryRenewal(heard.machine, state, refused, moment);
    if (retried !== null) return andThen(heard, () => retried);
    return andThen(
      { machine, effects: [refusalAudit(code), { type: 'notify', notification: { kind: 'problem', code } }] },
      (current) => dropFollow(current, state),
    );
  }
  return stay(machine);
}
