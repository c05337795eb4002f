import type { Prompt, SessionStatus, StartReason } from '../../protocol/frames.ts';
import type { Policy } from '../../protocol/policy.ts';
import type { AuditEntry, OfflineCodeNote } from './audit-entry.ts';
import type { UnlockProof } from './unlock-proof.ts';

/**
 * The vocabulary of the state machine (DESIGN §4). All times named `*At`, `*Until`, `deadline` and `since` are monotonic
 * milliseconds (Clock.monotonicNow); durations say their unit. Nothing here does anything.
 */

/** Why the workstation locked. Each has its own sentence on screen (sentences.ts). */
export const LOCK_CAUSES = [
  'walkaway', // the phone left and did not come back within the grace
  'session-closed', // the service closed the session
  'session-expired', // the longest session length was reached
  'denied', // the person said no, or the service refused
  'approval-timeout', // nobody answered in time
  'gateway-unreachable', // the gateway could not be reached for the network grace
  'service-silent', // the gateway is there, the service did not answer for the network grace
  'unknown-status', // the service said something this version does not know
  'user-lock', // the person locked it from tray, curtain or status window
  'os-lock', // the person or the OS locked it by its own means
  'remote-lock', // the gateway commanded it
  'suspend', // the machine went to sleep
  'resume', // the machine woke up without having been locked
  'curtain-lost', // the cover could not be kept up
  'quit', // the app was asked to quit
  'disabled', // guarding was switched off from a console
  'enrollment-removed', // the phone was removed while nothing proved presence
  'app-died', // the run before died and its sentinel saw no lock
  'sentinel-lost', // nobody would lock if this process died
  'fault', // a rule of ours failed, so nothing that was believed counts
] as const;
export type LockCause = (typeof LOCK_CAUSES)[number];

/** Causes of the warning before a lock. */
export type LeavingCause = Extract<LockCause, 'walkaway' | 'gateway-unreachable' | 'service-silent'>;

/** Who is guarded, as this process knows it: what every proof is checked against. */
export interface Enrollment {
  readonly userId: string;
  readonly deviceId: string;
}

/** A start that was sent and not answered. */
export interface PendingStart {
  readonly requestId: string;
  readonly reason: StartReason;
  readonly sentAt: number;
}

/** A session as the workstation knows it. Bound at its start to a lock cycle, a user and a workstation (S1). */
export interface Session {
  readonly sessionId: string;
  /** Lock cycle in which it was started; a session of an earlier cycle proves nothing. */
  readonly lockCycle: number;
  readonly userId: string;
  readonly deviceId: string;
  readonly startedAt: number;
  readonly status: SessionStatus;
  /** Highest sequence number accepted. */
  readonly seq: number;
  /** End of the lease; 0 while not active. */
  readonly leaseUntil: number;
  /** When it was first active, or null. */
  readonly approvedAt: number | null;
  /** End of the longest session, policy `maxSessionSeconds` after approval. */
  readonly endsAt: number;
  readonly prompt: Prompt | null;
}

/** What the guard of `present` rests on: a phone session, or an accepted offline code with an end. */
export type Presence =
  | { readonly kind: 'session'; readonly session: Session }
  | {
      readonly kind: 'offline-code';
      readonly acceptedAt: number;
      readonly leaseUntil: number;
      /** The phone is asked to take over from here on, as soon as the gateway is up. */
      readonly followUpAt: number;
    };

/** A second session asked for while present: to go on after the end, or to be allowed to pause. */
export interface Follow {
  readonly purpose: { readonly kind: 'renewal' } | { readonly kind: 'pause'; readonly minutes: number };
  readonly start: PendingStart | null;
  readonly session: Session | null;
  readonly deadline: number;
  /** Starts made for it, the first one included. */
  readonly attempt: number;
  /** When a renewal that did not reach the phone is tried again, or null. */
  readonly retryAt: number | null;
}

/** Why an approval is not under way although it should be; shown on the curtain. */
export interface StartProblem {
  /** An error code of protocol/error-codes.ts, or one of ours. */
  readonly code: string;
  readonly retryable: boolean;
  /** When the start is repeated by itself, or null when that is left to the person. */
  readonly retryAt: number | null;
}

