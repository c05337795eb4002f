import type { ErrorCode } from '../protocol/error-codes.ts';
import { PROTOCOL_VERSION, type SessionStatus } from '../protocol/frames.ts';
import { err, ok, type Result } from '../protocol/result.ts';
import type { AuditLog } from './audit-log.ts';
import type { CancelTask, GatewayClock } from './clock.ts';
import { DURATION_SLACK_MS, FORGET_TERMINAL_MS, SECOND_LOOK_MS, UNWATCHED_SESSION_MS } from './limits.ts';
import type { GatewayLogger } from './logger.ts';
import type { GatewayMetrics } from './metrics.ts';
import { pollIntervalMs } from './poll-schedule.ts';
import type { ProviderAnswer, SessionHandle, WebhookNews } from './providers/provider.ts';
import { sessionEndedFrame, sessionStateFrame } from './session-frames.ts';
import { SessionKeeper } from './session-keeper.ts';
import { type Questions, SessionPoller } from './session-poller.ts';
import { SessionState } from './session-state.ts';
import { type SessionWatcher, SessionWatchers } from './session-watchers.ts';
import type { SessionRecord, SessionStore } from './store/session-store.ts';
import type { Upstream, UpstreamFailure } from './upstream.ts';
import { endAtService, type UpstreamEnding } from './upstream-ending.ts';

export interface SessionPorts {
  readonly clock: GatewayClock;
  readonly upstream: Upstream;
  readonly store: SessionStore;
  readonly logger: GatewayLogger;
  readonly audit: AuditLog;
  readonly metrics: GatewayMetrics;
  readonly leaseMs: number;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
  /** Called once, when a session that is over need not be explained any more. */
  readonly forget: (session: GatewaySession) => void;
}

/**
 * One session of one workstation: asks the service — once, however many watch —, keeps what it says as state, and tells the watchers.
 * When the service cannot be asked the session stays, and the lease runs out.
 */
