import type { LockEvent, Machine, TransitionFunction } from '../../main/core/lock-types.ts';
import { LADDER_REST_MS } from '../../main/core/moves.ts';
import type { GuardStep } from '../../main/runtime/guard.ts';
import type { Policy } from '../../protocol/policy.ts';
import type { ApprovalTruth } from './approval-truth.ts';
import { NewsDelivered } from './delivered-news.ts';
import { CURTAIN_MENDED_MS, type Desk, LONGEST_SIGNAL_MS } from './desk.ts';
import type { GatewayHost } from './gateway-host.ts';
import { PromptCount } from './prompt-count.ts';
import { USER_ID } from './service-in-town.ts';
import { REORDERING_MS } from './weather.ts';
import { DEVICE_ID } from './workstation.ts';

export type Invariant = 'S1' | 'S2' | 'S3' | 'S4' | 'S5' | 'S6' | 'S7';

export interface Violation {
  readonly invariant: Invariant;
  readonly sentence: string;
}

/** What one computes in a moment may be due a moment later: timers are rounded up to whole milliseconds, leases down. */
export const ROUNDING_MS = 5;
/** After waking the machine is told within this: until then it cannot know that it slept. */
export const WAKING_NOTICED_MS = 3_000;
/** The OS session may be open and uncovered for as long as it takes to hear of it and to mend a window. */
export const UNCOVERED_MS = LONGEST_SIGNAL_MS + CURTAIN_MENDED_MS + 3_000;
/** After the last disturbance everything has settled by then; a lock that nobody asked for later is a false one. */
export const QUIET_AFTER_MS = 60_000;

/** With nothing wrong, an approval is acted upon within this. */
export const APPROVAL_HEARD_MS = 5_000;

/** What the uncovered screen rests on, as the effects told it. */
type Basis =
  | { readonly kind: 'session'; readonly sessionId: string }
  | { readonly kind: 'until'; readonly until: number; readonly what: 'offline code' | 'pause' };

interface Deadline {
  readonly invariant: Invariant;
  readonly at: number;
  readonly sentence: string;
}

/**
 * The account of somebody who sees the whole simulated world: what the phone really did, what frames really arrived, whether the OS is
 * really locked. It never asks the machine what it believes, except to hear whether it calls itself locked.
 */
export class Ghost {
  readonly violations: Violation[] = [];
  readonly news: NewsDelivered;
  /** The last moment at which something was wrong with the world, or was done to it. */
  disturbedUntil = 0;
  readonly #prompts: PromptCount;
  readonly #policy: Policy;
  readonly #truth: ApprovalTruth;
  readonly #desk: Desk;
  readonly #gateway: GatewayHost;
  readonly #rules: TransitionFunction;
  readonly #reorders: boolean;
  /** An answer of the service lives on at the gateway for as long as the gateway says, also where the workstation's policy says less. */
  readonly #longestLeaseMs: number;
  #runId = '';
  #mainAlive = false;
  #enrolled = false;
  #awakeSince = 0;
  /** Since the last lock boundary that main was told of. */
  #boundaryAt = 0;
  #basis: Basis | null = null;
  #open: Deadline | null = null;
  #pursuit: { readonly since: number; lastActAt: number; alarmed: boolean } | null = null;
  #verifyUntil: number | null = null;
  #uncoveredSince: number | null = null;
  #heardLocked = false;
  /** Per session: the newest number the rules were told, and the lease they were granted with it. */
  readonly #toldSeq = new Map<string, number>();
  readonly #coreLeaseEnds = new Map<string, number>();

  constructor(options: {
    readonly policy: Policy;
    readonly truth: ApprovalTruth;
    readonly desk: Desk;
    readonly gateway: GatewayHost;
    readonly rules: TransitionFunction;
    /** Messages may overtake each other in this world: a lease can look younger by as much. */
    readonly reorders: boolean;
  }) {
    this.#policy = options.policy;
    this.#truth = options.truth;
    this.#desk = options.desk;
    this.#gateway = options.gateway;
    this.#rules = options.rules;
    this.#reorders = options.reorders;
    this.#longestLeaseMs = Math.max(options.policy.leaseMs, options.gateway.leaseMs);
    this.news = new NewsDelivered(options.policy);
    this.#prompts = new PromptCount(options.policy);
    this.#truth.onChange = () => this.#lookAtBasis();
  }

  mainBegan(runId: string, now: number): void {
    this.#runId = runId;
    this.#mainAlive = true;
    this.#enrolled = false;
    this.#boundaryAt = now;
    this.#heardLocked = false;
    this.#basis = null;
    this.#open = null;
    this.#pursuit = null;
    this.#verifyUntil = null;
    this.#toldSeq.clear();
    this.#coreLeaseEnds.clear();
    this.news.begin(runId);
    this.#prompts.begin();
  }

