import { assertNever } from '../../protocol/result.ts';
import type { Attended, Machine, Presence, Session, Transition } from './lock-types.ts';
import { comeBack, leave, leaveSooner, lockNow } from './moves.ts';
import { endingCause, evidenceOf, type Status } from './session-news.ts';
import { andThen, become, type Moment, stay } from './step.ts';
import { proofFromSession } from './unlock-proof.ts';

/** News of the session that somebody's presence rests on. */
export function onPresenceStatus(
  machine: Machine,
  state: Attended,
  session: Session,
  claimed: Status,
  moment: Moment,
): Transition {
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
