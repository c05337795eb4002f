import type { Effect, LockEvent, Machine } from '../../main/core/lock-types.ts';
import type { Policy } from '../../protocol/policy.ts';

/**
 * A second, independent account of what happened, kept from events and effects alone — never from the machine's own fields —
 * so that the walk does not believe the machine about itself.
 */
export interface GhostSession {
  readonly sessionId: string;
  readonly requestId: string;
  /** Lock boundaries seen when it was asked for. */
  readonly boundary: number;
  readonly userId: string;
  /** Newest answer in order of `seq`. */
  readonly seq: number;
  readonly status: string;
  readonly leaseEnd: number;
  readonly approvedAt: number | null;
}

export interface Ghost {
  readonly osLocked: boolean;
  readonly enrolledUser: string | null;
  readonly gatewayUp: boolean;
  /** What the gateway said of its service last: an approval needs nothing of ours to be seen. */
  readonly approvableUnseen: boolean;
  /** Grows at each lock boundary. */
  readonly boundary: number;
  /** What the machine called its lock cycle before the last boundary: what was typed then must prove nothing now. */
  readonly staleCycle: number;
  readonly curtain: 'up' | 'down';
  /** Requests sent and sessions known, newest last. */
  readonly requests: readonly {
    readonly requestId: string;
    readonly boundary: number;
    readonly userId: string;
    readonly reason: string;
  }[];
  readonly sessions: readonly GhostSession[];
  /** Session that the lowered curtain rests on, or an offline code. */
  readonly restsOn: string | 'offline-code' | null;
  readonly offlineUntil: number;
  /** When a lock must have been requested at the latest, as far as walkaway and gateway loss go. */
  readonly doubtUntil: number | null;
  readonly paused: boolean;
  readonly starts: readonly number[];
  readonly asksThisUnlock: number;
}

export const initialGhost: Ghost = {
  osLocked: false,
  enrolledUser: null,
  gatewayUp: false,
  approvableUnseen: false,
  boundary: 0,
  staleCycle: 0,
  curtain: 'down',
  requests: [],
  sessions: [],
  restsOn: null,
  offlineUntil: 0,
  doubtUntil: null,
  paused: false,
  starts: [],
  asksThisUnlock: 0,
};

export const HOUR_MS = 3_600_000;

export const newsOf = (ghost: Ghost, sessionId: string): GhostSession | undefined =>
  ghost.sessions.find((session) => session.sessionId === sessionId);

/** Whether a status event is news at all: a session this workstation asked for and still holds, and newer than the last. */
export function isNews(ghost: Ghost, machine: Machine, event: Extract<LockEvent, { type: 'session.status' }>): boolean {
  const known = newsOf(ghost, event.sessionId);
  return known !== undefined && event.seq > known.seq && heldBy(machine).includes(event.sessionId);
}

/** The sessions the machine still cares for; the only place where the ghost looks into it, to know which ended. */
export function heldBy({ state }: Machine): readonly string[] {
  switch (state.name) {
    case 'locked':
    case 'verifying':
      return state.session === null ? [] : [state.session.sessionId];
    case 'unlocking':
      return [state.session.sessionId];
    case 'present':
    case 'leaving':
      return [
        ...(state.presence.kind === 'session' ? [state.presence.session.sessionId] : []),
        ...(state.follow?.session ? [state.follow.session.sessionId] : []),
      ];
    case 'unenrolled':
    case 'locking':
    case 'paused':
      return [];
  }
}

/** What the event alone says. */
export function witnessEvent(ghost: Ghost, machine: Machine, event: LockEvent, policy: Policy): Ghost {
  const now = event.at;
  switch (event.type) {
    case 'os.locked':
      return {
        ...ghost,
        osLocked: true,
        boundary: ghost.osLocked ? ghost.boundary : ghost.boundary + 1,
        staleCycle: ghost.osLocked ? ghost.staleCycle : machine.context.lockCycle,
        asksThisUnlock: ghost.osLocked ? ghost.asksThisUnlock : 0,
      };
    case 'os.unlocked':
      return { ...ghost, osLocked: false, asksThisUnlock: ghost.osLocked ? 0 : ghost.asksThisUnlock };
    case 'os.suspending':
    case 'os.resumed':
      return { ...ghost, boundary: ghost.boundary + 1, staleCycle: machine.context.lockCycle };
    case 'gateway.up':
      return { ...ghost, gatewayUp: true, approvableUnseen: event.approvableUnseen };
    case 'gateway.down':
      return {
        ...ghost,
        gatewayUp: false,
        approvableUnseen: false,
        doubtUntil: sooner(ghost.doubtUntil, now + policy.networkGraceMs),
      };
    case 'enrollment.changed':
      return { ...ghost, enrolledUser: event.enrollment?.userId ?? null, asksThisUnlock: 0 };
    case 'session.started': {
      const request = ghost.requests.find(({ requestId }) => requestId === event.requestId);
      if (request === undefined || newsOf(ghost, event.sessionId) !== undefined) return ghost;
      const { requestId, boundary, userId } = request;
      const session: GhostSession = {
        sessionId: event.sessionId,
        requestId,
        boundary,
        userId,
        seq: 0,
        status: 'pending',
        leaseEnd: 0,
        approvedAt: null,
      };
      return { ...ghost, sessions: [...ghost.sessions, session] };
    }
    case 'session.status': {
      if (!isNews(ghost, machine, event)) return ghost;
      const status = typeof event.status === 'string' ? event.status : 'unknown';
      const active = status === 'active';
      const sessions = ghost.sessions.map((session) =>
        session.sessionId !== event.sessionId
          ? session
          : {
              ...session,
              seq: event.seq,
              status,
              // A delayed answer grants less, but takes nothing away that was granted before.
              leaseEnd: active
                ? Math.max(session.leaseEnd, event.asOf + Math.min(event.validForMs, policy.leaseMs))
                : session.leaseEnd,
              approvedAt: session.approvedAt ?? (active ? now : null),
            },
      );
      const own = event.sessionId === ghost.restsOn;
      const leaseHolds = active && event.asOf + Math.min(event.validForMs, policy.leaseMs) > now;
      const doubtUntil = !own
        ? ghost.doubtUntil
        : leaseHolds
          ? null
          : status === 'walkaway'
            ? sooner(ghost.doubtUntil, now + policy.walkawayGraceMs)
            : ghost.doubtUntil;
      return { ...ghost, sessions, doubtUntil };
    }
    default:
      return ghost;
  }
}

