import type { Policy } from '../../protocol/policy.ts';
import type {
  Context,
  Effect,
  Follow,
  LockState,
  Machine,
  NotificationKind,
  Session,
  Transition,
} from './lock-types.ts';

/** One event being handled: the time it is handled at and the policy that holds. */
export interface Moment {
  readonly now: number;
  readonly policy: Policy;
}

/** Nothing happens. */
export const stay = (machine: Machine): Transition => ({ machine, effects: [] });

/** The next state, with effects and what changes besides. */
export function become(
  machine: Machine,
  state: LockState,
  effects: readonly Effect[] = [],
  context: Partial<Context> = {},
): Transition {
  return { machine: { state, context: { ...machine.context, ...context } }, effects };
}

/** Only the context changes. */
export function note(machine: Machine, context: Partial<Context>, effects: readonly Effect[] = []): Transition {
  return { machine: { state: machine.state, context: { ...machine.context, ...context } }, effects };
}

/** Runs a second rule on what the first one left, keeping the order of effects. */
export function andThen(first: Transition, rule: (machine: Machine) => Transition): Transition {
  const second = rule(first.machine);
  return { machine: second.machine, effects: [...first.effects, ...second.effects] };
}

/** Sessions that a state holds: the one it rests on or waits for, and the one that is to follow. */
export function sessionsOf(state: LockState): readonly Session[] {
  switch (state.name) {
    case 'locked':
    case 'verifying':
      return state.session === null ? [] : [state.session];
    case 'present':
    case 'leaving': {
      const own = state.presence.kind === 'session' ? [state.presence.session] : [];
      return state.follow?.session ? [...own, state.follow.session] : own;
    }
    case 'unlocking':
      return [state.session];
    case 'unenrolled':
    case 'locking':
    case 'paused':
      return [];
  }
}

const withdraw = (notification: NotificationKind['kind']): Effect => ({ type: 'withdrawNotification', notification });

/** Nothing is to be answered any more. None where nothing is under way: then it was withdrawn when that ended. */
export const withdrawAsking = (follow: Follow | null): readonly Effect[] =>
  follow === null || (follow.start === null && follow.session === null)
    ? []
    : [withdraw(follow.purpose.kind === 'pause' ? 'pause-needs-approval' : 'ask-again')];

/** Whoever leaves a state behind leaves no notification standing that speaks of it: a warning, or a request that is no longer open. */
export function withdrawNotices(state: LockState): readonly Effect[] {
  if (state.name === 'present') return withdrawAsking(state.follow);
  return state.name === 'leaving' ? [withdraw('leaving'), ...withdrawAsking(state.follow)] : [];
}

/** Effects that end every session of a state: whoever leaves a state behind leaves no session running. */
export function endSessions(state: LockState, reason: string): readonly Effect[] {
  return [
    ...sessionsOf(state).map((session): Effect => ({ type: 'endSession', sessionId: session.sessionId, reason })),
    { type: 'setPolling', polling: null },
  ];
}
