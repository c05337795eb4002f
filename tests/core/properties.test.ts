import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Effect, LockCause, LockEvent, LockState, StateName } from '../../main/core/lock-types.ts';
import { nextDeadline } from '../../main/core/passing-time.ts';
import { sessionsOf } from '../../main/core/step.ts';
import { initialMachine, transition } from '../../main/core/transition.ts';
import { DEFAULT_POLICY } from '../../protocol/policy.ts';
import { anyHistory, play, type Step } from './random-history.ts';
import { ENROLLED, RUNGS } from './story.ts';
import { isNews } from './walk-ghost.ts';

const RUNS = 400;

type EffectOf<T extends Effect['type']> = Extract<Effect, { type: T }>;
const only = <T extends Effect['type']>(effects: readonly Effect[], type: T): readonly EffectOf<T>[] =>
  effects.filter((effect): effect is EffectOf<T> => effect.type === type);
const idsOf = (machine: Step['from']): string[] => sessionsOf(machine.state).map(({ sessionId }) => sessionId);

/** Checks one thing at every step of random histories. `begin` makes what the check remembers over one history. */
function always<Memory>(
  begin: () => Memory,
  check: (step: Step, memory: Memory, policy: typeof DEFAULT_POLICY) => void,
) {
  fc.assert(
    fc.property(anyHistory, (history) => {
      const memory = begin();
      play(history, (step) => check(step, memory, history.policy));
    }),
    { numRuns: RUNS },
  );
}
const nothing = (): null => null;

