import type { ErrorCode } from '../protocol/error-codes.ts';
import { err, ok, type Result } from '../protocol/result.ts';
import type { GatewayClock } from './clock.ts';
import { describeFault, type GatewayLogger } from './logger.ts';
import type { GatewayMetrics, UpstreamCall } from './metrics.ts';
import { type Provider, ProviderError } from './providers/provider.ts';

/** Bound on one call to the provider, its retries included; longer than that nobody waits for it. */
export const UPSTREAM_CALL_TIMEOUT_MS = 20_000;

/** The service works and has been heard; what the person typed was wrong. */
const PERSONS_MISTAKES: ReadonlySet<ErrorCode> = new Set(['CODE_WRONG', 'SETTINGS_REFUSED']);

export interface UpstreamFailure {
  readonly code: ErrorCode;
  readonly retryAfterMs: number | null;
}

export interface UpstreamSuccess<T> {
  readonly value: T;
  /** Elapsed time at which the call was sent: the age of what it says. */
  readonly sentAt: number;
}

/** The provider, measured and bounded. Whatever a call throws becomes a code; nothing a provider does ends the gateway. */
export class Upstream {
  readonly provider: Provider;
  readonly #clock: GatewayClock;
  readonly #logger: GatewayLogger;
  readonly #metrics: GatewayMetrics;
  /** Calls under way. A set, not AbortSignal.any: that one costs a finalizer for each call. */
  readonly #underWay = new Set<AbortController>();
  #closed = false;
  #lastOutcome: 'none' | 'ok' | ErrorCode = 'none';

  constructor(provider: Provider, clock: GatewayClock, logger: GatewayLogger, metrics: GatewayMetrics) {
    this.provider = provider;
    this.#clock = clock;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  async call<T>(
    call: UpstreamCall,
    run: (provider: Provider, signal: AbortSignal) => Promise<T>,
  ): Promise<Result<UpstreamSuccess<T>, UpstreamFailure>> {
    const bound = new AbortController();
    if (this.#closed) bound.abort();
    this.#underWay.add(bound);
    const cancel = this.#clock.schedule(UPSTREAM_CALL_TIMEOUT_MS, () => bound.abort());
    const sentAt = this.#clock.elapsedMs();
    try {
      const value = await run(this.provider, bound.signal);
      this.#note(call, 'ok');
      return ok({ value, sentAt });
    } catch (fault) {
      const failure = failureOf(fault);
      this.#note(call, failure.code);
      if (PERSONS_MISTAKES.has(failure.code)) return err(failure);
      if (!this.#closed) {
        this.#logger.warn({ call, code: failure.code, fault: describeFault(fault) }, 'the service could not be asked');
      }
      return err(failure);
    } finally {
      cancel();
      this.#underWay.delete(bound);
      this.#metrics.upstreamLatency.observe({ call }, (this.#clock.elapsedMs() - sentAt) / 1_000);
    }
  }

  /** How the latest call went, for /healthz. */
  get lastOutcome(): 'none' | 'ok' | ErrorCode {
    return this.#lastOutcome;
  }

  /** Breaks off what is under way. */
  close(): void {
    this.#closed = true;
    for (const bound of this.#underWay) bound.abort();
  }

  #note(call: UpstreamCall, outcome: 'ok' | ErrorCode): void {
    this.#lastOutcome = outcome !== 'ok' && PERSONS_MISTAKES.has(outcome) ? 'ok' : outcome;
    this.#metrics.upstreamRequests.inc({ call, outcome });
  }
}

function failureOf(fault: unknown): UpstreamFailure {
  if (fault instanceof ProviderError) return { code: fault.code, retryAfterMs: fault.retryAfterMs };
  return { code: 'INTERNAL', retryAfterMs: null };
}
