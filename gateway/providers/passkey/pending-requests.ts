import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { NUMBER_CHOICES } from '../../../protocol/approver-state.ts';
import { StartReasonSchema } from '../../../protocol/frames.ts';
import type { CancelTask, GatewayClock } from '../../clock.ts';
import { describeFault, type GatewayLogger } from '../../logger.ts';
import type { Database, SqlParameters } from '../../store/database.ts';
import { MAX_CHALLENGES_PER_REQUEST, REQUEST_MS } from './limits.ts';
import type { AskingWorkstation } from './session-book.ts';

const RequestSchema = z
  .object({
    session_id: z.string(),
    idempotency_key: z.string(),
    user_id: z.string(),
    member_id: z.string(),
    token_name: z.string(),
    device_id: z.string(),
    workstation_id: z.string(),
    name: z.string(),
    network: z.string().nullable(),
    reason: StartReasonSchema,
    duration_ms: z.int(),
    number: z.string(),
    numbers: z.string().transform((text) => text.split(' ')),
    requested_at: z.int(),
    expires_at: z.int(),
  })
  .transform((row) => ({
    sessionId: row.session_id,
    idempotencyKey: row.idempotency_key,
    userId: row.user_id,
    memberId: row.member_id,
    asking: { tokenName: row.token_name, deviceId: row.device_id },
    workstationId: row.workstation_id,
    workstation: row.name,
    network: row.network,
    reason: row.reason,
    durationMs: row.duration_ms,
    /** Shown on the workstation. */
    number: row.number,
    /** Shown on the phone, in this order. */
    numbers: row.numbers,
    /** Unix milliseconds. */
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
  }));
/** A workstation that waits for an answer. */
export type PendingRequest = z.infer<typeof RequestSchema>;
export type NewRequest = Pick<PendingRequest, 'sessionId' | 'idempotencyKey' | 'network' | 'reason'> & {
  /** At most REQUEST_MS. */
  readonly lastsMs: number;
};

const SELECT = `
  SELECT r.session_id, r.idempotency_key, s.user_id, s.member_id, w.token_name, w.device_id, s.workstation_id, w.name, r.network, r.reason,
    s.duration_ms, r.number, r.numbers, r.requested_at, r.expires_at
  FROM approver_request r JOIN approver_session s ON s.id = r.session_id JOIN approver_workstation w ON w.id = s.workstation_id`;

/** What this process knows of a request. Challenges do not survive a restart: the phone gets a new one. */
interface Watched {
  /** Elapsed time of the gateway's clock. */
  readonly deadline: number;
  readonly cancel: CancelTask;
  /** By phone: the one challenge it may answer, and the number it picked. */
  readonly challenges: Map<string, PickedNumber>;
  challengesMade: number;
}
export interface PickedNumber {
  readonly challenge: string;
  readonly number: string;
}

const SMALLEST_NUMBER = 10;
const NUMBERS = 90;

/** Different two-digit numbers, none of which can be told from the others. */
function drawnNumbers(): string[] {
  const drawn = new Set<string>();
  while (drawn.size < NUMBER_CHOICES) drawn.add(String(SMALLEST_NUMBER + randomInt(NUMBERS)));
  return [...drawn];
}

/** Requests that wait, over a restart too: what a workstation shows must be what the phones show. */
export class PendingRequests {
  readonly #database: Database;
  readonly #clock: GatewayClock;
  readonly #logger: GatewayLogger;
  readonly #onUnanswered: (request: PendingRequest) => void;
  readonly #watched = new Map<string, Watched>();

  constructor(
    ports: { readonly database: Database; readonly clock: GatewayClock; readonly logger: GatewayLogger },
    onUnanswered: (request: PendingRequest) => void,
  ) {
    this.#database = ports.database;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
    this.#onUnanswered = onUnanswered;
  }

