import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { end, type Method, type Phone, type PresenceLimits, type Session, settle } from './session.ts';

export const MAX_USERS = 10_000;
export const MAX_USER_ID_LENGTH = 256;
/** Requests and running sessions one person can have at a time; one more is refused. */
export const MAX_OPEN_SESSIONS_PER_USER = 16;
/** Ended sessions whose `status_url` still answers; the oldest is forgotten first. */
export const MAX_ENDED_SESSIONS_PER_USER = 64;
/** Registration links that work at the same time for one person; the oldest is forgotten first. */
export const MAX_LINKS_PER_USER = 8;
export const REGISTRATION_LINK_MS = 24 * 3600 * 1000;

export interface RegistrationSms {
  readonly phoneNumber: string;
  readonly text: string;
}

export interface User {
  readonly userId: string;
  displayName: string | undefined;
  phone: Phone | undefined;
  /** One-time registration tokens and the monotonic millisecond at which each expires. */
  readonly links: Map<string, number>;
  lastSms: RegistrationSms | undefined;
  /** Oldest first. */
  sessions: Session[];
}

export interface ServiceSettings {
  readonly appId: string;
  readonly appSecret: string;
  readonly limits: PresenceLimits;
  readonly clock: Clock;
}

/** User ids are any printable text: the protocol does not say more, and a client may use an e-mail address. */
export function isUserId(text: string): boolean {
  return text.length > 0 && text.length <= MAX_USER_ID_LENGTH && !/\p{Cc}/u.test(text);
}

/**
 * Everything the simulated service knows, in memory: one application, its people, their phones and sessions. Time is
 * only looked at when somebody asks, so a test with a clock of its own sees every change at its exact millisecond.
 */
export class Service {
  readonly settings: ServiceSettings;
  readonly #users = new Map<string, User>();
  readonly #sessions = new Map<string, { readonly user: User; readonly session: Session }>();
  /** Added to a monotonic time it gives the wall time shown to people; fixed at start so that shown times never shift. */
  readonly #wallOffsetMs: number;

  constructor(settings: ServiceSettings) {
    this.settings = settings;
    this.#wallOffsetMs = settings.clock.wallMs() - settings.clock.monotonicMs();
  }

  nowMs(): number {
    return this.settings.clock.monotonicMs();
  }

  shownTime(monotonicMs: number): string {
    return new Date(monotonicMs + this.#wallOffsetMs).toISOString();
  }

  /** @returns the person with every session brought up to now. */
  user(userId: string): User | undefined {
    const user = this.#users.get(userId);
    if (user !== undefined) this.#settleSessions(user);
    return user;
  }

  users(): readonly User[] {
    return [...this.#users.values()];
  }

  hasRoomFor(newUsers: number): boolean {
    return this.#users.size + newUsers <= MAX_USERS;
  }

  addUser(userId: string): User {
    const user: User = {
      userId,
      displayName: undefined,
      phone: undefined,
      links: new Map(),
      lastSms: undefined,
      sessions: [],
    };
    this.#users.set(userId, user);
    return user;
  }

  /** Ends the person's sessions; the sessions' own URLs still answer, so that whoever watches one sees it end. */
  deleteUser(user: User): void {
    this.#endAllSessions(user, 'user-deleted');
    user.phone = undefined;
    this.#users.delete(user.userId);
  }

  newRegistrationToken(user: User): string {
    const nowMs = this.nowMs();
    const [oldest] = user.links.keys();
    if (oldest !== undefined && user.links.size >= MAX_LINKS_PER_USER) user.links.delete(oldest);
    const token = randomBytes(24).toString('base64url');
    user.links.set(token, nowMs + REGISTRATION_LINK_MS);
    return token;
  }

  acceptsRegistrationToken(user: User, token: string): boolean {
    const expiresAtMs = user.links.get(token);
    return expiresAtMs !== undefined && this.nowMs() < expiresAtMs;
  }

  /** Every link is used up by a registration: a copy of it must not let a second phone in. */
  registerPhone(user: User): void {
    this.#endAllSessions(user, 'phone-replaced');
    user.links.clear();
    user.phone = { near: true, leftAtMs: this.nowMs() };
  }

  /** Links handed out before the loss stop working too: whoever holds the phone may hold them. */
  disableLostPhone(user: User): void {
    this.#endAllSessions(user, 'phone-lost');
    user.links.clear();
    user.phone = undefined;
  }

  openSessions(user: User): Session[] {
    return user.sessions.filter((session) => session.phase.kind !== 'ended');
  }

  startSession(user: User, phone: Phone, methods: readonly Method[], durationSeconds: number): Session {
    const session: Session = {
      id: randomBytes(16).toString('hex'),
      token: randomBytes(16).toString('hex'),
      secret: randomBytes(32).toString('hex'),
      phone,
      methods,
      durationSeconds,
      startedAtMs: this.nowMs(),
      phase: { kind: 'pending', ignored: false },
    };
    this.#forgetOldestEnded(user);
    user.sessions.push(session);
    this.#sessions.set(session.id, { user, session });
    return session;
  }

  session(sessionId: string): Session | undefined {
    const found = this.#sessions.get(sessionId);
    if (found !== undefined) this.settle(found.session);
    return found?.session;
  }

  settle(session: Session) {
    return settle(session, this.settings.limits, this.nowMs());
  }

  #settleSessions(user: User): void {
    for (const session of user.sessions) this.settle(session);
  }

  #endAllSessions(user: User, cause: 'user-deleted' | 'phone-lost' | 'phone-replaced'): void {
    this.#settleSessions(user);
    for (const session of user.sessions) end(session, cause, this.nowMs());
  }

  #forgetOldestEnded(user: User): void {
    const ended = user.sessions.filter((session) => session.phase.kind === 'ended');
    const oldest = ended[0];
    if (oldest === undefined || ended.length < MAX_ENDED_SESSIONS_PER_USER) return;
    user.sessions = user.sessions.filter((session) => session !== oldest);
    this.#sessions.delete(oldest.id);
  }
}
