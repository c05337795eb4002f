import type { LockEvent, Machine, PendingStart, Session, TransitionFunction } from '../../main/core/lock-types.ts';
import { initialMachine } from '../../main/core/transition.ts';
import type { Policy } from '../../protocol/policy.ts';
import { type Ghost, HOUR_MS, heldBy, initialGhost } from './walk-ghost.ts';
import { type Invariant, type Violation, witness } from './walk-invariants.ts';

/**
 * Walks every reachable state, breadth first, with time on a grid of one second and counters bounded by the policy given.
 * Two situations that differ only in absolute time, in names of sessions or in how much lies behind count as one.
 */
export interface WalkResult {
  readonly states: number;
  readonly transitions: number;
  readonly names: ReadonlySet<string>;
  readonly violation: (Violation & { readonly path: readonly string[] }) | null;
  /** The frontier was emptied, so that "every" is true. */
  readonly complete: boolean;
}

export interface WalkLimits {
  readonly maxStates: number;
  readonly ladderRungs: number;
  /** Look for this one only; all of them by default. */
  readonly watch?: Invariant;
}

const GRID_MS = 1_000;
export const ENROLLMENT = { userId: 'user-a', deviceId: 'device-a' } as const;

type Draft = LockEvent extends infer E ? (E extends LockEvent ? Omit<E, 'at'> : never) : never;

interface Node {
  readonly machine: Machine;
  readonly ghost: Ghost;
  readonly now: number;
  readonly from: Node | null;
  readonly by: LockEvent | null;
}

function drafts(machine: Machine, ghost: Ghost, now: number, policy: Policy): Draft[] {
  const held = heldBy(machine);
  const old = ghost.sessions.findLast((session) => !held.includes(session.sessionId));
  const waiting = ghost.requests.filter(
    ({ requestId }) => !ghost.sessions.some((session) => session.requestId === requestId),
  );
  const list: Draft[] = [
    { type: 'timer.fired' },
    { type: 'os.locked', evidence: 'walk' },
    { type: 'os.unlocked', evidence: 'walk' },
    { type: 'os.suspending' },
    { type: 'os.resumed' },
    { type: 'os.activity' },
    { type: 'gateway.up', approvableUnseen: true },
    ...(looksAtService(policy) ? ([{ type: 'gateway.up', approvableUnseen: false }] as const) : []),
    { type: 'gateway.down', reason: 'walk' },
    { type: 'gateway.lockCommand', reason: 'walk' },
    { type: 'offlineCode.accepted', codeKind: 'recovery', lockCycle: machine.context.lockCycle },
    // Typed before the last lock boundary, verified after it.
    { type: 'offlineCode.accepted', codeKind: 'recovery', lockCycle: ghost.staleCycle },
    { type: 'user.lockNow', from: 'tray' },
    { type: 'user.retry' },
    { type: 'user.pause', minutes: 1 },
    { type: 'curtain.lost', reason: 'walk' },
    { type: 'enrollment.changed', enrollment: ENROLLMENT },
    { type: 'enrollment.changed', enrollment: null },
    { type: 'effect.failed', effect: 'raiseCurtain', reason: 'walk' },
    { type: 'effect.failed', effect: 'requestUnlock', reason: 'walk' },
  ];
  if (machine.state.name === 'locking')
    list.push({ type: 'effect.failed', effect: 'requestLock', rung: machine.state.rung, reason: 'walk' });
  for (const { requestId } of waiting) {
    list.push({ type: 'session.started', requestId, sessionId: `session-${requestId}` });
    list.push({ type: 'session.refused', requestId, code: 'NO_MOBILE_DEVICE', retryable: false });
  }
  for (const sessionId of [...held, old?.sessionId ?? 'somebody-elses'])
    list.push({ type: 'gateway.pauseCommand', sessionId, minutes: 1 });
  for (const sessionId of held) {
    const seq = ghost.sessions.find((session) => session.sessionId === sessionId)?.seq ?? 0;
    for (const status of ['active', 'walkaway', 'closed', 'failed'] as const) {
      list.push({ type: 'session.status', sessionId, seq: seq + 1, status, validForMs: policy.leaseMs, asOf: now });
    }
    list.push({
      type: 'session.status',
      sessionId,
      seq: seq + 1,
      status: { unknown: 'odd' },
      validForMs: policy.leaseMs,
      asOf: now,
    });
    // Delayed in the network until its lease is over, and replayed.
    list.push({
      type: 'session.status',
      sessionId,
      seq: seq + 1,
      status: 'active',
      validForMs: policy.leaseMs,
      asOf: now - policy.leaseMs,
    });
    if (seq > 0)
      list.push({ type: 'session.status', sessionId, seq, status: 'active', validForMs: policy.leaseMs, asOf: now });
  }
  if (old !== undefined)
    list.push({
      type: 'session.status',
      sessionId: old.sessionId,
      seq: old.seq + 1,
      status: 'active',
      validForMs: policy.leaseMs,
      asOf: now,
    });
  list.push({
    type: 'session.status',
    sessionId: 'somebody-elses',
    seq: 9,
    status: 'active',
    validForMs: policy.leaseMs,
    asOf: now,
  });
  return list;
}

