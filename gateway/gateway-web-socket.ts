import { type RawData, WebSocket } from 'ws';
import type { Connection, FrameSocket } from './connection.ts';

/**
 * ws closes by itself on a frame over `maxPayload` (1009) or text that is not UTF-8 (1007). This hook is told just before, so that the
 * peer gets the table's error frame first, as for every other refusal.
 */
export class GatewayWebSocket extends WebSocket {
  beforeClose: ((code: number | undefined) => void) | null = null;

  override close(code?: number, data?: string | Buffer): void {
    const told = this.beforeClose;
    this.beforeClose = null;
    told?.(code);
    super.close(code, data);
  }
}

export function frameSocketOf(socket: GatewayWebSocket): FrameSocket {
  return {
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    ping() {
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    },
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
  };
}

export function joinSocket(socket: GatewayWebSocket, connection: Connection, onFault: (fault: Error) => void): void {
  socket.beforeClose = (code) => {
    if (code !== undefined) connection.onTransportRefusal(code);
  };
  socket.on('message', (data, isBinary) => {
    if (isBinary) connection.onBinary();
    else connection.onText(textOf(data));
  });
  socket.on('ping', () => connection.onSignOfLife());
  socket.on('pong', () => connection.onSignOfLife());
  socket.on('close', () => connection.onClosed());
  // ws closes the socket itself after an error.
  socket.on('error', onFault);
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
