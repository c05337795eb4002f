import { encodeFrame } from '../../protocol/codec.ts';
import { deviceProofText } from '../../protocol/device-proof.ts';
import { ERROR_CODES, isErrorCode } from '../../protocol/error-codes.ts';
import type { ClientFrame, ClientFrameOf, GatewayFrameOf } from '../../protocol/frames.ts';
import { PROTOCOL_VERSION } from '../../protocol/frames.ts';
import type { Clock, DeviceSigner } from '../core/ports.ts';
import { type DownReason, reasonOfCloseCode } from './down-reason.ts';
import type { OpenTransport } from './frame-transport.ts';
import type { GatewayAddress } from './gateway-address.ts';
import { decodeIncomingFrame, type IncomingFrame } from './incoming-frame.ts';
import { createLeaseAnchor } from './lease-anchor.ts';
import type { LinkLimits } from './limits.ts';
import { type LinkTimers, singleTimer } from './timers.ts';

/** What comes once the introduction is over. */
export type FrameInUse = Exclude<IncomingFrame, GatewayFrameOf<'ready' | 'challenge'>>;

/** What the link is told about one connection. Nothing is told after `onEnd`, whatever still sits in a buffer. */
export interface ConnectionListener {
  onReady(frame: GatewayFrameOf<'ready'>): void;
  /** @param asOf monotonic ms from which a lease in this frame counts (lease-anchor.ts). */
  onFrame(frame: FrameInUse, asOf: number): void;
  /** @param detail which rule was broken; never what came in. */
  onViolation(detail: string): void;
  /** Exactly once. @param detail for the log; may be empty. */
  onEnd(reason: DownReason, detail: string): void;
}

export interface GatewayConnection {
  readonly isReady: () => boolean;
  /** Sends when ready; otherwise does nothing and says so. */
  send(frame: ClientFrame): boolean;
  /** Sends a ping, so that answers to come can be dated. */
  ping(): void;
  /** Ends it at once without a word; what is buffered is not read. */
  drop(reason: DownReason): void;
  /** Lets what was sent go out, then ends. Resolves when the socket is gone. */
  closeGracefully(reason: DownReason): Promise<void>;
}

export interface ConnectionOptions {
  readonly address: GatewayAddress;
  readonly hello: Omit<ClientFrameOf<'hello'>, 'v' | 'type' | 'deviceKey'>;
  /** `null`: a token is enough there. */
  readonly device: DeviceSigner | null;
  readonly clock: Pick<Clock, 'monotonicNow'>;
  readonly timers: LinkTimers;
  readonly limits: LinkLimits;
  readonly openTransport: OpenTransport;
}

const WS_NORMAL_CLOSURE = 1000;

