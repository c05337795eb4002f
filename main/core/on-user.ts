import { assertNever } from '../../protocol/result.ts';
import { startFollow } from './follow.ts';
import type { Effect, Enrollment, LockCause, LockEvent, Machine, Presence, Transition } from './lock-types.ts';
import { lockNow, verify } from './moves.ts';
import { askFromVerifying } from './starting.ts';
import { andThen, become, endSessions, type Moment, note, stay, withdrawNotices } from './step.ts';

/** What the person, or whoever set this workstation up, asked for. */

type LockRequest = Extract<LockEvent, { type: 'user.lockNow' }>['from'];

const LOCK_CAUSE: Record<LockRequest, LockCause> = {
  tray: 'user-lock',
  curtain: 'user-lock',
  status: 'user-lock',
  console: 'user-lock',
  quit: 'quit',
  disable: 'disabled',
  'app-died': 'app-died',
  'sentinel-lost': 'sentinel-lost',
};

const LOCK_EVIDENCE: Record<LockRequest, string> = {
  tray: 'from the tray',
  curtain: 'from the cover',
  status: 'from the status window',
  console: 'from a console',
  quit: 'the app was asked to quit',
  disable: 'presence-locker disable',
  'app-died': 'the run before died, and no lock was seen',
  'sentinel-lost': 'no sentinel stays',
};

/** Wins over everything, and is not undone by a phone that is still near: the lock cycle moves on with it (S1). */
export function onLockNow(machine: Machine, from: LockRequest, moment: Moment): Transition {
  return lockOrStayLocked(machine, LOCK_CAUSE[from], LOCK_EVIDENCE[from], moment);
}

/** The same from afar: an approval that was under way is not to undo it either. */
export function onLockCommand(machine: Machine, reason: string, moment: Moment): Transition {
  return lockOrStayLocked(machine, 'remote-lock', reason, moment);
}

function lockOrStayLocked(machine: Machine, cause: LockCause, evidence: string, moment: Moment): Transition {
  const { state, context } = machine;
  if (state.name === 'locked' && (state.session !== null || state.start !== null)) {
    const quiet = { ...state, start: null, session: null, deadline: null, attempt: moment.policy.maxAttemptsPerUnlock };
    return become(machine, quiet, endSessions(state, cause), { lockCycle: context.lockCycle + 1 });
  }
  return lockNow(machine, cause, evidence, moment);
}

/** "Ask again": a new request and a new deadline, as long as attempts are left; otherwise the old deadline stands. */
export function onRetry(machine: Machine, moment: Moment): Transition {
  const { state } = machine;
  if (state.name !== 'verifying' || state.start !== null) return stay(machine);
  const before = state.session;
  return andThen(askFromVerifying(machine, state, 'retry', moment), (current) => {
    if (current.state.name !== 'verifying' || current.state.start === null) {
      // Nothing was sent: a request that is still on the phone stays valid.
      return become(
        current,
        current.state.name === 'verifying' ? { ...current.state, session: before } : current.state,
      );
    }
    const deadline = moment.now + moment.policy.approvalTimeoutMs;
    return become(current, { ...current.state, deadline }, before === null ? [] : endSessions(state, 'asked-again'));
  });
}

/** A pause is granted only by a fresh approval on the phone. */
export function onPause(machine: Machine, minutes: number, moment: Moment): Transition {
  const { state, context } = machine;
  const { now, policy } = moment;
  if (state.name !== 'present' || policy.maxPauseMinutes === 0 || minutes <= 0) return stay(machine);
  if (context.gateway === 'down') {
    return { machine, effects: [{ type: 'notify', notification: { kind: 'problem', code: 'GATEWAY_UNREACHABLE' } }] };
  }
  const busy = state.follow !== null && (state.follow.start !== null || state.follow.session !== null);
  if (busy) return stay(machine);
  const purpose = { kind: 'pause', minutes: Math.min(minutes, policy.maxPauseMinutes) } as const;
  const asked = startFollow(machine, state, purpose, now + policy.approvalTimeoutMs, moment);
  const refused = asked.machine.state.name === 'present' && asked.machine.state.follow?.start === null;
  return refused ? { machine, effects: asked.effects } : asked;
}

export function onEnrollmentChanged(machine: Machine, enrollment: Enrollment | null, moment: Moment): Transition {
  return enrollment === null ? onUnenrolled(machine, moment) : onEnrolled(machine, enrollment, moment);
}