export class GatewaySession {
  static readonly #questions: Questions<GatewaySession> = {
    ask: (session) =>
      session.#ports.upstream.call('poll', (provider, signal) => provider.pollSession(session.#handle, signal)),
    intervalMs: (session) =>
      pollIntervalMs(session.#state.status, session.#ports.leaseMs, session.#watchers.fastestCadenceMs()),
    mayAsk: (session) => session.#withinDuration(),
    onAnswer: (session, answer, sentAt) => {
      if (!session.#state.tries.overtook(sentAt)) session.#accept(answer, sentAt);
    },
    onFailure: (session, failure) => session.#noteFailure(failure),
  };

  readonly sessionId: string;
  readonly tokenName: string;
  readonly deviceId: string;
  readonly userId: string;
  readonly requestId: string;
  readonly #ports: SessionPorts;
  readonly #handle: SessionHandle;
  readonly #keeper: SessionKeeper;
  readonly #watchers = new SessionWatchers();
  readonly #poller: SessionPoller<GatewaySession>;
  readonly #overAt: number;
  readonly #state: SessionState;

  #cancelUnwatched: CancelTask | null = null;
  #cancelForget: CancelTask | null = null;
  #cancelSecondLook: CancelTask | null = null;
  #ending: UpstreamEnding | null = null;
  #stopped = false;

  constructor(record: SessionRecord, ports: SessionPorts) {
    this.sessionId = record.sessionId;
    this.tokenName = record.tokenName;
    this.deviceId = record.deviceId;
    this.userId = record.userId;
    this.requestId = record.requestId;
    this.#ports = ports;
    this.#handle = { providerId: record.providerId, serialized: record.handle };
    this.#keeper = new SessionKeeper(record, ports.store, ports.logger);
    this.#state = new SessionState(record.status);
    const { clock } = ports;
    // Over a restart only wall time links the two clocks; a wall clock set back must not lengthen a session beyond its agreed duration from now.
    const ranMs = Math.min(Math.max(0, clock.wallMs() - record.startedAtWallMs), record.durationMs);
    this.#overAt = clock.elapsedMs() + record.durationMs - ranMs + DURATION_SLACK_MS;
    this.#poller = new SessionPoller<GatewaySession>(this, GatewaySession.#questions, ports);
  }

  /** Takes up a session that the service has just started; resolves when it would survive a restart. */
  async begin(answer: ProviderAnswer, sentAt: number): Promise<void> {
    await this.#keeper.open();
    this.#poller.noteSent(sentAt);
    this.#watchUnwatched();
    this.#accept(answer, sentAt);
    this.#poller.schedule();
  }

  /** Goes on with a session of an earlier run: its last known status, without a lease, and the service is asked at once. */
  async resume(ending: boolean): Promise<void> {
    await this.#keeper.open();
    if (ending || this.over) {
      this.#close('closed', 'ended');
      return;
    }
    this.#watchUnwatched();
    this.#poller.schedule();
  }

  get over(): boolean {
    return this.#state.over;
  }

  watch(watcher: SessionWatcher): void {
    this.#watchers.add(watcher);
    this.#cancelUnwatched?.();
    this.#cancelUnwatched = null;
  }

  unwatch(watcher: SessionWatcher): void {
    if (this.#watchers.delete(watcher)) this.#watchUnwatched();
  }

  /** Answers a `session.start`; `requestId` binds the session to it. */
  answerStart(watcher: SessionWatcher): void {
    this.watch(watcher);
    if (this.#state.heard || this.over) this.#tell([watcher], this.requestId);
  }

  /** Answers a `session.poll` with the current state; how often a watcher polls may hasten the next question to the service. */
  answerPoll(watcher: SessionWatcher): void {
    this.watch(watcher);
    this.#watchers.notePoll(watcher, this.#ports.clock.elapsedMs());
    // Right after a restart nothing is known: the first word of the service, or its silence, is told to all.
    if (this.#state.heard || this.over) this.#tell([watcher]);
    this.#poller.schedule();
  }

  /** Passes on what the person typed. */
  async answer(data: string): Promise<Result<void, ErrorCode>> {
    const { provider } = this.#ports.upstream;
    if (this.over || this.#state.prompt?.kind !== 'code' || provider.answerSession === undefined) {
      return err('ANSWER_NOT_EXPECTED');
    }
    if (!this.#state.tries.begin()) return err('RATE_LIMITED');
    const answered = await this.#ports.upstream.call('answer', (asked, signal) => {
      if (asked.answerSession === undefined) throw new TypeError('the provider stopped taking answers');
      return asked.answerSession(this.#handle, data, signal);
    });
    this.#state.tries.finish(this.#ports.clock.elapsedMs());
    if (!answered.ok) {
      if (answered.error.code === 'CODE_WRONG') this.#noteWrongCode();
      return err(answered.error.code);
    }
    this.#accept(answered.value.value, answered.value.sentAt);
    return ok(undefined);
  }

  /**
   * News that the service delivered by itself. An answer counts as of when it was signed, so that its lease is no longer than a poll's and
   * newer news is not undone (S6); what is no answer, or an old one, is reason to ask now and once more a moment later, for a service may
   * announce a change before it makes it.
   */
  serviceSaid(news: WebhookNews): void {
    if (this.over || this.#stopped || !news.concerns(this.#handle)) return;
    const { clock } = this.#ports;
    const sentAt = clock.elapsedMs() - Math.max(0, news.ageMs);
    if (news.answer !== null && !this.#state.tries.overtook(sentAt) && this.#accept(news.answer, sentAt)) {
      this.#poller.noteSent(sentAt);
      this.#poller.schedule();
      return;
    }
    this.#poller.hasten();
    this.#cancelSecondLook?.();
    this.#cancelSecondLook = clock.schedule(SECOND_LOOK_MS, () => this.#poller.hasten());
  }

  /** Over now for everybody who watches; the service is told in the background. Ending what is over only acknowledges it. */
  end(asker: SessionWatcher | null, reason: string): void {
    const told = new Set(asker === null ? this.#watchers.all() : [...this.#watchers.all(), asker]);
    if (this.over) {
      asker?.send(sessionEndedFrame(this.sessionId));
      return;
    }
    this.#audit('session.ended', reason);
    this.#close('closed', 'ended by the workstation', reason);
    for (const watcher of told) watcher.send(sessionEndedFrame(this.sessionId));
  }

  /** A pause that a phone granted: told to whoever watches the session while it proves presence. @returns whether anybody was told */
  pause(concerns: (handle: SessionHandle) => boolean, minutes: number): boolean {
    if (this.over || this.#stopped || !concerns(this.#handle)) return false;
    const { clock, leaseMs } = this.#ports;
    const { sessionId } = this;
    const watchers = this.#watchers.all();
    if (watchers.length === 0 || this.#state.remainingLeaseMs(leaseMs, clock.elapsedMs()) === 0) return false;
    this.#audit('session.told-to-pause', `${minutes} minutes`);
    for (const watcher of watchers) watcher.send({ v: PROTOCOL_VERSION, type: 'command.pause', sessionId, minutes });
    return true;
  }

  /** Over because the gateway says so (lost phone, removed user): told to the watchers as a state, and to the service. */
  closeBecause(reason: string): void {
    if (this.over) return;
    this.#close('closed', reason);
    this.#tell(this.#watchers.all());
  }

  /** Stops without ending anything: what is stored goes on in the next run. Resolves when calls that end a session had their time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#poller.stop();
    this.#cancelUnwatched?.();
    this.#cancelForget?.();
    this.#cancelSecondLook?.();
    await this.#ending?.stop();
    await this.#keeper.settled();
  }

  #withinDuration(): boolean {
    if (this.#ports.clock.elapsedMs() <= this.#overAt) return true;
    this.#close('timeout', 'the agreed duration is over');
    this.#tell(this.#watchers.all());
    return false;
  }

  /** @returns false, and nothing has changed, where it is old news */
  #accept(answer: ProviderAnswer, sentAt: number): boolean {
    if (this.#stopped) return false;
    const before = this.#state.status;
    const news = this.#state.accept(answer, sentAt);
    if (news === 'old') return false;
    const { status } = this.#state;
    if (this.over) {
      this.#windUp();
      // Cannot reject: the keeper turns failures into log lines.
      void this.#keeper.forget();
    } else if (before !== status) {
      this.#keeper.note({ status });
      this.#audit('session.status', status);
    }
    if (status === 'active') this.#ports.metrics.leasesGranted.inc();
    // A renewed lease is news too.
    if (news === 'new' || status === 'active') this.#tell(this.#watchers.all());
    return true;
  }

  /** All who watch hear of it, the curtain among them; with the last try the session is over. */
  #noteWrongCode(): void {
    if (this.over || this.#stopped) return;
    if (!this.#state.noteWrongCode()) this.#close('failed', 'too many wrong codes');
    this.#tell(this.#watchers.all());
  }

  /** The watchers are told why nothing newer is known. */
  #noteFailure(failure: UpstreamFailure): void {
    this.#state.noteFailure(failure.code);
    this.#tell(this.#watchers.all());
  }

  /** Over without the service having said so: it is told, in the background. @param toldBy the workstation's own word for it */
  #close(status: SessionStatus, reason: string, toldBy?: string): void {
    this.#state.close(status, reason);
    this.#windUp();
    this.#keeper.note({ ending: true });
    this.#ending = endAtService(this.#handle, toldBy, this.#ports, () => void this.#keeper.forget());
  }

  /** What is over is not asked about any more, and explained for a while. */
  #windUp(): void {
    const { clock, forget } = this.#ports;
    const { status, reason } = this.#state;
    this.#poller.stop();
    this.#cancelUnwatched?.();
    this.#cancelSecondLook?.();
    this.#audit('session.status', reason === undefined ? status : `${status}: ${reason}`);
    this.#cancelForget = clock.schedule(FORGET_TERMINAL_MS, () => forget(this));
  }

  #watchUnwatched(): void {
    if (this.#watchers.size > 0 || this.over || this.#stopped) return;
    this.#cancelUnwatched?.();
    this.#cancelUnwatched = this.#ports.clock.schedule(UNWATCHED_SESSION_MS, () =>
      this.closeBecause('nobody watched it'),
    );
  }

  /** One state, one number, for all of `watchers`. */
  #tell(receivers: readonly SessionWatcher[], requestId?: string): void {
    if (receivers.length === 0) return;
    const seq = this.#keeper.nextSeq();
    if (seq === null) {
      this.#ports.logger.warn({ sessionId: this.sessionId }, 'the store is too slow: a state is withheld');
      return;
    }
    const { clock, leaseMs } = this.#ports;
    const lease = this.#state.remainingLeaseMs(leaseMs, clock.elapsedMs());
    const frame = sessionStateFrame(this.sessionId, seq, this.#state, lease, requestId);
    for (const receiver of receivers) receiver.send(frame);
  }

  #audit(event: 'session.status' | 'session.ended' | 'session.told-to-pause', detail: string): void {
    const { sessionId, tokenName, deviceId, userId } = this;
    this.#ports.audit.append({ event, sessionId, tokenName, deviceId, userId, detail });
  }
}
