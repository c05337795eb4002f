import type { LockEvent, Machine, Transition, TransitionFunction } from '../../main/core/lock-types.ts';
import type { Policy } from '../../protocol/policy.ts';
import { type Ghost, HOUR_MS, isNews, newsOf, witnessEffects, witnessEvent } from './walk-ghost.ts';

export type Invariant = 'S1' | 'S2' | 'S3' | 'S4' | 'S6' | 'S7';

export interface Violation {
  readonly invariant: Invariant;
  readonly sentence: string;
}

export interface Witnessed {
  readonly ghost: Ghost;
  readonly violations: readonly Violation[];
}

/** Lets the ghost watch one transition and says which promises of DESIGN §1 it broke. */
export function witness(
  before: Ghost,
  from: Machine,
  event: LockEvent,
  result: Transition,
  policy: Policy,
  step: TransitionFunction,
): Witnessed {
  const told = witnessEvent(before, from, event, policy);
  const ghost = witnessEffects(told, event, result.effects, from, result.machine);
  const violations = [
    noWayInWithoutProof(told, event, result, policy),
    absenceLocks(ghost, event, result, policy),
    pausedOnlyAsGranted(told, event, result, policy),
    pursuedUntilSeen(ghost, result),
    noFalseLock(before, told, from, event, result, policy),
    oldNewsIsNoNews(before, from, event, result, policy, step),
    foreignPauseIsNoPause(before, from, event, result, policy, step),
    noPromptBombing(ghost, event, policy),
    nothingToGuess(before, told, result),
  ].filter((violation) => violation !== null);
  return { ghost, violations };
}

function noWayInWithoutProof(told: Ghost, event: LockEvent, result: Transition, policy: Policy): Violation | null {
  for (const effect of result.effects) {
    if (effect.type === 'discardCurtain' && !told.osLocked)
      return { invariant: 'S1', sentence: 'curtain discarded although the OS is not seen locked' };
    if (effect.type !== 'lowerCurtain' && effect.type !== 'requestUnlock') continue;
    if (effect.proof.kind === 'offline-code') {
      if (event.type !== 'offlineCode.accepted' || policy.offline !== 'code')
        return { invariant: 'S1', sentence: `${effect.type} on an offline code nobody gave` };
      if (event.lockCycle <= told.staleCycle)
        return { invariant: 'S1', sentence: `${effect.type} on an offline code typed before the last lock boundary` };
      continue;
    }
    const session = newsOf(told, effect.proof.sessionId);
    const wrong =
      session === undefined
        ? 'a session nobody asked for'
        : session.status !== 'active'
          ? `a session that is ${session.status}`
          : session.boundary !== told.boundary
            ? 'a session from before the last lock boundary'
            : session.userId !== told.enrolledUser
              ? 'a session of somebody else'
              : session.leaseEnd <= event.at
                ? 'an expired lease'
                : null;
    if (wrong !== null) return { invariant: 'S1', sentence: `${effect.type} on ${wrong}` };
  }
  // Covered means covered: with somebody enrolled and the OS unlocked, the only uncovered states are the proven ones and a pause.
  const open = result.machine.state.name;
  if (told.enrolledUser !== null && !['present', 'leaving', 'paused'].includes(open)) {
    const lowered = result.effects.some((effect) => effect.type === 'lowerCurtain');
    if (lowered) return { invariant: 'S1', sentence: `curtain lowered into ${open}` };
  }
  return null;
}

function deadlineOf(ghost: Ghost, policy: Policy): number | null {
  if (ghost.enrolledUser === null || ghost.paused || ghost.restsOn === null || ghost.curtain === 'up' || ghost.osLocked)
    return null;
  if (ghost.restsOn === 'offline-code') return ghost.offlineUntil;
  const session = newsOf(ghost, ghost.restsOn);
  // It rests on a session that the machine no longer holds: nothing proves presence from this moment on.
  if (session === undefined || session.approvedAt === null) return 0;
  const byLease = session.leaseEnd + policy.networkGraceMs;
  const byEnd = session.approvedAt + policy.maxSessionSeconds * 1_000;
  const known = [byLease, byEnd, ...(ghost.doubtUntil === null ? [] : [ghost.doubtUntil])];
  const over = !['active', 'walkaway', 'pending', 'identifying'].includes(session.status);
  return over ? 0 : Math.min(...known);
}

function absenceLocks(ghost: Ghost, event: LockEvent, result: Transition, policy: Policy): Violation | null {
  const deadline = deadlineOf(ghost, policy);
  if (deadline === null) return null;
  // A requested lock clears `restsOn`, so getting here past the deadline means that none was requested.
  if (event.at >= deadline)
    return { invariant: 'S2', sentence: `no lock requested ${event.at - deadline} ms after the grace ended` };
  const { wakeAt } = result.machine.context;
  if (wakeAt === null || wakeAt > deadline)
    return {
      invariant: 'S2',
      sentence: `nothing will wake the machine by the end of the grace (${wakeAt === null ? 'never' : wakeAt - deadline} ms late)`,
    };
  return null;
}

