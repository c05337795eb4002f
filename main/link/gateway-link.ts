import { randomUUID } from 'node:crypto';
import { type Capabilities, type ClientFrame, type ClientFrameOf, PROTOCOL_VERSION } from '../../protocol/frames.ts';
import { assertNever, err, ok } from '../../protocol/result.ts';
import { isApprovableUnseen } from '../core/approvable-unseen.ts';
import { startApprovalTest } from './approval-test.ts';
import { type DownReason, downText, failureOfReason, worthRetryingSoon } from './down-reason.ts';
import { createEnrollCalls } from './enroll-calls.ts';
import type { GatewayTarget } from './gateway-address.ts';
import type { ConnectionListener } from './gateway-connection.ts';
import { createGatewayNews } from './gateway-news.ts';
import { LINK_LIMITS, type LinkLimits, MAX_OWED_ENDS } from './limits.ts';
import { askMethods, type MethodsState, settleMethods } from './methods-calls.ts';
import type { GatewayLinkOptions, PresenceGatewayLink } from './presence-gateway-link.ts';
import { createReconnecting } from './reconnecting.ts';
import { createRequestsUnderWay } from './requests-under-way.ts';
import { createSessionBook, type SessionOwner } from './session-book.ts';
import { createSessionPolling } from './session-polling.ts';
import { systemTimers } from './timers.ts';
import { openWebSocket } from './web-socket-transport.ts';

const placeOf = (target: GatewayTarget | null): string =>
  target === null ? '' : 'url' in target ? target.url : target.socketPath;

