import { expect } from 'vitest';
import type { Provider, ProviderAnswer, SessionHandle } from '../../gateway/providers/provider.ts';
import {
  type AuthsignalSimulator,
  type AuthsignalSimulatorOptions,
  startAuthsignalSimulator,
} from '../../simulators/authsignal/simulator.ts';
import { OneTime, providerAt, startRequest, USER } from './authsignal-provider.ts';

const signal = AbortSignal.timeout(120_000);

/** A simulated tenant that knows one person with a passkey, a provider of it, and the time of both. */
export class AuthsignalWorld {
  readonly time: OneTime;
  readonly simulator: AuthsignalSimulator;
  provider: Provider;
  readonly signal = signal;
  readonly #opened: { close(): void }[] = [];

  private constructor(simulator: AuthsignalSimulator, time: OneTime) {
    this.simulator = simulator;
    this.time = time;
    this.provider = this.#open();
  }

  static async start(options: AuthsignalSimulatorOptions = {}): Promise<AuthsignalWorld> {
    const time = new OneTime();
    const users = [{ userId: USER, methods: ['PASSKEY' as const] }];
    return new AuthsignalWorld(await startAuthsignalSimulator({ clock: time, users, ...options }), time);
  }

  /** As a restarted gateway would: from now on with another provider. */
  restart(): void {
    this.provider = this.#open();
  }

  phone() {
    return this.simulator.phone(USER);
  }

  poll(handle: SessionHandle): Promise<ProviderAnswer> {
    return this.provider.pollSession(handle, signal);
  }

  start(overrides: Parameters<typeof startRequest>[0] = {}) {
    return this.provider.startSession(startRequest(overrides), signal);
  }

  async approved(): Promise<SessionHandle> {
    const { handle } = await this.start();
    await this.phone().approve();
    expect((await this.poll(handle)).status).toBe('active');
    return handle;
  }

  /** What the service knows of our actions, newest first, without asking the provider. */
  async actions(): Promise<readonly { actionCode: string; idempotencyKey: string; state: string }[]> {
    const response = await fetch(`${this.simulator.url}/users/${USER}/actions`, { headers: this.#headers() });
    const list: unknown = await response.json();
    if (!Array.isArray(list)) throw new Error('not a list of actions');
    return list;
  }

  /** Of the newest action. */
  async setState(state: string): Promise<void> {
    const [newest] = await this.actions();
    const response = await fetch(
      `${this.simulator.url}/users/${USER}/actions/${newest?.actionCode}/${newest?.idempotencyKey}`,
      { method: 'PATCH', headers: this.#headers(), body: JSON.stringify({ state }) },
    );
    expect(response.status).toBe(200);
  }

  async close(): Promise<void> {
    for (const each of this.#opened) each.close();
    await this.simulator.close();
  }

  #open(): Provider {
    const provider = providerAt(this.simulator, { clock: this.time });
    this.#opened.push(provider);
    return provider;
  }

  #headers(): Record<string, string> {
    return { Authorization: `Basic ${Buffer.from(`${this.simulator.secret}:`).toString('base64')}` };
  }
}
