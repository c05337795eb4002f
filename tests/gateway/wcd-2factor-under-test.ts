import { createSystemClock } from '../../gateway/clock.ts';
import { ProviderError } from '../../gateway/providers/provider.ts';
import { TwoFactorClient, type TwoFactorClientOptions } from '../../gateway/providers/wcd-2factor/client.ts';
import {
  createTwoFactorProvider,
  type TwoFactorProviderOptions,
} from '../../gateway/providers/wcd-2factor/provider.ts';
import {
  startTwoFactorSimulator,
  type TwoFactorSimulator,
  type TwoFactorSimulatorOptions,
} from '../../simulators/wcd-2factor/simulator.ts';

export const signal = AbortSignal.timeout(120_000);

/** A running simulator, and clients and providers of it that are closed with it. */
export class TwoFactorWorld {
  readonly simulator: TwoFactorSimulator;
  readonly #opened: { close(): void }[] = [];

  constructor(simulator: TwoFactorSimulator) {
    this.simulator = simulator;
  }

  static async start(options: TwoFactorSimulatorOptions = {}): Promise<TwoFactorWorld> {
    return new TwoFactorWorld(await startTwoFactorSimulator(options));
  }

  /** Signed in as the simulator's person. */
  client(options: Partial<TwoFactorClientOptions> = {}): TwoFactorClient {
    const client = new TwoFactorClient({ ...this.#account(), ...options });
    this.#opened.push(client);
    return client;
  }

  /** Signed in as whoever the call is for. */
  provider(options: Partial<TwoFactorProviderOptions> = {}) {
    const provider = createTwoFactorProvider({
      ...this.#account(),
      header: { template: 'Token {token}:{userId}' },
      outOfBandMethods: ['push'],
      ...options,
    });
    this.#opened.push(provider);
    return provider;
  }

  async close(): Promise<void> {
    for (const opened of this.#opened) opened.close();
    await this.simulator.close();
  }

  #account() {
    const { url, authorization } = this.simulator;
    return {
      baseUrl: url,
      token: authorization.replace(/^Token /, ''),
      timeoutMs: 2_000,
      simulated: true,
      clock: createSystemClock(),
    };
  }
}

export async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'nothing was thrown',
    (thrown: unknown) => thrown,
  );
}

export async function codeOf(call: Promise<unknown>): Promise<string> {
  const thrown = await thrownBy(call);
  return thrown instanceof ProviderError ? thrown.code : `not a ProviderError: ${String(thrown)}`;
}
