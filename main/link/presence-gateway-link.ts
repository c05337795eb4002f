import type { Capabilities, WorkstationDescription } from '../../protocol/frames.ts';
import type { PolicyOverride } from '../../protocol/policy.ts';
import type { Result } from '../../protocol/result.ts';
import type { Clock, Dispatch, GatewayLink } from '../core/ports.ts';
import type { ApprovalTest, ApprovalTestUpdate } from './approval-test.ts';
import type { DownReason, LinkFailure } from './down-reason.ts';
import type { EnrollAnswer, EnrollCall } from './enroll-calls.ts';
import type { OpenTransport } from './frame-transport.ts';
import type { GatewayTarget } from './gateway-address.ts';
import type { LinkLimits } from './limits.ts';
import type { MethodsAnswer, MethodsCall } from './methods-calls.ts';
import type { LinkTimers } from './timers.ts';

export interface GatewayLinkOptions {
  /** `null`: no gateway yet; see `retarget`. */
  readonly connect: GatewayTarget | null;
  readonly deviceId: string;
  readonly appVersion: string;
  readonly platform: 'linux' | 'win32' | 'darwin';
  /** Told with a start, to gateways whose phones show it; as it is at that moment. */
  readonly workstation?: () => WorkstationDescription;
  readonly clock: Pick<Clock, 'monotonicNow'>;
  readonly dispatch: Dispatch;
  /** Gets sentences and codes; never a token, a session's content or what a peer sent. */
  readonly logger: { info(message: string): void; warn(message: string): void };
  readonly timers?: LinkTimers;
  /** Uniform in [0, 1), for the jitter. */
  readonly random?: () => number;
  readonly limits?: Partial<LinkLimits>;
  /** Default: a WebSocket. */
  readonly openTransport?: OpenTransport;
}

/** What was heard and not used; grows only. */
export interface LinkCounters {
  readonly foreignFrames: number;
  readonly staleFrames: number;
  readonly unknownStatuses: number;
  readonly violations: number;
}

export interface LinkStatus {
  readonly ready: boolean;
  /** An attempt is under way; `reason` is still that of the one before. */
  readonly connecting: boolean;
  /** Of the gateway that answered last. */
  readonly capabilities: Capabilities | null;
  /** Why it is not ready, or null while it is. */
  readonly reason: DownReason | null;
  readonly sentence: string | null;
  readonly nextAttemptInMs: number | null;
}

/** The link's whole surface. `GatewayLink` is what the state machine sees of it. */
export interface PresenceGatewayLink extends GatewayLink {
  /** @param policy what the gateway asks for, or null. Called at every `ready`. @returns a function that stops listening. */
  onReady(listener: (capabilities: Capabilities, policy: PolicyOverride | null) => void): () => void;
  /** Called when the gateway does not want us, and trying again soon cannot help. @returns a function that stops listening. */
  onRefused(listener: (why: LinkFailure) => void): () => void;
  /** Called when the gateway changes its policy while connected. */
  onPolicy(listener: (policy: PolicyOverride) => void): () => void;
  /** Resolves at the next `ready` (or at once), or with the reason why there will be none in time. Never rejects. */
  whenReady(timeoutMs: number): Promise<Result<Capabilities, LinkFailure>>;
  enroll(call: EnrollCall): Promise<EnrollAnswer>;
  methods(call: MethodsCall): Promise<MethodsAnswer>;
  /** One approval that the state machine never hears of. */
  startTestSession(userId: string, onUpdate: (update: ApprovalTestUpdate) => void): ApprovalTest;
  /** Passes on a code typed by the person. @returns false when there is no connection. */
  answerSession(sessionId: string, data: string): boolean;
  /** Has the gateway forget this workstation's key; where it has none that is done at once. No way back but a token. Never rejects. */
  forgetDevice(): Promise<Result<null, LinkFailure>>;
  /** After sleep: whatever the old socket still holds is old news (S6). */
  reconnectNow(): void;
  retarget(target: GatewayTarget | null): void;
  status(): LinkStatus;
  counters(): LinkCounters;
  /** Sends what is under way, then closes. Idempotent. */
  close(): Promise<void>;
}
