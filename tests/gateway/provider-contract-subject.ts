import type { GatewayClock } from '../../gateway/clock.ts';
import type { Provider } from '../../gateway/providers/provider.ts';
import type { MethodSettings } from '../../protocol/confirmation-methods.ts';
import type { Clock } from '../../simulators/clock.ts';
import { FakeGatewayClock } from './fake-gateway-clock.ts';
import type { SpoiltWire } from './spoilt-wire.ts';

/** A person with what they approve with, operated by a test. What a service does not have is absent. */
export interface ContractPhone {
  /** Gets ready to approve, in the service's own way. */
  register(): Promise<void>;
  /** Answers the request that waits. Absent where something is typed instead. */
  readonly approve?: () => Promise<void>;
  readonly deny?: () => Promise<void>;
  /** The request goes away unanswered. */
  readonly ignore?: () => Promise<void>;
  /** What was sent to the person to be typed. */
  readonly code?: () => string;
  /** Only at services with proximity. */
  readonly leave?: () => Promise<void>;
  readonly return?: () => Promise<void>;
  /** An approved session is taken back, by the person or by whoever runs the service. */
  close(): Promise<void>;
  /** The number the last registration SMS went to. */
  readonly smsSentTo?: () => string | undefined;
}

export interface OpenedWith {
  /** Default: the account's. */
  readonly secret?: string;
  /** Milliseconds of the provider's clock, in which a real one is CLOCK_RATE long. Default: long enough for a busy machine. */
  readonly timeoutMs?: number;
}

/** An account at a simulated service, behind a wire that a test can spoil, in time that a test moves. */
export interface ContractSubject {
  readonly time: ContractTime;
  /** `null` where the gateway itself is the service: nothing lies between that could go wrong. */
  readonly wire: SpoiltWire | null;
  /** Starts so far; only without a wire, which counts what is asked. */
  readonly asked?: () => number;
  /** Must not be in any error. */
  readonly secrets: readonly string[];
  /** Another provider of the same account: what a restarted gateway would have. */
  open(how?: OpenedWith): Provider;
  /** Throws, now or at its use, where the service does not know the person. */
  phone(userId: string): ContractPhone;
  /** A confirmation method that can be set up with a form, and what is filled in. */
  readonly methodToSetUp?: { readonly key: string; readonly settings: MethodSettings };
  /** The service calls this address with its news. */
  readonly deliverTo?: (url: string) => void;
  /** @throws where a phone was pressed in vain */
  close(): Promise<void>;
}

/** One column of docs/providers.md. */
export interface ContractColumn {
  readonly title: string;
  /** The gateway itself is the service: no wire, no credentials. */
  readonly inside?: true;
  readonly start: () => Promise<ContractSubject>;
}

/** So much faster run the provider's own waits (time limits, pauses before repetitions). */
export const CLOCK_RATE = 100;
/** A quarter of a minute in the hand of a busy machine. */
export const PATIENT_TIMEOUT_MS = 15_000 * CLOCK_RATE;

/** One time for gateway, provider and service. The gateway's timers run when time is moved; what waits for a real socket runs by itself. */
export class ContractTime {
  /** Wall time starts now: one vendor's SDK checks the age of deliveries by the system's clock. */
  readonly gateway = new FakeGatewayClock(Date.now());
  readonly service: GatewayClock & Clock = {
    elapsedMs: () => this.gateway.elapsedMs(),
    monotonicMs: () => this.gateway.elapsedMs(),
    wallMs: () => this.gateway.wallMs(),
    schedule: (delayMs, task) => {
      const timer = setTimeout(task, delayMs / CLOCK_RATE);
      return () => clearTimeout(timer);
    },
  };

  /** Time passes for everybody; the gateway's timers do not run. */
  pass(ms: number): void {
    this.gateway.sleep(ms);
  }
}
