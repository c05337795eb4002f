import type { Policy } from '../../protocol/policy.ts';
import { situationOf } from '../core/audit-situation.ts';
import type { Effect, LockEvent, Machine, TransitionFunction } from '../core/lock-types.ts';
import { initialMachine, transition } from '../core/transition.ts';
import { createEffectRunner, type EffectPorts } from './effect-runner.ts';
import { createEventQueue } from './event-queue.ts';

/** What happened in one step, for whoever shows, logs or measures it. */
export interface GuardStep {
  readonly event: LockEvent;
  readonly machine: Machine;
  readonly effects: readonly Effect[];
}

export interface Guard {
  /** Stamps nothing: the event carries the time at which it was learnt. */
  dispatch(event: LockEvent): void;
  /** The machine now; for views only. Rules read it in `transition`, nowhere else. */
  current(): Machine;
  subscribe(listener: (step: GuardStep) => void): () => void;
}

/**
 * Joins the pure machine to the world: events in, one at a time; effects out.
 * @param policy read at every event, so that a changed policy holds from the next event on.
 * @param onFault told when a rule itself threw. The lock is asked for right after (fail towards locked); recording that is up to
 * whoever is told, because nothing that the rules say can be relied on then.
 */
export function createGuard(options: {
  readonly runId: string;
  readonly policy: () => Policy;
  readonly ports: (dispatch: (event: LockEvent) => void) => EffectPorts;
  readonly onFault: (error: unknown) => void;
  /** Default: `transition`. */
  readonly rules?: TransitionFunction;
}): Guard {
  const { rules = transition } = options;
  const listeners = new Set<(step: GuardStep) => void>();
  const queue = createEventQueue<LockEvent>(handle, (error) => {
    options.onFault(error);
    lockWithoutRules();
  });
  const dispatch = (event: LockEvent): void => queue.push(event);
  const ports = options.ports(dispatch);
  const run = createEffectRunner(ports, dispatch);
  let machine = initialMachine(options.runId, ports.ladder.rungs.length);

  function handle(event: LockEvent): void {
    const before = machine;
    const result = rules(before, event, options.policy());
    machine = result.machine;
    const situation = situationOf(before, event, machine);
    for (const effect of result.effects) run(effect, situation);
    for (const listener of listeners) listener({ event, machine, effects: result.effects });
  }

  /** A rule threw: whatever the machine believes, ask for the lock by its first rung and cover the screens. */
  function lockWithoutRules(): void {
    if (machine.context.enrollment === null) return;
    run({ type: 'raiseCurtain' }, null);
    run({ type: 'requestLock', cause: 'fault', rung: 0 }, null);
  }

  return {
    dispatch,
    current: () => machine,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