/** Opens one connection to the gateway. It is never reopened: the link makes a new one, so no state can leak across a loss. */
export function openGatewayConnection(options: ConnectionOptions, listener: ConnectionListener): GatewayConnection {
  const { address, device, clock, timers, limits } = options;
  const deadline = singleTimer(timers);
  const heartbeat = singleTimer(timers);
  const silence = singleTimer(timers);
  const pong = singleTimer(timers);
  let phase: 'opening' | 'introduced' | 'ready' | 'ended' = 'opening';
  let challenged = false;
  let lastHeardAt = clock.monotonicNow();
  /** A ping was sent and nothing was heard since. */
  let pingWaits = false;
  let anchor = createLeaseAnchor(lastHeardAt);
  /** A code the gateway gave and that its table says it closes for. */
  let announced: DownReason | null = null;
  let cancelGiveUp: (() => void) | null = null;
  let onGone: (() => void) | null = null;
  let failure: { readonly reason: DownReason; readonly detail: string } | null = null;

  function end(reason: DownReason, detail: string): void {
    if (phase === 'ended') return;
    phase = 'ended';
    for (const timer of [deadline, heartbeat, silence, pong]) timer.cancel();
    listener.onEnd(reason, detail);
  }

  function drop(reason: DownReason, detail = ''): void {
    end(reason, detail);
    socket.terminate();
    address.agent?.destroy();
  }

  function breakOff(detail: string): void {
    if (phase === 'ended') return;
    listener.onViolation(detail);
    end('PROTOCOL_VIOLATION', detail);
    cancelGiveUp = timers.after(limits.closeTimeoutMs, () => socket.terminate());
  }

  function violate(closeCode: number, detail: string): void {
    socket.close(closeCode);
    breakOff(detail);
  }

  function ping(): void {
    if (phase === 'ended' || !socket.isOpen()) return;
    socket.ping(anchor.pingSent(clock.monotonicNow()));
    if (pingWaits) return;
    pingWaits = true;
    pong.set(limits.pongLimitMs, () => drop('SILENT', `no answer to a ping for ${limits.pongLimitMs} ms`));
  }

  function keepHeartBeating(): void {
    ping();
    heartbeat.set(limits.heartbeatIntervalMs, keepHeartBeating);
  }

  function watchForSilence(): void {
    const quietForMs = clock.monotonicNow() - lastHeardAt;
    if (quietForMs >= limits.silenceLimitMs) drop('SILENT', `nothing heard for ${Math.round(quietForMs)} ms`);
    else silence.set(limits.silenceLimitMs - quietForMs, watchForSilence);
  }

  const heard = () => {
    lastHeardAt = clock.monotonicNow();
    pingWaits = false;
    pong.cancel();
  };

  function introduce(): void {
    phase = 'introduced';
    heard();
    // Taken before the send: the gateway cannot have said anything earlier than this.
    anchor = createLeaseAnchor(clock.monotonicNow());
    const deviceKey = device === null ? {} : { deviceKey: device.publicKey };
    socket.send(encodeFrame({ v: PROTOCOL_VERSION, type: 'hello', ...options.hello, ...deviceKey }));
    deadline.set(limits.readyTimeoutMs, () => drop(announced ?? 'READY_TIMEOUT'));
    keepHeartBeating();
    watchForSilence();
  }

  /** One proof for each connection: nobody may have us sign as often as they like. */
  function prove(nonce: string): void {
    if (phase !== 'introduced' || device === null || challenged) {
      violate(ERROR_CODES.FRAME_INVALID.closeCode, 'challenge not expected');
      return;
    }
    challenged = true;
    const { deviceId } = options.hello;
    const text = deviceProofText({ version: PROTOCOL_VERSION, nonce, deviceId, deviceKey: device.publicKey });
    socket.send(encodeFrame({ v: PROTOCOL_VERSION, type: 'hello.proof', signature: device.sign(text) }));
  }

  function receive(text: string): void {
    const decoded = decodeIncomingFrame(text);
    if (!decoded.ok) {
      violate(ERROR_CODES[decoded.error.code].closeCode, decoded.error.detail);
      return;
    }
    const frame = decoded.value;
    if (frame.type === 'error' && isErrorCode(frame.code) && ERROR_CODES[frame.code].closeCode !== null) {
      announced = frame.code;
    }
    if (frame.type === 'challenge') {
      prove(frame.nonce);
      return;
    }
    if (frame.type === 'ready') {
      if (phase !== 'introduced') {
        violate(ERROR_CODES.FRAME_INVALID.closeCode, 'ready twice');
        return;
      }
      if (device !== null && !challenged) {
        drop('NOT_CHALLENGED');
        return;
      }
      phase = 'ready';
      deadline.cancel();
      listener.onReady(frame);
      return;
    }
    if (phase !== 'ready') {
      if (frame.type !== 'error') violate(ERROR_CODES.FRAME_INVALID.closeCode, `${frame.type} before ready`);
      return;
    }
    listener.onFrame(frame, anchor.asOf());
  }

  const socket = options.openTransport(address, limits, {
    onOpen() {
      if (phase === 'opening') introduce();
    },
    onMessage(text) {
      if (phase === 'ended') return;
      heard();
      if (text === null) violate(ERROR_CODES.FRAME_BINARY.closeCode, 'not a text message');
      else receive(text);
    },
    onPing: heard,
    onPong(payload) {
      heard();
      anchor.pongHeard(payload);
    },
    onError(error) {
      failure = failureOf(error, phase === 'opening');
      // ws has already sent the close code; waiting for the peer to agree would only keep a bad connection longer.
      if (failure.reason === 'PROTOCOL_VIOLATION') breakOff(failure.detail);
    },
    onClose(closeCode) {
      address.agent?.destroy();
      cancelGiveUp?.();
      if (phase === 'opening') end(failure?.reason ?? 'CONNECT_FAILED', failure?.detail ?? `closed ${closeCode}`);
      else end(announced ?? failure?.reason ?? reasonOfCloseCode(closeCode), failure?.detail ?? `closed ${closeCode}`);
      onGone?.();
    },
  });

  deadline.set(limits.connectTimeoutMs, () => drop('CONNECT_FAILED', 'no answer in time'));

  return {
    isReady: () => phase === 'ready',
    send(frame) {
      if (phase !== 'ready' || !socket.isOpen()) return false;
      socket.send(encodeFrame(frame));
      return true;
    },
    ping,
    drop,
    closeGracefully(reason) {
      end(reason, '');
      return new Promise((resolve) => {
        if (socket.isClosed()) return resolve();
        cancelGiveUp?.();
        cancelGiveUp = timers.after(limits.closeTimeoutMs, () => socket.terminate());
        onGone = resolve;
        socket.close(WS_NORMAL_CLOSURE);
      });
    },
  };
}

/** @returns the reason, and a detail made of codes only: messages of the network stack may quote what the peer sent. */
function failureOf(error: Error, whileOpening: boolean): { readonly reason: DownReason; readonly detail: string } {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  // ws names its own refusals (too large, bad UTF-8, bad opcode …) WS_ERR_…; the peer broke a rule.
  if (code.startsWith('WS_ERR_')) return { reason: 'PROTOCOL_VIOLATION', detail: code };
  const certificate = /CERT|ERR_TLS|ERR_SSL|SIGNATURE|EPROTO/.test(code);
  if (certificate) return { reason: 'TLS_FAILED', detail: code };
  return { reason: whileOpening ? 'CONNECT_FAILED' : 'CLOSED', detail: code };
}