describe('in every random history', () => {
  it('the promises S1–S4, S6 and S7 hold for an independent witness, and every state is met', {
    timeout: 60_000,
  }, () => {
    const met = new Set<StateName>();
    const done = new Set<Effect['type']>();
    always(nothing, ({ violations, result }) => {
      expect(violations).toEqual([]);
      met.add(result.machine.state.name);
      for (const { type } of result.effects) done.add(type);
    });
    expect([...met].sort()).toEqual(
      ['leaving', 'locked', 'locking', 'paused', 'present', 'unenrolled', 'unlocking', 'verifying'].sort(),
    );
    expect(done).toContain('lowerCurtain');
    expect(done).toContain('requestUnlock');
    expect(done).toContain('alarm');
  });

  it('the one wake-up is set to the next deadline, whenever that changes and only then', { timeout: 60_000 }, () => {
    always(nothing, ({ from, result, event }, _, policy) => {
      const due = nextDeadline(result.machine, policy);
      const scheduled = only(result.effects, 'schedule').map((effect) => effect.at);
      expect(result.machine.context.wakeAt).toBe(due);
      expect(scheduled).toEqual(from.context.wakeAt === due ? [] : [due]);
      if (due !== null) expect(due).toBeGreaterThan(event.at);
    });
  });

  it('nothing is dated in the future', { timeout: 60_000 }, () => {
    always(nothing, ({ result, event }) => {
      expect(result.machine.state.since).toBeLessThanOrEqual(event.at);
      for (const session of sessionsOf(result.machine.state)) {
        expect(session.startedAt).toBeLessThanOrEqual(event.at);
        expect(session.leaseUntil).toBeLessThanOrEqual(event.at + DEFAULT_POLICY.leaseMs);
      }
    });
  });

  it('no session is held twice', { timeout: 60_000 }, () => {
    always(nothing, ({ result }) => {
      const ids = idsOf(result.machine);
      expect(new Set(ids).size).toBe(ids.length);
    });
  });

  it('no session from before a lock boundary is held after it', { timeout: 60_000 }, () => {
    always(
      () => ({ known: new Set<string>(), void: new Set<string>() }),
      ({ from, event, result, before }, memory) => {
        for (const id of idsOf(from)) memory.known.add(id);
        const boundary =
          (event.type === 'os.locked' && !before.osLocked) ||
          event.type === 'os.suspending' ||
          event.type === 'os.resumed' ||
          event.type === 'user.lockNow' ||
          event.type === 'gateway.lockCommand' ||
          only(result.effects, 'requestLock').length > 0;
        const unguarded = from.context.enrollment === null;
        if (boundary && !unguarded) for (const id of memory.known) memory.void.add(id);
        for (const id of idsOf(result.machine)) expect(memory.void).not.toContain(id);
      },
    );
  });

  it('the lock cycle never falls, and grows at every lock boundary', { timeout: 60_000 }, () => {
    always(nothing, ({ from, event, result }) => {
      const [before, after] = [from.context.lockCycle, result.machine.context.lockCycle];
      const [left, entered] = [from.state.name, result.machine.state.name];
      const locks = left !== entered && (entered === 'locking' || entered === 'locked') && left !== 'unenrolled';
      if (locks || event.type === 'os.suspending' || event.type === 'os.resumed') expect(after).toBeGreaterThan(before);
      else expect(after).toBeGreaterThanOrEqual(before);
    });
  });

  it('the grace never grows while leaving', { timeout: 60_000 }, () => {
    always(nothing, ({ from, result }) => {
      const { state } = result.machine;
      if (from.state.name === 'leaving' && state.name === 'leaving')
        expect(state.until).toBeLessThanOrEqual(from.state.until);
    });
  });

  it('a session that is let go is ended, once; one that is kept is not', { timeout: 60_000 }, () => {
    always(nothing, ({ from, event, result }) => {
      const kept = idsOf(result.machine);
      const ended = only(result.effects, 'endSession').map(({ sessionId }) => sessionId);
      const letGo = idsOf(from).filter((id) => !kept.includes(id));
      // An answer that comes late is called back as well, whatever it is about.
      const late = event.type === 'session.started' ? ended.indexOf(event.sessionId, letGo.length) : -1;
      expect(ended.filter((_, at) => at !== late).sort()).toEqual(letGo.sort());
      for (const id of ended) expect(kept).not.toContain(id);
    });
  });

  it('what is polled is a session that is held, or nothing', { timeout: 60_000 }, () => {
    always(
      () => ({ polled: null as string | null }),
      ({ result }, memory) => {
        for (const { polling } of only(result.effects, 'setPolling')) memory.polled = polling?.sessionId ?? null;
        if (memory.polled !== null) expect(idsOf(result.machine)).toContain(memory.polled);
      },
    );
  });

  it('every lock that is requested has its cause on record, with what was seen', { timeout: 60_000 }, () => {
    always(nothing, ({ result }) => {
      const onRecord = only(result.effects, 'audit').flatMap(({ entry }) =>
        entry.what === 'lock-requested' || entry.what === 'lock-unconfirmed' ? [entry] : [],
      );
      for (const { cause } of only(result.effects, 'requestLock')) {
        expect(onRecord.map((entry) => entry.cause)).toContain(cause);
      }
      for (const { evidence } of onRecord) expect(evidence).not.toBe('');
    });
  });

  it('the cause of a lock is what happened: phone gone, network gone, service silent', { timeout: 60_000 }, () => {
    const met = new Set<LockCause>();
    always(
      () => ({ phoneLeft: false, networkLeft: false, leases: new Map<string, number>() }),
      ({ from, event, result, after, before }, memory, { leaseMs, networkGraceMs }) => {
        const own = from.state.name === 'present' || from.state.name === 'leaving' ? before.restsOn : null;
        const ownNews = event.type === 'session.status' && event.sessionId === own;
        if (ownNews && event.status === 'walkaway') memory.phoneLeft = true;
        if (event.type === 'gateway.down') memory.networkLeft = true;
        for (const { cause, rung } of only(result.effects, 'requestLock')) {
          if (rung !== 0 || from.state.name === 'locking') continue;
          met.add(cause);
          if (cause === 'walkaway') expect(memory.phoneLeft).toBe(true);
          if (cause === 'gateway-unreachable') expect(memory.networkLeft || !before.gatewayUp).toBe(true);
          if (cause === 'service-silent' && own !== null && own !== 'offline-code') {
            expect((memory.leases.get(own) ?? 0) + networkGraceMs).toBeLessThanOrEqual(event.at);
          }
        }
        // After the check: time passes before news is looked at.
        if (event.type === 'session.status' && event.status === 'active' && isNews(before, from, event)) {
          const granted = event.asOf + Math.min(event.validForMs, leaseMs);
          if (granted > event.at) memory.leases.set(event.sessionId, granted);
        }
        const { state } = result.machine;
        if (state.name === 'present' && ownNews && event.status === 'active') memory.phoneLeft = false;
        if (after.gatewayUp && state.name === 'present') memory.networkLeft = false;
        if (state.name !== 'present' && state.name !== 'leaving') {
          memory.phoneLeft = false;
          memory.networkLeft = !after.gatewayUp;
        }
      },
    );
    for (const cause of ['walkaway', 'gateway-unreachable', 'service-silent', 'approval-timeout'] as const)
      expect(met).toContain(cause);
  });

  it('a signal of the OS that comes twice does what it does once', { timeout: 60_000 }, () => {
    always(nothing, ({ event, result }, _, policy) => {
      if (!event.type.startsWith('os.')) return;
      const again = transition(result.machine, event, policy);
      expect(again.machine.state).toEqual(result.machine.state);
      // A lock that is pursued may be requested once more; nothing else may be done to anybody.
      const pursued = result.machine.state.name === 'locking' ? ['requestLock', 'audit'] : [];
      const harmless = ['setPolling', 'schedule', ...pursued];
      expect(again.effects.filter(({ type }) => !harmless.includes(type))).toEqual([]);
    });
  });

  it('a warning is withdrawn when it no longer holds', { timeout: 60_000 }, () => {
    always(nothing, ({ from, result }) => {
      if (from.state.name !== 'leaving' || result.machine.state.name === 'leaving') return;
      const warnings = only(result.effects, 'withdrawNotification').filter(
        ({ notification }) => notification === 'leaving',
      );
      expect(warnings).toHaveLength(1);
    });
  });

  it('nobody is told to answer what is no longer asked', { timeout: 60_000 }, () => {
    always(nothing, ({ from, result }) => {
      const asked = askedBeside(from.state);
      if (asked === null || askedBeside(result.machine.state) === asked) return;
      const kind = asked === 'pause' ? 'pause-needs-approval' : 'ask-again';
      expect(only(result.effects, 'withdrawNotification').map(({ notification }) => notification)).toContain(kind);
    });
  });
});

