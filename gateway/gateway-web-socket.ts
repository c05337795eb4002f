import { type RawData, WebSocket } from 'ws';
import type { Connection, FrameSocket } from './connection.ts';

/**
 * A WebSocket that hands everything to its connection. The listeners are the same functions for every socket, not closures of each: a
 * gateway holds ten thousand.
 */
export class GatewayWebSocket extends WebSocket {
  #connection: Connection | null = null;
  #told = false;

  join(connection: Connection, onFault: (fault: Error) => void): void {
    this.#connection = connection;
    this.on('message', onMessage);
    this.on('ping', onSignOfLife);
    this.on('pong', onSignOfLife);
    this.on('close', onClosed);
    // ws closes the socket itself after an error.
    this.on('error', onFault);
  }

  get connection(): Connection | null {
    return this.#connection;
  }

  /**
   * ws closes by itself on a frame over `maxPayload` (1009) or text that is not UTF-8 (1007). The connection is told just before, so that
   * the peer gets the table's error frame first, as for every other refusal.
   */
  override close(code?: number, data?: string | Buffer): void {
    const first = !this.#told;
    this.#told = true;
    if (first && code !== undefined) this.#connection?.onTransportRefusal(code);
    super.close(code, data);
  }
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  if (!(this instanceof GatewayWebSocket)) return;
  if (isBinary) this.connection?.onBinary();
  else this.connection?.onText(textOf(data));
}

function onSignOfLife(this: WebSocket): void {
  if (this instanceof GatewayWebSocket) this.connection?.onSignOfLife();
}

function onClosed(this: WebSocket): void {
  if (this instanceof GatewayWebSocket) this.connection?.onClosed();
}

/** What a connection sends through. */
export class WebSocketFrames implements FrameSocket {
  readonly peerAddress: string;
  readonly #socket: GatewayWebSocket;

  constructor(socket: GatewayWebSocket, peerAddress: string) {
    this.#socket = socket;
    this.peerAddress = peerAddress;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  ping(): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
