import { decodeClientFrame, encodeFrame } from '../protocol/codec.ts';
import { ERROR_CODES, type ErrorCode } from '../protocol/error-codes.ts';
import { type ClientFrameOf, type GatewayFrame, PROTOCOL_VERSION } from '../protocol/frames.ts';
import { assertNever } from '../protocol/result.ts';
import type { AuditLog } from './audit-log.ts';
import type { ClientRequests, RequestFrame } from './client-requests.ts';
import type { CancelTask, GatewayClock } from './clock.ts';
import type { Challenge, Doorkeeper, TurnedAway } from './device-keys/doorkeeper.ts';
import { errorFrame } from './error-frame.ts';
import type { HasHeart } from './heartbeat-wheel.ts';
import {
  CLOSE_GRACE_MS,
  HEARTBEAT_PATIENCE_MS,
  HELLO_TIMEOUT_MS,
  MAX_BUFFERED_BYTES,
  MAX_CLOSE_REASON_BYTES,
  PING_AFTER_QUIET_MS,
} from './limits.ts';
import { describeFault, type GatewayLogger } from './logger.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { TokenBucket } from './rate-limit.ts';
import type { Workstation } from './session-registry.ts';
import type { SessionWatcher } from './session-watchers.ts';

/** What a connection needs of its transport: a WebSocket, or a pipe of a test or the virtual-time simulation. */
export interface FrameSocket {
  /** Where the peer is, for limits only. Default: not known. */
  readonly peerAddress?: string;
  /** Bytes accepted by `send` that the peer has not taken yet. */
  readonly bufferedBytes: number;
  send(text: string): void;
  ping(): void;
  close(code: number, reason: string): void;
  /** Cuts it, without asking. */
  terminate(): void;
}

/** The same for all connections of a gateway. */
export interface ConnectionPorts {
  readonly clock: GatewayClock;
  readonly logger: GatewayLogger;
  readonly audit: AuditLog;
  readonly metrics: GatewayMetrics;
  readonly requests: ClientRequests;
  readonly newFrameBudget: () => TokenBucket;
  readonly doorkeeper: Doorkeeper;
  readonly ready: () => GatewayFrame;
  /** Called once, when `workstation` is known. */
  readonly onIntroduced: (connection: Connection) => void;
  /** Called once. */
  readonly onGone: (connection: Connection) => void;
}

/**
 * One workstation's connection: introduces itself in time, speaks strict frames at a bounded rate, takes what it is sent, and is alive —
 * or is refused with a code of the table and closed as the table says.
 */
export class Connection implements SessionWatcher, HasHeart {
  readonly #socket: FrameSocket;
  readonly #ports: ConnectionPorts;
  readonly #frameBudget: TokenBucket;
  #workstation: Workstation | null = null;
  /** Asked, and not yet answered. */
  #asked: { readonly hello: ClientFrameOf<'hello'>; readonly challenge: Challenge } | null = null;
  #closing = false;
  #gone = false;
  #heardAt: number;
  #cancelHello: CancelTask | null;
  #cancelCut: CancelTask | null = null;

  constructor(socket: FrameSocket, ports: ConnectionPorts) {
    this.#socket = socket;
    this.#ports = ports;
    this.#frameBudget = ports.newFrameBudget();
    this.#heardAt = ports.clock.elapsedMs();
    this.#cancelHello = ports.clock.schedule(HELLO_TIMEOUT_MS, () => this.refuse('HELLO_TIMEOUT'));
  }

  /** `null` until it has introduced itself. */
  get workstation(): Workstation | null {
    return this.#workstation;
  }

