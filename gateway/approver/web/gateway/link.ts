import type { ApproverState } from '../../../../protocol/approver-state.ts';
import { liveFrameOf } from '../decode/state-guard.ts';
import { type Asked, askState } from './ask.ts';

/** What the page knows, and only as long as it knows it. */
export type Known =
  | { readonly phase: 'starting' }
  /** `ended`: it was signed in before. */
  | { readonly phase: 'signed-out'; readonly ended: boolean }
  /** `receivedAt` on performance.now(): times in the state count from there, whatever the phone's clock says. */
  | { readonly phase: 'signed-in'; readonly state: ApproverState; readonly receivedAt: number }
  /** The gateway does not answer. What was known is not shown any more. */
  | { readonly phase: 'lost' }
  | { readonly phase: 'outdated' };

const LIVE_PATH = '/approver/live';
const RETRY_FIRST_MS = 500;
const RETRY_LONGEST_MS = 15_000;
/** A half-open socket says nothing: the state is asked for besides, while somebody looks. */
const LOOK_EVERY_MS = 20_000;
/** A socket that is refused by a proxy on the way: asking takes its place. */
const LOOK_WITHOUT_SOCKET_MS = 3_000;

/**
 * Keeps what the page knows true: a WebSocket while the page is open, the state asked for anew whenever somebody comes back to the page or
 * the socket ends, and nothing shown that cannot be known. Push messages are never read here.
 */
export class GatewayLink {
  #known: Known = { phase: 'starting' };
  #listeners = new Set<() => void>();
  #socket: WebSocket | null = null;
  /** When the socket may be opened again (performance.now): it may be refused on the way while asking works. */
  #socketDueAt = 0;
  #failures = 0;
  #lookTimer: number | undefined;
  /** Counts what came from the gateway. */
  #news = 0;
  #asking: Promise<void> | null = null;

  readonly known = (): Known => this.#known;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Begins, and looks again whenever somebody does. Once for a page. */
  start(): void {
    const comeBack = () => {
      this.#socketDueAt = 0;
      if (document.visibilityState === 'visible') void this.look();
    };
    document.addEventListener('visibilitychange', comeBack);
    for (const event of ['focus', 'online', 'pageshow'] as const) window.addEventListener(event, comeBack);
    window.addEventListener('offline', comeBack);
    void this.look();
  }

  /** Asks for the state now, and opens the socket again if it is not open. */
  look(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** A state that came with the answer to a call. */
  take(state: ApproverState): void {
    // What was pushed meanwhile is newer than the answer: it stays, and is looked at again soon.
    if (this.#known.phase === 'signed-in' && state.serverTime < this.#known.state.serverTime) {
      this.#lookLater(RETRY_FIRST_MS);
      return;
    }
    this.#receive(state);
    this.#openSocket();
  }

  signedOut(): void {
    this.#news += 1;
    const ended = this.#known.phase === 'signed-in' || (this.#known.phase === 'signed-out' && this.#known.ended);
    this.#closeSocket();
    window.clearTimeout(this.#lookTimer);
    this.#tell({ phase: 'signed-out', ended });
  }

  outdated(): void {
    this.#closeSocket();
    window.clearTimeout(this.#lookTimer);
    this.#tell({ phase: 'outdated' });
  }

  async #ask(): Promise<void> {
    const newsBefore = this.#news;
    const asked = await askState();
    // Something came while this answer was on its way (a push, an answer, a sign-out): old news is no news.
    if (this.#news !== newsBefore && !(asked.ok && this.#isNewer(asked.answer))) {
      if (this.#known.phase === 'signed-in') this.#lookLater(RETRY_FIRST_MS);
      return;
    }
    this.#use(asked);
  }

  #use(asked: Asked<ApproverState>): void {
    if (asked.ok) {
      this.#receive(asked.answer);
      this.#openSocket();
      return;
    }
    if (asked.code === 'SIGN_IN_NEEDED') {
      this.signedOut();
      return;
    }
    if (asked.code === 'OUTDATED') {
      this.outdated();
      return;
    }
    // Told to ask less often: what the socket says still holds.
    if (asked.code !== 'RATE_LIMITED' || this.#known.phase === 'starting') {
      this.#closeSocket();
      this.#tell({ phase: 'lost' });
    }
    this.#failures += 1;
    this.#lookLater(jitter(this.#failures));
  }

  #isNewer(state: ApproverState): boolean {
    // Of two in the same millisecond nobody can tell: it is asked again.
    return this.#known.phase === 'signed-in' && state.serverTime > this.#known.state.serverTime;
  }

  #receive(state: ApproverState): void {
    this.#news += 1;
    this.#tell({ phase: 'signed-in', state, receivedAt: performance.now() });
    this.#lookLater(this.#socket?.readyState === WebSocket.OPEN ? LOOK_EVERY_MS : LOOK_WITHOUT_SOCKET_MS);
  }

  #openSocket(): void {
    if (this.#socket !== null || performance.now() < this.#socketDueAt) return;
    const socket = new WebSocket(new URL(LIVE_PATH, window.location.href.replace(/^http/, 'ws')));
    this.#socket = socket;
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (socket !== this.#socket) return;
      const frame = liveFrameOf(parsed(data));
      this.#failures = 0;
      if (frame === null) this.outdated();
      else if (frame.type === 'state') this.#receive(frame.state);
      else this.signedOut();
    });
    socket.addEventListener('close', () => {
      if (socket !== this.#socket) return;
      this.#socket = null;
      this.#failures += 1;
      this.#socketDueAt = performance.now() + jitter(this.#failures);
      // Is the gateway still there, and this phone still signed in? That cannot wait for the next socket.
      this.#lookLater(jitter(1));
    });
  }

  #closeSocket(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #lookLater(inMs: number): void {
    window.clearTimeout(this.#lookTimer);
    this.#lookTimer = window.setTimeout(() => {
      // Nobody looks: coming back asks at once (start).
      if (document.visibilityState === 'visible') void this.look();
    }, inMs);
  }

  #tell(known: Known): void {
    this.#known = known;
    for (const listener of this.#listeners) listener();
  }
}

/** Full jitter, so that phones do not come back together after a restart of the gateway. Milliseconds. */
function jitter(failures: number): number {
  return Math.random() * Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** failures);
}

function parsed(data: unknown): unknown {
  if (typeof data !== 'string') return null;
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
