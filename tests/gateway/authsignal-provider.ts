import { randomBytes } from 'node:crypto';
import type { GatewayClock } from '../../gateway/clock.ts';
import type { AuthsignalOptions } from '../../gateway/providers/authsignal/account.ts';
import { createAuthsignalProvider } from '../../gateway/providers/authsignal/provider.ts';
import { ProviderError } from '../../gateway/providers/provider.ts';
import type { Clock } from '../../simulators/clock.ts';

export const PRESENCE_INTERVAL_MS = 60_000;
export const USER = 'user-1';

/** Time for the provider and its service, moved by hand; timers are real, because what they bound here is real too. */
export class OneTime implements GatewayClock, Clock {
  #passedMs = 0;
  #wallOffsetMs = 0;
  readonly #startedAt = Date.now();

  pass(ms: number): void {
    this.#passedMs += ms;
  }

  /** Only the wall clock, as an operator or NTP would. */
  jumpWall(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  elapsedMs(): number {
    return 1_000 + this.#passedMs;
  }

  monotonicMs(): number {
    return this.elapsedMs();
  }

  wallMs(): number {
    return this.#startedAt + this.#passedMs + this.#wallOffsetMs;
  }

  schedule(delayMs: number, task: () => void): () => void {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  }
}

export function providerAt(
  account: { readonly url: string; readonly secret: string },
  options: Partial<AuthsignalOptions>,
) {
  return createAuthsignalProvider({
    apiUrl: account.url,
    secret: account.secret,
    simulated: true,
    clock: new OneTime(),
    presenceIntervalMs: PRESENCE_INTERVAL_MS,
    random: () => 0,
    ...options,
  });
}

export function startRequest(overrides: { readonly userId?: string; readonly idempotencyKey?: string } = {}) {
  return {
    idempotencyKey: randomBytes(20).toString('hex'),
    userId: USER,
    deviceId: 'device-1',
    reason: 'unlock' as const,
    methods: [],
    durationSeconds: 3_600,
    ...overrides,
  };
}

export async function failureOf(call: Promise<unknown>): Promise<ProviderError> {
  const fault: unknown = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (fault instanceof ProviderError) return fault;
  throw new Error(`not a ProviderError: ${String(fault)}`);
}
