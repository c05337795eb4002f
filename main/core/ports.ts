import type { EmbeddedGatewayConfig } from '../../protocol/embedded.ts';
import type { AuditSituation } from './audit-situation.ts';
import type { Effect, LockEvent, NotificationKind } from './lock-types.ts';
import type { UnlockProof } from './unlock-proof.ts';

/**
 * What the core needs from the outside, as seen from the core. Adapters implement these; tests/fakes/ holds their doubles.
 * A promise that rejects is never lost: the effect runner turns it into an `effect.failed` event.
 */

/** Time. `monotonicNow` never jumps and is what every deadline is measured in; `wallNow` is for display and the log only. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never decreases. Keeps counting during system sleep where the OS allows it. */
  monotonicNow(): number;
  /** Milliseconds since the Unix epoch, as the machine believes it. */
  wallNow(): number;
}

/** What the operating system reports about its own session. `evidence` names the source, e.g. `logind LockedHint=true`. */
export type OsSignal =
  | { readonly type: 'os.locked'; readonly evidence: string }
  | { readonly type: 'os.unlocked'; readonly evidence: string }
  | { readonly type: 'os.suspending' }
  | { readonly type: 'os.resumed' }
  | { readonly type: 'os.activity' };

/** Observes the OS session. Duplicate signals are allowed; missing ones are not. */
export interface OsSessionWatch {
  /**
   * Begins observing and reports the state found at the start.
   * @returns whether the session is locked now; `unknown` where the OS cannot say.
   * @throws when the session cannot be observed at all (no bus, no session): the caller must say so, not guess.
   */
  start(listener: (signal: OsSignal) => void): Promise<'locked' | 'unlocked' | 'unknown'>;
  /** Stops observing and releases every resource (bus connection, child process, inhibitor). Idempotent. */
  stop(): Promise<void>;
}

/** A rung of the lock ladder could not be used; `reason` is safe to show and holds no secret. */
export class LockRungFailed extends Error {
  override readonly name = 'LockRungFailed';
  readonly rung: string;
  constructor(rung: string, reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.rung = rung;
  }
}

/** Asks the OS to lock or unlock. A resolved promise means "requested", never "locked" (S3): only the watch observes. */
export interface LockLadder {
  /** Names of the rungs, first choice first. Never empty. */
  readonly rungs: readonly string[];
  /** Whether this OS lets us unlock our own session (Linux with logind only). */
  readonly canUnlock: boolean;
  /**
   * @param rung index into `rungs`.
   * @throws LockRungFailed when the rung is unavailable, refuses, or does not answer within its time-out.
   */
  requestLock(rung: number): Promise<void>;
  /** @throws LockRungFailed when unsupported or refused. */
  requestUnlock(proof: UnlockProof): Promise<void>;
  /**
   * Asks the OS to end the session with all its programs: what is left when no rung locks.
   * @throws LockRungFailed when unsupported or refused.
   */
  terminateSession(): Promise<void>;
  /** Ends children that lock the screen only when told to; a running locker is left alone. Idempotent. */
  dispose(): Promise<void>;
}

/** The cover on every display. */
export interface Curtain {
  /** Shows one window on every display. Rejects when not even one can be shown. */
  raise(): Promise<void>;
  /** Hides them. The proof is taken so that no caller can lower the curtain without holding one. */
  lower(proof: UnlockProof): Promise<void>;
  /** Hides them beneath an observed OS lock when nothing is guarded any more (enrollment removed). */
  discard(): Promise<void>;
}

/** The way to the gateway. Answers arrive as events, not as return values. */
export interface GatewayLink {
  startSession(request: Extract<Effect, { type: 'startSession' }>): Promise<void>;
  endSession(sessionId: string, reason: string): Promise<void>;
  /** `null` stops polling. The poll is also the keep-alive of the lease. */
  setPolling(polling: { readonly sessionId: string; readonly intervalMs: number } | null): void;
}

export interface Notifier {
  /** Shows a desktop notification. */
  notify(kind: NotificationKind): Promise<void>;
  /** Withdraws a warning that no longer holds. */
  withdraw(kind: NotificationKind['kind']): Promise<void>;
}

/** Append-only record of what happened and why. */
export interface AuditLog {
  /**
   * Resolves once the entry is on disk. Rejects at the first failure of an outage; entries lost until writing works again are
   * counted, and the count is the next thing written: told at every entry, an outage would be told by notifications that fail
   * and are recorded, for ever.
   */
  append(
    entry: Extract<Effect, { type: 'audit' }>['entry'],
    at: { monotonicMs: number; wallMs: number },
    situation: AuditSituation | null,
  ): Promise<void>;
}

/** A single wake-up; setting it again replaces the one before. */
export interface WakeUp {
  set(atMonotonicMs: number | null, fire: () => void): void;
}

/** Raised when the workstation could not be locked by any rung: loud, visible, repeated. */
export interface AlarmBell {
  raise(reason: string): Promise<void>;
}

/** Where every event goes. */
export type Dispatch = (event: LockEvent) => void;

/** Why the OS keychain could not be used. `locked`: it exists and wants its password. */
export class SecretStoreFailed extends Error {
  override readonly name = 'SecretStoreFailed';
  readonly code: 'unavailable' | 'locked' | 'timeout';
  constructor(code: 'unavailable' | 'locked' | 'timeout', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A workstation's own key: only this much of it is handed round, the private half stays where it was read. */
export interface DeviceSigner {
  /** Raw Ed25519 public key, base64url (protocol/device-proof.ts). */
  readonly publicKey: string;
  /** @param text ASCII. @returns the Ed25519 signature, base64url. */
  sign(text: string): string;
}

/** The OS keychain (main/secrets). There is no other place for a secret: when it fails, storing is refused. */
export interface SecretStore {
  /** @returns the secret, or null when there is none. @throws SecretStoreFailed */
  get(account: string): Promise<string | null>;
  /** @throws SecretStoreFailed */
  set(account: string, secret: string): Promise<void>;
  /** Deleting what is not there succeeds. @throws SecretStoreFailed */
  delete(account: string): Promise<void>;
}

/** Electron's powerMonitor and window messages as main/os needs them on Windows and macOS; implemented in main/electron. */
export interface PowerMonitorSource {
  on(
    event:
      | 'lock-screen'
      | 'unlock-screen'
      | 'suspend'
      | 'resume'
      | 'shutdown'
      | 'user-did-resign-active'
      | 'user-did-become-active',
    listener: () => void,
  ): () => void;
  /** WM_WTSSESSION_CHANGE codes (Windows): 0x1–0x8. Never called elsewhere. */
  onWindowsSessionChange(listener: (code: number) => void): () => void;
  getSystemIdleState(idleThresholdSeconds: number): 'active' | 'idle' | 'locked' | 'unknown';
  /** Seconds without input. */
  getSystemIdleTime(): number;
}

/** Processes that main starts itself: the embedded gateway and, in a trial, the simulated service (main/electron). */
export interface EmbeddedProcesses {
  /** Resolves once it listens. Rejects with a sentence for the person. A running one is stopped first. */
  startGateway(config: EmbeddedGatewayConfig): Promise<void>;
  stopGateway(): Promise<void>;
  /** Called whenever the gateway ends without having been stopped. @returns a function that stops listening. */
  onGatewayGone(listener: (reason: string) => void): () => void;
  startSimulator(options: {
    readonly host: string;
    readonly port: number;
    readonly appId?: string;
    readonly appSecret?: string;
    readonly users?: readonly string[];
  }): Promise<{ url: string; appId: string; appSecret: string }>;
  stopSimulator(): Promise<void>;
}
