import type { Clock } from '../core/ports.ts';
import { reconnectDelayMs } from './back-off.ts';
import { type DownReason, worthRetryingSoon } from './down-reason.ts';
import type { OpenTransport } from './frame-transport.ts';
import { type GatewayTarget, gatewayAddress } from './gateway-address.ts';
import type { ConnectionOptions } from './gateway-connection.ts';
import { type ConnectionListener, type GatewayConnection, openGatewayConnection } from './gateway-connection.ts';
import type { LinkLimits } from './limits.ts';
import { type LinkTimers, singleTimer } from './timers.ts';

/** Keeps one connection to the gateway, making a new one whenever it ends. */
export interface Reconnecting {
  /** The connection in use, also while it is being made; null between two. */
  readonly current: () => GatewayConnection | null;
  /** Drops what there is and connects at once. `null` target: stays away. */
  connectNow(reason: DownReason, target: GatewayTarget | null): void;
  /** The same, to where it is connected. */
  reconnectNow(reason: DownReason): void;
  stop(): Promise<void>;
  readonly nextAttemptAt: () => number | null;
}

export interface ReconnectingOptions {
  readonly hello: Omit<ConnectionOptions['hello'], 'token'>;
  readonly clock: Pick<Clock, 'monotonicNow'>;
  readonly timers: LinkTimers;
  readonly random: () => number;
  readonly limits: LinkLimits;
  readonly openTransport: OpenTransport;
}

export function createReconnecting(options: ReconnectingOptions, listener: ConnectionListener): Reconnecting {
  const { clock, timers, limits } = options;
  const retry = singleTimer(timers);
  let target: GatewayTarget | null = null;
  let connection: GatewayConnection | null = null;
  let attempt = 0;
  let readyAt: number | null = null;
  let nextAttemptAt: number | null = null;
  let stopped = false;

  function ended(reason: DownReason, detail: string): void {
    connection = null;
    const lived = readyAt === null ? 0 : clock.monotonicNow() - readyAt;
    readyAt = null;
    // A gateway that says ready and fails at once must not be hammered at the shortest delay.
    if (lived >= limits.stableAfterMs) attempt = 0;
    listener.onEnd(reason, detail);
    // The listener may have stopped us or chosen another target.
    if (connection !== null || stopped || target === null) return;
    const delay = worthRetryingSoon(reason)
      ? reconnectDelayMs(attempt, options.random, limits)
      : limits.slowRetryMs * (1 + options.random());
    attempt += 1;
    nextAttemptAt = clock.monotonicNow() + delay;
    retry.set(delay, connect);
  }

  function connect(): void {
    nextAttemptAt = null;
    if (target === null || stopped) return;
    const address = gatewayAddress(target);
    if (!address.ok) {
      ended('ADDRESS_REFUSED', address.error);
      return;
    }
    const device = 'device' in target ? target.device : null;
    const hello = { ...options.hello, ...(target.token === null ? {} : { token: target.token }) };
    try {
      connection = openGatewayConnection(
        { address: address.value, hello, device, clock, timers, limits, openTransport: options.openTransport },
        {
          ...listener,
          onReady(frame) {
            readyAt = clock.monotonicNow();
            // Whoever let us in by our key knows it: the token has done its work.
            if (target !== null && 'device' in target) target = { ...target, token: null };
            listener.onReady(frame);
          },
          onEnd: ended,
        },
      );
    } catch (cause) {
      // An unreadable certificate authority is refused before any socket exists.
      ended('TLS_FAILED', cause instanceof Error ? cause.name : 'unknown');
    }
  }

  function connectNow(reason: DownReason, next: GatewayTarget | null): void {
    retry.cancel();
    target = next;
    attempt = 0;
    connection?.drop(reason);
    retry.cancel();
    connect();
  }

  return {
    current: () => connection,
    connectNow,
    reconnectNow: (reason) => connectNow(reason, target),
    stop() {
      stopped = true;
      retry.cancel();
      return connection?.closeGracefully('STOPPED') ?? Promise.resolve();
    },
    nextAttemptAt: () => nextAttemptAt,
  };
}
