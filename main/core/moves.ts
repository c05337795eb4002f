import type {
  Context,
  Effect,
  LeavingCause,
  LockCause,
  LockState,
  Machine,
  Presence,
  Session,
  Transition,
} from './lock-types.ts';
import { askFromVerifying } from './starting.ts';
import { andThen, become, endSessions, type Moment, stay, withdrawNotices } from './step.ts';
import type { UnlockProof } from './unlock-proof.ts';

/** Pause between two climbs of an exhausted ladder. */
export const LADDER_REST_MS = 5_000;

type Locking = Extract<LockState, { name: 'locking' }>;
type Present = Extract<LockState, { name: 'present' }>;
type Leaving = Extract<LockState, { name: 'leaving' }>;

/** Requests the OS lock; from here only an observed lock leads on (S3). Covers the screens at once. */
export function lockNow(machine: Machine, cause: LockCause, evidence: string, { now }: Moment): Transition {
  const { state, context } = machine;
  if (state.name === 'locked' || state.name === 'locking' || state.name === 'unenrolled') return stay(machine);
  return become(
    machine,
    { name: 'locking', since: now, cause, rung: 0, rungSince: now, alarmed: false },
    [
      { type: 'requestLock', cause, rung: 0 },
      { type: 'raiseCurtain' },
      ...withdrawNotices(state),
      ...endSessions(state, cause),
      { type: 'audit', entry: { what: 'lock-requested', cause, evidence } },
    ],
    { lockCycle: context.lockCycle + 1 },
  );
}

/** The lock was not observed in time, or its rung failed: the next rung, and after the last one the alarm. */
export function climb(machine: Machine, state: Locking, evidence: string, { now, policy }: Moment): Transition {
  const unconfirmed: Effect = {
    type: 'audit',
    entry: { what: 'lock-unconfirmed', cause: state.cause, rung: state.rung, evidence },
  };
  const rung = state.rung + 1;
  if (rung < machine.context.ladderRungs) {
    return become(machine, { ...state, rung, rungSince: now }, [
      unconfirmed,
      { type: 'requestLock', cause: state.cause, rung },
    ]);
  }
  return become(machine, { ...state, rung: machine.context.ladderRungs, rungSince: now, alarmed: true }, [
    unconfirmed,
    { type: 'alarm', reason: evidence },
    { type: 'raiseCurtain' },
    { type: 'audit', entry: { what: 'alarm', cause: state.cause, evidence } },
    ...(policy.onUnconfirmedLock === 'terminate-session' ? terminate(state.cause) : []),
  ]);
}

/** Recorded first: what comes after the request may not be written any more. */
const terminate = (cause: LockCause): readonly Effect[] => [
  { type: 'audit', entry: { what: 'termination-requested', cause } },
  { type: 'terminateSession' },
];

/** Starts again at the first rung: a lock is pursued until it is seen. */
export function climbAgain(machine: Machine, state: Locking, evidence: string, { now }: Moment): Transition {
  const { cause } = state;
  const rung = Math.min(state.rung, machine.context.ladderRungs - 1);
  return become(machine, { ...state, rung: 0, rungSince: now }, [
    { type: 'requestLock', cause, rung: 0 },
    { type: 'audit', entry: { what: 'lock-unconfirmed', cause, rung, evidence } },
  ]);
}

/** The OS lock is seen. The curtain stays up beneath it, so that nothing shows when the OS is unlocked. */
export function seeLocked(machine: Machine, cause: LockCause, evidence: string, { now }: Moment): Transition {
  const { state, context } = machine;
  const boundary: Partial<Context> = { os: 'locked', lockCycle: context.lockCycle + 1 };
  const observed: Effect = { type: 'audit', entry: { what: 'lock-observed', cause, evidence } };
  if (context.enrollment === null) {
    return become(
      machine,
      { name: 'unenrolled', since: now },
      [
        observed,
        ...withdrawNotices(state),
        ...endSessions(state, cause),
        { type: 'discardCurtain' },
        { type: 'audit', entry: { what: 'unenrolled' } },
      ],
      boundary,
    );
  }
  return become(
    machine,
    { name: 'locked', since: now, cause, start: null, session: null, deadline: null, attempt: 0 },
    [{ type: 'raiseCurtain' }, ...withdrawNotices(state), ...endSessions(state, cause), observed],
    boundary,
  );
}

