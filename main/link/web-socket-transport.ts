import type { Socket } from 'node:net';
import WebSocket, { type RawData } from 'ws';
import { MAX_FRAME_BYTES } from '../../protocol/frames.ts';
import type { OpenTransport } from './frame-transport.ts';

const textOf = (data: RawData): string | null => (Buffer.isBuffer(data) ? data.toString('utf8') : null);

/** The real way to the gateway. */
export const openWebSocket: OpenTransport = (address, limits, listener) => {
  const socket = new WebSocket(address.url, {
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: limits.connectTimeoutMs,
    // Stated, so that NODE_TLS_REJECT_UNAUTHORIZED in somebody's environment cannot switch the check off.
    rejectUnauthorized: true,
    ...(address.agent === null ? {} : { agent: address.agent }),
    ...(address.ca === null ? {} : { ca: address.ca }),
  });
  let stream: Socket | null = null;
  socket.on('upgrade', (response) => {
    stream = response.socket;
  });
  socket.on('open', () => listener.onOpen());
  socket.on('message', (data, isBinary) => listener.onMessage(isBinary ? null : textOf(data)));
  socket.on('ping', () => listener.onPing());
  socket.on('pong', (payload) => listener.onPong(payload.toString('latin1')));
  socket.on('error', (error) => listener.onError(error));
  socket.on('close', (closeCode) => listener.onClose(closeCode));
  return {
    isOpen: () => socket.readyState === WebSocket.OPEN,
    isClosed: () => socket.readyState === WebSocket.CLOSED,
    send: (text) => socket.send(text),
    ping(payload) {
      // What follows at once, the poll that the ping dates, travels in the same packet: half the packets for both sides.
      const held = stream;
      held?.cork();
      process.nextTick(() => held?.uncork());
      socket.ping(payload);
    },
    close: (code) => socket.close(code),
    terminate: () => socket.terminate(),
  };
};
