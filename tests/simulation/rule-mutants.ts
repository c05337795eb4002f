import type { Effect, TransitionFunction } from '../../main/core/lock-types.ts';
import { sessionsOf } from '../../main/core/step.ts';
import { transition } from '../../main/core/transition.ts';
import type { Invariant } from './promises.ts';

/**
 * Each promise broken on purpose in a wrapper of the rules, in a way that shows from outside: behind the real link, which forgets ended
 * sessions and drops old frames by itself, some of the walk's mutants (tests/core/walk-mutants.ts) do no harm any more.
 */
export const RULE_MUTANTS: Readonly<
  Record<string, { readonly breaks: readonly Invariant[]; readonly rules: TransitionFunction }>
> = {
  'takes a request on the phone for an approval': {
    breaks: ['S1'],
    rules: (machine, event, policy) =>
      event.type === 'session.status' && event.status === 'pending'
        ? transition(machine, { ...event, status: 'active', validForMs: policy.leaseMs }, policy)
        : transition(machine, event, policy),
  },
  'keeps the session over a lock, so that a near phone undoes a manual lock': {
    breaks: ['S1'],
    rules: (machine, event, policy) => {
      const { machine: next, effects } = transition(machine, event, policy);
      const { state, context } = next;
      const { state: before } = machine;
      const rested = before.name === 'present' && before.presence.kind === 'session' ? before.presence.session : null;
      if (state.name !== 'locked' || rested === null) return { machine: next, effects };
      const session = { ...rested, lockCycle: context.lockCycle };
      return { machine: { state: { ...state, session }, context }, effects: effects.filter(endsNothing) };
    },
  },
  'counts a lease from the arrival of the answer': {
    breaks: ['S1', 'S2'],
    rules: (machine, event, policy) =>
      transition(machine, event.type === 'session.status' ? { ...event, asOf: event.at } : event, policy),
  },
  'never ends the grace': {
    breaks: ['S2'],
    rules: (machine, event, policy) =>
      transition(machine, event, { ...policy, networkGraceMs: 1e9, walkawayGraceMs: 1e9 }),
  },
  'sleeps over the end of the lease': {
    breaks: ['S2'],
    rules: (machine, event, policy) =>
      machine.state.name === 'present' && event.type === 'timer.fired'
        ? { machine, effects: [] }
        : transition(machine, event, policy),
  },
  'takes no notice of waking up': {
    breaks: ['S1', 'S2'],
    rules: (machine, event, policy) =>
      event.type === 'os.suspending' || event.type === 'os.resumed'
        ? { machine, effects: [] }
        : transition(machine, event, policy),
  },
  'pauses for whichever session is named, whenever': {
    breaks: ['S2'],
    rules: (machine, event, policy) => {
      const { state } = machine;
      if (event.type !== 'gateway.pauseCommand' || !('presence' in state) || state.presence.kind !== 'session')
        return transition(machine, event, policy);
      const { since, follow } = state;
      const session = { ...state.presence.session, leaseUntil: event.at + 1 };
      const present = { name: 'present', since, presence: { kind: 'session', session }, follow } as const;
      return transition({ ...machine, state: present }, { ...event, sessionId: session.sessionId }, policy);
    },
  },
  'takes a requested lock for a seen one': {
    breaks: ['S3'],
    rules: (machine, event, policy) => {
      const requested = transition(machine, event, policy);
      if (requested.machine.state.name !== 'locking') return requested;
      const assumed = transition(requested.machine, { type: 'os.locked', evidence: 'assumed', at: event.at }, policy);
      return { machine: assumed.machine, effects: [...requested.effects, ...assumed.effects] };
    },
  },
  'stops pursuing a lock after the first rung': {
    breaks: ['S3'],
    rules: (machine, event, policy) =>
      machine.state.name === 'locking' && event.type === 'timer.fired'
        ? { machine, effects: [] }
        : transition(machine, event, policy),
  },
  'forgets the alarm': {
    breaks: ['S3'],
    rules: (machine, event, policy) => {
      const { machine: next, effects } = transition(machine, event, policy);
      return { machine: next, effects: effects.filter(({ type }) => type !== 'alarm') };
    },
  },
  'locks when the policy is told again': {
    breaks: ['S4'],
    rules: (machine, event, policy) =>
      event.type === 'policy.changed' && machine.state.name === 'present'
        ? transition(machine, { type: 'user.lockNow', from: 'tray', at: event.at }, policy)
        : transition(machine, event, policy),
  },
  'never hears an approval': {
    breaks: ['S4'],
    rules: (machine, event, policy) =>
      event.type === 'session.status' && event.status === 'active' && machine.state.name === 'verifying'
        ? { machine, effects: [] }
        : transition(machine, event, policy),
  },
  'locks at every tenth answer': {
    breaks: ['S4'],
    rules: (machine, event, policy) =>
      event.type === 'session.status' && event.seq % 10 === 0 && machine.state.name === 'present'
        ? transition(machine, { ...event, status: 'closed' }, policy)
        : transition(machine, event, policy),
  },
  'starts as if nobody had been there': {
    breaks: ['S5'],
    rules: (machine, event, policy) =>
      event.type === 'enrollment.changed' && machine.context.os !== 'locked'
        ? { machine: { ...machine, context: { ...machine.context, enrollment: event.enrollment } }, effects: [] }
        : transition(machine, event, policy),
  },
  'does without a curtain': {
    breaks: ['S5'],
    rules: (machine, event, policy) =>
      event.type === 'curtain.lost' || (event.type === 'effect.failed' && event.effect === 'raiseCurtain')
        ? { machine, effects: [] }
        : transition(machine, event, policy),
  },
  'does not look at sequence numbers': {
    breaks: ['S6'],
    rules: (machine, event, policy) => {
      const known = sessionsOf(machine.state).find(
        (session) => event.type === 'session.status' && session.sessionId === event.sessionId,
      );
      const raised = event.type === 'session.status' && known !== undefined ? { ...event, seq: known.seq + 1 } : event;
      return transition(machine, raised, policy);
    },
  },
  'takes any session for its own': {
    breaks: ['S6', 'S1'],
    rules: (machine, event, policy) => {
      const { state } = machine;
      const own = state.name === 'verifying' && state.session !== null ? state.session : null;
      return transition(
        machine,
        event.type === 'session.status' && own !== null
          ? { ...event, sessionId: own.sessionId, seq: Math.max(event.seq, own.seq + 1) }
          : event,
        policy,
      );
    },
  },
  'forgets what it asked in the last hour': {
    breaks: ['S7'],
    rules: (machine, event, policy) =>
      transition({ ...machine, context: { ...machine.context, starts: [] } }, event, policy),
  },
  'does not count attempts': {
    breaks: ['S7'],
    rules: (machine, event, policy) =>
      transition(
        machine.state.name === 'verifying' ? { ...machine, state: { ...machine.state, attempt: 0 } } : machine,
        event,
        policy,
      ),
  },
};

const endsNothing = (effect: Effect): boolean => effect.type !== 'endSession' && effect.type !== 'setPolling';
