import {
  type Exchange,
  ExchangeFailure,
  type ExchangeRequest,
  type RawAnswer,
} from '../../gateway/providers/http-exchange.ts';
import { answerApiCall, findRoute, type Route } from '../../simulators/activeconnect/api.ts';
import { authenticateUser, logout, sessionStatus } from '../../simulators/activeconnect/authentication-calls.ts';
import { NonceMemory } from '../../simulators/activeconnect/nonce-memory.ts';
import { operatePhone, type PhoneAction } from '../../simulators/activeconnect/phone-actions.ts';
import { Service, type User } from '../../simulators/activeconnect/service.ts';
import type { Session } from '../../simulators/activeconnect/session.ts';
import { isWithinTolerance } from '../../simulators/activeconnect/signature.ts';
import type { Address } from '../../simulators/http/exchange.ts';
import { type Reply, refused } from '../../simulators/http/reply.ts';
import type { ApprovalTruth } from './approval-truth.ts';
import type { SeededRandom } from './seeded-random.ts';
import { Process, type VirtualTime } from './virtual-time.ts';

export const APP_ID = 'simulated-app';
export const APP_SECRET = 'a-secret-of-the-simulated-world';
export const SERVICE_URL = 'http://127.0.0.1:1';
export const USER_ID = 'the-person-of-this-desk';
/** From the request to the service, and from there back. */
const ONE_WAY_MS = { from: 10, to: 120 } as const;

/** How the service and the way to it behave at present. */
export interface ServiceMood {
  readonly kind: 'well' | 'unreachable' | 'silent' | 'breaks-off' | 'error' | 'garbage' | 'busy' | 'slow';
  /** Share of calls it strikes. */
  readonly share: number;
}
export const WELL: ServiceMood = { kind: 'well', share: 0 };

/**
 * The provider's service: the simulator's own rules behind an exchange in memory. Requests are signed and signatures verified where
 * `verifies` says so (they would take a third of all time); elsewhere only the caller's clock is looked at, which is what breaks them.
 */
export class ServiceInTown implements Exchange {
  mood: ServiceMood = WELL;
  /** Requests that made the phone ring. */
  rings = 0;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #verifies: boolean;
  readonly #truth: ApprovalTruth;
  readonly #callerWallMs: () => number;
  readonly #onSettled: () => void;
  readonly #onRing: (session: Session) => void;
  readonly #world = new Process(null);
  #service: Service;
  #nonces = new NonceMemory(660_000);
  #user: User;