/** Times at which an event may come: at once, a second later, and when the machine wants to wake. */
function times(now: number, wakeAt: number | null): number[] {
  const list = [now];
  if (wakeAt === null) return [now];
  if (now + GRID_MS < wakeAt) list.push(now + GRID_MS);
  if (wakeAt > now) list.push(wakeAt);
  return list;
}

const withTime = (draft: Draft, at: number, shift: number): LockEvent =>
  draft.type === 'session.status' ? { ...draft, at, asOf: draft.asOf + shift } : { ...draft, at };

/** Everything that may come next; and what comes only after an hour without anything, as on a machine that slept unnoticed. */
function eventsAfter({ machine, ghost, now }: Node, policy: Policy): LockEvent[] {
  const all = drafts(machine, ghost, now, policy);
  const soon = times(now, machine.context.wakeAt).flatMap((at) => all.map((draft) => withTime(draft, at, at - now)));
  const late = all.filter(({ type }) => LATE.has(type)).map((draft) => withTime(draft, now + HOUR_MS, HOUR_MS));
  return [...soon, ...late];
}
const LATE: ReadonlySet<LockEvent['type']> = new Set(['timer.fired', 'session.status', 'os.unlocked', 'os.activity']);

/** Renames ids by first appearance, so that two runs that differ only in names count as one. */
class Names {
  private readonly known = new Map<string, number>();
  of(id: string | null | undefined): number {
    if (id === null || id === undefined) return -1;
    const seen = this.known.get(id);
    if (seen !== undefined) return seen;
    this.known.set(id, this.known.size);
    return this.known.size - 1;
  }
}

/** Where nothing is asked beneath the locker, what the service needs is decided on by nothing, and would only double the walk. */
const looksAtService = (policy: Policy): boolean => policy.unlockOnApproval === 'session';