/** Opens the way to the gateway and keeps it open. Connects at once. */
export function createGatewayLink(options: GatewayLinkOptions): PresenceGatewayLink {
  const { clock, dispatch, logger } = options;
  const timers = options.timers ?? systemTimers;
  const limits: LinkLimits = { ...LINK_LIMITS, ...options.limits };
  const now = () => clock.monotonicNow();
  const book = createSessionBook();
  const enrollCalls = createEnrollCalls(timers, limits);
  const methodsCalls = createRequestsUnderWay<MethodsState>(timers, limits);
  const news = createGatewayNews(timers);
  const owedEnds = new Map<string, string>();
  const counters = { foreignFrames: 0, staleFrames: 0, unknownStatuses: 0, violations: 0 };
  const forgetCalls = createRequestsUnderWay<null>(timers, limits);
  const introduces = (next: GatewayTarget | null) => ({
    place: placeOf(next),
    byKey: next !== null && 'device' in next,
  });
  let target = introduces(options.connect);
  let capabilities: Capabilities | null = null;
  let reason: DownReason | null = options.connect === null ? 'NO_GATEWAY' : 'CONNECT_FAILED';
  /** `gateway.down` is reported once per loss, and once when the first attempt fails. */
  let lossReported = false;
  let closing: Promise<void> | null = null;

  const machine: SessionOwner = {
    started: (requestId, sessionId) => dispatch({ at: now(), type: 'session.started', requestId, sessionId }),
    status: (heard) => dispatch({ at: now(), type: 'session.status', ...heard }),
    refused: (requestId, code, retryable) =>
      dispatch({ at: now(), type: 'session.refused', requestId, code, retryable }),
  };

  const listener: ConnectionListener = {
    onReady(frame) {
      capabilities = frame.capabilities;
      reason = null;
      lossReported = false;
      logger.info('gateway ready');
      news.ready(frame.capabilities, frame.policy ?? null);
      // Ends first, so that the gateway never runs two approvals of one person side by side longer than need be.
      for (const [sessionId, why] of owedEnds)
        send({ v: PROTOCOL_VERSION, type: 'session.end', sessionId, reason: why });
      owedEnds.clear();
      for (const start of book.unanswered()) sendStart(start);
      dispatch({ at: now(), type: 'gateway.up', approvableUnseen: isApprovableUnseen(frame.capabilities) });
      for (const sessionId of book.openSessions()) if (sessionId !== polling.sessionId()) poll(sessionId);
      polling.pollNow();
      news.settle(ok(frame.capabilities));
    },
    onFrame(frame, asOf) {
      switch (frame.type) {
        case 'session.state.unknown':
          counters.unknownStatuses += 1;
          logger.warn(`gateway reported a session status this version does not know: ${frame.status.unknown}`);
          return countUnused(book.onState(frame, asOf));
        case 'session.state':
          return countUnused(book.onState(frame, asOf));
        case 'session.ended':
          book.onEnded(frame.sessionId, asOf, 'ended elsewhere');
          return;
        case 'enroll.state':
          if (!enrollCalls.onState(frame)) counters.staleFrames += 1;
          return;
        case 'methods.state':
          if (!settleMethods(methodsCalls, frame)) counters.staleFrames += 1;
          return;
        case 'device.forgotten':
          if (!forgetCalls.settle(frame.requestId, null)) counters.staleFrames += 1;
          return;
        case 'command.lock':
          dispatch({ at: now(), type: 'gateway.lockCommand', reason: frame.reason });
          return;
        case 'command.pause': {
          const { sessionId, minutes } = frame;
          dispatch({ at: now(), type: 'gateway.pauseCommand', sessionId, minutes });
          return;
        }
        case 'policy':
          news.policy(frame.policy);
          return;
        case 'error':
          if (
            !book.onError(frame, asOf) &&
            ![enrollCalls, methodsCalls, forgetCalls].some((calls) => calls.onError(frame))
          ) {
            logger.warn(`gateway reported ${/^[A-Z_]{1,64}$/.test(frame.code) ? frame.code : 'an unknown code'}`);
          }
          return;
        default:
          return assertNever(frame, 'gateway frame');
      }
    },
    onViolation(detail) {
      counters.violations += 1;
      logger.warn(`gateway broke the protocol: ${detail}`);
    },
    onEnd(why, detail) {
      reason = why;
      logger.info(`no gateway: ${why}${detail === '' ? '' : ` (${detail})`}`);
      enrollCalls.failAll(why);
      methodsCalls.failAll(why);
      forgetCalls.failAll(why);
      if (!worthRetryingSoon(why)) {
        news.settle(err(failureOfReason(why)));
        news.refused(failureOfReason(why));
      }
      if (lossReported || why === 'STOPPED') return;
      lossReported = true;
      dispatch({ at: now(), type: 'gateway.down', reason: why });
    },
  };

  const { deviceId, appVersion, platform } = options;
  const reconnecting = createReconnecting(
    {
      hello: { deviceId, appVersion, platform },
      clock,
      timers,
      random: options.random ?? Math.random,
      limits,
      openTransport: options.openTransport ?? openWebSocket,
    },
    listener,
  );
  const send = (frame: ClientFrame): boolean => reconnecting.current()?.send(frame) ?? false;
  const poll = (sessionId: string): void => {
    reconnecting.current()?.ping();
    send({ v: PROTOCOL_VERSION, type: 'session.poll', sessionId, seq: book.seqOf(sessionId) });
  };
  const polling = createSessionPolling(clock, timers, poll);

  function countUnused(outcome: 'delivered' | 'foreign' | 'stale'): void {
    if (outcome === 'foreign') counters.foreignFrames += 1;
    if (outcome === 'stale') counters.staleFrames += 1;
  }

  function start(frame: ClientFrameOf<'session.start'>, owner: SessionOwner): void {
    const cancelExpiry = timers.after(limits.startAnswerLimitMs, () =>
      book.giveUpStart(frame.requestId, reason === null ? 'PROVIDER_TIMEOUT' : 'GATEWAY_UNREACHABLE'),
    );
    book.addStart(frame, owner, cancelExpiry);
    // Unsent while there is no connection; `ready` sends it, unless it has grown too old by then.
    sendStart(frame);
  }

  /** The workstation's name leaves it only where a phone shows it. */
  function sendStart(frame: ClientFrameOf<'session.start'>): void {
    const { workstation } = options;
    const isShown = workstation !== undefined && capabilities?.showsWorkstation === true;
    send(isShown ? { ...frame, workstation: workstation() } : frame);
  }

  function end(sessionId: string, why: string): void {
    book.forget(sessionId);
    if (send({ v: PROTOCOL_VERSION, type: 'session.end', sessionId, reason: why })) return;
    if (owedEnds.size < MAX_OWED_ENDS) owedEnds.set(sessionId, why);
  }

  function connectNow(why: DownReason, next: GatewayTarget | null): void {
    if (closing !== null) return;
    target = introduces(next);
    reconnecting.connectNow(why, next);
    if (next === null) reason = 'NO_GATEWAY';
  }

  if (options.connect !== null) reconnecting.connectNow('CONNECT_FAILED', options.connect);

  return {
    async startSession({ requestId, userId, reason: why, durationSeconds }) {
      start({ v: PROTOCOL_VERSION, type: 'session.start', requestId, userId, reason: why, durationSeconds }, machine);
    },
    async endSession(sessionId, why) {
      end(sessionId, why);
    },
    setPolling: (next) => polling.set(next),
    onReady: news.onReady,
    onRefused: news.onRefused,
    onPolicy: news.onPolicy,
    async whenReady(timeoutMs) {
      if (reason === null && capabilities !== null) return ok(capabilities);
      return news.wait(timeoutMs, () => failureOfReason(reason ?? 'READY_TIMEOUT'));
    },
    enroll: (call) => enrollCalls.ask(call, send),
    methods: (call) => askMethods(methodsCalls, call, send),
    startTestSession: (userId, onUpdate) =>
      startApprovalTest(
        { requestId: randomUUID(), userId, book, start, end, poll, send, clock, timers, limits },
        onUpdate,
      ),
    answerSession: (sessionId, data) => send({ v: PROTOCOL_VERSION, type: 'session.answer', sessionId, data }),
    async forgetDevice() {
      if (!target.byKey) return ok(null);
      return forgetCalls.ask((requestId) => send({ v: PROTOCOL_VERSION, type: 'device.forget', requestId }));
    },
    reconnectNow() {
      if (closing === null) reconnecting.reconnectNow('RESUMED');
    },
    retarget(next) {
      const elsewhere = placeOf(next) !== target.place;
      connectNow('RETARGETED', next);
      if (elsewhere) {
        owedEnds.clear();
        book.clear('GATEWAY_UNREACHABLE');
      }
    },
    status() {
      const at = reconnecting.nextAttemptAt();
      return {
        ready: reason === null,
        connecting: reason !== null && reconnecting.current() !== null,
        capabilities,
        reason,
        sentence: reason === null ? null : downText(reason),
        nextAttemptInMs: at === null ? null : Math.max(0, at - now()),
      };
    },
    counters: () => ({ ...counters }),
    close() {
      polling.set(null);
      book.dispose();
      news.settle(err(failureOfReason('STOPPED')));
      closing ??= reconnecting.stop();
      return closing;
    },
  };
}
