import { assertNever } from '../../protocol/result.ts';
import type { LockState, Machine, Session, Transition } from './lock-types.ts';
import { admit, lockNow } from './moves.ts';
import { onFollowUpStatus } from './on-follow-up-status.ts';
import { onPresenceStatus } from './on-presence-status.ts';
import { giveUpUnlocking } from './passing-time.ts';
import { endingCause, evidenceOf, knownSession, type Status, takeIn } from './session-news.ts';
import { isServiceTrouble, problemAfterAnswer, refusalAudit } from './starting.ts';
import { become, endSessions, type Moment, note, stay } from './step.ts';
import { proofFromSession } from './unlock-proof.ts';

/** The gateway said how a session is. Another session, or an older answer than what is known, changes nothing (S6). */
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
        ? onFollowUpStatus(heard, state, state.follow, session, claimed, moment)
        : onPresenceStatus(heard, state, session, claimed, moment);
    case 'unenrolled':
    case 'locking':
    case 'paused':
      return stay(heard);
    default:
      return assertNever(state, 'state');
  }
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