/** Everything that anything decides on, with times as distances from now. What is left out (since, sentAt, cause, …) is history only. */
function fingerprint({ machine, ghost, now }: Pick<Node, 'machine' | 'ghost' | 'now'>): string {
  const { state, context } = machine;
  const names = new Names();
  const ahead = (time: number | null): string =>
    time === null ? '-' : time === Number.POSITIVE_INFINITY ? 'i' : String(Math.max(-1, time - now));
  const session = (s: Session | null): string =>
    s === null
      ? '-'
      : `${names.of(s.sessionId)},${s.lockCycle - context.lockCycle},${s.userId},${s.status},${s.seq > 0},${ahead(s.leaseUntil)},${ahead(s.approvedAt)},${ahead(s.endsAt)}`;
  const start = (p: PendingStart | null): string => (p === null ? '-' : `${names.of(p.requestId)}${p.reason}`);
  const parts: unknown[] = [state.name, context.enrollment?.userId, context.os, context.gateway, ahead(context.wakeAt)];
  parts.push(context.starts.filter((at) => now - at < HOUR_MS).length, context.approvableUnseen);
  switch (state.name) {
    case 'locked':
      parts.push(start(state.start), session(state.session), ahead(state.deadline), state.attempt);
      break;
    case 'locking':
      parts.push(state.rung, ahead(state.rungSince + HOUR_MS));
      break;
    case 'verifying':
      parts.push(
        start(state.start),
        session(state.session),
        ahead(state.deadline),
        state.attempt,
        state.problem?.code.startsWith('PROVIDER_'),
        ahead(state.problem?.retryAt ?? null),
      );
      break;
    case 'present':
    case 'leaving':
      parts.push(
        state.presence.kind === 'session'
          ? session(state.presence.session)
          : `${ahead(state.presence.leaseUntil)},${ahead(state.presence.followUpAt)}`,
      );
      if (state.follow !== null)
        parts.push(
          state.follow.purpose.kind,
          start(state.follow.start),
          session(state.follow.session),
          ahead(state.follow.deadline),
          ahead(state.follow.retryAt),
          state.follow.attempt,
        );
      if (state.name === 'leaving') parts.push(ahead(state.until));
      break;
    case 'unlocking':
      parts.push(session(state.session), ahead(state.until), state.attempt);
      break;
    case 'paused':
      parts.push(ahead(state.until));
      break;
    case 'unenrolled':
      break;
  }
  parts.push(
    '|',
    ghost.staleCycle < context.lockCycle,
    ghost.osLocked,
    ghost.enrolledUser,
    ghost.gatewayUp,
    ghost.approvableUnseen,
    ghost.curtain,
    ghost.paused,
    ahead(ghost.doubtUntil),
    ahead(ghost.offlineUntil),
  );
  parts.push(ghost.starts.filter((at) => now - at < HOUR_MS).length, ghost.asksThisUnlock);
  parts.push(ghost.restsOn === 'offline-code' ? 'code' : names.of(ghost.restsOn));
  for (const s of ghost.sessions)
    parts.push(
      names.of(s.sessionId),
      s.boundary === ghost.boundary,
      s.userId,
      s.seq > 0,
      s.status,
      ahead(s.leaseEnd),
      ahead(s.approvedAt),
    );
  for (const r of ghost.requests) parts.push(names.of(r.requestId), r.boundary === ghost.boundary, r.userId);
  return parts.join(';');
}

export function walk(step: TransitionFunction, policy: Policy, limits: WalkLimits): WalkResult {
  const start: Node = {
    machine: initialMachine('walk', limits.ladderRungs),
    ghost: initialGhost,
    now: 10 * HOUR_MS,
    from: null,
    by: null,
  };
  const seen = new Set([fingerprint(start)]);
  const names = new Set<string>([start.machine.state.name]);
  let frontier: Node[] = [start];
  let transitions = 0;
  while (frontier.length > 0) {
    const next: Node[] = [];
    for (const node of frontier) {
      for (const event of eventsAfter(node, policy)) {
        const at = event.at;
        const result = step(node.machine, event, policy);
        transitions += 1;
        const { ghost, violations } = witness(node.ghost, node.machine, event, result, policy, step);
        const child: Node = { machine: result.machine, ghost, now: at, from: node, by: event };
        const violation = violations.find(({ invariant }) => limits.watch === undefined || limits.watch === invariant);
        if (violation !== undefined) {
          return {
            states: seen.size,
            transitions,
            names,
            violation: { ...violation, path: pathOf(child) },
            complete: false,
          };
        }
        names.add(result.machine.state.name);
        const key = fingerprint(child);
        if (seen.has(key)) continue;
        seen.add(key);
        if (seen.size >= limits.maxStates)
          return { states: seen.size, transitions, names, violation: null, complete: false };
        next.push(child);
      }
    }
    frontier = next;
  }
  return { states: seen.size, transitions, names, violation: null, complete: true };
}

function describe(event: LockEvent): string {
  if (event.type === 'session.status')
    return `${event.type} ${JSON.stringify(event.status)} ${event.sessionId} seq ${event.seq}`;
  return event.type;
}

function pathOf(node: Node): string[] {
  const path: string[] = [];
  for (let current: Node | null = node; current !== null; current = current.from) {
    const waited = current.from === null ? 0 : current.now - current.from.now;
    if (current.by !== null) path.unshift(`+${waited} ms ${describe(current.by)} → ${current.machine.state.name}`);
  }
  return path;
}
