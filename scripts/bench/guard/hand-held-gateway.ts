import { once } from 'node:events';
import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { decodeClientFrame, encodeFrame } from '../../../protocol/codec.ts';
import { type GatewayFrame, PROTOCOL_VERSION } from '../../../protocol/frames.ts';
import { benchCapabilities } from '../bench-service.ts';

/** A gateway of a few lines that says what it is told to: every session is active at once, until it is closed by hand. */
export class HandHeldGateway {
  readonly socketPath: string;
  readonly #http = createServer();
  readonly #server = new WebSocketServer({ server: this.#http });
  #socket: WebSocket | null = null;
  #sessions = 0;
  #seq = 0;

  private constructor(socketPath: string) {
    this.socketPath = socketPath;
    this.#server.on('connection', (socket) => {
      this.#socket = socket;
      socket.on('message', (data) => this.#answer(String(data)));
    });
  }

  static async listen(socketPath: string): Promise<HandHeldGateway> {
    const gateway = new HandHeldGateway(socketPath);
    gateway.#http.listen(socketPath);
    await once(gateway.#http, 'listening');
    return gateway;
  }

  /** The service closed the session. */
  sayClosed(): void {
    this.#state('closed');
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
    this.#http.close();
  }

  #answer(text: string): void {
    const decoded = decodeClientFrame(text);
    if (!decoded.ok) throw new Error(`the link sent ${decoded.error.code}`);
    const frame = decoded.value;
    if (frame.type === 'hello') this.#send(READY);
    if (frame.type === 'session.poll') this.#state('active');
    if (frame.type !== 'session.start') return;
    this.#sessions += 1;
    this.#state('active', frame.requestId);
  }

  #state(status: 'active' | 'closed', requestId?: string): void {
    this.#seq += 1;
    this.#send({
      v: PROTOCOL_VERSION,
      type: 'session.state',
      sessionId: `session-${this.#sessions}`,
      ...(requestId === undefined ? {} : { requestId }),
      seq: this.#seq,
      status,
      validForMs: status === 'active' ? LEASE_MS : 0,
    });
  }

  #send(frame: GatewayFrame): void {
    this.#socket?.send(encodeFrame(frame));
  }
}

const LEASE_MS = 15_000;
const READY: GatewayFrame = {
  v: PROTOCOL_VERSION,
  type: 'ready',
  serverTime: 0,
  capabilities: benchCapabilities(true),
};