  /** Its session is in the book already. */
  add({ sessionId, idempotencyKey, network, reason, lastsMs }: NewRequest): PendingRequest {
    const numbers = drawnNumbers();
    const number = numbers[randomInt(numbers.length)] ?? '';
    const requestedAt = Math.floor(this.#clock.wallMs());
    this.#database.change(
      `INSERT INTO approver_request (session_id, idempotency_key, network, reason, number, numbers, requested_at, expires_at)
       VALUES ($sessionId, $idempotencyKey, $network, $reason, $number, $numbers, $requestedAt, $expiresAt)`,
      {
        sessionId,
        idempotencyKey,
        network,
        reason,
        number,
        numbers: numbers.join(' '),
        requestedAt,
        expiresAt: requestedAt + Math.min(lastsMs, REQUEST_MS),
      },
    );
    const request = this.find(sessionId);
    if (request === null) throw new Error('a request that was just stored is not there');
    return request;
  }

  /** `null` once it is over. */
  find(sessionId: string): PendingRequest | null {
    return this.#select('WHERE r.session_id = $sessionId', { sessionId })[0] ?? null;
  }

  /** Newest first. */
  of(userId: string): PendingRequest[] {
    return this.#select('WHERE s.user_id = $userId ORDER BY r.requested_at DESC, r.rowid DESC', { userId });
  }

  /** Asked under this user id of a workstation. */
  ofMember(memberId: string): PendingRequest[] {
    return this.#select('WHERE s.member_id = $memberId', { memberId });
  }

  at({ tokenName, deviceId }: AskingWorkstation): PendingRequest[] {
    return this.#select('WHERE w.token_name = $tokenName AND w.device_id = $deviceId', { tokenName, deviceId });
  }

  startedWith(idempotencyKey: string, userId: string): PendingRequest | null {
    const where = 'WHERE r.idempotency_key = $idempotencyKey AND s.user_id = $userId';
    return this.#select(where, { idempotencyKey, userId })[0] ?? null;
  }

  /** Takes it out: from now on it cannot be answered. @returns false when it was out already */
  take(sessionId: string): boolean {
    this.#watched.get(sessionId)?.cancel();
    this.#watched.delete(sessionId);
    return this.#database.change('DELETE FROM approver_request WHERE session_id = $sessionId', { sessionId }) === 1;
  }

  /** One that this phone had before is void. @returns false when there were too many */
  noteChallenge(request: PendingRequest, phoneId: string, picked: PickedNumber): boolean {
    const watched = this.#watch(request);
    if (watched.challengesMade >= MAX_CHALLENGES_PER_REQUEST) return false;
    watched.challengesMade += 1;
    watched.challenges.set(phoneId, picked);
    return true;
  }

  /** Takes it out: it is answered once. */
  takeChallenge(request: PendingRequest, phoneId: string): PickedNumber | null {
    const { challenges } = this.#watch(request);
    const picked = challenges.get(phoneId) ?? null;
    challenges.delete(phoneId);
    return picked;
  }

  /** Nothing is answered for by this process any more; what waits goes on in the next run. */
  stop(): void {
    for (const { cancel } of this.#watched.values()) cancel();
    this.#watched.clear();
  }

  #select(where: string, parameters: SqlParameters): PendingRequest[] {
    return this.#database.rows(RequestSchema, `${SELECT} ${where}`, parameters).filter((request) => {
      if (this.#clock.elapsedMs() < this.#watch(request).deadline) return true;
      this.#expire(request);
      return false;
    });
  }

  /** Over a restart only wall time links the clocks: one that was set back must not give a request more time, so it gives none. */
  #watch(request: PendingRequest): Watched {
    const known = this.#watched.get(request.sessionId);
    if (known !== undefined) return known;
    const now = this.#clock.wallMs();
    const leftMs = now < request.requestedAt ? 0 : Math.floor(request.expiresAt - now);
    const watched: Watched = {
      deadline: this.#clock.elapsedMs() + leftMs,
      cancel: this.#clock.schedule(Math.max(0, leftMs), () => this.#expireByTimer(request)),
      challenges: new Map(),
      challengesMade: 0,
    };
    this.#watched.set(request.sessionId, watched);
    return watched;
  }

  /** With a database that does not write, whoever asks about the request next finds it too old all the same. */
  #expireByTimer(request: PendingRequest): void {
    try {
      this.#expire(request);
    } catch (fault) {
      this.#logger.error({ fault: describeFault(fault) }, 'a request that nobody answered could not be put away');
    }
  }

  #expire(request: PendingRequest): void {
    if (this.take(request.sessionId)) this.#onUnanswered(request);
  }
}
