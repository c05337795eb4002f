import type { GatewayAddress } from './gateway-address.ts';

/**
 * What a connection needs of a WebSocket: ws itself, or the virtual-time simulation's network in memory. Text is ordered with pings and
 * pongs as on one stream; the lease anchor rests on it.
 */
export interface FrameTransport {
  isOpen(): boolean;
  isClosed(): boolean;
  /** Only while open. */
  send(text: string): void;
  /** Only while open. */
  ping(payload: string): void;
  /** Begins the closing handshake. */
  close(code: number): void;
  /** Cuts it, without asking. */
  terminate(): void;
}

export interface TransportListener {
  onOpen(): void;
  /** `null`: a binary message. */
  onMessage(text: string | null): void;
  onPing(): void;
  onPong(payload: string): void;
  onError(error: Error): void;
  /** Once, and nothing after it. */
  onClose(closeCode: number): void;
}

/** @throws Error when the address's certificate authority cannot be read: refused before any socket exists. */
export type OpenTransport = (
  address: GatewayAddress,
  limits: { readonly connectTimeoutMs: number },
  listener: TransportListener,
) => FrameTransport;
