import type { PasskeyAssertion } from '../../../protocol/approver-passkey.ts';
import type { ActivityKind } from '../../../protocol/approver-state.ts';
import { PHONE_LOCK_REASONS } from '../../../protocol/lock-reasons.ts';
import type { GatewayClock } from '../../clock.ts';
import type { GatewayLogger } from '../../logger.ts';
import { SlidingWindow } from '../../rate-limit.ts';
import type { Database } from '../../store/database.ts';
import {
  type GatewayHost,
  type ProviderAnswer,
  ProviderError,
  type StartedSession,
  type StartSessionRequest,
} from '../provider.ts';
import type { Blocks } from './blocks.ts';
import { challengeOf } from './challenges.ts';
import { MAX_PENDING_PER_PERSON, REQUEST_MS, REQUESTS_PER_TEN_MINUTES, SHORTEST_REQUEST_MS } from './limits.ts';
import type { PasskeyUse } from './passkey-use.ts';
import type { Pauses } from './pauses.ts';
import { type PendingRequest, PendingRequests } from './pending-requests.ts';
import { type People, randomId } from './people.ts';
import type { Phone, Phones } from './phones.ts';
import { ApproverRefusal } from './refusal.ts';
import { type AskingWorkstation, type EndStatus, type SessionBook, workstationIdOf } from './session-book.ts';
import { type ApprovedSessions, type Heard, handleOf } from './sessions.ts';

const TEN_MINUTES_MS = 600_000;

export interface ApprovalsPorts {
  readonly clock: GatewayClock;
  readonly logger: GatewayLogger;
  readonly database: Database;
  readonly people: People;
  readonly phones: Phones;
  readonly book: SessionBook;
  readonly blocks: Blocks;
  readonly sessions: ApprovedSessions;
  readonly passkeyUse: PasskeyUse;
  readonly pauses: Pauses;
  readonly host: () => GatewayHost | null;
  /** Something the person's phones show is different. */
  readonly changed: (userId: string) => void;
  /** Worth a notification. */
  readonly asked: (userId: string) => void;
}

/** From a workstation's question to the phone's answer. */
export class Approvals {
  readonly #ports: ApprovalsPorts;
  readonly #pending: PendingRequests;
  readonly #starts: SlidingWindow;