const sooner = (a: number | null, b: number): number => (a === null ? b : Math.min(a, b));

/** What the effects did to the world. */
export function witnessEffects(
  ghost: Ghost,
  event: LockEvent,
  effects: readonly Effect[],
  from: Machine,
  after: Machine,
): Ghost {
  let seen = ghost;
  const now = event.at;
  for (const effect of effects) {
    switch (effect.type) {
      case 'requestLock':
        seen = {
          ...seen,
          boundary: seen.boundary + 1,
          staleCycle: from.context.lockCycle,
          restsOn: null,
          doubtUntil: null,
          paused: false,
          asksThisUnlock: 0,
        };
        break;
      case 'raiseCurtain':
        seen = { ...seen, curtain: 'up', restsOn: null, doubtUntil: null, paused: false };
        break;
      case 'discardCurtain':
        seen = { ...seen, curtain: 'down', restsOn: null };
        break;
      case 'lowerCurtain':
        seen = {
          ...seen,
          curtain: 'down',
          restsOn: effect.proof.kind === 'session' ? effect.proof.sessionId : 'offline-code',
          offlineUntil:
            after.state.name === 'present' && after.state.presence.kind === 'offline-code'
              ? after.state.presence.leaseUntil
              : 0,
          doubtUntil: null,
        };
        break;
      case 'startSession': {
        const request = {
          requestId: effect.requestId,
          boundary: seen.boundary,
          userId: effect.userId,
          reason: effect.reason,
        };
        const counted = effect.reason === 'unlock' || effect.reason === 'retry';
        seen = {
          ...seen,
          requests: [...seen.requests, request],
          starts: [...seen.starts.filter((at) => now - at < HOUR_MS), now],
          asksThisUnlock: seen.asksThisUnlock + (counted ? 1 : 0),
        };
        break;
      }
      case 'audit':
        if (
          effect.entry.what === 'renewed' &&
          after.state.name === 'present' &&
          after.state.presence.kind === 'session'
        ) {
          seen = { ...seen, restsOn: after.state.presence.session.sessionId, doubtUntil: null };
        }
        if (effect.entry.what === 'paused') seen = { ...seen, paused: true, restsOn: null, doubtUntil: null };
        if (effect.entry.what === 'unenrolled') seen = { ...seen, paused: false, restsOn: null, doubtUntil: null };
        // Time passes before the event: a pause that ended with this very lock asked for the unlock before it.
        if (effect.entry.what === 'lock-observed') seen = { ...seen, asksThisUnlock: 0 };
        if (effect.entry.what === 'os-unlocked' && from.state.name !== 'verifying')
          seen = { ...seen, asksThisUnlock: 0 };
        break;
      default:
        break;
    }
  }
  return forget(seen, after);
}

/**
 * Keeps the walk finite: of what is over, one session and one request remain, enough to replay and to answer late. Only what
 * the machine itself has let go is forgotten, and an answer about it counts as no news from then on.
 */
function forget(ghost: Ghost, after: Machine): Ghost {
  const held = heldBy(after);
  const asked = requestsOf(after);
  const over = ghost.sessions.findLast(({ sessionId }) => !held.includes(sessionId));
  const unanswered = ghost.requests.findLast(
    ({ requestId }) => !asked.includes(requestId) && !ghost.sessions.some((session) => session.requestId === requestId),
  );
  return {
    ...ghost,
    sessions: [
      ...(over === undefined ? [] : [{ ...over, boundary: -1, seq: 1, status: 'over', leaseEnd: 0, approvedAt: null }]),
      ...ghost.sessions.filter(({ sessionId }) => held.includes(sessionId)),
    ],
    requests: [
      ...(unanswered === undefined ? [] : [{ ...unanswered, boundary: -1 }]),
      ...ghost.requests.filter(({ requestId }) => asked.includes(requestId)),
    ],
  };
}

function requestsOf({ state }: Machine): readonly string[] {
  if (state.name === 'locked' || state.name === 'verifying') return state.start === null ? [] : [state.start.requestId];
  if (state.name === 'present' || state.name === 'leaving')
    return state.follow?.start ? [state.follow.start.requestId] : [];
  return [];
}
