import type { Prompt } from '../../../protocol/frames.ts';
import type { GatewayClock } from '../../clock.ts';
import { type ProviderAnswer, ProviderError } from '../provider.ts';
import { presenceReading, promptOf } from './answers.ts';
import { type ActionRef, type AuthsignalCalls, PRESENCE_ACTION, UNLOCK_ACTION } from './calls.ts';
import type { StoredSession } from './session-handle.ts';

/** Sessions whose course is remembered; the oldest is forgotten first and then goes on as after a restart. */
const MAX_COURSES = 10_000;

/** Where a session stands. Not stored: after a restart presence is asked at once instead. */
interface Course {
  approved: boolean;
  /** Elapsed time of the last question about presence that was answered; the approval counts as one. */
  askedAt: number;
  /** The interval whose action carries the session; `null`: the unlock action still does. */
  interval: number | null;
  /** An interval whose question got no answer: it is asked again under the same key, so that nobody is asked twice. */
  unanswered: number | null;
  /** A challenge waits for the person; no further question until it is answered. */
  waiting: boolean;
  prompt: Prompt | undefined;
}

/**
 * Presence at a service that has no proximity (PROVIDERS §2): at every interval an action is tracked, and the tenant's rules decide. In between
 * the state of that action is read, so that every `active` rests on a word of the service that is as fresh as the poll.
 */
export class Presence {
  readonly #calls: AuthsignalCalls;
  readonly #clock: GatewayClock;
  readonly #intervalMs: number;
  readonly #courses = new Map<string, Course>();

  constructor(calls: AuthsignalCalls, clock: GatewayClock, intervalMs: number) {
    this.#calls = calls;
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** The person is being asked: the approval, when it is seen, is a fresh one. */
  expectApproval(session: StoredSession): void {
    if (!this.#courses.has(session.idempotencyKey)) this.#remember(session);
  }

  isApproved(session: StoredSession): boolean {
    return this.#courses.get(session.idempotencyKey)?.approved === true;
  }

  /** The session was seen approved. A fresh approval counts as the first answer; of another one nobody knows how old it is, so presence is due. */
  noteApproved(session: StoredSession): void {
    const expected = this.#courses.get(session.idempotencyKey);
    const course = expected ?? this.#remember(session);
    course.approved = true;
    course.askedAt = expected === undefined ? Number.NEGATIVE_INFINITY : this.#clock.elapsedMs();
  }

  forget(session: StoredSession): void {
    this.#courses.delete(session.idempotencyKey);
  }

  /** The question that is open, if one is. */
  openChallenge(session: StoredSession): ActionRef | null {
    const course = this.#courses.get(session.idempotencyKey);
    return course?.waiting === true ? actionOf(session, course.interval) : null;
  }

  /** Whether it is time for the rules to decide anew. */
  isDue(session: StoredSession): boolean {
    const course = this.#courses.get(session.idempotencyKey);
    return course === undefined || this.#isDue(course);
  }

  /** How an approved session is now. @throws ProviderError when nothing can be said */
  async ask(session: StoredSession, signal: AbortSignal): Promise<ProviderAnswer> {
    const course = this.#courses.get(session.idempotencyKey) ?? this.#remember(session);
    const answer = this.#isDue(course)
      ? await this.#track(session, course, signal)
      : await this.#read(session, course, signal);
    if (answer.status !== 'active' && answer.status !== 'walkaway') this.forget(session);
    return answer;
  }

  #isDue(course: Course): boolean {
    return !course.waiting && this.#clock.elapsedMs() - course.askedAt >= this.#intervalMs;
  }

  async #track(session: StoredSession, course: Course, signal: AbortSignal): Promise<ProviderAnswer> {
    // From the wall clock, so that a restarted gateway asks under the same key as long as the interval lasts; never a key that was answered.
    const next = Math.floor(this.#clock.wallMs() / this.#intervalMs);
    const interval = course.unanswered ?? (course.interval === null ? next : Math.max(next, course.interval + 1));
    course.unanswered = interval;
    const askedAt = this.#clock.elapsedMs();
    const { deviceId } = session;
    const tracked = await this.#calls.track(actionOf(session, interval), { deviceId, reason: 'presence' }, signal);
    const prompt = promptOf(tracked, this.#calls.simulated);
    Object.assign(course, { askedAt, interval, unanswered: null, prompt });
    // Somebody without an authenticator cannot be asked; what the rules say of such a person is no presence.
    if (!tracked.isEnrolled) return { status: 'closed', reason: 'NO_MOBILE_DEVICE' };
    return this.#answer(course, tracked.state);
  }

  async #read(session: StoredSession, course: Course, signal: AbortSignal): Promise<ProviderAnswer> {
    const action = await this.#calls.action(actionOf(session, course.interval), signal);
    return action === null ? { status: 'closed', reason: 'SESSION_UNKNOWN' } : this.#answer(course, action.state);
  }

  #answer(course: Course, state: string): ProviderAnswer {
    const reading = presenceReading(state);
    course.waiting = reading.status === 'walkaway';
    const prompt = state === 'CHALLENGE_REQUIRED' ? course.prompt : undefined;
    return prompt === undefined ? reading : { ...reading, prompt };
  }

  #remember(session: StoredSession): Course {
    const course: Course = {
      approved: false,
      askedAt: Number.NEGATIVE_INFINITY,
      interval: null,
      unanswered: null,
      waiting: false,
      prompt: undefined,
    };
    const [oldest] = this.#courses.keys();
    if (oldest !== undefined && this.#courses.size >= MAX_COURSES) this.#courses.delete(oldest);
    this.#courses.set(session.idempotencyKey, course);
    return course;
  }
}

function actionOf({ userId, idempotencyKey }: StoredSession, interval: number | null): ActionRef {
  return interval === null
    ? { userId, action: UNLOCK_ACTION, idempotencyKey }
    : { userId, action: PRESENCE_ACTION, idempotencyKey: `${idempotencyKey}-p${interval}` };
}

/** The service does not accept our key: for a session that is an answer, not silence (docs/protocol.md), for it must not stay open. */
export function answerOfRefusal(fault: unknown): ProviderAnswer {
  if (fault instanceof ProviderError && fault.code === 'PROVIDER_UNAUTHORIZED') {
    return { status: 'failed', reason: fault.code };
  }
  throw fault;
}