  /** Until it is started again nobody guards: what that costs is the business of the process that watches over main. */
  mainDied(): void {
    this.#mainAlive = false;
    this.#basis = null;
    this.#open = null;
    this.#pursuit = null;
    this.#verifyUntil = null;
  }

  wokeUp(now: number): void {
    this.#awakeSince = now;
  }

  disturbed(until: number): void {
    this.disturbedUntil = Math.max(this.disturbedUntil, until);
  }

  frameDelivered(text: string, sentAt: number, now: number): void {
    if (this.news.take(text, sentAt, now) !== null) this.#lookAtBasis();
  }

  rang(rings: number, gatewayStarts: number): void {
    const excess = this.#prompts.excessRings(rings, gatewayStarts);
    if (excess > 0) this.#violated('S7', `the phone rang ${excess} times more often than it was asked to`);
  }

  /** Before anything happens at `now`: has a deadline passed without what it was for? */
  check(now: number): void {
    if (this.#desk.computer.sleptSince !== null || !this.#mainAlive) {
      this.#uncoveredSince = null;
      return;
    }
    const noticed = this.#awakeSince + WAKING_NOTICED_MS;
    if (this.#open !== null && !this.#desk.locked && now > Math.max(this.#open.at, noticed)) {
      this.#violated(this.#open.invariant, `${this.#open.sentence} (${Math.round(now - this.#open.at)} ms late)`);
    }
    if (this.#verifyUntil !== null && now > Math.max(this.#verifyUntil, noticed)) {
      this.#violated('S2', 'nobody approved in time, and no lock was requested');
    }
    if (this.#pursuit !== null) this.#checkPursuit(this.#pursuit, now, noticed);
    this.#checkCover(now, noticed);
  }

  step(before: Machine, { event, machine, effects }: GuardStep): void {
    const now = event.at;
    const basisBefore = this.#basis;
    const coreLeaseBefore = basisBefore?.kind === 'session' ? (this.#coreLeaseEnds.get(basisBefore.sessionId) ?? 0) : 0;
    this.#oldNewsIsNoNews(before, event, machine, effects);
    this.#hear(event, now);
    for (const effect of effects) {
      switch (effect.type) {
        case 'lowerCurtain':
        case 'requestUnlock':
          if (effect.proof.kind === 'offline-code') {
            if (event.type !== 'offlineCode.accepted' || this.#policy.offline !== 'code')
              this.#violated('S1', `${effect.type} on an offline code nobody gave`);
          } else this.#mustBeProven(effect.proof.sessionId, effect.type, now);
          if (effect.type === 'lowerCurtain') {
            this.#verifyUntil = null;
            const until = now + this.#policy.maxSessionSeconds * 1_000;
            this.#rest(
              effect.proof.kind === 'session'
                ? { kind: 'session', sessionId: effect.proof.sessionId }
                : { kind: 'until', until, what: 'offline code' },
            );
          }
          break;
        case 'discardCurtain':
          if (this.#desk.toldLocked !== true) this.#violated('S1', 'curtain discarded although no lock was seen');
          break;
        case 'requestLock':
          if (this.#pursuit === null) {
            if (effect.rung === 0) this.#noFalseLock(event, basisBefore, coreLeaseBefore, effect.cause);
            this.#pursuit = { since: now, lastActAt: now, alarmed: false };
          }
          this.#pursuit.lastActAt = now;
          this.#boundaryAt = now;
          this.#verifyUntil = null;
          this.#rest(null);
          this.#prompts.boundary();
          break;
        case 'alarm':
          if (this.#pursuit !== null) Object.assign(this.#pursuit, { alarmed: true, lastActAt: now });
          break;
        case 'raiseCurtain':
          this.#rest(null);
          break;
        case 'startSession':
          this.#asked(effect.reason, now, event);
          break;
        case 'audit':
          if (effect.entry.what === 'renewed') {
            const polled = effects.find((each) => each.type === 'setPolling' && each.polling !== null);
            const sessionId = polled?.type === 'setPolling' ? polled.polling?.sessionId : undefined;
            this.#mustBeProven(sessionId ?? '', 'renewal', now);
            this.#rest({ kind: 'session', sessionId: sessionId ?? '' });
          }
          if (effect.entry.what === 'paused') {
            const granted = effects.findLast((each) => each.type === 'endSession' && each.reason === 'paused');
            this.#mustBeProven(granted?.type === 'endSession' ? granted.sessionId : '', 'pause', now);
            this.#rest({ kind: 'until', until: now + effect.entry.minutes * 60_000, what: 'pause' });
          }
          if (effect.entry.what === 'os-unlocked') {
            this.#prompts.unlocked(before.state.name);
            this.#verifyUntil = now + this.#policy.approvalTimeoutMs + ROUNDING_MS;
          }
          if (effect.entry.what === 'unenrolled') this.#rest(null);
          break;
        default:
          break;
      }
    }
    if (machine.state.name === 'locked' && this.#desk.toldLocked !== true)
      this.#violated('S3', 'locked was announced although no lock was seen');
    if (this.#uncoveredSince === null) this.#checkCover(now, 0);
  }

  #hear(event: LockEvent, now: number): void {
    switch (event.type) {
      case 'os.locked':
        // Told again while locked it is no new boundary (electron#24803).
        if (!this.#heardLocked) this.#boundaryAt = now;
        this.#heardLocked = true;
        this.#pursuit = null;
        this.#verifyUntil = null;
        this.#rest(null);
        this.#prompts.locked();
        return;
      case 'os.unlocked':
        this.#heardLocked = false;
        this.#prompts.heardUnlocked();
        return;
      case 'os.suspending':
        this.#boundaryAt = now;
        return;
      case 'os.resumed':
        this.#boundaryAt = now;
        // The ladder is climbed anew after waking.
        if (this.#pursuit !== null) this.#pursuit = { since: now, lastActAt: now, alarmed: false };
        return;
      case 'gateway.down':
        this.news.gatewayLost(now);
        this.#lookAtBasis();
        return;
      case 'enrollment.changed':
        this.#enrolled = event.enrollment !== null;
        this.#prompts.boundary();
        return;
      case 'session.status': {
        const known = this.#toldSeq.get(event.sessionId) ?? 0;
        if (event.seq <= known) return;
        this.#toldSeq.set(event.sessionId, event.seq);
        if (event.status === 'active') {
          const granted = Math.min(event.asOf, now) + Math.min(event.validForMs, this.#policy.leaseMs);
          this.#coreLeaseEnds.set(event.sessionId, granted);
        } else if (event.status !== 'pending' && event.status !== 'identifying') {
          this.#coreLeaseEnds.delete(event.sessionId);
        }
        return;
      }
      default:
        return;
    }
  }

  /** S1, by what the phone really did: asked for by this process, after the last boundary, for this person and desk, and here until just now. */
  #mustBeProven(sessionId: string, what: string, now: number): void {
    const record = this.#gateway.record(sessionId);
    const id = record === undefined ? null : serviceIdOf(record.handle);
    const askedAt = id === null ? null : this.#truth.askedAt(id);
    const activeUntil = id === null ? null : this.#truth.activeUntil(id);
    const overtaken = this.#reorders ? REORDERING_MS : 0;
    const wrong =
      record === undefined || askedAt === null
        ? 'a session the service never had'
        : !record.requestId.startsWith(`${this.#runId}.`)
          ? 'a session of an earlier process'
          : record.userId !== USER_ID || record.deviceId !== DEVICE_ID
            ? 'a session of somebody else or of another desk'
            : askedAt < this.#boundaryAt
              ? 'a session from before the last lock boundary'
              : activeUntil === null
                ? 'a session that nobody approved'
                : activeUntil + this.#longestLeaseMs + overtaken < now
                  ? `an approval that ended ${Math.round(now - activeUntil)} ms ago`
                  : null;
    if (wrong !== null) this.#violated('S1', `${what} on ${wrong}`);
  }

  #rest(basis: Basis | null): void {
    this.#basis = basis;
    this.#lookAtBasis();
  }

  /** S2: by when a lock must have been requested, as things stand. */
  #lookAtBasis(): void {
    const basis = this.#basis;
    if (basis === null) {
      this.#open = null;
      return;
    }
    if (basis.kind === 'until') {
      const sentence = `no lock after the end of the ${basis.what}`;
      this.#open = { invariant: 'S2', at: basis.until + ROUNDING_MS, sentence };
      return;
    }
    const { networkGraceMs, walkawayGraceMs, maxSessionSeconds } = this.#policy;
    const news = this.news.of(basis.sessionId);
    const record = this.#gateway.record(basis.sessionId);
    const trulyUntil = record === undefined ? null : this.#truth.activeUntil(serviceIdOf(record.handle));
    const slackMs = ROUNDING_MS + (this.#reorders ? REORDERING_MS : 0);
    const ends: readonly Deadline[] = [
      s2((news?.leaseEnd ?? 0) + networkGraceMs, 'no lock although the lease and its grace ran out'),
      s2(news?.doubtUntil ?? Number.POSITIVE_INFINITY, 'no lock although presence was in doubt for its whole grace'),
      s2((news?.approvedSeenAt ?? 0) + maxSessionSeconds * 1_000, 'no lock although the longest session was reached'),
      s2(
        (trulyUntil ?? 0) + this.#longestLeaseMs + Math.max(networkGraceMs, walkawayGraceMs),
        'no lock although the phone is gone for longer than lease and grace',
      ),
    ];
    const first = ends.reduce((a, b) => (b.at < a.at ? b : a));
    this.#open = { ...first, at: first.at + slackMs };
  }

  /** S3: something is done about an unseen lock at every interval, and the alarm is raised when the ladder is exhausted. */
  #checkPursuit(
    pursuit: { readonly since: number; lastActAt: number; alarmed: boolean },
    now: number,
    noticed: number,
  ): void {
    const { lockConfirmMs } = this.#policy;
    const idleMs = now - Math.max(pursuit.lastActAt, noticed);
    if (idleMs > Math.max(lockConfirmMs, LADDER_REST_MS) + ROUNDING_MS)
      this.#violated('S3', 'a lock is no longer pursued');
    const rungs = this.#desk.rungs;
    const climbedBy = Math.max(pursuit.since, noticed) + rungs * (lockConfirmMs + ROUNDING_MS);
    if (!pursuit.alarmed && now > climbedBy) this.#violated('S3', 'no alarm although no rung was seen to lock');
  }

  /** S5 and S1: an open OS session is covered, unless a proof uncovered it or the lock is being pursued. */
  #checkCover(now: number, noticed: number): void {
    const desk = this.#desk;
    const exposed = this.#enrolled && !desk.locked && !desk.covered && this.#basis === null && this.#pursuit === null;
    if (!exposed) this.#uncoveredSince = null;
    else if (this.#uncoveredSince === null) this.#uncoveredSince = now;
    else if (now > Math.max(this.#uncoveredSince + UNCOVERED_MS, noticed)) {
      this.#violated('S5', 'the unlocked screen is not covered, nothing proves presence, and no lock is requested');
    }
  }

  #noFalseLock(event: LockEvent, basis: Basis | null, coreLeaseEnd: number, cause: string): void {
    const { leaseMs, networkGraceMs, walkawayGraceMs } = this.#policy;
    const settledAt = this.disturbedUntil + leaseMs + Math.max(networkGraceMs, walkawayGraceMs) + QUIET_AFTER_MS;
    const quiet = event.at > settledAt && !ASKED_FOR.includes(event.type);
    if (basis === null) {
      const approvedAt = this.#truth.approvedSince(Math.max(this.#boundaryAt, this.disturbedUntil), event.at);
      if (quiet && approvedAt !== null && approvedAt + APPROVAL_HEARD_MS < event.at)
        this.#violated('S4', `lock requested (${cause}) although the person approved and nothing was wrong`);
      return;
    }
    if (basis.kind !== 'session') return;
    const news = this.news.of(basis.sessionId);
    const endsAt = (news?.approvedSeenAt ?? 0) + this.#policy.maxSessionSeconds * 1_000;
    if (event.at >= endsAt || news?.status !== 'active') return;
    const leaseHolds = coreLeaseEnd > event.at && news.doubtUntil === null;
    if (leaseHolds && HARMLESS.includes(event.type))
      this.#violated('S4', `lock requested (${cause}) on ${event.type} although the lease holds`);
    if (quiet) this.#violated('S4', `lock requested (${cause}) in a world in which nothing was wrong`);
  }

  #oldNewsIsNoNews(before: Machine, event: LockEvent, machine: Machine, effects: GuardStep['effects']): void {
    if (event.type !== 'session.status' || event.seq > (this.#toldSeq.get(event.sessionId) ?? 0)) return;
    const quiet = this.#rules(before, { type: 'timer.fired', at: event.at }, this.#policy);
    if (JSON.stringify(quiet) !== JSON.stringify({ machine, effects }))
      this.#violated('S6', `${JSON.stringify(event.status)} that was told before changed something`);
  }

  #asked(reason: string, now: number, event: LockEvent): void {
    const excess = this.#prompts.asked(reason, now);
    if (excess !== null) this.#violated('S7', excess);
    if (event.type === 'user.retry' && this.#verifyUntil !== null)
      this.#verifyUntil = now + this.#policy.approvalTimeoutMs + ROUNDING_MS;
  }

  #violated(invariant: Invariant, sentence: string): void {
    this.violations.push({ invariant, sentence });
  }
}

const s2 = (at: number, sentence: string): Deadline => ({ invariant: 'S2', at, sentence });

/** Events that say nothing against presence. */
const HARMLESS: readonly LockEvent['type'][] = [
  'timer.fired',
  'os.activity',
  'os.unlocked',
  'gateway.up',
  'session.started',
  'user.retry',
  'user.pause',
  'curtain.lost',
  'effect.failed',
  'policy.changed',
];

/** Events that are a request to lock. */
const ASKED_FOR: readonly LockEvent['type'][] = ['user.lockNow', 'gateway.lockCommand', 'os.suspending', 'os.resumed'];

/** The gateway keeps the service's addresses of a session in its handle. */
function serviceIdOf(handle: string): string {
  return /session_status\/([0-9a-f]+)/.exec(handle)?.[1] ?? '';
}
