import { dropFollow, numberOf } from './follow.ts';
import type { Attended, Effect, Follow, Machine, Session, Transition } from './lock-types.ts';
import { lockNow } from './moves.ts';
import { endingCause, evidenceOf, type Status } from './session-news.ts';
import { refusalAudit } from './starting.ts';
import { andThen, become, type Moment, withdrawNotices } from './step.ts';
import { proofFromSession } from './unlock-proof.ts';

/** News of the session asked for while somebody is present: to renew the presence, or to grant a pause. */
export function onFollowUpStatus(
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
  if (proof === null) {
    const asked = { ...follow, session };
    return become(
      machine,
      { ...state, follow: asked },
      numberOf(asked) === numberOf(follow) ? [] : tellNumber(asked, now),
    );
  }
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
      ...withdrawNotices(state),
      { type: 'notify', notification: { kind: 'paused', minutes } },
      { type: 'audit', entry: { what: 'paused', minutes } },
    ]);
  }
  return become(
    machine,
    { name: 'present', since: state.since, presence: { kind: 'session', session }, follow: null },
    [
      ...endOld,
      { type: 'setPolling', polling: { sessionId: session.sessionId, intervalMs: policy.pollIntervalMs } },
      ...withdrawNotices(state),
      { type: 'audit', entry: { what: 'renewed', evidence: evidenceOf(claimed) } },
    ],
  );
}

/** In place of the notification before it, which could not name the number yet. */
function tellNumber(follow: Follow, now: number): readonly Effect[] {
  const number = numberOf(follow);
  if (number === undefined) return [];
  const notification =
    follow.purpose.kind === 'pause'
      ? ({ kind: 'pause-needs-approval', number } as const)
      : ({ kind: 'ask-again', endsInMs: follow.deadline - now, number } as const);
  return [{ type: 'notify', notification }];
}