/** A pause puts S2 off, so it needs what S1 asks for: a fresh approval, or a grant for the session that proves presence now. */
function pausedOnlyAsGranted(told: Ghost, event: LockEvent, result: Transition, policy: Policy): Violation | null {
  const paused = result.effects.flatMap((effect) =>
    effect.type === 'audit' && effect.entry.what === 'paused' ? [effect.entry] : [],
  );
  const [entry] = paused;
  if (entry === undefined) return null;
  const flaw = flawOfPause(told, event, entry.grantedFrom);
  if (flaw !== null) return { invariant: 'S2', sentence: `paused ${flaw}` };
  const { state } = result.machine;
  if (state.name === 'paused' && state.until <= event.at + policy.maxPauseMinutes * 60_000) return null;
  return { invariant: 'S2', sentence: 'paused for longer than the policy allows' };
}

function flawOfPause(told: Ghost, event: LockEvent, grantedFrom: 'phone' | undefined): string | null {
  if (grantedFrom === undefined) {
    const fresh = event.type === 'session.status' && event.status === 'active' && event.sessionId !== told.restsOn;
    return fresh ? null : 'without a fresh approval';
  }
  if (event.type !== 'gateway.pauseCommand') return 'although the gateway told of no grant';
  if (told.curtain === 'up' || told.osLocked) return 'beneath a cover';
  if (told.doubtUntil !== null) return 'while presence was in doubt';
  const session = newsOf(told, event.sessionId);
  if (session === undefined || event.sessionId !== told.restsOn) return 'on a session that nothing rests on';
  if (session.status !== 'active' || session.leaseEnd <= event.at) return 'on a session that holds no lease';
  return session.boundary === told.boundary ? null : 'on a session from before the last lock boundary';
}

function pursuedUntilSeen(ghost: Ghost, result: Transition): Violation | null {
  const { state, context } = result.machine;
  if (state.name === 'locked' && !ghost.osLocked)
    return { invariant: 'S3', sentence: 'locked was announced although no lock was seen' };
  if (state.name === 'locking' && context.wakeAt === null)
    return { invariant: 'S3', sentence: 'a lock is no longer pursued' };
  return null;
}

const HARMLESS: readonly LockEvent['type'][] = [
  'timer.fired',
  'os.activity',
  'os.unlocked',
  'gateway.up',
  'session.started',
  'gateway.pauseCommand',
  'user.retry',
  'user.pause',
  'offlineCode.accepted',
  'curtain.lost',
  'effect.failed',
  'policy.changed',
];

function noFalseLock(
  before: Ghost,
  told: Ghost,
  from: Machine,
  event: LockEvent,
  result: Transition,
  policy: Policy,
): Violation | null {
  if (!result.effects.some((effect) => effect.type === 'requestLock')) return null;
  if (
    before.restsOn === null ||
    before.restsOn === 'offline-code' ||
    before.curtain === 'up' ||
    before.doubtUntil !== null
  )
    return null;
  const session = newsOf(before, before.restsOn);
  if (session === undefined || session.approvedAt === null || session.status !== 'active') return null;
  const ended = event.at >= session.approvedAt + policy.maxSessionSeconds * 1_000;
  if (ended || session.leaseEnd <= event.at) return null;
  const renewedActive = event.type === 'session.status' && (event.status === 'active' || !isNews(before, from, event));
  if (HARMLESS.includes(event.type) || renewedActive) {
    return {
      invariant: 'S4',
      sentence: `lock requested on ${event.type} although the lease holds${told.gatewayUp ? '' : ' (gateway down)'}`,
    };
  }
  return null;
}

function oldNewsIsNoNews(
  before: Ghost,
  from: Machine,
  event: LockEvent,
  result: Transition,
  policy: Policy,
  step: TransitionFunction,
): Violation | null {
  if (event.type !== 'session.status' || isNews(before, from, event)) return null;
  const quiet = step(from, { type: 'timer.fired', at: event.at }, policy);
  if (JSON.stringify(result) === JSON.stringify(quiet)) return null;
  return {
    invariant: 'S6',
    sentence: `${JSON.stringify(event.status)} of an old or foreign session changed something`,
  };
}

function foreignPauseIsNoPause(
  before: Ghost,
  from: Machine,
  event: LockEvent,
  result: Transition,
  policy: Policy,
  step: TransitionFunction,
): Violation | null {
  if (event.type !== 'gateway.pauseCommand' || event.sessionId === before.restsOn) return null;
  const quiet = step(from, { type: 'timer.fired', at: event.at }, policy);
  if (JSON.stringify(result) === JSON.stringify(quiet)) return null;
  return { invariant: 'S6', sentence: 'a pause for another session changed something' };
}

function noPromptBombing(ghost: Ghost, event: LockEvent, policy: Policy): Violation | null {
  const inHour = ghost.starts.filter((at) => event.at - at < HOUR_MS).length;
  if (inHour > policy.maxStartsPerHour) return { invariant: 'S7', sentence: `${inHour} session starts within an hour` };
  if (ghost.asksThisUnlock > policy.maxAttemptsPerUnlock)
    return { invariant: 'S7', sentence: `${ghost.asksThisUnlock} session starts for one unlock` };
  return null;
}

/** A request whose answer has to be read from our screens is worse than none while the system's locker covers them. */
function nothingToGuess(before: Ghost, told: Ghost, result: Transition): Violation | null {
  // Locked before and after: what a pause that ended first asked, or what an unlock asks, is asked with the OS unlocked.
  if (!before.osLocked || !told.osLocked || told.approvableUnseen) return null;
  if (!result.effects.some(({ type }) => type === 'startSession')) return null;
  return { invariant: 'S7', sentence: 'asked beneath the locker for what only the curtain shows' };
}
