import { type WebSocket, WebSocketServer } from 'ws';
import type { ApproverLive } from '../../protocol/approver-state.ts';
import type { CancelTask } from '../clock.ts';
import { CLOSE_GRACE_MS, HEARTBEAT_INTERVAL_MS, HEARTBEAT_PATIENCE_MS, MAX_BUFFERED_BYTES } from '../limits.ts';
import { describeFault } from '../logger.ts';
import { MAX_LIVE, MAX_LIVE_PER_PHONE } from '../providers/passkey/limits.ts';
import type { PasskeyService } from '../providers/passkey/provider.ts';
import type { SignIn, SignIns } from './sign-ins.ts';
import { stateOf } from './state.ts';

/** The page says nothing on it; a message is a mistake or worse. */
const CLOSE_POLICY = 1_008;
const CLOSE_SIGNED_OUT = 4_401;
const CLOSE_SIGNED_IN_AGAIN = 4_402;
const CLOSE_GOING_AWAY = 1_001;
const MAX_INCOMING_BYTES = 128;

interface Live {
  readonly socket: WebSocket;
  readonly signIn: SignIn;
  heardAt: number;
  cancelHeartbeat: CancelTask;
  cancelEnd: CancelTask;
}

/** Open pages: each is told how things are when it opens and after every change. */
export class LivePages {
  readonly server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_INCOMING_BYTES,
    perMessageDeflate: false,
  });
  readonly #service: PasskeyService;
  readonly #signIns: SignIns;
  readonly #live = new Set<Live>();
  readonly #toTell = new Set<string>();

  constructor(service: PasskeyService, signIns: SignIns) {
    this.#service = service;
    this.#signIns = signIns;
    service.on({ changed: (userId) => this.#tellSoon(userId) });
  }

  hasRoomFor(signIn: SignIn): boolean {
    const theirs = [...this.#live].filter((live) => live.signIn.phoneId === signIn.phoneId).length;
    return this.#live.size < MAX_LIVE && theirs < MAX_LIVE_PER_PHONE;
  }

  open(socket: WebSocket, signIn: SignIn): void {
    const none = (): void => undefined;
    const live: Live = {
      socket,
      signIn,
      heardAt: this.#service.clock.elapsedMs(),
      cancelHeartbeat: none,
      cancelEnd: none,
    };
    this.#live.add(live);
    socket.on('message', () => socket.close(CLOSE_POLICY));
    socket.on('pong', () => {
      live.heardAt = this.#service.clock.elapsedMs();
    });
    // ws closes the socket itself after an error.
    socket.on('error', none);
    socket.on('close', () => {
      this.#live.delete(live);
      live.cancelHeartbeat();
      live.cancelEnd();
    });
    this.#beat(live);
    this.#tell(live);
  }

  /** Somebody signed out, or was: their pages show nothing any more. */
  recheck(): void {
    for (const live of this.#live) if (!this.#signIns.isOpen(live.signIn)) this.#signOut(live);
  }

  /** The page signed in again, so it is not told that it is signed out: it comes back with its new cookie. */
  cut(signIn: SignIn): void {
    for (const live of this.#live) if (live.signIn === signIn) live.socket.close(CLOSE_SIGNED_IN_AGAIN);
  }

  close(): void {
    for (const live of this.#live) {
      live.socket.close(CLOSE_GOING_AWAY);
      live.cancelEnd();
      live.cancelEnd = this.#service.clock.schedule(CLOSE_GRACE_MS, () => live.socket.terminate());
    }
    this.server.close();
  }

  /** Several changes of one call become one message. */
  #tellSoon(userId: string): void {
    if (this.#toTell.has(userId)) return;
    this.#toTell.add(userId);
    queueMicrotask(() => {
      this.#toTell.delete(userId);
      for (const live of this.#live) if (live.signIn.userId === userId) this.#tell(live);
    });
  }

  /** Runs on its own, not for a call: nothing it throws may end the gateway. A page that was not told asks again when it is back. */
  #tell(live: Live): void {
    try {
      this.#tellOrThrow(live);
    } catch (fault) {
      this.#service.logger.error({ fault: describeFault(fault) }, 'a page could not be told');
      live.socket.terminate();
    }
  }

  #tellOrThrow(live: Live): void {
    live.cancelEnd();
    const state = this.#signIns.isOpen(live.signIn) ? stateOf(this.#service, this.#signIns, live.signIn) : null;
    if (state === null) {
      this.#signOut(live);
      return;
    }
    this.#send(live, { v: 1, type: 'state', state });
    live.cancelEnd = this.#service.clock.schedule(this.#signIns.leftMs(live.signIn), () => this.#tell(live));
  }

  #signOut(live: Live): void {
    this.#live.delete(live);
    this.#send(live, { v: 1, type: 'signed-out' });
    live.socket.close(CLOSE_SIGNED_OUT);
    // One that does not answer the close must not keep the socket.
    live.cancelEnd = this.#service.clock.schedule(CLOSE_GRACE_MS, () => live.socket.terminate());
  }

  #send({ socket }: Live, message: ApproverLive): void {
    if (socket.readyState !== socket.OPEN) return;
    // A page that reads nothing is told nothing: it asks again when it comes back.
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) socket.terminate();
    else socket.send(JSON.stringify(message));
  }

  #beat(live: Live): void {
    const { clock } = this.#service;
    live.cancelHeartbeat = clock.schedule(HEARTBEAT_INTERVAL_MS, () => {
      if (clock.elapsedMs() - live.heardAt >= HEARTBEAT_PATIENCE_MS) {
        live.socket.terminate();
        return;
      }
      if (live.socket.readyState === live.socket.OPEN) live.socket.ping();
      this.#beat(live);
    });
  }
}
