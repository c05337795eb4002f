import type { Policy } from '../../protocol/policy.ts';
import type { ApprovalTruth } from './approval-truth.ts';
import type { NewsDelivered } from './delivered-news.ts';
import type { GatewayHost } from './gateway-host.ts';
import { type Deadline, ROUNDING_MS } from './promises.ts';
import { USER_ID } from './service-in-town.ts';
import { REORDERING_MS } from './weather.ts';
import { DEVICE_ID } from './workstation.ts';

/** What the uncovered screen rests on, as the effects told it. */
export type Basis =
  | { readonly kind: 'session'; readonly sessionId: string }
  | { readonly kind: 'until'; readonly until: number; readonly what: 'offline code' | 'pause' };

/** Judges what the screen rests on by what the phone really did and by what was really delivered. */
export class BasisJudge {
  readonly #policy: Policy;
  readonly #truth: ApprovalTruth;
  readonly #news: NewsDelivered;
  readonly #gateway: GatewayHost;
  /** Messages may overtake each other in this world: a lease can look younger by as much. */
  readonly #overtakenMs: number;
  /** An answer of the service lives on at the gateway for as long as the gateway says, also where the workstation's policy says less. */
  readonly #longestLeaseMs: number;

  constructor(options: {
    readonly policy: Policy;
    readonly truth: ApprovalTruth;
    readonly news: NewsDelivered;
    readonly gateway: GatewayHost;
    readonly reorders: boolean;
  }) {
    this.#policy = options.policy;
    this.#truth = options.truth;
    this.#news = options.news;
    this.#gateway = options.gateway;
    this.#overtakenMs = options.reorders ? REORDERING_MS : 0;
    this.#longestLeaseMs = Math.max(options.policy.leaseMs, options.gateway.leaseMs);
  }

  /**
   * S1: asked for by this process, after the last boundary, for this person and desk, approved, and the person here until just now.
   * @returns what it is instead, or null.
   */
  flawOf(sessionId: string, runId: string, boundaryAt: number, now: number): string | null {
    const record = this.#gateway.record(sessionId);
    const id = this.#serviceIdOf(sessionId);
    const askedAt = id === null ? null : this.#truth.askedAt(id);
    if (record === undefined || id === null || askedAt === null) return 'a session the service never had';
    if (!record.requestId.startsWith(`${runId}.`)) return 'a session of an earlier process';
    if (record.userId !== USER_ID || record.deviceId !== DEVICE_ID) return 'a session of somebody else or another desk';
    if (askedAt < boundaryAt) return 'a session from before the last lock boundary';
    const activeUntil = this.#truth.activeUntil(id);
    if (activeUntil === null) return 'a session that nobody approved';
    if (activeUntil + this.#longestLeaseMs + this.#overtakenMs >= now) return null;
    return `an approval that ended ${Math.round(now - activeUntil)} ms ago`;
  }

  /** S2: by when a lock must have been requested, as things stand. */
  lockDueBy(basis: Basis): Deadline {
    if (basis.kind === 'until') return due(basis.until + ROUNDING_MS, `no lock after the end of the ${basis.what}`);
    const { networkGraceMs, walkawayGraceMs, maxSessionSeconds } = this.#policy;
    const news = this.#news.of(basis.sessionId);
    const id = this.#serviceIdOf(basis.sessionId);
    const trulyUntil = (id === null ? null : this.#truth.activeUntil(id)) ?? 0;
    const reasons: readonly Deadline[] = [
      due((news?.leaseEnd ?? 0) + networkGraceMs, 'no lock although the lease and its grace ran out'),
      due(news?.doubtUntil ?? Number.POSITIVE_INFINITY, 'no lock although presence was in doubt for its whole grace'),
      due((news?.approvedSeenAt ?? 0) + maxSessionSeconds * 1_000, 'no lock although the longest session was reached'),
      due(
        trulyUntil + this.#longestLeaseMs + Math.max(networkGraceMs, walkawayGraceMs),
        'no lock although the phone is gone for longer than lease and grace',
      ),
    ];
    const first = reasons.reduce((a, b) => (b.at < a.at ? b : a));
    return { ...first, at: first.at + ROUNDING_MS + this.#overtakenMs };
  }

  /** The gateway keeps the service's addresses of a session in its handle. */
  #serviceIdOf(sessionId: string): string | null {
    const { handle = '' } = this.#gateway.record(sessionId) ?? {};
    return /session_status\/([0-9a-f]+)/.exec(handle)?.[1] ?? null;
  }
}

const due = (at: number, sentence: string): Deadline => ({ invariant: 'S2', at, sentence });
