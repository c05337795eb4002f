import type { Connection, FrameSocket } from '../../gateway/connection.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../../gateway/gateway.ts';
import { decodeGatewayFrame } from '../../protocol/codec.ts';
import type { GatewayFrame, GatewayFrameOf } from '../../protocol/frames.ts';
import { FakeGatewayClock, settle } from './fake-gateway-clock.ts';
import { FakeProvider } from './fake-provider.ts';
import { ACCEPTED_TOKENS, HELLO, rememberingLogger, START } from './gateway-under-test.ts';

/** A gateway in virtual time, without sockets. */
export async function gatewayInMemory(options: Partial<GatewayOptions> = {}) {
  const clock = new FakeGatewayClock();
  const provider = new FakeProvider();
  const logger = rememberingLogger();
  const gateway = await createGateway({ provider, clock, logger, acceptedTokens: ACCEPTED_TOKENS, ...options });
  return { clock, provider, logger, gateway };
}

/** A workstation's end of a connection in memory. */
export class Workstation implements FrameSocket {
  bufferedBytes = 0;
  pings = 0;
  closedWith: number | null = null;
  terminated = false;
  readonly received: GatewayFrame[] = [];
  readonly #connection: Connection;

  constructor(gateway: Gateway) {
    this.#connection = gateway.accept(this);
  }

  static async introduced(
    gateway: Gateway,
    overrides: Partial<Record<keyof typeof HELLO, unknown>> = {},
  ): Promise<Workstation> {
    const workstation = new Workstation(gateway);
    await workstation.says({ ...HELLO, ...overrides });
    workstation.last('ready');
    return workstation;
  }

  send(text: string): void {
    const decoded = decodeGatewayFrame(text);
    if (!decoded.ok) throw new Error(`the gateway sent ${decoded.error.code} ${decoded.error.detail}`);
    this.received.push(decoded.value);
  }

  ping(): void {
    this.pings += 1;
  }

  close(code: number): void {
    this.closedWith = code;
  }

  terminate(): void {
    this.terminated = true;
    this.#connection.onClosed();
  }

  /** The connection is lost. */
  leave(): void {
    this.#connection.onClosed();
  }

  pong(): void {
    this.#connection.onSignOfLife();
  }

  async says(frame: unknown): Promise<void> {
    this.#connection.onText(JSON.stringify(frame));
    await settle();
  }

  /** Starts a session and returns its id. */
  async starts(requestId: string = START.requestId): Promise<string> {
    await this.says({ ...START, requestId });
    return this.last('session.state').sessionId;
  }

  async polls(sessionId: string): Promise<GatewayFrameOf<'session.state'>> {
    await this.says({ v: 1, type: 'session.poll', sessionId, seq: 0 });
    return this.last('session.state');
  }

  states(): GatewayFrameOf<'session.state'>[] {
    return this.received.filter((frame) => frame.type === 'session.state');
  }

  last<T extends GatewayFrame['type']>(type: T): GatewayFrameOf<T> {
    const found = this.received.findLast((frame): frame is GatewayFrameOf<T> => frame.type === type);
    if (found === undefined) throw new Error(`no ${type} among ${JSON.stringify(this.received)}`);
    return found;
  }
}
