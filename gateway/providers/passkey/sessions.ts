import type { ActivityKind } from '../../../protocol/approver-state.ts';
import type { GatewayClock } from '../../clock.ts';
import type { GatewayHost, ProviderAnswer, SessionHandle } from '../provider.ts';
import { ANSWER_FIRST_MS } from './limits.ts';
import type { People } from './people.ts';
import type { BookedSession, EndStatus, SessionBook } from './session-book.ts';

export const PASSKEY_PROVIDER_ID = 'passkey';

/** `after-the-answer`: whoever has a workstation removed stands there, and is not to be locked out by the end of the session before they are told. */
export type Heard = 'at-once' | 'after-the-answer';
const HEARD_NOW: Heard = 'at-once';

export interface SessionsPorts {
  readonly clock: GatewayClock;
  readonly people: People;
  readonly book: SessionBook;
  /** The gateway, once attached. */
  readonly host: () => GatewayHost | null;
  readonly changed: (userId: string) => void;
}

/** Approved sessions: how long each still lasts, and their end from whichever side. */
export class ApprovedSessions {
  readonly #ports: SessionsPorts;
  /** Elapsed time at which a session's agreed duration is over, as far as this process has seen it. */
  readonly #overAt = new Map<string, number>();

  constructor(ports: SessionsPorts) {
    this.#ports = ports;
  }

  /** The agreed duration counts from the approval. */
  noteApproved(sessionId: string, durationMs: number): void {
    this.#overAt.set(sessionId, this.#ports.clock.elapsedMs() + durationMs);
    this.#tell(sessionId, { status: 'active' });
  }

  /** Active sessions of the person whose time is not over, and until when (Unix milliseconds). */
  active(userId: string): { readonly session: BookedSession; readonly until: number }[] {
    const { book, clock } = this.#ports;
    return book
      .active(userId)
      .map((session) => ({ session, leftMs: this.#leftMs(session) }))
      .filter(({ leftMs }) => leftMs >= 0)
      .map(({ session, leftMs }) => ({ session, until: Math.floor(clock.wallMs() + leftMs) }));
  }

  /** How the session is, by the book. A pending one that reaches here has no request any more. */
  answer(session: BookedSession): ProviderAnswer {
    if (session.status === 'pending') return { status: 'closed', reason: 'the request is gone' };
    if (session.status !== 'active') {
      return { status: session.status, ...(session.reason === null ? {} : { reason: session.reason }) };
    }
    if (this.#leftMs(session) >= 0) return { status: 'active' };
    this.finish(session, 'timeout', 'the agreed duration is over', 'session-over');
    return { status: 'timeout', reason: 'the agreed duration is over' };
  }

  /** Over for everybody. `kind`: what the person's history says, if anything. `heard`: whether the gateway hears of it at once. */
  finish(
    session: BookedSession,
    status: EndStatus,
    reason: string,
    kind: ActivityKind | null,
    heard: Heard = HEARD_NOW,
  ): void {
    const { book, people, clock, changed } = this.#ports;
    if (!book.finish(session.sessionId, status, reason)) return;
    this.#overAt.delete(session.sessionId);
    const workstation = book.workstation(session.workstationId)?.name;
    if (kind !== null) {
      people.note(session.userId, Math.floor(clock.wallMs()), kind, workstation === undefined ? {} : { workstation });
    }
    this.#tell(session.sessionId, { status, reason }, heard);
    changed(session.userId);
  }

  /** @returns how many there were */
  finishAll(
    userId: string,
    matches: (session: BookedSession) => boolean,
    reason: string,
    heard: Heard = HEARD_NOW,
  ): number {
    const theirs = this.#ports.book.active(userId).filter(matches);
    for (const session of theirs) this.finish(session, 'closed', reason, null, heard);
    return theirs.length;
  }

  /** A pending session got an end. */
  tellEnd(sessionId: string, status: EndStatus, reason: string, heard: Heard = HEARD_NOW): void {
    this.#tell(sessionId, { status, reason }, heard);
  }

  /** Over a restart only wall time links the clocks: one that was set back must not lengthen a session, so it ends it. */
  #leftMs(session: BookedSession): number {
    const { clock } = this.#ports;
    const known = this.#overAt.get(session.sessionId);
    if (known !== undefined) return known - clock.elapsedMs();
    const ranMs = clock.wallMs() - (session.approvedAt ?? session.startedAt);
    const leftMs = ranMs < 0 ? -1 : session.durationMs - ranMs;
    this.#overAt.set(session.sessionId, clock.elapsedMs() + leftMs);
    return leftMs;
  }

  #tell(sessionId: string, answer: ProviderAnswer, heard: Heard = HEARD_NOW): void {
    const { clock } = this.#ports;
    if (heard === 'after-the-answer') clock.schedule(ANSWER_FIRST_MS, () => this.#tell(sessionId, answer));
    else this.#tellNow(sessionId, answer);
  }

  #tellNow(sessionId: string, answer: ProviderAnswer): void {
    const { serialized } = handleOf(sessionId);
    this.#ports.host()?.serviceSaid({
      concerns: (handle) => handle.providerId === PASSKEY_PROVIDER_ID && handle.serialized === serialized,
      answer,
      ageMs: 0,
    });
  }
}

/** Nothing in it is secret: who holds it can only ask the provider, inside the gateway. */
export function handleOf(sessionId: string): SessionHandle {
  return { providerId: PASSKEY_PROVIDER_ID, serialized: JSON.stringify({ v: 1, sessionId }) };
}
