import type { PresenceLimits, Session } from '../../simulators/activeconnect/session.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What really became of one request to the phone, whatever anybody says about it. */
interface Truth {
  readonly session: Session;
  readonly askedAt: number;
  approvedAt: number | null;
  /** The session's length is used up. */
  usedUpAt: number;
  endedAt: number | null;
  /** While the phone is away: when the service stops calling it active. */
  awayFrom: number | null;
}

/** The truth about every approval: kept from what the phone did, not from what the service or the gateway answered. */
export class ApprovalTruth {
  readonly limits: PresenceLimits;
  readonly #time: VirtualTime;
  readonly #known = new Map<string, Truth>();
  /** Called when a truth changed that somebody may rest on. */
  onChange: () => void = () => undefined;

  constructor(time: VirtualTime, limits: PresenceLimits) {
    this.#time = time;
    this.limits = limits;
  }

  asked(session: Session): void {
    this.#known.set(session.id, {
      session,
      askedAt: this.#time.now,
      approvedAt: null,
      usedUpAt: Number.POSITIVE_INFINITY,
      endedAt: null,
      awayFrom: null,
    });
  }

  /** Something happened to the phone or to a session. */
  lookAgain(sessions: readonly Session[]): void {
    for (const session of sessions) {
      const truth = this.#known.get(session.id);
      if (truth === undefined || truth.endedAt !== null) continue;
      const { phase, phone } = session;
      if (phase.kind === 'approved' && truth.approvedAt === null) {
        truth.approvedAt = phase.atMs;
        truth.usedUpAt = phase.atMs + session.durationSeconds * 1_000;
      }
      if (phase.kind === 'ended') truth.endedAt = phase.atMs;
      else truth.awayFrom = phone.near ? null : phone.leftAtMs + this.limits.walkawayMs;
    }
    this.onChange();
  }

  /** The service lost its memory. */
  lose(sessions: readonly Session[], at: number): void {
    for (const { id } of sessions) {
      const truth = this.#known.get(id);
      if (truth !== undefined) truth.endedAt ??= at;
    }
    this.onChange();
  }

  askedAt(id: string): number | null {
    return this.#known.get(id)?.askedAt ?? null;
  }

  /** @returns the latest moment, past or to come as things stand, at which the service counts or counted the person as here; null: never. */
  activeUntil(id: string): number | null {
    const truth = this.#known.get(id);
    if (truth === undefined || truth.approvedAt === null) return null;
    return Math.min(
      truth.usedUpAt,
      truth.endedAt ?? Number.POSITIVE_INFINITY,
      truth.awayFrom ?? Number.POSITIVE_INFINITY,
    );
  }

  /** Since when somebody's approval of a request made after `since` holds; null: there is none. */
  approvedSince(since: number, now: number): number | null {
    for (const [id, { askedAt, approvedAt }] of this.#known) {
      if (askedAt >= since && approvedAt !== null && (this.activeUntil(id) ?? 0) > now) return approvedAt;
    }
    return null;
  }
}
