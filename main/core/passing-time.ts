import { assertNever } from '../../protocol/result.ts';
import { dropFollow, endUnanswered, renewalAt, startFollow } from './follow.ts';
import type { Follow, LockCause, LockState, Machine, Presence, Transition } from './lock-types.ts';
import { climb, climbAgain, LADDER_REST_MS, leave, lockNow, verify } from './moves.ts';
import { askFromVerifying, causeOfSilence, isServiceTrouble } from './starting.ts';
import { andThen, become, type Moment, stay } from './step.ts';

/**
 * What the passing of time does, before any event is looked at: a late approval meets a state that has already moved on (S6),
 * and a timer that fires early, twice or not at all changes nothing but the delay. Bounded: each rule leaves its deadline behind.
 */
export function letTimePass(machine: Machine, moment: Moment): Transition {
  let passed = stay(machine);
  for (let rounds = 0; rounds < MAX_DUE_RULES; rounds += 1) {
    const due = nextDeadline(passed.machine, moment.policy);
    if (due === null || due > moment.now) return passed;
    passed = andThen(passed, (current) => meetDeadline(current, moment));
  }
  return passed;
}

/** More rules than can be due one after another (leaving → locking → resting → climbing); a guard against a loop, not a limit met in use. */
const MAX_DUE_RULES = 16;

export const leaseOf = (presence: Presence): number =>
  presence.kind === 'session' ? presence.session.leaseUntil : presence.leaseUntil;

export const endOf = (presence: Presence): number =>
  presence.kind === 'session' ? presence.session.endsAt : presence.leaseUntil;

const earliest = (...times: readonly (number | null)[]): number | null => {
  const set = times.filter((time) => time !== null);
  return set.length === 0 ? null : Math.min(...set);
};

const followDeadline = (follow: Follow | null): number | null =>
  follow !== null && (follow.start !== null || follow.session !== null) ? follow.deadline : null;

/** The next moment at which time alone changes something. Every state but `unenrolled` and a quiet `locked` has one. */
export function nextDeadline(machine: Machine, policy: Moment['policy']): number | null {
  const { state, context } = machine;
  switch (state.name) {
    case 'unenrolled':
      return null;
    case 'locked':
      return state.deadline;
    case 'locking':
      return state.rungSince + (state.rung < context.ladderRungs ? policy.lockConfirmMs : LADDER_REST_MS);
    case 'verifying':
      return earliest(state.deadline, state.problem?.retryAt ?? null);
    case 'present':
      return earliest(
        leaseOf(state.presence),
        endOf(state.presence),
        renewalAt(state.presence, state.follow, policy, context.gateway),
        followDeadline(state.follow),
      );
    case 'leaving':
      return earliest(state.until, endOf(state.presence), followDeadline(state.follow));
    case 'unlocking':
      return earliest(state.until, state.session.leaseUntil);
    case 'paused':
      return state.until;
    default:
      return assertNever(state, 'state');
  }
}

function meetDeadline(machine: Machine, moment: Moment): Transition {
  const { state, context } = machine;
  const { now, policy } = moment;
  switch (state.name) {
    case 'unenrolled':
      return stay(machine);
    case 'locked':
      return become(machine, { ...state, start: null, session: null, deadline: null }, [
        ...(state.session === null ? [] : [endUnanswered(state.session.sessionId)]),
        { type: 'setPolling', polling: null },
      ]);
    case 'locking':
      return state.rung < context.ladderRungs
        ? climb(machine, state, `no lock seen for ${policy.lockConfirmMs} ms`, moment)
        : climbAgain(machine, state, 'still no lock seen', moment);
    case 'verifying':
      if (now >= state.deadline)
        return lockNow(machine, causeOfTimeout(machine, state), evidenceOfTimeout(state, policy), moment);
      return askFromVerifying(machine, state, 'retry', moment);
    case 'present':
      return whilePresent(machine, state, moment);
    case 'leaving':
      if (now >= state.until && state.until <= endOf(state.presence))
        return lockNow(machine, state.cause, `grace of ${Math.round(state.until - state.since)} ms ran out`, moment);
      if (now >= endOf(state.presence)) return lockNow(machine, 'session-expired', 'longest session reached', moment);
      return dropFollow(machine, state);
    case 'unlocking':
      return giveUpUnlocking(machine, state, now >= state.until ? 'no unlock seen' : 'lease ran out', moment);
    case 'paused':
      return andThen({ machine, effects: [{ type: 'audit', entry: { what: 'pause-ended' } }] }, (current) =>
        verify(current, 'pause ended', moment),
      );
    default:
      return assertNever(state, 'state');
  }
}

type Verifying = Extract<LockState, { name: 'verifying' }>;
type Present = Extract<LockState, { name: 'present' }>;
type Unlocking = Extract<LockState, { name: 'unlocking' }>;

function causeOfTimeout(machine: Machine, state: Verifying): LockCause {
  if (machine.context.gateway === 'down') return 'gateway-unreachable';
  const { problem } = state;
  if (isServiceTrouble(problem?.code)) return problem?.retryable === true ? causeOfSilence(machine.context) : 'denied';
  if (state.session !== null || state.start !== null || problem === null) return 'approval-timeout';
  // Our own limits are nobody's "no".
  if (problem.code === 'NO_ATTEMPTS_LEFT' || problem.code === 'RATE_LIMITED') return 'approval-timeout';
  return problem.retryable ? 'service-silent' : 'denied';
}

function evidenceOfTimeout(state: Verifying, policy: Moment['policy']): string {
  const problem = state.problem === null ? '' : `, ${state.problem.code}`;
  return `no approval for ${policy.approvalTimeoutMs} ms after ${state.attempt} request(s)${problem}`;
}

function whilePresent(machine: Machine, state: Present, moment: Moment): Transition {
  const { now, policy } = moment;
  const { presence, follow } = state;
  const lease = leaseOf(presence);
  // Noticed late, what came first is the reason: a phone silent for long is not a session that ran its full length.
  if (now >= endOf(presence) && endOf(presence) <= lease + policy.networkGraceMs)
    return lockNow(machine, 'session-expired', 'longest session reached', moment);
  if (now >= lease) {
    const cause = causeOfSilence(machine.context);
    // Counted from the end of the lease, not from when this process got round to noticing (S2).
    return leave(machine, state, cause, lease + policy.networkGraceMs, 'lease ran out', moment);
  }
  const askAt = renewalAt(presence, follow, policy, machine.context.gateway);
  if (askAt !== null && now >= askAt) return startFollow(machine, state, { kind: 'renewal' }, endOf(presence), moment);
  return dropFollow(machine, state);
}

/** The OS did not unlock, or the proof ran out before it did: back to locked, with nothing to unlock it later by surprise. */
export function giveUpUnlocking(machine: Machine, state: Unlocking, evidence: string, { now }: Moment): Transition {
  return become(
    machine,
    {
      name: 'locked',
      since: now,
      cause: state.lockCause,
      start: null,
      session: null,
      deadline: null,
      attempt: state.attempt,
    },
    [
      { type: 'endSession', sessionId: state.session.sessionId, reason: 'unlock-failed' },
      { type: 'setPolling', polling: null },
      { type: 'notify', notification: { kind: 'unlock-failed' } },
      { type: 'audit', entry: { what: 'effect-failed', effect: 'requestUnlock', evidence } },
    ],
    { lockCycle: machine.context.lockCycle + 1 },
  );
}
