import type { Machine, TransitionFunction } from '../../main/core/lock-types.ts';
import { sessionsOf } from '../../main/core/step.ts';
import { transition } from '../../main/core/transition.ts';
import type { Invariant } from './walk-invariants.ts';

/** One machine per invariant that breaks it on purpose, in a copy of the rule; the walk must catch each, or it proves nothing. */
export const MUTANTS: Readonly<Record<string, { readonly breaks: Invariant; readonly step: TransitionFunction }>> = {
  'takes a pending answer for an approval': {
    breaks: 'S1',
    step: (machine, event, policy) =>
      event.type === 'session.status' && event.status === 'failed' && machine.state.name === 'verifying'
        ? transition(machine, { ...event, status: 'active' }, policy)
        : transition(machine, event, policy),
  },
  'keeps the session over a lock, so that a near phone undoes a manual lock': {
    breaks: 'S1',
    step: (machine, event, policy) => {
      const { machine: next, effects } = transition(machine, event, policy);
      const { state, context } = next;
      const before =
        machine.state.name === 'present' && machine.state.presence.kind === 'session'
          ? machine.state.presence.session
          : null;
      if (state.name !== 'locked' || before === null) return { machine: next, effects };
      const kept = { ...before, lockCycle: context.lockCycle };
      return { machine: { state: { ...state, session: kept }, context }, effects };
    },
  },
  'takes a code that was typed before the lock': {
    breaks: 'S1',
    step: (machine, event, policy) =>
      event.type === 'offlineCode.accepted'
        ? transition(machine, { ...event, lockCycle: machine.context.lockCycle }, policy)
        : transition(machine, event, policy),
  },
  'never ends the grace': {
    breaks: 'S2',
    step: (machine, event, policy) =>
      transition(machine, event, { ...policy, networkGraceMs: 1e9, walkawayGraceMs: 1e9 }),
  },
  'forgets to warn itself of the end of the lease': {
    breaks: 'S2',
    step: (machine, event, policy) =>
      machine.state.name === 'present' && event.type === 'timer.fired'
        ? { machine, effects: [] }
        : transition(machine, event, policy),
  },
  'takes a requested lock for a seen one': {
    breaks: 'S3',
    step: (machine, event, policy) => {
      const requested = transition(machine, event, policy);
      if (requested.machine.state.name !== 'locking') return requested;
      const assumed = transition(requested.machine, { type: 'os.locked', evidence: 'assumed', at: event.at }, policy);
      return { machine: assumed.machine, effects: [...requested.effects, ...assumed.effects] };
    },
  },
  'stops pursuing a lock after the last rung': {
    breaks: 'S3',
    step: (machine, event, policy) => {
      const result = transition(machine, event, policy);
      const { state, context } = result.machine;
      if (state.name !== 'locking' || state.rung < context.ladderRungs) return result;
      return { machine: { state, context: { ...context, wakeAt: null } }, effects: result.effects };
    },
  },
  'locks when the service merely answers again': {
    breaks: 'S4',
    step: (machine, event, policy) =>
      event.type === 'session.status' && event.status === 'active' && machine.state.name === 'present'
        ? transition(machine, { type: 'user.lockNow', from: 'tray', at: event.at }, policy)
        : transition(machine, event, policy),
  },
  'does not look at sequence numbers': {
    breaks: 'S6',
    step: (machine, event, policy) => {
      const known = sessionsOf(machine.state).find(
        (session) => event.type === 'session.status' && session.sessionId === event.sessionId,
      );
      const raised = event.type === 'session.status' && known !== undefined ? { ...event, seq: known.seq + 1 } : event;
      return transition(machine, raised, policy);
    },
  },
  'takes any session for its own': {
    breaks: 'S6',
    step: (machine, event, policy) => {
      const { state } = machine;
      const own = state.name === 'verifying' && state.session !== null ? state.session.sessionId : null;
      return transition(
        machine,
        event.type === 'session.status' && own !== null ? { ...event, sessionId: own } : event,
        policy,
      );
    },
  },
  'pauses for whichever session is named': {
    breaks: 'S6',
    step: (machine, event, policy) => {
      const own = presenceOf(machine);
      const named = event.type === 'gateway.pauseCommand' && own !== null ? { ...event, sessionId: own } : event;
      return transition(machine, named, policy);
    },
  },
  'pauses from afar while the grace runs': {
    breaks: 'S2',
    step: (machine, event, policy) => {
      const { state } = machine;
      if (event.type !== 'gateway.pauseCommand' || state.name !== 'leaving') return transition(machine, event, policy);
      const { since, presence, follow } = state;
      return transition({ ...machine, state: { name: 'present', since, presence, follow } }, event, policy);
    },
  },
  'pauses from afar on a lease that has run out': {
    breaks: 'S2',
    step: (machine, event, policy) => {
      const { state } = machine;
      if (event.type !== 'gateway.pauseCommand' || state.name !== 'present' || state.presence.kind !== 'session')
        return transition(machine, event, policy);
      const session = { ...state.presence.session, leaseUntil: event.at + 1, endsAt: event.at + 1 };
      return transition({ ...machine, state: { ...state, presence: { kind: 'session', session } } }, event, policy);
    },
  },
  'forgets what it asked in the last hour': {
    breaks: 'S7',
    step: (machine, event, policy) =>
      transition({ ...machine, context: { ...machine.context, starts: [] } }, event, policy),
  },
  'asks beneath the locker whatever the service needs shown': {
    breaks: 'S7',
    step: (machine, event, policy) =>
      transition({ ...machine, context: { ...machine.context, approvableUnseen: true } }, event, policy),
  },
  'does not count attempts': {
    breaks: 'S7',
    step: (machine, event, policy) =>
      transition(
        machine.state.name === 'verifying' ? { ...machine, state: { ...machine.state, attempt: 0 } } : machine,
        event,
        policy,
      ),
  },
};

const presenceOf = ({ state }: Machine): string | null =>
  (state.name === 'present' || state.name === 'leaving') && state.presence.kind === 'session'
    ? state.presence.session.sessionId
    : null;
