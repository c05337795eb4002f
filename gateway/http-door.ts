import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** A part of the gateway's HTTP side that answers for itself, to people's browsers or to other programs. Everybody can reach it. */
export interface HttpDoor {
  /** Whether a path, without its query, is behind this door. */
  owns(path: string): boolean;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Takes the connection over, or refuses it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** No more calls; live connections are closed. */
  close(): void;
}

/** Before a WebSocket is open there is only HTTP to say no with. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