export type LockState =
  | { readonly name: 'unenrolled'; readonly since: number }
  | {
      readonly name: 'locked';
      readonly since: number;
      readonly cause: LockCause;
      /** Approval asked for while locked (policy `unlockOnApproval: session`). */
      readonly start: PendingStart | null;
      readonly session: Session | null;
      readonly deadline: number | null;
      /** Attempts spent in this lock cycle. */
      readonly attempt: number;
    }
  | {
      readonly name: 'locking';
      readonly since: number;
      readonly cause: LockCause;
      /** Rung requested last; equal to `ladderRungs` while resting after the ladder was exhausted. */
      readonly rung: number;
      readonly rungSince: number;
      readonly alarmed: boolean;
    }
  | {
      readonly name: 'verifying';
      readonly since: number;
      readonly start: PendingStart | null;
      readonly session: Session | null;
      /** The OS is locked when this passes without approval. */
      readonly deadline: number;
      /** Session starts spent on this unlock. */
      readonly attempt: number;
      readonly problem: StartProblem | null;
    }
  | { readonly name: 'present'; readonly since: number; readonly presence: Presence; readonly follow: Follow | null }
  | {
      readonly name: 'leaving';
      readonly since: number;
      readonly presence: Presence;
      readonly follow: Follow | null;
      readonly cause: LeavingCause;
      /** The lock is requested when this passes. Never grows while leaving. */
      readonly until: number;
    }
  | {
      readonly name: 'unlocking';
      readonly since: number;
      readonly proof: UnlockProof;
      readonly session: Session;
      readonly until: number;
      readonly attempt: number;
      readonly lockCause: LockCause;
    }
  | { readonly name: 'paused'; readonly since: number; readonly until: number };

export type StateName = LockState['name'];
/** Somebody is let in, whether or not about to be locked out. */
export type Attended = Extract<LockState, { name: 'present' | 'leaving' }>;

/** What outlives a state change. */
export interface Context {
  readonly enrollment: Enrollment | null;
  readonly os: 'locked' | 'unlocked' | 'unknown';
  readonly gateway: 'up' | 'down';
  /** The service's approval needs nothing that this workstation shows. False while that is not known. */
  readonly approvableUnseen: boolean;
  /** Grows at every lock boundary: lock requested, lock observed, suspend, resume. */
  readonly lockCycle: number;
  /** Times of session starts in the last hour, oldest first (S7). */
  readonly starts: readonly number[];
  /** Requests made by this process; makes request ids unique without randomness in the core. */
  readonly requests: number;
  /** Rungs of this OS's lock ladder. */
  readonly ladderRungs: number;
  /** Unique to this process, chosen by the runtime, so that request ids never repeat across restarts. */
  readonly runId: string;
  /** Last time anything was heard about the current session. */
  readonly lastHeardAt: number | null;
  /** Why the gateway could not ask the service last time; null once the service answered. Tells a dead network from a silent phone. */
  readonly serviceTrouble: string | null;
  /** Wake-up that was last scheduled, so that it is only set again when it changes. */
  readonly wakeAt: number | null;
}

export interface Machine {
  readonly state: LockState;
  readonly context: Context;
}