  constructor(ports: ApprovalsPorts) {
    this.#ports = ports;
    this.#starts = new SlidingWindow([{ events: REQUESTS_PER_TEN_MINUTES, windowMs: TEN_MINUTES_MS }], ports.clock);
    this.#pending = new PendingRequests(ports, (request) => {
      this.#settle(request, 'timeout', 'nobody answered in time', 'unanswered');
    });
  }

  /** @throws ProviderError */
  start(request: StartSessionRequest): StartedSession {
    const { database, people, phones, book, pauses, clock, changed, asked } = this.#ports;
    const { userId: memberId, deviceId, idempotencyKey, reason } = request;
    const person = people.ofWorkstation(memberId);
    if (person === null) throw new ProviderError('USER_UNKNOWN', 'Nobody is enrolled under this id.');
    const { userId } = person;
    if (phones.of(userId).length === 0) throw new ProviderError('NO_MOBILE_DEVICE', 'No phone is enrolled.');
    const asking = { tokenName: request.tokenName ?? '', deviceId };
    const workstationId = workstationIdOf(userId, asking);
    const repeated = this.#pending.startedWith(idempotencyKey, userId);
    if (repeated !== null) return { handle: handleOf(repeated.sessionId), answer: answerOf(repeated) };
    this.#refuseTooMany(userId, asking);
    const now = Math.floor(clock.wallMs());
    const workstation = shown(request.workstation?.name) || (asking.tokenName || deviceId).slice(0, 80);
    // Whoever started the older one no longer shows it: approving it would open what nobody sees.
    for (const older of this.#pending.at(asking)) {
      this.#end(older, 'cancelled', 'a newer request replaced it', 'superseded');
    }
    const sessionId = randomId();
    const durationMs = request.durationSeconds * 1_000;
    const network = shown(request.workstation?.network) || null;
    const lastsMs = reason === 'renewal' ? this.#leftOfSession(userId, workstationId) : REQUEST_MS;
    const added = database.transaction(() => {
      book.noteWorkstation({ userId, memberId }, asking, workstation, now);
      book.open({ sessionId, userId, memberId, workstationId, durationMs }, now);
      return this.#pending.add({ sessionId, idempotencyKey, network, reason, lastsMs });
    });
    pauses.noteOver(workstationId);
    changed(userId);
    asked(userId);
    return { handle: handleOf(sessionId), answer: answerOf(added) };
  }

  /** Idempotent. */
  poll(sessionId: string): ProviderAnswer {
    const pending = this.#pending.find(sessionId);
    if (pending !== null) return answerOf(pending);
    const booked = this.#ports.book.session(sessionId);
    if (booked === null) return { status: 'closed', reason: 'SESSION_UNKNOWN' };
    return this.#ports.sessions.answer(booked);
  }

  /** The gateway ends it. Ending what is over, or never was, succeeds. @param reason the workstation's word for it */
  end(sessionId: string, reason?: string): void {
    const pending = this.#pending.find(sessionId);
    if (pending !== null && this.#pending.take(sessionId)) {
      this.#ports.book.finish(sessionId, 'cancelled', 'the workstation took it back');
      this.#ports.changed(pending.userId);
      return;
    }
    const booked = this.#ports.book.session(sessionId);
    if (booked === null) return;
    const kind = this.#ports.pauses.noteEnded(booked, reason) ? 'paused-from-phone' : 'session-over';
    this.#ports.sessions.finish(booked, 'closed', 'ended by the workstation', kind);
  }

  /** Newest first. */
  pendingOf(userId: string): PendingRequest[] {
    return this.#pending.of(userId);
  }

  /** The challenge for the number that was picked; one that this phone had before is void. @throws ApproverRefusal */
  begin(phone: Phone, requestId: string, number: string): string {
    const pending = this.#requestOf(phone, requestId);
    const { userId, asking, sessionId, reason, expiresAt } = pending;
    const challenge = challengeOf({ userId, workstation: asking, sessionId, reason, number, expiresAt });
    if (!this.#pending.noteChallenge(pending, phone.phoneId, { challenge, number })) {
      throw new ApproverRefusal('RATE_LIMITED');
    }
    return challenge;
  }

  /** @throws ApproverRefusal; nothing is approved then */
  async approve(phone: Phone, requestId: string, passkey: PasskeyAssertion): Promise<void> {
    const { database, book, sessions, passkeyUse, people, clock, changed } = this.#ports;
    const asked = this.#requestOf(phone, requestId);
    const open = this.#pending.takeChallenge(asked, phone.phoneId);
    if (open === null) throw new ApproverRefusal('PASSKEY_REFUSED');
    if (passkey.id !== phone.credentialId) throw new ApproverRefusal('PASSKEY_UNKNOWN');
    await passkeyUse.check(passkey, open.challenge);
    // Answered, replaced or too old while the signature was checked.
    const pending = this.#requestOf(phone, requestId);
    if (open.number !== pending.number) {
      this.#end(pending, 'failed', 'another number was picked on the phone', 'wrong-number', phone);
      throw new ApproverRefusal('WRONG_NUMBER');
    }
    const now = Math.floor(clock.wallMs());
    const approved = database.transaction(
      () => this.#pending.take(requestId) && book.approve(requestId, phone.phoneId, now),
    );
    if (!approved) throw new ApproverRefusal('REQUEST_GONE');
    people.note(pending.userId, now, 'approved', { workstation: pending.workstation, phone: phone.name });
    this.#audit(pending, `approved by phone ${phone.phoneId}`);
    sessions.noteApproved(requestId, pending.durationMs);
    changed(pending.userId);
  }

  /** @throws ApproverRefusal */
  deny(phone: Phone, requestId: string): void {
    this.#end(this.#requestOf(phone, requestId), 'failed', 'denied on the phone', 'denied', phone);
  }

  /** Somebody else asks: the workstation is locked, and takes no more requests for this person for a while. @throws ApproverRefusal */
  reportNotMe(phone: Phone, requestId: string): void {
    const { blocks, sessions, host } = this.#ports;
    const pending = this.#requestOf(phone, requestId);
    const { workstationId, asking, userId } = pending;
    // First, and whatever the database does: everything else can be made up for.
    host()?.lockWorkstation(asking, PHONE_LOCK_REASONS.notMe);
    blocks.block(workstationId);
    this.#end(pending, 'failed', 'reported from the phone: that was not me', 'not-me', phone);
    sessions.finishAll(
      userId,
      (session) => session.workstationId === workstationId,
      'reported from the phone: that was not me',
    );
  }

  /** The user id is no longer tied to the person: what it asked is void, and what was approved for it is over. */
  endOfMember(userId: string, memberId: string, reason: string, heard: Heard): void {
    const { book, sessions } = this.#ports;
    for (const { sessionId } of this.#pending.ofMember(memberId)) {
      if (!this.#pending.take(sessionId)) continue;
      book.finish(sessionId, 'closed', reason);
      sessions.tellEnd(sessionId, 'closed', reason, heard);
    }
    sessions.finishAll(userId, (session) => session.memberId === memberId, reason, heard);
  }

  stop(): void {
    this.#pending.stop();
  }

  /** After the session there is nothing to go on with: the phone counts down to its end. */
  #leftOfSession(userId: string, workstationId: string): number {
    const { sessions, clock } = this.#ports;
    const here = sessions.active(userId).filter(({ session }) => session.workstationId === workstationId);
    if (here.length === 0) return REQUEST_MS;
    const until = Math.max(...here.map((each) => each.until));
    return Math.max(SHORTEST_REQUEST_MS, Math.floor(until - clock.wallMs()));
  }

  #requestOf(phone: Phone, requestId: string): PendingRequest {
    const pending = this.#pending.find(requestId);
    if (pending === null || pending.userId !== phone.userId) throw new ApproverRefusal('REQUEST_GONE');
    return pending;
  }

  #refuseTooMany(userId: string, asking: AskingWorkstation): void {
    if (this.#ports.blocks.refuses(userId, asking)) {
      throw new ProviderError(
        'REPORTED_BY_PHONE',
        'The phone reported this workstation; it takes no requests from it now.',
      );
    }
    // Per person only: what one workstation may start, for whomever, is the gateway's to count, for every provider (session-registry.ts).
    if (this.pendingOf(userId).length >= MAX_PENDING_PER_PERSON || !this.#starts.take(userId)) {
      throw new ProviderError('PROVIDER_RATE_LIMITED', 'Too many requests for this person in a short time.');
    }
  }

  #end(pending: PendingRequest, status: EndStatus, reason: string, kind: ActivityKind, phone?: Phone): void {
    if (!this.#pending.take(pending.sessionId)) throw new ApproverRefusal('REQUEST_GONE');
    this.#settle(pending, status, reason, kind, phone);
  }

  #settle(pending: PendingRequest, status: EndStatus, reason: string, kind: ActivityKind, phone?: Phone): void {
    const { book, people, sessions, clock, changed } = this.#ports;
    const { sessionId, userId, workstation } = pending;
    book.finish(sessionId, status, reason);
    const about = { workstation, ...(phone === undefined ? {} : { phone: phone.name }) };
    people.note(userId, Math.floor(clock.wallMs()), kind, about);
    this.#audit(pending, phone === undefined ? kind : `${kind} by phone ${phone.phoneId}`);
    sessions.tellEnd(sessionId, status, reason);
    changed(userId);
  }

  #audit(pending: PendingRequest, detail: string): void {
    const { userId, asking } = pending;
    this.#ports.host()?.audit.append({ event: 'approver.answered', userId, ...asking, detail });
  }
}

/** Without what turns the direction of writing: a name must not rearrange the sentence it stands in. */
const shown = (claimed = ''): string => claimed.replace(/\p{Bidi_Control}/gu, '').trim();

function answerOf(pending: PendingRequest): ProviderAnswer {
  return { status: 'pending', prompt: { kind: 'number', number: pending.number } };
}
