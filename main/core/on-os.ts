import { assertNever } from '../../protocol/result.ts';
import type { LockEvent, Machine, Transition } from './lock-types.ts';
import { admit, climbAgain, leave, lockNow, seeLocked, verify } from './moves.ts';
import { giveUpUnlocking } from './passing-time.ts';
import { tryStart } from './starting.ts';
import { andThen, become, endSessions, type Moment, note, stay } from './step.ts';
import { proofFromSession } from './unlock-proof.ts';

/** What the operating system reported. Each rule is idempotent: duplicate signals exist (electron#24803). */

export function onOsLocked(machine: Machine, evidence: string, moment: Moment): Transition {
  const { state } = machine;
  switch (state.name) {
    case 'unenrolled':
      return note(machine, { os: 'locked', lockCycle: machine.context.lockCycle + 1 });
    case 'locked':
      return note(machine, { os: 'locked' });
    case 'locking':
      return seeLocked(machine, state.cause, evidence, moment);
    case 'verifying':
    case 'present':
    case 'leaving':
    case 'paused':
      return seeLocked(machine, 'os-lock', evidence, moment);
    // Locked again, or still: the attempts spent in this lock cycle stay spent (S7).
    case 'unlocking':
      return andThen(note(machine, { os: 'locked' }), (current) => giveUpUnlocking(current, state, evidence, moment));
    default:
      return assertNever(state, 'state');
  }
}

export function onOsUnlocked(machine: Machine, evidence: string, moment: Moment): Transition {
  const { state, context } = machine;
  const unlocked = note(machine, { os: 'unlocked' });
  switch (state.name) {
    case 'locked':
      return andThen(unlocked, (current) => verify(current, evidence, moment));
    case 'unlocking': {
      // The proof that asked for the unlock may have run out meanwhile; only one that holds now lowers the curtain.
      const proof = proofFromSession(state.session, context, moment.now);
      if (proof === null) return andThen(unlocked, (current) => verify(current, evidence, moment));
      const admitted = andThen(unlocked, (current) =>
        admit(current, { kind: 'session', session: state.session }, proof, `unlocked by approval; ${evidence}`, moment),
      );
      if (context.gateway === 'up') return admitted;
      // Lost while the OS was unlocking: its grace is running already, at the longest since the approval that was heard (S2).
      const until = state.since + moment.policy.networkGraceMs;
      return andThen(admitted, (current) =>
        current.state.name === 'present'
          ? leave(current, current.state, 'gateway-unreachable', until, 'lost while unlocking', moment)
          : stay(current),
      );
    }
    // Locking: it was asked to be locked and is not seen to be; the pursuit goes on.
    case 'locking':
    case 'unenrolled':
    case 'verifying':
    case 'present':
    case 'leaving':
    case 'paused':
      return unlocked;
    default:
      return assertNever(state, 'state');
  }
}

/** Lock before the machine sleeps: locking afterwards shows the desktop for a moment (swaywm/sway#3119). */
export function onSuspending(machine: Machine, moment: Moment): Transition {
  return distrust(machine, 'suspend', 'system goes to sleep', moment);
}

/** Every lease has expired and every socket is suspect, however short the sleep was. */
export function onResumed(machine: Machine, moment: Moment): Transition {
  const { state } = machine;
  if (state.name === 'locking') {
    return andThen(note(machine, { lockCycle: machine.context.lockCycle + 1 }), (current) =>
      climbAgain(current, state, 'system woke up before a lock was seen', moment),
    );
  }
  return distrust(machine, 'resume', 'system woke up unlocked', moment);
}

function distrust(machine: Machine, cause: 'suspend' | 'resume', evidence: string, moment: Moment): Transition {
  const { state } = machine;
  const boundary = { lockCycle: machine.context.lockCycle + 1 };
  switch (state.name) {
    case 'unenrolled':
    case 'locking':
      return note(machine, boundary);
    case 'locked':
      return become(
        machine,
        { ...state, start: null, session: null, deadline: null },
        endSessions(state, cause),
        boundary,
      );
    case 'verifying':
    case 'present':
    case 'leaving':
    case 'unlocking':
    case 'paused':
      return lockNow(machine, cause, evidence, moment);
    default:
      return assertNever(state, 'state');
  }
}

/**
 * Somebody is at the locked screen. Under policy `session` the phone is asked now, within the limits of S7 — but not where the answer takes
 * something that only the curtain shows: beneath the locker it could only be guessed, and people would learn to guess.
 */
export function onActivity(machine: Machine, moment: Moment): Transition {
  const { state, context } = machine;
  const { now, policy } = moment;
  if (state.name !== 'locked' || policy.unlockOnApproval !== 'session' || !context.approvableUnseen)
    return stay(machine);
  if (state.start !== null || state.session !== null || state.attempt >= policy.maxAttemptsPerUnlock)
    return stay(machine);
  const attempt = state.attempt + 1;
  const started = tryStart(context, 'unlock', attempt, moment);
  if (typeof started === 'string') return stay(machine);
  return become(
    machine,
    { ...state, start: started.start, deadline: now + policy.approvalTimeoutMs, attempt },
    started.effects,
    started.context,
  );
}

export function onCurtainLost(
  machine: Machine,
  claimed: Extract<LockEvent, { type: 'curtain.lost' }>,
  moment: Moment,
): Transition {
  // Beneath an OS lock, or with nothing to cover, losing the cover shows nothing; it is raised anew before it is needed.
  if (machine.state.name !== 'verifying') return stay(machine);
  return lockNow(machine, 'curtain-lost', claimed.reason, moment);
}
