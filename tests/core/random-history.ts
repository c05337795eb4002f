import fc from 'fast-check';
import type { LockEvent, Machine, Transition } from '../../main/core/lock-types.ts';
import { initialMachine, transition } from '../../main/core/transition.ts';
import { DEFAULT_POLICY, type Policy } from '../../protocol/policy.ts';
import { ANOTHER, type Draft, ENROLLED, RUNGS } from './story.ts';
import { type Ghost, heldBy, initialGhost } from './walk-ghost.ts';
import { type Violation, witness } from './walk-invariants.ts';

/**
 * Random histories under the real policy. What happens is drawn before the machine runs; which session or request it is about is
 * settled against what is there then, so that most of a history is about something and some of it about nothing.
 */
export interface Step {
  readonly from: Machine;
  readonly event: LockEvent;
  readonly result: Transition;
  /** The ghost's account before and after. */
  readonly before: Ghost;
  readonly after: Ghost;
  readonly violations: readonly Violation[];
}

interface Drawn {
  readonly kinds: readonly Kind[];
  readonly delay: (typeof DELAYS)[number] | number;
  readonly pick: number;
}

const DELAYS = ['none', 'until due', 'one before due'] as const;
const KINDS = [
  'answer',
  'approval',
  'news',
  'old news',
  'phone left',
  'refusal',
  'wake',
  'locked',
  'unlocked',
  'suspending',
  'resumed',
  'activity',
  'gateway up',
  'gateway down',
  'lock command',
  'code',
  'lock now',
  'retry',
  'pause',
  'pause command',
  'enrolled',
  'another enrolled',
  'removed',
  'failure',
  'curtain lost',
  'policy',
] as const;
type Kind = (typeof KINDS)[number];

/** What people really do, in one piece; drawn as often as chance, or no history would ever get far. */
const HABITS: readonly (readonly Kind[])[] = [
  ['answer', 'approval'],
  ['answer', 'approval'],
  ['unlocked', 'gateway up', 'answer', 'approval'],
  ['enrolled', 'unlocked', 'gateway up', 'answer', 'approval', 'wake', 'approval'],
  ['approval', 'approval', 'approval'],
  ['locked', 'activity', 'answer', 'approval', 'unlocked'],
  ['locked', 'activity', 'answer', 'approval'],
  ['pause', 'answer', 'approval'],
  ['approval', 'pause command'],
  ['pause', 'answer', 'pause command'],
  ['phone left', 'wake'],
  ['phone left', 'approval'],
  ['gateway down', 'wake'],
  ['gateway down', 'gateway up', 'approval'],
  ['gateway down', 'locked', 'unlocked', 'code'],
];

const drawn: fc.Arbitrary<Drawn> = fc.record({
  kinds: fc.oneof(fc.constantFrom(...KINDS.map((kind) => [kind])), fc.constantFrom(...HABITS)),
  delay: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...DELAYS) },
    { weight: 10, arbitrary: fc.integer({ min: 1, max: 6_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 6_000, max: 120_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 3_500_000, max: 3_700_000 }) },
  ),
  pick: fc.nat(10_000),
});

const POLICIES: readonly Policy[] = [
  DEFAULT_POLICY,
  { ...DEFAULT_POLICY, unlockOnApproval: 'session' },
  { ...DEFAULT_POLICY, offline: 'code' },
  { ...DEFAULT_POLICY, unlockOnApproval: 'session', offline: 'code', maxStartsPerHour: 6, maxSessionSeconds: 120 },
];

export interface Drawing {
  readonly policy: Policy;
  readonly drawn: readonly Drawn[];
}
export const anyHistory: fc.Arbitrary<Drawing> = fc.record({
  policy: fc.constantFrom(...POLICIES),
  drawn: fc.array(drawn, { minLength: 10, maxLength: 60, size: 'max' }),
});

const at = <T>(list: readonly T[], pick: number): T | undefined => list[pick % Math.max(1, list.length)];

const STATUSES = [
  'active',
  'active',
  'active',
  'active',
  'active',
  'active',
  'active',
  'pending',
  'walkaway',
  'walkaway',
  'timeout',
  'closed',
  'failed',
  'unknown',
] as const;
const FAILING = ['raiseCurtain', 'requestUnlock', 'requestLock', 'lowerCurtain', 'startSession', 'notify'] as const;

function aboutSession(machine: Machine, ghost: Ghost, pick: number, now: number): Draft {
  const sessionId = at(heldBy(machine), pick);
  const status = at(STATUSES, Math.floor(pick / 2)) ?? 'active';
  const seq = ghost.sessions.find((session) => session.sessionId === sessionId)?.seq ?? 0;
  if (sessionId === undefined) return { type: 'timer.fired' };
  return {
    type: 'session.status',
    sessionId,
    seq: seq + 1 + (pick % 3),
    status: status === 'unknown' ? { unknown: 'odd' } : status,
    validForMs: [15_000, 15_000, 60_000, 0][pick % 4] ?? 0,
    asOf: now - ([0, 0, 1_000, 20_000][Math.floor(pick / 7) % 4] ?? 0),
    ...(pick % 11 === 0 ? { reason: 'PROVIDER_UNREACHABLE' } : {}),
  };
}