  constructor(options: {
    readonly time: VirtualTime;
    readonly random: SeededRandom;
    readonly verifies: boolean;
    readonly truth: ApprovalTruth;
    /** What the gateway's clock says, for the worlds that do not sign. */
    readonly callerWallMs: () => number;
    /** A promise was settled: whoever drives time must let its callbacks run before it moves on. */
    readonly onSettled: () => void;
    readonly onRing: (session: Session) => void;
  }) {
    this.#time = options.time;
    this.#random = options.random;
    this.#verifies = options.verifies;
    this.#truth = options.truth;
    this.#callerWallMs = options.callerWallMs;
    this.#onSettled = options.onSettled;
    this.#onRing = options.onRing;
    [this.#service, this.#user] = this.#fresh(true);
  }

  get near(): boolean {
    return this.#user.phone?.near ?? false;
  }

  session(id: string): Session | undefined {
    return this.#service.session(id);
  }

  /** @returns whether the phone could do it. */
  phone(action: PhoneAction): boolean {
    const user = this.#service.user(USER_ID) ?? this.#user;
    const done = operatePhone(this.#service, user, action).ok;
    if (done) this.#truth.lookAgain(user.sessions);
    return done;
  }

  /** Restarts without its memory: sessions are gone, people and phones are not. */
  forget(): void {
    const { near } = this;
    this.#truth.lose(this.#user.sessions, this.#time.now);
    [this.#service, this.#user] = this.#fresh(near);
    this.#nonces = new NonceMemory(660_000);
  }

  send(request: ExchangeRequest, signal: AbortSignal): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      let over = false;
      const settle = (finish: () => void): void => {
        if (over) return;
        over = true;
        signal.removeEventListener('abort', onAbort);
        finish();
        this.#onSettled();
      };
      let delivered = false;
      const onAbort = (): void => settle(() => reject(new ExchangeFailure('aborted', delivered)));
      signal.addEventListener('abort', onAbort, { once: true });
      const fail = (kind: ExchangeFailure['kind']) => settle(() => reject(new ExchangeFailure(kind, delivered)));
      const struck = this.mood !== WELL && this.#random.chance(this.mood.share) ? this.mood.kind : 'well';
      if (struck === 'silent') return;
      const oneWayMs = this.#oneWayMs() + (struck === 'slow' ? this.#random.between(500, 6_000) : 0);
      this.#time.after(oneWayMs, this.#world, () => {
        if (over) return;
        if (struck === 'unreachable') return fail('unreachable');
        delivered = true;
        // It had its effect, and nobody hears of it.
        const answer = this.#answer(request);
        this.#time.after(this.#oneWayMs(), this.#world, () => {
          if (struck === 'breaks-off') return fail('broken-off');
          settle(() => resolve(disturbed(answer, struck)));
        });
      });
    });
  }

  close(): void {
    // no connections are kept
  }

  #oneWayMs(): number {
    return this.#random.between(ONE_WAY_MS.from, ONE_WAY_MS.to);
  }

  #fresh(near: boolean): [Service, User] {
    const service = new Service({
      appId: APP_ID,
      appSecret: APP_SECRET,
      limits: this.#truth.limits,
      clock: { wallMs: () => this.#time.wallOf(null), monotonicMs: () => this.#time.now },
    });
    const user = service.addUser(USER_ID);
    service.registerPhone(user);
    if (user.phone !== undefined) user.phone.near = near;
    return [service, user];
  }

  #answer(request: ExchangeRequest): Promise<Reply> | Reply {
    const route = findRoute(request.address.pathAndQuery.slice(1).replace(/\?.*$/, '').split('/'));
    if (route === undefined) return refused(404, 'NOT_FOUND');
    const newest = this.#user.sessions.at(-1);
    const reply = this.#verifies ? this.#verified(request, route) : this.#believed(request, route);
    if (reply instanceof Promise) return reply.then((settled) => this.#noticed(route, newest, settled));
    return this.#noticed(route, newest, reply);
  }

  #noticed(route: Route, newestBefore: Session | undefined, reply: Reply): Reply {
    if (route.call === 'logout') this.#truth.lookAgain(this.#user.sessions);
    const rung = this.#user.sessions.at(-1);
    if (route.call === 'authenticate_user' && rung !== undefined && rung !== newestBefore) {
      this.rings += 1;
      this.#truth.asked(rung);
      this.#onRing(rung);
    }
    return reply;
  }

  async #verified(request: ExchangeRequest, route: Route): Promise<Reply> {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers())) headers[name.toLowerCase()] = value;
    const readBody = async () => Buffer.from(request.body ?? '');
    return answerApiCall(this.#service, this.#nonces, { route, address: addressOf(request), headers, readBody });
  }

  #believed(request: ExchangeRequest, route: Route): Reply {
    const claimedSeconds = String(Math.floor(this.#callerWallMs() / 1_000));
    if (!isWithinTolerance(claimedSeconds, this.#time.wallOf(null))) return refused(401, 'TIMESTAMP_OUT_OF_RANGE');
    if (route.call === 'authenticate_user') {
      const user = this.#service.user(USER_ID) ?? this.#user;
      return authenticateUser(this.#service, `http://${request.address.authority}`, user, addressOf(request).query);
    }
    if (route.scope !== 'session') return refused(404, 'NOT_FOUND');
    const session = this.#service.session(route.sessionId);
    if (session === undefined) return refused(404, 'UNKNOWN_SESSION');
    return route.call === 'logout' ? logout(this.#service, session) : sessionStatus(this.#service, session);
  }
}

function addressOf({ address }: ExchangeRequest): Address {
  const [path = '', query = ''] = address.pathAndQuery.split('?');
  return {
    host: address.authority,
    path: path.slice(1).split('/'),
    query: new URLSearchParams(query),
    signatureTarget: `${address.authority}${address.pathAndQuery}`,
  };
}

function disturbed(answer: Promise<Reply> | Reply, struck: ServiceMood['kind']): Promise<RawAnswer> | RawAnswer {
  if (struck === 'error') return { status: 500, retryAfter: undefined, body: '' };
  if (struck === 'busy') return { status: 429, retryAfter: '7', body: '{}' };
  if (answer instanceof Promise) return answer.then((reply) => disturbedReply(reply, struck));
  return disturbedReply(answer, struck);
}

function disturbedReply({ status, body, headers }: Reply, struck: ServiceMood['kind']): RawAnswer {
  const text = JSON.stringify(body);
  return {
    status,
    retryAfter: headers?.['Retry-After'],
    body: struck === 'garbage' ? text.slice(0, text.length / 2) : text,
  };
}
