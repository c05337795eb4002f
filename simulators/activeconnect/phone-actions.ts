import { assertNever } from '../assert-never.ts';
import type { Service, User } from './service.ts';
import { durationEndsAtMs, type EndCause, end, type Session, type SessionStatus } from './session.ts';

export const PHONE_ACTIONS = ['register', 'approve', 'deny', 'ignore', 'leave', 'return', 'close'] as const;
export type PhoneAction = (typeof PHONE_ACTIONS)[number];

export function isPhoneAction(text: string): text is PhoneAction {
  return PHONE_ACTIONS.some((action) => action === text);
}

/** What the phone shows. Times are ISO 8601 in UTC; null says "not now". Holds no session secret. */
export interface PhoneState {
  readonly userId: string;
  readonly displayName: string | null;
  readonly registered: boolean;
  readonly near: boolean;
  /** The newest request that waits for an answer; `waiting` counts it and those behind it. */
  readonly request: {
    readonly sessionId: string;
    readonly application: string;
    readonly methods: readonly string[];
    readonly durationSeconds: number;
    readonly askedAt: string;
    readonly expiresAt: string;
    readonly waiting: number;
  } | null;
  /** The newest session that was approved and is not over. */
  readonly session: {
    readonly sessionId: string;
    readonly status: SessionStatus;
    readonly approvedAt: string;
    readonly endsAt: string;
    /** Set while the phone is away: when the session becomes `walkaway`, and when it is `closed`. */
    readonly walkawayAt: string | null;
    readonly closesAt: string | null;
  } | null;
  /** The session that ended last. */
  readonly ended: {
    readonly sessionId: string;
    readonly status: SessionStatus;
    readonly cause: EndCause;
    readonly at: string;
  } | null;
  /** The status of the session that was started last, whatever became of it. */
  readonly sessionStatus: SessionStatus | null;
  /** What makes sense now; every other action is refused. */
  readonly actions: readonly PhoneAction[];
}

function newestWaiting(user: User): Session | undefined {
  return user.sessions.findLast((session) => session.phase.kind === 'pending' && !session.phase.ignored);
}

function running(user: User): Session[] {
  return user.sessions.filter((session) => session.phase.kind === 'approved');
}

/** @returns why the action makes no sense now, in words for a person, or undefined where it does. */
function objection(service: Service, user: User, action: PhoneAction, registration?: string): string | undefined {
  if (action === 'register') {
    if (registration !== undefined) {
      return service.acceptsRegistrationToken(user, registration)
        ? undefined
        : 'This registration link was used or has expired.';
    }
    return user.phone === undefined
      ? undefined
      : 'A phone is registered already. A new registration link can replace it.';
  }
  if (user.phone === undefined) return 'No phone is registered.';
  switch (action) {
    case 'approve':
    case 'deny':
    case 'ignore':
      return newestWaiting(user) === undefined ? 'Nothing waits for an answer.' : undefined;
    case 'leave':
      return user.phone.near ? undefined : 'The phone is away already.';
    case 'return':
      return user.phone.near ? 'The phone is near already.' : undefined;
    case 'close':
      return running(user).length === 0 ? 'No session is running.' : undefined;
    default:
      return assertNever(action);
  }
}

function carryOut(service: Service, user: User, action: PhoneAction): void {
  const nowMs = service.nowMs();
  const waiting = newestWaiting(user);
  switch (action) {
    case 'register':
      service.registerPhone(user);
      return;
    case 'approve':
      if (waiting === undefined || user.phone === undefined) return;
      waiting.phase = { kind: 'approved', atMs: nowMs };
      // Who approves stands at the workstation; approving from elsewhere is `approve`, then `leave`.
      user.phone.near = true;
      return;
    case 'deny':
      if (waiting !== undefined) end(waiting, 'denied', nowMs);
      return;
    case 'ignore':
      // Gone from the phone's screen only: the service learns nothing and goes on waiting until the request times out.
      if (waiting !== undefined) waiting.phase = { kind: 'pending', ignored: true };
      return;
    case 'leave':
      if (user.phone !== undefined) Object.assign(user.phone, { near: false, leftAtMs: nowMs });
      return;
    case 'return':
      if (user.phone !== undefined) user.phone.near = true;
      return;
    case 'close':
      for (const session of running(user)) end(session, 'closed-on-phone', nowMs);
      return;
    default:
      assertNever(action);
  }
}

export type PhoneAnswer =
  | { readonly ok: true; readonly state: PhoneState }
  | { readonly ok: false; readonly objection: string; readonly state: PhoneState };

/** `user` must come fresh from `Service.user`, which brings its sessions up to now. */
export function operatePhone(service: Service, user: User, action: PhoneAction, registration?: string): PhoneAnswer {
  const refusal = objection(service, user, action, registration);
  if (refusal !== undefined) return { ok: false, objection: refusal, state: phoneState(service, user) };
  carryOut(service, user, action);
  return { ok: true, state: phoneState(service, user) };
}

function requestShown(service: Service, user: User): PhoneState['request'] {
  const session = newestWaiting(user);
  if (session === undefined) return null;
  return {
    sessionId: session.id,
    application: service.settings.appId,
    methods: session.methods,
    durationSeconds: session.durationSeconds,
    askedAt: service.shownTime(session.startedAtMs),
    expiresAt: service.shownTime(session.startedAtMs + service.settings.limits.pendingMs),
    waiting: user.sessions.filter(({ phase }) => phase.kind === 'pending' && !phase.ignored).length,
  };
}

function sessionShown(service: Service, user: User): PhoneState['session'] {
  const session = running(user).at(-1);
  if (session?.phase.kind !== 'approved') return null;
  const { limits } = service.settings;
  const { near, leftAtMs } = session.phone;
  return {
    sessionId: session.id,
    status: service.settle(session),
    approvedAt: service.shownTime(session.phase.atMs),
    endsAt: service.shownTime(durationEndsAtMs(session, session.phase.atMs)),
    walkawayAt: near ? null : service.shownTime(leftAtMs + limits.walkawayMs),
    closesAt: near ? null : service.shownTime(leftAtMs + limits.closeMs),
  };
}

function endedShown(service: Service, user: User): PhoneState['ended'] {
  let shown: { readonly session: Session; readonly phase: Session['phase'] & { readonly kind: 'ended' } } | undefined;
  for (const session of user.sessions) {
    const { phase } = session;
    if (phase.kind === 'ended' && (shown === undefined || phase.atMs >= shown.phase.atMs)) shown = { session, phase };
  }
  if (shown === undefined) return null;
  const { status, cause, atMs } = shown.phase;
  return { sessionId: shown.session.id, status, cause, at: service.shownTime(atMs) };
}

export function phoneState(service: Service, user: User): PhoneState {
  const newest = user.sessions.at(-1);
  return {
    userId: user.userId,
    displayName: user.displayName ?? null,
    registered: user.phone !== undefined,
    near: user.phone?.near ?? false,
    request: requestShown(service, user),
    session: sessionShown(service, user),
    ended: endedShown(service, user),
    sessionStatus: newest === undefined ? null : service.settle(newest),
    actions: PHONE_ACTIONS.filter((action) => objection(service, user, action) === undefined),
  };
}