/**
 * The OS is unlocked (or this process starts and finds it so): cover the screens and ask the phone. A request that is already
 * on the phone for this same lock cycle goes on, so that the phone does not buzz twice.
 */
export function verify(machine: Machine, evidence: string, moment: Moment): Transition {
  const { state, context } = machine;
  const carried = state.name === 'locked' ? state : null;
  const session = carried?.session?.lockCycle === context.lockCycle ? carried.session : null;
  const start = carried?.start ?? null;
  const asked = session !== null || start !== null;
  const verifying = become(
    machine,
    {
      name: 'verifying',
      since: moment.now,
      start,
      session,
      deadline: moment.now + moment.policy.approvalTimeoutMs,
      attempt: asked ? 1 : 0,
      problem: null,
    },
    [
      { type: 'raiseCurtain' },
      ...withdrawNotices(state),
      ...(asked ? [] : endSessions(state, 'verify')),
      { type: 'audit', entry: { what: 'os-unlocked', evidence } },
    ],
  );
  if (asked) return verifying;
  return andThen(verifying, (next) =>
    next.state.name === 'verifying' ? askFromVerifying(next, next.state, 'unlock', moment) : stay(next),
  );
}

/** Lowers the curtain. Takes the proof, which only unlock-proof.ts can make (S1). */
export function admit(
  machine: Machine,
  presence: Presence,
  proof: UnlockProof,
  evidence: string,
  { now, policy }: Moment,
): Transition {
  return become(machine, { name: 'present', since: now, presence, follow: null }, [
    { type: 'lowerCurtain', proof },
    {
      type: 'setPolling',
      polling:
        presence.kind === 'session'
          ? { sessionId: presence.session.sessionId, intervalMs: policy.pollIntervalMs }
          : null,
    },
    { type: 'audit', entry: { what: 'approved', proof: proof.kind, evidence } },
  ]);
}

/** Presence is in doubt: warn, and let the grace for this cause run. */
export function leave(
  machine: Machine,
  state: Present,
  cause: LeavingCause,
  until: number,
  evidence: string,
  moment: Moment,
): Transition {
  const { presence, follow } = state;
  return become(
    machine,
    { name: 'leaving', since: moment.now, presence, follow, cause, until },
    warn(cause, until, evidence, moment),
  );
}

function warn(cause: LeavingCause, until: number, evidence: string, { now, policy }: Moment): readonly Effect[] {
  const warning: readonly Effect[] =
    policy.warnBeforeLock && until > now
      ? [{ type: 'notify', notification: { kind: 'leaving', cause, lockInMs: until - now } }]
      : [];
  return [...warning, { type: 'audit', entry: { what: 'leaving', cause, evidence } }];
}

/** A second doubt while leaving: the sooner lock wins, the grace never grows, and the person is told the new cause and time. */
export function leaveSooner(
  machine: Machine,
  state: Leaving,
  cause: LeavingCause,
  until: number,
  evidence: string,
  moment: Moment,
): Transition {
  if (until >= state.until) return stay(machine);
  return become(machine, { ...state, cause, until }, warn(cause, until, evidence, moment));
}

/** A fresh active answer while leaving. */
export function comeBack(machine: Machine, state: Leaving, session: Session, evidence: string): Transition {
  return become(
    machine,
    {
      name: 'present',
      since: session.approvedAt ?? state.since,
      presence: { kind: 'session', session },
      follow: state.follow,
    },
    [
      { type: 'withdrawNotification', notification: 'leaving' },
      { type: 'audit', entry: { what: 'returned', evidence } },
    ],
  );
}