/** Everything that can happen, stamped with the monotonic time at which this process learnt of it. */
export type LockEvent = { readonly at: number } & (
  | { readonly type: 'os.locked'; readonly evidence: string }
  | { readonly type: 'os.unlocked'; readonly evidence: string }
  | { readonly type: 'os.suspending' }
  | { readonly type: 'os.resumed' }
  | { readonly type: 'os.activity' }
  | { readonly type: 'gateway.up' /** See `isApprovableUnseen`. */; readonly approvableUnseen: boolean }
  | { readonly type: 'gateway.down'; readonly reason: string }
  | { readonly type: 'gateway.lockCommand'; readonly reason: string }
  /** Granted on the phone for the session that is running; a claim until the machine has judged it. */
  | { readonly type: 'gateway.pauseCommand'; readonly sessionId: string; readonly minutes: number }
  | { readonly type: 'session.started'; readonly requestId: string; readonly sessionId: string }
  | {
      readonly type: 'session.status';
      readonly sessionId: string;
      readonly seq: number;
      /** Canonical, or the unknown word as it came. */
      readonly status: SessionStatus | { readonly unknown: string };
      /** Lease granted by this answer, counted from `asOf`. */
      readonly validForMs: number;
      /** Monotonic time at which the answer was certainly not yet given: the lease counts from here, not from arrival. */
      readonly asOf: number;
      readonly reason?: string;
      readonly prompt?: Prompt;
    }
  | { readonly type: 'session.refused'; readonly requestId: string; readonly code: string; readonly retryable: boolean }
  | {
      readonly type: 'offlineCode.accepted';
      readonly codeKind: 'totp' | 'recovery';
      /** Lock cycle in which it was typed: verifying takes time, and a code typed before a lock proves nothing after it (S1). */
      readonly lockCycle: number;
    }
  | { readonly type: 'offlineCode.noted'; readonly note: OfflineCodeNote }
  | {
      readonly type: 'user.lockNow';
      /** The last two are asked for in the person's name: by what a run that died left behind, and for want of a sentinel. */
      readonly from: 'tray' | 'curtain' | 'status' | 'console' | 'quit' | 'disable' | 'app-died' | 'sentinel-lost';
    }
  | { readonly type: 'user.retry' }
  | { readonly type: 'user.pause'; readonly minutes: number }
  | { readonly type: 'timer.fired' }
  | { readonly type: 'policy.changed' }
  | { readonly type: 'enrollment.changed'; readonly enrollment: Enrollment | null }
  | {
      readonly type: 'effect.failed';
      readonly effect: EffectType;
      readonly reason: string;
      readonly requestId?: string;
      readonly rung?: number;
    }
  | { readonly type: 'curtain.lost'; readonly reason: string }
);
export type EventType = LockEvent['type'];

export type NotificationKind =
  | { readonly kind: 'leaving'; readonly cause: LeavingCause; readonly lockInMs: number }
  | { readonly kind: 'locked'; readonly cause: LockCause }
  /** `number`: the one to choose on the phone, once the service has said which; nothing else on the screens covers the work to show it. */
  | { readonly kind: 'ask-again'; readonly endsInMs: number; readonly number?: string }
  | { readonly kind: 'pause-needs-approval'; readonly number?: string }
  | { readonly kind: 'paused'; readonly minutes: number }
  | { readonly kind: 'unlock-failed' }
  | { readonly kind: 'offline-codes-used'; readonly accepted: number; readonly refused: number }
  | { readonly kind: 'problem'; readonly code: string };

export type Effect =
  | { readonly type: 'requestLock'; readonly cause: LockCause; readonly rung: number }
  | { readonly type: 'requestUnlock'; readonly proof: UnlockProof }
  | { readonly type: 'raiseCurtain' }
  | { readonly type: 'lowerCurtain'; readonly proof: UnlockProof }
  /** Only beneath an observed OS lock, when nothing is guarded any more. */
  | { readonly type: 'discardCurtain' }
  | {
      readonly type: 'startSession';
      readonly requestId: string;
      readonly userId: string;
      readonly reason: StartReason;
      readonly durationSeconds: number;
    }
  | { readonly type: 'endSession'; readonly sessionId: string; readonly reason: string }
  | {
      readonly type: 'setPolling';
      readonly polling: { readonly sessionId: string; readonly intervalMs: number } | null;
    }
  | { readonly type: 'notify'; readonly notification: NotificationKind }
  | { readonly type: 'withdrawNotification'; readonly notification: NotificationKind['kind'] }
  | { readonly type: 'schedule'; readonly at: number | null }
  | { readonly type: 'audit'; readonly entry: AuditEntry }
  | { readonly type: 'alarm'; readonly reason: string }
  /** Below the last rung of the ladder, where the policy asks for it: whoever sits there loses the session. */
  | { readonly type: 'terminateSession' };
export type EffectType = Effect['type'];

export interface Transition {
  readonly machine: Machine;
  readonly effects: readonly Effect[];
}

/** Pure: the same arguments give the same result, and nothing outside is touched. */
export type TransitionFunction = (machine: Machine, event: LockEvent, policy: Policy) => Transition;