function onEnrolled(machine: Machine, enrollment: Enrollment, moment: Moment): Transition {
  const { state, context } = machine;
  const same = context.enrollment?.userId === enrollment.userId && context.enrollment.deviceId === enrollment.deviceId;
  if (same) return stay(machine);
  const enrolled = note(machine, { enrollment, lockCycle: context.lockCycle + 1 }, [
    { type: 'audit', entry: { what: 'enrolled' } },
  ]);
  switch (state.name) {
    case 'unenrolled':
      if (context.os === 'locked') {
        return become(
          enrolled.machine,
          {
            name: 'locked',
            since: moment.now,
            cause: 'os-lock',
            start: null,
            session: null,
            deadline: null,
            attempt: 0,
          },
          [...enrolled.effects, { type: 'raiseCurtain' }],
        );
      }
      return andThen(enrolled, (current) => verify(current, 'guarding starts', moment));
    // Another phone from now on: what the old one approved is void.
    case 'present':
    case 'leaving':
    case 'paused':
      return andThen(enrolled, (current) => verify(current, 'another phone was enrolled', moment));
    case 'locked':
      return become(enrolled.machine, { ...state, start: null, session: null, deadline: null }, [
        ...enrolled.effects,
        ...endSessions(state, 'enrollment-changed'),
      ]);
    case 'locking':
      return enrolled;
    case 'verifying':
    case 'unlocking':
      return andThen(enrolled, (current) =>
        lockNow(current, 'enrollment-removed', 'another phone was enrolled', moment),
      );
    default:
      return assertNever(state, 'state');
  }
}

/** Nothing is guarded any more. While the cover is up it comes down only beneath an observed OS lock, never instead of one. */
function onUnenrolled(machine: Machine, moment: Moment): Transition {
  const { state } = machine;
  const removed = note(machine, { enrollment: null });
  const unguarded = { name: 'unenrolled', since: moment.now } as const;
  const farewell = [{ type: 'audit', entry: { what: 'unenrolled' } }] as const;
  switch (state.name) {
    case 'unenrolled':
      return removed;
    case 'present':
    case 'paused':
      return become(removed.machine, unguarded, [
        ...withdrawNotices(state),
        ...endSessions(state, 'unenrolled'),
        ...farewell,
      ]);
    case 'locked':
      return become(removed.machine, unguarded, [
        ...endSessions(state, 'unenrolled'),
        { type: 'discardCurtain' },
        ...farewell,
      ]);
    case 'locking':
      return removed;
    // Removing the phone must not be the way out of a grace that is running (S2).
    case 'leaving':
    case 'verifying':
    case 'unlocking':
      return andThen(removed, (current) => lockNow(current, 'enrollment-removed', 'the phone was removed', moment));
    default:
      return assertNever(state, 'state');
  }
}

function shortened(presence: Presence, { now, policy }: Moment): Presence {
  const longestMs = policy.maxSessionSeconds * 1_000;
  if (presence.kind === 'offline-code')
    return { ...presence, leaseUntil: Math.min(presence.leaseUntil, presence.acceptedAt + longestMs) };
  const { session } = presence;
  const endsAt = Math.min(session.endsAt, (session.approvedAt ?? now) + longestMs);
  return {
    kind: 'session',
    session: { ...session, endsAt, leaseUntil: Math.min(session.leaseUntil, now + policy.leaseMs) },
  };
}

const pollAgain = (presence: Presence, { policy }: Moment): readonly Effect[] =>
  presence.kind === 'offline-code'
    ? []
    : [
        {
          type: 'setPolling',
          polling: { sessionId: presence.session.sessionId, intervalMs: policy.pollIntervalMs },
        },
      ];

/** A stricter policy takes effect at once; deadlines only ever move closer. */
export function onPolicyChanged(machine: Machine, moment: Moment): Transition {
  const { state } = machine;
  const { now, policy } = moment;
  switch (state.name) {
    case 'paused':
      return become(machine, { ...state, until: Math.min(state.until, state.since + policy.maxPauseMinutes * 60_000) });
    case 'verifying':
      return become(machine, { ...state, deadline: Math.min(state.deadline, now + policy.approvalTimeoutMs) });
    case 'present':
      return become(
        machine,
        { ...state, presence: shortened(state.presence, moment) },
        pollAgain(state.presence, moment),
      );
    case 'leaving': {
      const grace = state.cause === 'walkaway' ? policy.walkawayGraceMs : policy.networkGraceMs;
      const until = Math.min(state.until, now + grace);
      const presence = shortened(state.presence, moment);
      return become(machine, { ...state, presence, until }, pollAgain(state.presence, moment));
    }
    case 'unenrolled':
    case 'locked':
    case 'locking':
    case 'unlocking':
      return stay(machine);
    default:
      return assertNever(state, 'state');
  }
}
