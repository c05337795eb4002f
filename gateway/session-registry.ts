import { createHash, randomBytes } from 'node:crypto';
import type { ErrorCode } from '../protocol/error-codes.ts';
import type { ClientFrameOf } from '../protocol/frames.ts';
import { err, ok, type Result } from '../protocol/result.ts';
import { MAX_LIVE_SESSIONS_PER_DEVICE } from './limits.ts';
import type { SessionHandle, WebhookNews } from './providers/provider.ts';
import { SlidingWindow } from './rate-limit.ts';
import { GatewaySession, type SessionPorts } from './session.ts';
import { type StartAttempt, StartAttempts } from './start-attempts.ts';

/** Who a connection proved to be: the token it holds, and the workstation it says it is. */
export interface Workstation {
  readonly tokenName: string;
  readonly deviceId: string;
}

export interface RegistryLimits {
  /** Session starts within a minute and an hour, per workstation and per person (S7: a phone must not be bombed by whoever holds a token). */
  readonly startsPerMinute: number;
  readonly startsPerHour: number;
  /** Sessions held in all, those over but not yet forgotten included. */
  readonly maxSessions: number;
  /** Upper bound on a session's duration, and the duration when none is asked for. */
  readonly maxSessionSeconds: number;
}

export interface RegistryPorts extends Omit<SessionPorts, 'forget'> {
  /** Must not be guessed: knowing one is not enough to be told about it, but should not be easy either. */
  readonly newSessionId: () => string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const SESSION_ID_BYTES = 16;
const IDEMPOTENCY_KEY_DIGITS = 40;

export const randomSessionId = (): string => randomBytes(SESSION_ID_BYTES).toString('hex');

/** All sessions of this gateway, by id and by the request that started them. */
export class SessionRegistry {
  readonly #ports: RegistryPorts;
  readonly #limits: RegistryLimits;
  readonly #sessions = new Map<string, GatewaySession>();
  /** The same sessions by workstation: looking through all of them at each start would make a morning's thousands of starts a million looks. */
  readonly #sessionsOfOwner = new Map<string, readonly GatewaySession[]>();
  readonly #starts: StartAttempts;
  readonly #sessionPorts: SessionPorts;
  readonly #recentStarts: SlidingWindow;
  #stopped = false;