function draftOf(kind: Kind, pick: number, machine: Machine, ghost: Ghost, now: number): Draft {
  const answered = (requestId: string): boolean => ghost.sessions.some((session) => session.requestId === requestId);
  const waiting = ghost.requests.filter(({ requestId }) => !answered(requestId)).map(({ requestId }) => requestId);
  // The newest first: an old one is answered late, now and then.
  const requestId = pick % 5 === 0 ? waiting[0] : waiting.at(-1);
  const held = heldBy(machine);
  switch (kind) {
    case 'answer': {
      if (requestId === undefined) return { type: 'timer.fired' };
      const reused = pick % 9 === 0 ? held[0] : undefined;
      return { type: 'session.started', requestId, sessionId: reused ?? `session-${requestId}` };
    }
    case 'refusal': {
      if (requestId === undefined) return { type: 'timer.fired' };
      const retryable = pick % 2 === 0;
      return {
        type: 'session.refused',
        requestId,
        code: retryable ? 'PROVIDER_UNREACHABLE' : 'NO_MOBILE_DEVICE',
        retryable,
      };
    }
    case 'approval':
    case 'phone left': {
      const sessionId = held.at(-1);
      const known = ghost.sessions.find((session) => session.sessionId === sessionId);
      if (sessionId === undefined || known === undefined) return { type: 'timer.fired' };
      const status = kind === 'approval' ? 'active' : 'walkaway';
      return { type: 'session.status', sessionId, seq: known.seq + 1, status, validForMs: 15_000, asOf: now };
    }
    case 'news':
      return aboutSession(machine, ghost, pick, now);
    case 'old news': {
      const known = at(ghost.sessions, pick);
      const stillHeld = known !== undefined && held.includes(known.sessionId);
      return {
        type: 'session.status',
        sessionId: known?.sessionId ?? 'somebody-elses',
        seq: stillHeld ? known.seq : 500,
        status: 'active',
        validForMs: 15_000,
        asOf: now,
      };
    }
    case 'wake':
      return { type: 'timer.fired' };
    case 'locked':
      return { type: 'os.locked', evidence: 'random' };
    case 'unlocked':
      return { type: 'os.unlocked', evidence: 'random' };
    case 'suspending':
      return { type: 'os.suspending' };
    case 'resumed':
      return { type: 'os.resumed' };
    case 'activity':
      return { type: 'os.activity' };
    case 'gateway up':
      return { type: 'gateway.up', approvableUnseen: pick % 4 !== 0 };
    case 'gateway down':
      return { type: 'gateway.down', reason: 'random' };
    case 'lock command':
      return { type: 'gateway.lockCommand', reason: 'random' };
    case 'code':
      // Now and then typed before the last lock.
      return {
        type: 'offlineCode.accepted',
        codeKind: 'totp',
        lockCycle: pick % 4 === 0 ? ghost.staleCycle : machine.context.lockCycle,
      };
    case 'lock now':
      return { type: 'user.lockNow', from: 'tray' };
    case 'retry':
      return { type: 'user.retry' };
    case 'pause':
      return { type: 'user.pause', minutes: 1 + (pick % 90) };
    case 'pause command': {
      const sessionId = pick % 3 === 0 ? at(ghost.sessions, pick)?.sessionId : at(held, pick);
      return { type: 'gateway.pauseCommand', sessionId: sessionId ?? 'somebody-elses', minutes: 1 + (pick % 90) };
    }
    case 'enrolled':
      return { type: 'enrollment.changed', enrollment: machine.context.enrollment ?? ENROLLED };
    case 'another enrolled':
      return {
        type: 'enrollment.changed',
        enrollment: machine.context.enrollment?.userId === ENROLLED.userId ? ANOTHER : ENROLLED,
      };
    case 'removed':
      return { type: 'enrollment.changed', enrollment: null };
    case 'failure': {
      const effect = at(FAILING, pick) ?? 'notify';
      const rung = machine.state.name === 'locking' ? machine.state.rung : 0;
      return {
        type: 'effect.failed',
        effect,
        reason: 'random',
        ...(effect === 'requestLock' ? { rung } : {}),
        ...(effect === 'startSession' && requestId !== undefined ? { requestId } : {}),
      };
    }
    case 'curtain lost':
      return { type: 'curtain.lost', reason: 'random' };
    case 'policy':
      return { type: 'policy.changed' };
  }
}

function timeOf({ delay }: Drawn, now: number, wakeAt: number | null): number {
  if (typeof delay === 'number') return now + delay;
  if (delay === 'none' || wakeAt === null) return now;
  return Math.max(now, delay === 'until due' ? wakeAt : wakeAt - 1);
}

/** Plays a history from the first start of the process, telling the ghost, and hands each step to the check. */
export function play({ policy, drawn: history }: Drawing, check: (step: Step) => void): void {
  let machine = initialMachine('random', RUNGS);
  let ghost = initialGhost;
  let now = 36_000_000;
  const begin: readonly Draft[] = [
    { type: 'os.unlocked', evidence: 'random' },
    { type: 'gateway.up', approvableUnseen: true },
    { type: 'enrollment.changed', enrollment: ENROLLED },
  ];
  const tell = (event: LockEvent): void => {
    const result = transition(machine, event, policy);
    const seen = witness(ghost, machine, event, result, policy, transition);
    check({ from: machine, event, result, before: ghost, after: seen.ghost, violations: seen.violations });
    machine = result.machine;
    ghost = seen.ghost;
  };
  for (const draft of begin) tell({ ...draft, at: now });
  for (const next of history) {
    now = timeOf(next, now, machine.context.wakeAt);
    for (const kind of next.kinds) {
      // In one piece, except where somebody waits.
      if (kind === 'wake') now = Math.max(now, machine.context.wakeAt ?? now);
      tell({ ...draftOf(kind, next.pick, machine, ghost, now), at: now });
    }
  }
}
