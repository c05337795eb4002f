import type { Effect, LockEvent, Machine, Session } from '../../main/core/lock-types.ts';
import { sessionsOf } from '../../main/core/step.ts';
import { initialMachine, transition } from '../../main/core/transition.ts';
import { DEFAULT_POLICY, type Policy } from '../../protocol/policy.ts';

export const ENROLLED = { userId: 'user-a', deviceId: 'device-a' } as const;
export const ANOTHER = { userId: 'user-b', deviceId: 'device-a' } as const;
export const RUNGS = 3;
const BEGINNING_MS = 36_000_000;

export type Draft = LockEvent extends infer E ? (E extends LockEvent ? Omit<E, 'at'> : never) : never;
type StatusEvent = Extract<LockEvent, { type: 'session.status' }>;
type EffectOf<T extends Effect['type']> = Extract<Effect, { type: T }>;

/** Tells the machine one thing after the other, as the runtime would: events in order, wake-ups when they are due. */
export class Story {
  machine: Machine = initialMachine('run', RUNGS);
  now = BEGINNING_MS;
  /** Effects of the last thing told, or of everything while waiting. */
  effects: readonly Effect[] = [];
  readonly all: Effect[] = [];
  policy: Policy;
  #sessions = 0;

  constructor(policy: Partial<Policy> = {}) {
    this.policy = { ...DEFAULT_POLICY, ...policy };
  }

  get state(): Machine['state'] {
    return this.machine.state;
  }

  tell(draft: Draft): this {
    const { machine, effects } = transition(this.machine, { ...draft, at: this.now }, this.policy);
    this.machine = machine;
    this.effects = effects;
    this.all.push(...effects);
    return this;
  }

  /** Lets time pass, waking the machine at each moment it asked for. */
  wait(ms: number): this {
    const target = this.now + ms;
    const seen: Effect[] = [];
    for (;;) {
      const { wakeAt } = this.machine.context;
      if (wakeAt === null || wakeAt > target) break;
      this.now = Math.max(this.now, wakeAt);
      seen.push(...this.tell({ type: 'timer.fired' }).effects);
    }
    this.now = target;
    this.effects = seen;
    return this;
  }

  /** Sleeps through every wake-up, as a stalled process does. */
  stall(ms: number): this {
    this.now += ms;
    return this.tell({ type: 'timer.fired' });
  }

  of<T extends Effect['type']>(type: T): readonly EffectOf<T>[] {
    return this.effects.filter((effect): effect is EffectOf<T> => effect.type === type);
  }

  lastStart(): EffectOf<'startSession'> {
    const start = this.all.findLast((effect): effect is EffectOf<'startSession'> => effect.type === 'startSession');
    if (start === undefined) throw new Error('no session was asked for in this story');
    return start;
  }

  /** The gateway answers the last start. */
  answered(sessionId?: string): this {
    this.#sessions += 1;
    const { requestId } = this.lastStart();
    return this.tell({ type: 'session.started', requestId, sessionId: sessionId ?? `session-${this.#sessions}` });
  }

  refused(code: string, retryable: boolean): this {
    return this.tell({ type: 'session.refused', requestId: this.lastStart().requestId, code, retryable });
  }

  /** The session held; the one to follow when there are two. */
  session(): Session {
    const session = sessionsOf(this.state).at(-1);
    if (session === undefined) throw new Error(`${this.state.name} holds no session`);
    return session;
  }

  status(status: StatusEvent['status'], over: Partial<StatusEvent> = {}): this {
    const sessionId = over.sessionId ?? this.session().sessionId;
    const seq = (sessionsOf(this.state).find((session) => session.sessionId === sessionId)?.seq ?? 0) + 1;
    const { leaseMs } = this.policy;
    return this.tell({
      type: 'session.status',
      sessionId,
      seq,
      status,
      validForMs: leaseMs,
      asOf: this.now,
      ...over,
    });
  }

  /** `active` is heard every five seconds while time passes. */
  waitWhileNear(ms: number, sessionId = this.session().sessionId): this {
    const seen: Effect[] = [];
    for (let left = ms; left > 0; left -= 5_000) {
      seen.push(...this.wait(Math.min(5_000, left)).effects, ...this.status('active', { sessionId }).effects);
    }
    this.effects = seen;
    return this;
  }

  isVerifying(): this {
    this.tell({ type: 'os.unlocked', evidence: 'story' }).tell({ type: 'gateway.up', approvableUnseen: true });
    return this.tell({ type: 'enrollment.changed', enrollment: ENROLLED });
  }

  isPresent(): this {
    return this.isVerifying().answered().status('active');
  }

  isLocked(): this {
    return this.isPresent().tell({ type: 'os.locked', evidence: 'story' });
  }

  /** Policy `session`: somebody touched the locked screen and the phone was asked. */
  isAskedWhileLocked(): this {
    return this.isLocked().tell({ type: 'os.activity' }).answered();
  }

  /** Present without a phone, policy `offline: code`. */
  isPresentByCode(): this {
    this.tell({ type: 'os.unlocked', evidence: 'story' });
    this.tell({ type: 'enrollment.changed', enrollment: ENROLLED });
    return this.code();
  }

  /** A genuine code, typed in this lock cycle. */
  code(lockCycle = this.machine.context.lockCycle): this {
    return this.tell({ type: 'offlineCode.accepted', codeKind: 'recovery', lockCycle });
  }

  /** Until the phone is asked to go on, and that request has been taken by the service. */
  isRenewing(): this {
    this.isPresent().waitWhileNear(this.policy.maxSessionSeconds * 1_000 - 60_000);
    return this.answered();
  }

  isPaused(minutes = 5): this {
    return this.isPresent().tell({ type: 'user.pause', minutes }).answered().status('active');
  }
}