  constructor(ports: RegistryPorts, limits: RegistryLimits) {
    this.#ports = ports;
    this.#limits = limits;
    this.#sessionPorts = { ...ports, forget: (session) => this.#forget(session) };
    this.#starts = new StartAttempts(ports.clock);
    this.#recentStarts = new SlidingWindow(
      [
        { events: limits.startsPerMinute, windowMs: MINUTE_MS },
        { events: limits.startsPerHour, windowMs: HOUR_MS },
      ],
      ports.clock,
    );
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Goes on with the sessions of the last run. @throws Error when the store cannot be read at all */
  async restore(): Promise<void> {
    const { records, problems } = await this.#ports.store.load();
    for (const { name, problem } of problems) {
      this.#ports.logger.warn({ name, problem }, 'a stored session is not used');
    }
    for (const record of records) {
      const session = new GatewaySession(record, this.#sessionPorts);
      this.#add(session);
      await session.resume(record.ending);
    }
  }

  /** Starts a session, or answers with the one that the same request of the same workstation started: the phone is not asked twice. */
  start(owner: Workstation, frame: ClientFrameOf<'session.start'>): Promise<Result<GatewaySession, ErrorCode>> {
    const key = startKey(owner, frame.requestId);
    const known = this.#starts.find(key) ?? this.#startThatSucceeded(owner, frame.requestId);
    if (known !== null) {
      // The same request id for another person is not a repetition; answering with the first one's session would be wrong.
      return known.userId === frame.userId ? known.outcome : Promise.resolve(err('FRAME_INVALID'));
    }
    const refusal = this.#refusalOfStart(owner, frame);
    if (refusal !== null) {
      this.#ports.audit.append({ event: 'session.refused', ...owner, userId: frame.userId, detail: refusal });
      return Promise.resolve(err(refusal));
    }
    const outcome = this.#startAtService(owner, frame);
    this.#starts.note(key, frame.userId, outcome);
    // Cannot reject: every failure is a Result.
    void outcome.then((result) => {
      if (result.ok) return;
      this.#ports.audit.append({ event: 'session.refused', ...owner, userId: frame.userId, detail: result.error });
    });
    return outcome;
  }

  /** The session, if it is this workstation's: another one learns only that it is not. */
  find(owner: Workstation, sessionId: string): Result<GatewaySession, 'SESSION_UNKNOWN' | 'SESSION_FORBIDDEN'> {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return err('SESSION_UNKNOWN');
    return isOwner(owner, session) ? ok(session) : err('SESSION_FORBIDDEN');
  }

  /** The service told us something by itself: each session it is about takes it as the answer to a question put just now, or asks. */
  serviceSaid(news: WebhookNews): void {
    for (const session of this.#sessions.values()) session.serviceSaid(news);
  }

  /** @returns whether a workstation was told */
  pause(concerns: (handle: SessionHandle) => boolean, minutes: number): boolean {
    return [...this.#sessions.values()].filter((session) => session.pause(concerns, minutes)).length > 0;
  }

  /** A phone reported lost, or a person removed, must not keep a workstation open. `asker`: whose own stay. @returns how many were not over */
  closeSessionsOfUser(userId: string, reason: string, asker: Workstation | null): number {
    const open = [...this.#sessions.values()].filter(
      (session) => session.userId === userId && !session.over && (asker === null || !isOwner(asker, session)),
    );
    for (const session of open) session.closeBecause(reason);
    return open.length;
  }

  /** A workstation that is no longer known must not be kept open. */
  closeSessionsOfWorkstation(owner: Workstation, reason: string): void {
    for (const session of this.#sessionsOf(owner)) if (!session.over) session.closeBecause(reason);
  }

  /** Stops all polling; stored sessions go on in the next run. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#sessions.values()].map((session) => session.stop()));
  }

  #add(session: GatewaySession): void {
    this.#sessions.set(session.sessionId, session);
    const owner = ownerKey(session);
    this.#sessionsOfOwner.set(owner, [...(this.#sessionsOfOwner.get(owner) ?? []), session]);
  }

  #forget(session: GatewaySession): void {
    this.#sessions.delete(session.sessionId);
    const owner = ownerKey(session);
    const others = this.#sessionsOf(session).filter((other) => other !== session);
    if (others.length === 0) this.#sessionsOfOwner.delete(owner);
    else this.#sessionsOfOwner.set(owner, others);
  }

  #sessionsOf(owner: Workstation): readonly GatewaySession[] {
    return this.#sessionsOfOwner.get(ownerKey(owner)) ?? [];
  }

  #startThatSucceeded(owner: Workstation, requestId: string): StartAttempt | null {
    const session = this.#sessionsOf(owner).find((candidate) => candidate.requestId === requestId);
    return session === undefined ? null : { userId: session.userId, outcome: Promise.resolve(ok(session)) };
  }

  #refusalOfStart(owner: Workstation, frame: ClientFrameOf<'session.start'>): ErrorCode | null {
    const { capabilities } = this.#ports.upstream.provider;
    if (frame.methods?.some((method) => !capabilities.methods.includes(method)) === true) return 'NOT_SUPPORTED';
    if (frame.workstation !== undefined && capabilities.showsWorkstation !== true) return 'NOT_SUPPORTED';
    const live = this.#sessionsOf(owner).filter((session) => !session.over).length;
    if (live >= MAX_LIVE_SESSIONS_PER_DEVICE || this.#sessions.size >= this.#limits.maxSessions) return 'RATE_LIMITED';
    // A workstation's key is JSON of a list, a person's is not: they cannot be the same.
    const keys = [ownerKey(owner), `user ${frame.userId}`];
    if (keys.some((key) => !this.#recentStarts.hasRoom(key))) return 'RATE_LIMITED';
    for (const key of keys) this.#recentStarts.take(key);
    return null;
  }

  async #startAtService(
    owner: Workstation,
    frame: ClientFrameOf<'session.start'>,
  ): Promise<Result<GatewaySession, ErrorCode>> {
    const { upstream, clock, audit } = this.#ports;
    const longest = this.#limits.maxSessionSeconds;
    const durationSeconds = Math.min(frame.durationSeconds ?? longest, longest);
    const { userId, reason } = frame;
    const request = {
      idempotencyKey: idempotencyKeyOf(owner, frame),
      userId,
      deviceId: owner.deviceId,
      tokenName: owner.tokenName,
      ...(frame.workstation === undefined ? {} : { workstation: frame.workstation }),
      reason,
      methods: frame.methods ?? [],
      durationSeconds,
    };
    const started = await upstream.call('start', (provider, signal) => provider.startSession(request, signal));
    if (!started.ok) return err(started.error.code);
    const { handle, answer } = started.value.value;
    const session = new GatewaySession(
      {
        v: 1,
        sessionId: this.#ports.newSessionId(),
        providerId: handle.providerId,
        ...owner,
        requestId: frame.requestId,
        userId,
        handle: handle.serialized,
        status: 'pending',
        reservedSeq: 0,
        startedAtWallMs: Math.floor(clock.wallMs()),
        durationMs: durationSeconds * 1_000,
        ending: false,
      },
      this.#sessionPorts,
    );
    this.#add(session);
    audit.append({ event: 'session.started', ...owner, userId, sessionId: session.sessionId, detail: reason });
    await session.begin(answer, started.value.sentAt);
    if (this.#stopped) await session.stop();
    return ok(session);
  }
}

function isOwner(claimed: Workstation, session: Workstation): boolean {
  return claimed.tokenName === session.tokenName && claimed.deviceId === session.deviceId;
}

function ownerKey(owner: Workstation): string {
  return JSON.stringify([owner.tokenName, owner.deviceId]);
}

function startKey(owner: Workstation, requestId: string): string {
  return JSON.stringify([owner.tokenName, owner.deviceId, requestId]);
}

/** Derived, not drawn: a start that is repeated after a restart of the gateway is still the same request to the service. */
function idempotencyKeyOf(owner: Workstation, { requestId, userId }: ClientFrameOf<'session.start'>): string {
  const request = JSON.stringify([owner.tokenName, owner.deviceId, requestId, userId]);
  return createHash('sha256').update(request).digest('hex').slice(0, IDEMPOTENCY_KEY_DIGITS);
}