  /** A text frame came in. Never throws. */
  onText(text: string): void {
    this.onSignOfLife();
    if (this.#closing) return;
    if (!this.#frameBudget.take()) {
      this.refuse('TOO_MANY_FRAMES');
      return;
    }
    const decoded = decodeClientFrame(text);
    if (!decoded.ok) {
      this.refuse(decoded.error.code, { detail: decoded.error.detail });
      return;
    }
    const frame = decoded.value;
    if (frame.type === 'hello') this.#orFail(frame.type, () => this.#greet(frame));
    else if (frame.type === 'hello.proof') this.#orFail(frame.type, () => this.#hearProof(frame));
    else this.#handle(frame);
  }

  onBinary(): void {
    if (!this.#closing) this.refuse('FRAME_BINARY');
  }

  /** Anything at all came in, a ping or pong included. */
  onSignOfLife(): void {
    this.#heardAt = this.#ports.clock.elapsedMs();
  }

  /** Twice per HEARTBEAT_INTERVAL_MS. A peer that talks need not be asked whether it is there. */
  beat(): void {
    const quietForMs = this.#ports.clock.elapsedMs() - this.#heardAt;
    if (quietForMs >= HEARTBEAT_PATIENCE_MS) {
      this.#ports.logger.info({ tokenName: this.#workstation?.tokenName }, 'a silent connection is cut');
      this.#socket.terminate();
      return;
    }
    if (quietForMs >= PING_AFTER_QUIET_MS) this.#socket.ping();
  }

  /** The transport is about to close for a violation it found itself; the peer is told which. */
  onTransportRefusal(closeCode: number): void {
    if (this.#closing) return;
    if (closeCode === ERROR_CODES.FRAME_TOO_LARGE.closeCode) this.#announce('FRAME_TOO_LARGE');
    if (closeCode === ERROR_CODES.FRAME_NOT_JSON.closeCode) this.#announce('FRAME_NOT_JSON');
  }

  /** The transport is closed. */
  onClosed(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#closing = true;
    this.#cancelHello?.();
    this.#cancelCut?.();
    this.#ports.requests.unwatchAll(this);
    this.#ports.onGone(this);
  }

  send(frame: GatewayFrame): void {
    if (this.#closing) return;
    if (this.#socket.bufferedBytes > MAX_BUFFERED_BYTES) this.refuse('SLOW_CONSUMER');
    else this.#socket.send(encodeFrame(frame));
  }

  /** Answers with the table's error, and closes if the table says so. `detail` is for the log and the close reason. */
  refuse(code: ErrorCode, about: { readonly requestId?: string; readonly detail?: string } = {}): void {
    if (this.#closing) return;
    const { closeCode, logLevel } = ERROR_CODES[code];
    const fields = { code, detail: about.detail, tokenName: this.#workstation?.tokenName };
    this.#ports.logger[logLevel](fields, 'a request was refused');
    this.#announce(code, about.requestId);
    if (closeCode === null) return;
    const reason = about.detail === undefined ? code : `${code} ${about.detail}`;
    this.#close(closeCode, reason.slice(0, MAX_CLOSE_REASON_BYTES));
  }

  #announce(code: ErrorCode, requestId?: string): void {
    this.#ports.metrics.framesRefused.inc({ code });
    this.#socket.send(encodeFrame(errorFrame(code, requestId)));
  }

  #close(closeCode: number, reason: string): void {
    this.#closing = true;
    this.#cancelHello?.();
    this.#socket.close(closeCode, reason);
    // A peer that does not answer the close must not keep the socket.
    this.#cancelCut = this.#ports.clock.schedule(CLOSE_GRACE_MS, () => this.#socket.terminate());
  }

  #greet(hello: ClientFrameOf<'hello'>): void {
    if (this.#workstation !== null || this.#asked !== null) {
      this.refuse('FRAME_INVALID', { detail: 'hello: only once' });
      return;
    }
    const met = this.#ports.doorkeeper.meet(hello, this.#socket.peerAddress ?? '');
    switch (met.kind) {
      case 'admitted':
        this.#admit(met.workstation, hello);
        return;
      case 'challenged':
        this.#asked = { hello, challenge: met.challenge };
        this.send({ v: PROTOCOL_VERSION, type: 'challenge', nonce: met.challenge.nonce });
        return;
      case 'turned-away':
        this.#turnAway(met.refusal, hello);
        return;
      default:
        assertNever(met, 'meeting');
    }
  }

  #hearProof({ signature }: ClientFrameOf<'hello.proof'>): void {
    const asked = this.#asked;
    // Whatever comes of it: a nonce is answered once.
    this.#asked = null;
    if (asked === null) {
      if (this.#workstation === null) this.refuse('HELLO_EXPECTED');
      else this.refuse('FRAME_INVALID', { detail: 'hello.proof: not asked for' });
      return;
    }
    const answered = asked.challenge.answer(signature);
    if (answered.ok) this.#admit(answered.value, asked.hello);
    else this.#turnAway(answered.error, asked.hello);
  }

  #turnAway({ code, detail, tokenName }: TurnedAway, { deviceId }: ClientFrameOf<'hello'>): void {
    const whose = tokenName === undefined ? {} : { tokenName };
    this.#ports.audit.append({ event: 'workstation.refused', deviceId, ...whose, detail });
    this.refuse(code, { detail });
  }

  #admit(workstation: Workstation, { platform, appVersion }: ClientFrameOf<'hello'>): void {
    this.#cancelHello?.();
    this.#cancelHello = null;
    this.#workstation = workstation;
    const { tokenName, deviceId } = workstation;
    this.#ports.audit.append({
      event: 'workstation.accepted',
      tokenName,
      deviceId,
      detail: `${platform} ${appVersion}`,
    });
    this.send(this.#ports.ready());
    this.#ports.onIntroduced(this);
  }

  /** The database may not answer; nobody is let in then. */
  #orFail(type: string, introduce: () => void): void {
    try {
      introduce();
    } catch (fault) {
      this.#ports.logger.error({ type, fault: describeFault(fault) }, 'a frame could not be handled');
      this.refuse('INTERNAL');
    }
  }

  #handle(frame: RequestFrame): void {
    if (this.#workstation === null) {
      this.refuse('HELLO_EXPECTED');
      return;
    }
    this.#ports.requests.handle(this.#workstation, frame, this).catch((fault: unknown) => {
      this.#ports.logger.error({ type: frame.type, fault: describeFault(fault) }, 'a frame could not be handled');
      this.refuse('INTERNAL');
    });
  }
}

export function readyFrame(ready: Omit<Extract<GatewayFrame, { type: 'ready' }>, 'v' | 'type'>): GatewayFrame {
  return { v: PROTOCOL_VERSION, type: 'ready', ...ready };
}
