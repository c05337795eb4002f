import { expect } from 'vitest';
import { createGateway, type Gateway, type GatewayOptions } from '../../gateway/gateway.ts';
import { MIN_HASTENED_POLL_INTERVAL_MS, SECOND_LOOK_MS, URGENT_POLL_INTERVAL_MS } from '../../gateway/limits.ts';
import type { Provider } from '../../gateway/providers/provider.ts';
import { settle } from './fake-gateway-clock.ts';
import { ACCEPTED_TOKENS, rememberingLogger, START } from './gateway-under-test.ts';
import type { ContractPhone } from './provider-contract-subject.ts';
import { type ContractWorld, codeOn, pressed } from './provider-contract-world.ts';
import { RETRY_AFTER_MS, SPOILERS } from './spoilt-wire.ts';
import { Workstation } from './workstation-in-memory.ts';

/** Sooner than the heartbeat finds a workstation silent. */
const STEP_MS = 5_000;
/** After a delivery the gateway has looked twice by then. */
const PUSH_SEEN_MS = MIN_HASTENED_POLL_INTERVAL_MS + SECOND_LOOK_MS;

/** A real gateway with a provider of the contract. Its timers run in the time of the world, its calls to the service over real sockets. */
export class GatewayOfContract {
  readonly garbage = SPOILERS.html;
  readonly limited = SPOILERS.rateLimited;
  readonly limitedForMs = RETRY_AFTER_MS;
  readonly #world: ContractWorld;
  readonly #gateway: Gateway;
  readonly #underWay: Set<Promise<unknown>>;
  readonly #desks: Workstation[] = [];
  #closed = false;

  private constructor(world: ContractWorld, gateway: Gateway, underWay: Set<Promise<unknown>>) {
    this.#world = world;
    this.#gateway = gateway;
    this.#underWay = underWay;
  }

  static async open(world: ContractWorld, options: Partial<GatewayOptions> = {}): Promise<GatewayOfContract> {
    const underWay = new Set<Promise<unknown>>();
    const gateway = await createGateway({
      provider: countingCalls(world.provider, underWay),
      clock: world.time.gateway,
      logger: rememberingLogger(),
      acceptedTokens: ACCEPTED_TOKENS,
      random: () => 0,
      ...options,
    });
    return new GatewayOfContract(world, gateway, underWay);
  }

  listen(): Promise<{ readonly url: string }> {
    return this.#gateway
      .listen({ kind: 'tcp', host: '127.0.0.1', port: 0, tls: null })
      .then(({ url }) => ({ url: url.replace(/^ws:/, 'http:') }));
  }

  async workstation(): Promise<Workstation> {
    const desk = await Workstation.introduced(this.#gateway);
    this.#desks.push(desk);
    return desk;
  }

  /** Starts a session for the person and returns its id. */
  async starts(desk: Workstation, userId: string, requestId = 'request-1', durationSeconds = 600): Promise<string> {
    await desk.says({ ...START, requestId, userId, durationSeconds });
    await this.settled();
    return desk.last('session.state').sessionId;
  }

  async started(requestId = 'request-1', durationSeconds = 600) {
    const { userId, phone } = await this.#world.enrolled();
    const desk = await this.workstation();
    const sessionId = await this.starts(desk, userId, requestId, durationSeconds);
    expect(desk.last('session.state')).toMatchObject({ status: 'pending', validForMs: 0 });
    return { userId, phone, desk, sessionId };
  }

  async approved(requestId = 'request-1', durationSeconds = 600) {
    const session = await this.started(requestId, durationSeconds);
    await this.approves(session.desk, session.phone);
    await this.passes(URGENT_POLL_INTERVAL_MS);
    expect(session.desk.last('session.state').status).toBe('active');
    return session;
  }

  /** As the curtain asks for it. */
  async approves(desk: Workstation, phone: ContractPhone): Promise<void> {
    const { sessionId, prompt } = desk.last('session.state');
    if (prompt?.kind !== 'code') return pressed(phone, 'approve');
    await desk.says({ v: 1, type: 'session.answer', sessionId, data: codeOn(phone) });
    await this.settled();
  }

  async passes(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      for (const desk of this.#desks) desk.pong();
      await this.#world.time.gateway.advance(Math.min(left, STEP_MS), () => this.settled());
    }
  }

  /** Time passes while the service is silent. */
  passesWithoutAnswer(ms: number): Promise<void> {
    for (const desk of this.#desks) desk.pong();
    return this.#world.time.gateway.advance(ms);
  }

  async untilJustBeforeThePoll(): Promise<void> {
    expect(PUSH_SEEN_MS).toBeLessThan(URGENT_POLL_INTERVAL_MS);
    await this.passes(PUSH_SEEN_MS);
  }

  /** Resolves when no call to the service is under way. */
  async settled(): Promise<void> {
    await settle();
    while (this.#underWay.size > 0) {
      await Promise.allSettled(this.#underWay);
      await settle();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const desk of this.#desks) desk.leave();
    const closing = this.#gateway.close();
    await this.#world.time.gateway.advance(STEP_MS, () => this.settled());
    await closing;
  }
}

/** The same provider, whose calls about sessions are known while they are under way. */
function countingCalls(provider: Provider, underWay: Set<Promise<unknown>>): Provider {
  const noted = <T>(call: Promise<T>): Promise<T> => {
    underWay.add(call);
    const done = () => underWay.delete(call);
    call.then(done, done);
    return call;
  };
  const { answerSession } = provider;
  return {
    ...provider,
    startSession: (request, signal) => noted(provider.startSession(request, signal)),
    pollSession: (handle, signal) => noted(provider.pollSession(handle, signal)),
    endSession: (handle, signal) => noted(provider.endSession(handle, signal)),
    ...(answerSession === undefined
      ? {}
      : { answerSession: (handle, data, signal) => noted(answerSession(handle, data, signal)) }),
  };
}
