import type { Effect, LockEvent, Machine, TransitionFunction } from '../../main/core/lock-types.ts';
import type { GuardStep } from '../../main/runtime/guard.ts';
import type { Policy } from '../../protocol/policy.ts';
import type { ApprovalTruth } from './approval-truth.ts';
import { type Basis, BasisJudge } from './basis.ts';
import { NewsDelivered } from './delivered-news.ts';
import type { Desk } from './desk.ts';
import type { GatewayHost } from './gateway-host.ts';
import { LockPursuit } from './lock-pursuit.ts';
import {
  APPROVAL_HEARD_MS,
  type Deadline,
  type Invariant,
  QUIET_AFTER_MS,
  ROUNDING_MS,
  UNCOVERED_MS,
  UNDER_WAY_MS,
  type Violation,
  WAKING_NOTICED_MS,
} from './promises.ts';
import { PromptCount } from './prompt-count.ts';

type Told<T extends Effect['type']> = Extract<Effect, { type: T }>;

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
  readonly #judge: BasisJudge;
  readonly #pursuit: LockPursuit;
  readonly #rules: TransitionFunction;
  #runId = '';
  #mainAlive = false;
  #enrolled = false;
  #awakeSince = 0;
  /** Since the last lock boundary that main was told of. */
  #boundaryAt = 0;
  #heardLocked = false;
  #basis: Basis | null = null;
  #lockDue: Deadline | null = null;
  #verifyUntil: number | null = null;
  #uncoveredSince: number | null = null;
  /** Per session: the newest number the rules were told, and the lease they were granted with it. */
  readonly #toldSeq = new Map<string, number>();
  readonly #coreLeaseEnds = new Map<string, number>();

  constructor(options: {
    readonly policy: Policy;
    readonly truth: ApprovalTruth;
    readonly desk: Desk;
    readonly gateway: GatewayHost;
    readonly rules: TransitionFunction;
    /** Messages may overtake each other in this world. */
    readonly reorders: boolean;
  }) {
    this.#policy = options.policy;
    this.#truth = options.truth;
    this.#desk = options.desk;
    this.#rules = options.rules;
    this.news = new NewsDelivered(options.policy);
    this.#judge = new BasisJudge({ ...options, news: this.news });
    this.#pursuit = new LockPursuit(options.policy.lockConfirmMs, options.desk.rungs);
    this.#prompts = new PromptCount(options.policy);
    this.#truth.onChange = () => this.#lookAtBasis();
  }

  mainBegan(runId: string, now: number): void {
    this.mainDied();
    this.#runId = runId;
    this.#mainAlive = true;
    this.#enrolled = false;
    this.#boundaryAt = now;
    this.#heardLocked = false;
    this.#toldSeq.clear();
    this.#coreLeaseEnds.clear();
    this.news.begin(runId);
    this.#prompts.begin();
  }

  /** Until it is started again nobody guards: what that costs is the business of the process that watches over main. */
  mainDied(): void {
    this.#mainAlive = false;
    this.#basis = null;
    this.#lockDue = null;
    this.#verifyUntil = null;
    this.#pursuit.over();
  }

  wokeUp(now: number): void {
    this.#awakeSince = now;
  }

  disturbed(until: number): void {
    this.disturbedUntil = Math.max(this.disturbedUntil, until + UNDER_WAY_MS);
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
    const due = this.#lockDue;
    if (due !== null && !this.#desk.locked && now > Math.max(due.at, noticed))
      this.#violated(due.invariant, `${due.sentence} (${Math.round(now - due.at)} ms late)`);
    if (this.#verifyUntil !== null && now > Math.max(this.#verifyUntil, noticed))
      this.#violated('S2', 'nobody approved in time, and no lock was requested');
    const neglected = this.#pursuit.neglected(now, noticed);
    if (neglected !== null) this.#violated('S3', neglected);
    this.#checkCover(now, noticed);
  }

  step(before: Machine, step: GuardStep): void {
    const { event, machine, effects } = step;
    const basisBefore = this.#basis;
    const leaseBefore = basisBefore?.kind === 'session' ? (this.#coreLeaseEnds.get(basisBefore.sessionId) ?? 0) : 0;
    this.#oldNewsIsNoNews(before, step);
    this.#hear(event, event.at);
    for (const effect of effects) {
      if (effect.type === 'requestLock' && effect.rung === 0 && !this.#pursuit.on)
        this.#noFalseLock(event, basisBefore, leaseBefore, effect.cause);
      this.#see(effect, before, step);
    }
    // A rung that was overdue is asked in the same step, before what was heard: the lock is seen all the same.
    if (event.type === 'os.locked') this.#pursuit.over();
    if (machine.state.name === 'locked' && this.#desk.toldLocked !== true)
      this.#violated('S3', 'locked was announced although no lock was seen');
    if (this.#uncoveredSince === null) this.#checkCover(event.at, 0);
  }

  #see(effect: Effect, before: Machine, { event, effects }: GuardStep): void {
    const now = event.at;
    switch (effect.type) {
      case 'requestUnlock':
        this.#mustBeProven(effect, event);
        return;
      case 'lowerCurtain':
        this.#mustBeProven(effect, event);
        this.#verifyUntil = null;
        this.#rest(
          effect.proof.kind === 'session'
            ? { kind: 'session', sessionId: effect.proof.sessionId }
            : { kind: 'until', until: now + this.#policy.maxSessionSeconds * 1_000, what: 'offline code' },
        );
        return;
      case 'discardCurtain':
        if (this.#desk.toldLocked !== true) this.#violated('S1', 'curtain discarded although no lock was seen');
        return;
      case 'requestLock':
        this.#pursuit.requested(now);
        this.#boundaryAt = now;
        this.#verifyUntil = null;
        this.#rest(null);
        this.#prompts.boundary();
        return;
      case 'alarm':
        this.#pursuit.alarmed(now);
        return;
      case 'raiseCurtain':
        this.#rest(null);
        return;
      case 'startSession':
        this.#asked(effect.reason, now, event);
        return;
      case 'audit':
        this.#read(effect, effects, before, event);
        return;
      default:
        return;
    }
  }

  /** What changes without an effect of its own is told by the record. */
  #read({ entry }: Told<'audit'>, effects: readonly Effect[], before: Machine, event: LockEvent): void {
    const now = event.at;
    switch (entry.what) {
      case 'renewed': {
        const polled = effects.find((each): each is Told<'setPolling'> => each.type === 'setPolling');
        const sessionId = polled?.polling?.sessionId ?? '';
        this.#sessionMustBeGood(sessionId, 'renewal', now);
        this.#rest({ kind: 'session', sessionId });
        return;
      }
      case 'paused': {
        const granted = effects.findLast((each): each is Told<'endSession'> => each.type === 'endSession');
        if (entry.grantedFrom === 'phone') this.#grantMustBeGood(event, entry.minutes);
        else this.#sessionMustBeGood(granted?.sessionId ?? '', 'pause', now);
        this.#rest({ kind: 'until', until: now + entry.minutes * 60_000, what: 'pause' });
        return;
      }
      case 'os-unlocked':
        this.#prompts.unlocked(before.state.name);
        this.#verifyUntil = now + this.#policy.approvalTimeoutMs + ROUNDING_MS;
        return;
      case 'unenrolled':
        this.#rest(null);
        return;
      default:
        return;
    }
  }

  #hear(event: LockEvent, now: number): void {
    switch (event.type) {
      case 'os.locked':
        // Told again while locked it is no new boundary (electron#24803).
        if (!this.#heardLocked) this.#boundaryAt = now;
        this.#heardLocked = true;
        this.#pursuit.over();
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
        this.#pursuit.wokeUp(now);
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

  #mustBeProven({ type, proof }: Told<'lowerCurtain' | 'requestUnlock'>, event: LockEvent): void {
    if (proof.kind === 'session') this.#sessionMustBeGood(proof.sessionId, type, event.at);
    else if (event.type !== 'offlineCode.accepted' || this.#policy.offline !== 'code')
      this.#violated('S1', `${type} on an offline code nobody gave`);
  }

  #sessionMustBeGood(sessionId: string, what: string, now: number): void {
    const flaw = this.#judge.flawOf(sessionId, this.#runId, this.#boundaryAt, now);
    if (flaw !== null) this.#violated('S1', `${what} on ${flaw}`);
  }

  /** A pause that nobody asked for at the desk: told for the very session that the open screen rests on, while nothing spoke against it. */
  #grantMustBeGood(event: LockEvent, minutes: number): void {
    const basis = this.#basis;
    if (event.type !== 'gateway.pauseCommand' || basis?.kind !== 'session' || basis.sessionId !== event.sessionId) {
      this.#violated('S2', 'paused from afar on something the open screen does not rest on');
      return;
    }
    if (minutes > Math.min(event.minutes, this.#policy.maxPauseMinutes))
      this.#violated('S2', 'paused from afar for longer than was granted or is allowed');
    if (this.#pursuit.on || this.#desk.toldLocked !== false || this.#desk.covered)
      this.#violated('S2', 'paused from afar while covered or locked');
    if ((this.#coreLeaseEnds.get(event.sessionId) ?? 0) <= event.at)
      this.#violated('S2', 'paused from afar on a lease that was over');
    this.#sessionMustBeGood(event.sessionId, 'pause', event.at);
  }

  #rest(basis: Basis | null): void {
    this.#basis = basis;
    this.#lookAtBasis();
  }

  #lookAtBasis(): void {
    this.#lockDue = this.#basis === null ? null : this.#judge.lockDueBy(this.#basis);
  }

  /** S5 and S1: an open OS session is covered, unless a proof uncovered it or the lock is being pursued. */
  #checkCover(now: number, noticed: number): void {
    const desk = this.#desk;
    const open = !desk.locked && desk.toldLocked === false;
    const exposed = this.#enrolled && open && !desk.covered && this.#basis === null && !this.#pursuit.on;
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

  #oldNewsIsNoNews(before: Machine, { event, machine, effects }: GuardStep): void {
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

/** Events that say nothing against presence. */
const HARMLESS: readonly LockEvent['type'][] = [
  'timer.fired',
  'os.activity',
  'os.unlocked',
  'gateway.up',
  'session.started',
  'gateway.pauseCommand',
  'user.retry',
  'user.pause',
  'curtain.lost',
  'effect.failed',
  'policy.changed',
];

/** Events that are a request to lock. */
const ASKED_FOR: readonly LockEvent['type'][] = ['user.lockNow', 'gateway.lockCommand', 'os.suspending', 'os.resumed'];
