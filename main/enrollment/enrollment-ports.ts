import type { MethodsOfPerson } from '../../protocol/confirmation-methods.ts';
import type { Capabilities, ClientFrameOf, GatewayFrameOf, Prompt, SessionStatus } from '../../protocol/frames.ts';
import type { Result } from '../../protocol/result.ts';
import type { Clock, DeviceSigner, Dispatch, EmbeddedProcesses, SecretStore } from '../core/ports.ts';

/** What the enrollment needs from outside its folder, as it sees it. main/index.ts puts the real things in. */

export type EnrollmentLinkTarget =
  | { readonly socketPath: string; readonly token: string }
  /** `token`: for the first contact; null after it. */
  | { readonly url: string; readonly token: string | null; readonly device: DeviceSigner };

export interface EnrollmentLinkFailure {
  readonly code: string;
  readonly text: string;
  readonly retryable: boolean;
}

/** What is kept of an own account besides its secret. Null: the usual one. */
export type OwnService =
  | {
      readonly kind: 'activeconnect';
      readonly profile: 'activeconnect' | 'iampass';
      readonly baseUrl: string | null;
      readonly appId: string;
    }
  | { readonly kind: 'authsignal'; readonly apiUrl: string | null }
  | {
      readonly kind: 'wcd-2factor';
      readonly baseUrl: string;
      readonly prefix: string | null;
      readonly headerName: string | null;
      readonly headerTemplate: string | null;
      readonly outOfBandMethods: readonly string[];
    };

type Asked<T> = T extends unknown ? Omit<T, 'v' | 'requestId'> : never;
export type EnrollmentCall = Asked<
  ClientFrameOf<`enroll.${'begin' | 'sms' | 'contact' | 'check' | 'lostDevice' | 'remove'}`>
>;
export type EnrollmentAnswer = Result<
  Omit<GatewayFrameOf<'enroll.state'>, 'v' | 'type' | 'requestId'>,
  EnrollmentLinkFailure
>;

export type MethodsCall = Asked<ClientFrameOf<`methods.${'list' | 'create' | 'confirm' | 'update' | 'delete'}`>>;
/** `setUpLink` holds a secret. */
export type MethodsAnswer = Result<MethodsOfPerson, EnrollmentLinkFailure>;

export type TestUpdate =
  | {
      readonly kind: 'status';
      readonly status: SessionStatus | { readonly unknown: string };
      readonly prompt: Prompt | null;
    }
  | { readonly kind: 'refused'; readonly code: string; readonly retryable: boolean };

/** The gateway, as main/link offers it. None of these rejects. */
export interface EnrollmentLink {
  retarget(target: EnrollmentLinkTarget | null): void;
  reconnectNow(): void;
  whenReady(timeoutMs: number): Promise<Result<Capabilities, EnrollmentLinkFailure>>;
  onReady(listener: (capabilities: Capabilities) => void): () => void;
  /** The gateway does not want this workstation (any more). */
  onRefused(listener: (why: EnrollmentLinkFailure) => void): () => void;
  enroll(call: EnrollmentCall): Promise<EnrollmentAnswer>;
  methods(call: MethodsCall): Promise<MethodsAnswer>;
  /** Has a shared gateway forget this workstation's key; with any other there is nothing to forget. */
  forgetDevice(): Promise<Result<null, EnrollmentLinkFailure>>;
  startTestSession(
    userId: string,
    onUpdate: (update: TestUpdate) => void,
  ): { answer(data: string): boolean; end(): void };
}

interface CommonRecord {
  readonly version: 2;
  /** 128 random bits, base64url. */
  readonly userId: string;
  readonly displayName: string;
  /** Unix ms of the first finished enrollment; null while it was never finished. */
  readonly enrolledAtWall: number | null;
  /** A phone is registered and its approval was tried: only then the workstation is guarded. */
  readonly registered: boolean;
}
/** Who is enrolled and with what service; holds no secret. */
export type EnrollmentRecord = CommonRecord &
  (
    | { readonly mode: 'trial'; readonly trial: true; readonly appId: string; readonly simulatorPort: number }
    | ({ readonly mode: 'embedded'; readonly trial: false } & OwnService)
    | { readonly mode: 'shared'; readonly trial: false; readonly gatewayUrl: string }
  );

/** The record on disk, as main/settings offers it. */
export interface EnrollmentRecords {
  read(): Promise<
    | { readonly kind: 'absent' }
    | { readonly kind: 'valid'; readonly value: EnrollmentRecord }
    | { readonly kind: 'invalid'; readonly problem: string }
  >;
  write(record: EnrollmentRecord): Promise<void>;
  remove(): Promise<void>;
}

/** A new set of codes, to be shown once. */
export interface EnrollmentCodeSet {
  readonly recovery: readonly string[];
  readonly totp: { readonly link: string; readonly secret: string };
}

/** The codes that stand in for the phone, as main/offline offers them. What returns a promise rejects with SecretStoreFailed. */
export interface EnrollmentCodes {
  left(userId: string): Promise<number | null>;
  make(userId: string, account: string): EnrollmentCodeSet;
  made(userId: string): EnrollmentCodeSet | null;
  prove(userId: string, typed: string): Promise<'proven' | 'wrong' | 'malformed' | 'none-made'>;
  drop(): void;
  /** @returns whether there were any. */
  forget(userId: string): Promise<boolean>;
  onLeft(listener: (userId: string, left: number | null) => void): () => void;
}

export interface EnrollmentTimers {
  /** @returns a function that cancels. */
  after(ms: number, fire: () => void): () => void;
}

export interface EnrollmentDependencies {
  readonly link: EnrollmentLink;
  readonly processes: EmbeddedProcesses;
  readonly secrets: SecretStore;
  readonly records: EnrollmentRecords;
  readonly codes: EnrollmentCodes;
  /** Policy `offline: code`. */
  readonly codesRequired: () => boolean;
  /** What an authenticator app calls this workstation. */
  readonly workstation: string;
  readonly clock: Clock;
  readonly timers: EnrollmentTimers;
  readonly dispatch: Dispatch;
  readonly deviceId: string;
  /** Where the embedded gateway listens and keeps its sealed sessions. */
  readonly embedded: { readonly socketPath: string; readonly storeDirectory: string };
  readonly leaseMs: () => number;
  /**
   * Whether who is enrolled may be changed now: the person's presence is proven, guarding is switched off from the console, or
   * nobody is enrolled. Otherwise somebody who got round the curtain could enroll a phone of their own.
   */
  readonly mayChangeEnrollment: () => boolean;
  readonly copyText: (text: string) => void;
  /** Rejects when the browser cannot be opened. */
  readonly openInBrowser: (url: string) => Promise<void>;
  /** Gets codes and sentences without secrets. */
  readonly logger: { info(message: string): void; warn(message: string): void };
}
