import { assertNever } from '../../protocol/result.ts';
import type { AuditSituation } from '../core/audit-situation.ts';
import type { Effect, LockEvent } from '../core/lock-types.ts';
import type {
  AlarmBell,
  AuditLog,
  Clock,
  Curtain,
  Dispatch,
  GatewayLink,
  LockLadder,
  Notifier,
  WakeUp,
} from '../core/ports.ts';

/** Everything effects act on. */
export interface EffectPorts {
  readonly ladder: LockLadder;
  readonly curtain: Curtain;
  readonly link: GatewayLink;
  readonly notifier: Notifier;
  readonly audit: AuditLog;
  readonly alarm: AlarmBell;
  readonly wakeUp: WakeUp;
  readonly clock: Clock;
}

/**
 * `situation` is the evidence that goes with an entry of the record.
 * Carries out effects in the order given, without waiting for one before the next: a curtain that paints slowly must not hold up
 * a lock. An effect that fails becomes an event; nothing is swallowed.
 */
export function createEffectRunner(
  ports: EffectPorts,
  dispatch: Dispatch,
): (effect: Effect, situation: AuditSituation | null) => void {
  return (effect, situation) => {
    let done: Promise<void>;
    try {
      done = perform(effect, situation, ports, dispatch);
    } catch (error) {
      done = Promise.reject(error);
    }
    done.catch((error: unknown) => dispatch(failure(effect, error, ports.clock.monotonicNow())));
  };
}

function perform(
  effect: Effect,
  situation: AuditSituation | null,
  ports: EffectPorts,
  dispatch: Dispatch,
): Promise<void> {
  const { ladder, curtain, link, notifier, audit, alarm, wakeUp, clock } = ports;
  switch (effect.type) {
    case 'requestLock':
      return ladder.requestLock(effect.rung);
    case 'requestUnlock':
      return ladder.requestUnlock(effect.proof);
    case 'raiseCurtain':
      return curtain.raise();
    case 'lowerCurtain':
      return curtain.lower(effect.proof);
    case 'discardCurtain':
      return curtain.discard();
    case 'startSession':
      return link.startSession(effect);
    case 'endSession':
      return link.endSession(effect.sessionId, effect.reason);
    case 'setPolling':
      link.setPolling(effect.polling);
      return Promise.resolve();
    case 'notify':
      return notifier.notify(effect.notification);
    case 'withdrawNotification':
      return notifier.withdraw(effect.notification);
    case 'schedule':
      wakeUp.set(effect.at, () => dispatch({ type: 'timer.fired', at: clock.monotonicNow() }));
      return Promise.resolve();
    case 'audit':
      return audit.append(effect.entry, { monotonicMs: clock.monotonicNow(), wallMs: clock.wallNow() }, situation);
    case 'alarm':
      return alarm.raise(effect.reason);
    case 'terminateSession':
      return ladder.terminateSession();
    default:
      return assertNever(effect, 'effect');
  }
}

function failure(effect: Effect, error: unknown, at: number): LockEvent {
  const reason = error instanceof Error ? error.message : 'failed without a reason';
  const base = { type: 'effect.failed', at, effect: effect.type, reason } as const;
  if (effect.type === 'requestLock') return { ...base, rung: effect.rung };
  if (effect.type === 'startSession') return { ...base, requestId: effect.requestId };
  return base;
}