/** What the person is told to answer beside the work. To take over from a code they are told only once the phone was asked. */
function askedBeside(state: LockState): 'renewal' | 'pause' | null {
  if ((state.name !== 'present' && state.name !== 'leaving') || state.follow === null) return null;
  const { follow, presence } = state;
  const told = follow.session !== null || (follow.start !== null && presence.kind === 'session');
  return told ? follow.purpose.kind : null;
}

describe('a process that starts', () => {
  const status = fc.constantFrom('active', 'pending', 'walkaway', 'closed', 'timeout');
  const before: fc.Arbitrary<LockEvent> = fc.oneof(
    fc.record({
      at: fc.constant(5_000),
      type: fc.constant('session.status' as const),
      sessionId: fc.constantFrom('from-before', 'session-run.1'),
      seq: fc.nat(50),
      status,
      validForMs: fc.constantFrom(0, 15_000, 3_600_000),
      asOf: fc.constantFrom(0, 5_000),
    }),
    fc.record({
      at: fc.constant(5_000),
      type: fc.constant('session.started' as const),
      // Requests of the process before, and of nobody.
      requestId: fc.constantFrom('before.1', 'before.2', ''),
      sessionId: fc.constantFrom('from-before', 'session-run.1'),
    }),
    fc.constantFrom<LockEvent>(
      { at: 5_000, type: 'gateway.up', approvableUnseen: true },
      { at: 5_000, type: 'gateway.down', reason: 'random' },
      { at: 5_000, type: 'os.unlocked', evidence: 'random' },
      { at: 5_000, type: 'os.activity' },
      { at: 5_000, type: 'enrollment.changed', enrollment: ENROLLED },
      { at: 5_000, type: 'user.retry' },
      { at: 5_000, type: 'offlineCode.accepted', codeKind: 'recovery', lockCycle: 1 },
      { at: 5_000, type: 'timer.fired' },
    ),
  );
  const admitted = (effects: readonly Effect[]): boolean =>
    effects.some(({ type }) => type === 'lowerCurtain' || type === 'requestUnlock');

  it('admits nobody on what was approved before it started (S5)', () => {
    fc.assert(
      fc.property(fc.array(before, { maxLength: 40, size: 'max' }), (events) => {
        let machine = initialMachine('run', RUNGS);
        for (const event of events) {
          const result = transition(machine, event, DEFAULT_POLICY);
          expect(admitted(result.effects)).toBe(false);
          machine = result.machine;
        }
        // With somebody to guard and the OS unlocked, whatever was said before, the screens are covered.
        const guarded = transition(
          machine,
          { at: 5_000, type: 'enrollment.changed', enrollment: ENROLLED },
          DEFAULT_POLICY,
        );
        expect(guarded.machine.state.name).toBe('verifying');
        // And the way in is a session of its own.
        const up = transition(
          guarded.machine,
          { at: 5_000, type: 'gateway.up', approvableUnseen: true },
          DEFAULT_POLICY,
        ).machine;
        if (up.state.name !== 'verifying' || up.state.start === null) throw new Error('nobody is asked');
        const { requestId } = up.state.start;
        const started: LockEvent = { at: 5_000, type: 'session.started', requestId, sessionId: 'fresh' };
        const held = transition(up, started, DEFAULT_POLICY).machine;
        const active = { status: 'active', seq: 1, validForMs: 15_000, asOf: 5_000, at: 5_000 } as const;
        const approved: LockEvent = { ...active, type: 'session.status', sessionId: 'fresh' };
        expect(admitted(transition(held, approved, DEFAULT_POLICY).effects)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });
});
