import type { Policy } from '../../protocol/policy.ts';
import { assertNever } from '../../protocol/result.ts';
import type { LockEvent, Machine, Transition } from './lock-types.ts';
import { climb, leave, leaveSooner, lockNow } from './moves.ts';
import { onOfflineCode, onOfflineCodeNoted } from './on-offline-code.ts';
import { onActivity, onCurtainLost, onOsLocked, onOsUnlocked, onResumed, onSuspending } from './on-os.ts';
import { onPauseCommand } from './on-pause-command.ts';
import { onSessionRefused, onSessionStarted } from './on-session.ts';
import { onSessionStatus } from './on-session-status.ts';
import { onEnrollmentChanged, onLockCommand, onLockNow, onPause, onPolicyChanged, onRetry } from './on-user.ts';
import { giveUpUnlocking, letTimePass, nextDeadline } from './passing-time.ts';
import { askFromVerifying } from './starting.ts';
import { andThen, become, type Moment, note, stay } from './step.ts';

/** How a process begins, whatever happened before it: nobody is enrolled, nothing is known, nothing is trusted (S5). */
export function initialMachine(runId: string, ladderRungs: number): Machine {
  return {
    state: { name: 'unenrolled', since: 0 },
    context: {
      enrollment: null,
      os: 'unknown',
      gateway: 'down',
      approvableUnseen: false,
      lockCycle: 1,
      starts: [],
      requests: 0,
      ladderRungs,
      runId,
      lastHeardAt: null,
      serviceTrouble: null,
      wakeAt: null,
    },
  };
}

/**
 * The rule book (DESIGN §4). Pure. Time passes first, so that what is late meets a state that has moved on; then the event is
 * looked at; then whatever became due at this very moment happens; last, the one wake-up is set to the next deadline.
 */
export function transition(machine: Machine, event: LockEvent, policy: Policy): Transition {
  const moment: Moment = { now: event.at, policy };
  const passed = letTimePass(machine, moment);
  const handled = andThen(passed, (current) => handle(current, event, moment));
  const settled = andThen(handled, (current) => letTimePass(current, moment));
  const wakeAt = nextDeadline(settled.machine, policy);
  if (wakeAt === settled.machine.context.wakeAt) return settled;
  return andThen(settled, (current) => note(current, { wakeAt }, [{ type: 'schedule', at: wakeAt }]));
}

function handle(machine: Machine, event: LockEvent, moment: Moment): Transition {
  switch (event.type) {
    case 'os.locked':
      return onOsLocked(machine, event.evidence, moment);
    case 'os.unlocked':
      return onOsUnlocked(machine, event.evidence, moment);
    case 'os.suspending':
      return onSuspending(machine, moment);
    case 'os.resumed':
      return onResumed(machine, moment);
    case 'os.activity':
      return onActivity(machine, moment);
    case 'gateway.up':
      return onGatewayUp(machine, event.approvableUnseen, moment);
    case 'gateway.down':
      return onGatewayDown(machine, event.reason, moment);
    case 'gateway.lockCommand':
      return onLockCommand(machine, event.reason, moment);
    case 'gateway.pauseCommand':
      return onPauseCommand(machine, event, moment);
    case 'session.started':
      return onSessionStarted(machine, event, moment);
    case 'session.status':
      return onSessionStatus(machine, event, moment);
    case 'session.refused':
      return onSessionRefused(machine, event, moment);
    case 'offlineCode.accepted':
      return onOfflineCode(machine, event, moment);
    case 'offlineCode.noted':
      return onOfflineCodeNoted(machine, event.note);
    case 'user.lockNow':
      return onLockNow(machine, event.from, moment);
    case 'user.retry':
      return onRetry(machine, moment);
    case 'user.pause':
      return onPause(machine, event.minutes, moment);
    case 'timer.fired':
      return stay(machine);
    case 'policy.changed':
      return onPolicyChanged(machine, moment);
    case 'enrollment.changed':
      return onEnrollmentChanged(machine, event.enrollment, moment);
    case 'effect.failed':
      return onEffectFailed(machine, event, moment);
    case 'curtain.lost':
      return onCurtainLost(machine, event, moment);
    default:
      return assertNever(event, 'event');
  }
}

function onGatewayUp(machine: Machine, approvableUnseen: boolean, moment: Moment): Transition {
  const up = note(machine, { gateway: 'up', approvableUnseen });
  const { state } = up.machine;
  if (state.name === 'verifying') {
    if (state.session !== null || state.start !== null) return become(up.machine, { ...state, problem: null });
    return askFromVerifying(up.machine, state, 'unlock', moment);
  }
  return up;
}

function onGatewayDown(machine: Machine, reason: string, moment: Moment): Transition {
  const down = note(machine, { gateway: 'down', approvableUnseen: false });
  const { state } = down.machine;
  if (state.name === 'verifying') {
    return become(down.machine, { ...state, problem: { code: 'GATEWAY_UNREACHABLE', retryable: true, retryAt: null } });
  }
  const until = moment.now + moment.policy.networkGraceMs;
  if (state.name === 'present' && state.presence.kind === 'session')
    return leave(down.machine, state, 'gateway-unreachable', until, reason, moment);
  if (state.name === 'leaving') return leaveSooner(down.machine, state, 'gateway-unreachable', until, reason, moment);
  return down;
}

/** An effect that did not happen must not be mistaken for one that did. */
function onEffectFailed(
  machine: Machine,
  failed: Extract<LockEvent, { type: 'effect.failed' }>,
  moment: Moment,
): Transition {
  const { state } = machine;
  const evidence = failed.reason;
  const recorded: Transition = {
    machine,
    effects: [{ type: 'audit', entry: { what: 'effect-failed', effect: failed.effect, evidence } }],
  };
  switch (failed.effect) {
    case 'requestLock':
      // Only the rung that is waited for: a late failure of an earlier one says nothing about this one.
      if (state.name !== 'locking' || failed.rung !== state.rung) return recorded;
      return climb(machine, state, evidence, moment);
    case 'requestUnlock':
      return state.name === 'unlocking' ? giveUpUnlocking(machine, state, evidence, moment) : recorded;
    case 'raiseCurtain':
      return state.name === 'verifying'
        ? andThen(recorded, (current) => lockNow(current, 'curtain-lost', evidence, moment))
        : recorded;
    case 'startSession': {
      const { requestId } = failed;
      if (requestId === undefined) return recorded;
      return onSessionRefused(
        machine,
        { type: 'session.refused', at: failed.at, requestId, code: 'GATEWAY_UNREACHABLE', retryable: true },
        moment,
      );
    }
    case 'lowerCurtain':
    case 'discardCurtain':
      return andThen(recorded, (current) => ({
        machine: current,
        effects: [{ type: 'notify', notification: { kind: 'problem', code: 'CURTAIN_STUCK' } }],
      }));
    // Recording the failure of the record, or warning of a failed warning, would go round in circles.
    case 'audit':
      return { machine, effects: [{ type: 'notify', notification: { kind: 'problem', code: 'AUDIT_FAILED' } }] };
    case 'notify':
    case 'withdrawNotification':
    case 'endSession':
    case 'setPolling':
    case 'schedule':
    case 'alarm':
    case 'terminateSession':
      return recorded;
    default:
      return assertNever(failed.effect, 'effect');
  }
}
