import type { Policy } from '../../protocol/policy.ts';

/** What frames that really reached the workstation said about one of its sessions. */
export interface DeliveredNews {
  seq: number;
  status: string;
  /** End of the lease as the gateway meant it: counted from when it handed the frame to its socket. Infinite while `doubtUntil` took its place. */
  leaseEnd: number;
  /** When the newest news put presence in doubt, the end of that grace; null while it does not. */
  doubtUntil: number | null;
  /** First delivered `active`. */
  approvedSeenAt: number | null;
}

/** Reads the stream beside the link, with a parser of its own: what the workstation could have known, and when. */
export class NewsDelivered {
  readonly #sessions = new Map<string, DeliveredNews>();
  readonly #policy: Policy;
  #runId = '';

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** A new process knows nothing of the sessions before. */
  begin(runId: string): void {
    this.#runId = runId;
    this.#sessions.clear();
  }

  of(sessionId: string): DeliveredNews | undefined {
    return this.#sessions.get(sessionId);
  }

  /** @returns the session it was news about, or null. */
  take(text: string, sentAt: number, now: number): string | null {
    const frame: unknown = JSON.parse(text);
    if (typeof frame !== 'object' || frame === null || !('type' in frame)) return null;
    if (frame.type === 'session.state') return this.#takeState(frame, sentAt, now);
    if (frame.type === 'session.ended' && 'sessionId' in frame) return this.#end(frame.sessionId, now);
    const gone = frame.type === 'error' && 'code' in frame && GONE.includes(frame.code);
    return gone && 'requestId' in frame ? this.#end(frame.requestId, now) : null;
  }

  #takeState(frame: object, sentAt: number, now: number): string | null {
    if (!('sessionId' in frame && 'seq' in frame && 'status' in frame && 'validForMs' in frame)) return null;
    const { sessionId, seq, status, validForMs } = frame;
    if (typeof sessionId !== 'string' || typeof seq !== 'number' || typeof validForMs !== 'number') return null;
    const known = this.#sessions.get(sessionId) ?? this.#adopt(sessionId, frame);
    if (known === null || seq <= known.seq) return null;
    known.seq = seq;
    known.status = String(status);
    switch (status) {
      case 'active': {
        const leaseEnd = sentAt + Math.min(validForMs, this.#policy.leaseMs);
        known.approvedSeenAt ??= now;
        // Too old to end a walkaway: its grace goes on running.
        if (leaseEnd <= now && known.leaseEnd === Number.POSITIVE_INFINITY) break;
        known.leaseEnd = known.leaseEnd === Number.POSITIVE_INFINITY ? leaseEnd : Math.max(known.leaseEnd, leaseEnd);
        if (known.leaseEnd > now) known.doubtUntil = null;
        break;
      }
      case 'walkaway':
        known.doubtUntil = sooner(known.doubtUntil, now + this.#policy.walkawayGraceMs);
        // Gone silent before: the grace for that goes on running.
        if (known.leaseEnd <= now)
          known.doubtUntil = Math.min(known.doubtUntil, known.leaseEnd + this.#policy.networkGraceMs);
        known.leaseEnd = Number.POSITIVE_INFINITY;
        break;
      case 'pending':
      case 'identifying':
        break;
      default:
        known.doubtUntil = now;
    }
    return sessionId;
  }

  /** The gateway is lost: the grace runs for whatever is held. */
  gatewayLost(now: number): void {
    for (const news of this.#sessions.values())
      news.doubtUntil = sooner(news.doubtUntil, now + this.#policy.networkGraceMs);
  }

  /** Only the answer to a start of this process makes a session its own. */
  #adopt(sessionId: string, frame: object): DeliveredNews | null {
    const answers = 'requestId' in frame && String(frame.requestId).startsWith(`${this.#runId}.`);
    if (!answers) return null;
    const news: DeliveredNews = { seq: 0, status: '', leaseEnd: 0, doubtUntil: null, approvedSeenAt: null };
    this.#sessions.set(sessionId, news);
    return news;
  }

  #end(sessionId: unknown, now: number): string | null {
    const known = typeof sessionId === 'string' ? this.#sessions.get(sessionId) : undefined;
    if (known === undefined || typeof sessionId !== 'string') return null;
    known.status = 'closed';
    known.doubtUntil = now;
    return sessionId;
  }
}

const GONE: readonly unknown[] = ['SESSION_UNKNOWN', 'SESSION_FORBIDDEN'];
const sooner = (a: number | null, b: number): number => (a === null ? b : Math.min(a, b));
