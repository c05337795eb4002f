import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  APPROVER_ERRORS,
  APPROVER_LIVE_PATH,
  APPROVER_ROOT,
  APPROVER_STATE_PATH,
  type ApproverErrorCode,
  MAX_APPROVER_ANSWER_BYTES,
  MAX_APPROVER_REQUEST_BYTES,
} from '../../protocol/approver.ts';
import { type HttpDoor, refuseUpgrade } from '../http-door.ts';
import { describeFault } from '../logger.ts';
import { addressOf } from '../peer-address.ts';
import { CALLS_PER_MINUTE, FAILURES_PER_TEN_MINUTES, SIGN_IN_LONGEST_MS } from '../providers/passkey/limits.ts';
import type { PasskeyService } from '../providers/passkey/provider.ts';
import { ApproverRefusal } from '../providers/passkey/refusal.ts';
import { SlidingWindow } from '../rate-limit.ts';
import { bodyOf } from '../request-body.ts';
import { cookieFor, isJson, isNotCrossSite, isOwnPage, tokenOf } from './browser-request.ts';
import type { ApproverRoute, Ran, SignedInVisitor } from './call-table.ts';
import { approverRoutes } from './calls.ts';
import { LivePages } from './live.ts';
import { type Resolve, resolveHost } from './public-address.ts';
import { type PostPush, PushHints, postPush } from './push.ts';
import { securityHeaders } from './security-headers.ts';
import { type SignIn, SignIns } from './sign-ins.ts';
import { stateOf } from './state.ts';
import { answerWithFile, type StaticFiles } from './static-files.ts';

/** The bare name, as somebody types it. */
const ROOT_WITHOUT_SLASH = APPROVER_ROOT.slice(0, -1);
const MINUTE_MS = 60_000;
const TEN_MINUTES_MS = 600_000;
/** Answers that count as a failed attempt of the address: somebody may be guessing. */
const GUESSES: ReadonlySet<ApproverErrorCode> = new Set([
  'CODE_REFUSED',
  'RECOVERY_REFUSED',
  'PASSKEY_REFUSED',
  'PASSKEY_UNKNOWN',
]);

export interface ApproverDoorOptions {
  readonly service: PasskeyService;
  /** The page's files. Empty: there is only the API. */
  readonly files: StaticFiles;
  /** Connections come from one proxy, which appends to `X-Forwarded-For` whom it heard from. */
  readonly behindProxy: boolean;
  /** `mailto:` or `https:`, told to push services. */
  readonly pushContact: string;
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
  /** Default: HTTPS. */
  readonly postPush?: PostPush;
}

/** Where phones come to: the page, its API (protocol/approver.ts) and the live connection. */
export function createApproverDoor(options: ApproverDoorOptions): HttpDoor {
  const { service, files, behindProxy } = options;
  const { site, clock, logger } = service;
  const headers = securityHeaders(site);
  const signIns = new SignIns(clock);
  const live = new LivePages(service, signIns);
  const push = new PushHints({
    service,
    contact: options.pushContact,
    resolve: options.resolve ?? resolveHost,
    post: options.postPush ?? postPush,
  });
  const calls = new SlidingWindow([{ events: CALLS_PER_MINUTE, windowMs: MINUTE_MS }], clock);
  const failures = new SlidingWindow([{ events: FAILURES_PER_TEN_MINUTES, windowMs: TEN_MINUTES_MS }], clock);
  const routes = new Map(
    approverRoutes({ service, signIns, push, signedOut: () => live.recheck() }).map((route) => [route.path, route]),
  );
  let closed = false;
  // Never rejects.
  service.on({ asked: (userId, about) => void push.hint(userId, about) });

  function signedIn(request: IncomingMessage): SignIn | null {
    const token = tokenOf(request, site);
    const signIn = token === null ? null : signIns.find(token);
    return signIn !== null && service.phones.find(signIn.phoneId) !== null ? signIn : null;
  }

  function answerJson(response: ServerResponse, status: number, body: unknown): void {
    const text = JSON.stringify(body);
    if (Buffer.byteLength(text) > MAX_APPROVER_ANSWER_BYTES) throw new RangeError('an answer is too large');
    response.writeHead(status, { ...headers, 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.end(text);
  }

  function refuse(response: ServerResponse, code: ApproverErrorCode): void {
    const { status, text } = APPROVER_ERRORS[code];
    logger.info({ code }, 'a call of a phone was refused');
    // A body that was not read to its end must not be taken for the next request.
    if (code === 'TOO_LARGE') response.setHeader('Connection', 'close');
    answerJson(response, status, { code, message: text });
  }

  /** A signed-in phone is counted by itself: who shares its address must not be able to use its calls up. */
  function hasCallsLeft(request: IncomingMessage, session: SignIn | null): boolean {
    return calls.take(session === null ? `address ${addressOf(request, behindProxy)}` : `phone ${session.phoneId}`);
  }

  /** The route's answer. @throws ApproverRefusal */
  async function ran(route: ApproverRoute, request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    if (!isOwnPage(request, site)) throw new ApproverRefusal('WRONG_ORIGIN');
    if (!isJson(request)) throw new ApproverRefusal('BAD_REQUEST');
    const address = addressOf(request, behindProxy);
    if (!hasCallsLeft(request, signedIn(request))) throw new ApproverRefusal('RATE_LIMITED');
    // Only who is not signed in can guess. A neighbour's guesses must not keep a signed-in person from approving or locking.
    const guesses = route.needs === 'nobody';
    if (guesses && !failures.hasRoom(address)) throw new ApproverRefusal('RATE_LIMITED');
    const body = await bodyOf(request, MAX_APPROVER_REQUEST_BYTES);
    if (body === 'too-large') throw new ApproverRefusal('TOO_LARGE');
    const setCookie = (token: string, seconds: number) =>
      response.setHeader('Set-Cookie', cookieFor(site, token, seconds));
    const visitor = {
      address,
      signIn: (phone: { readonly phoneId: string; readonly userId: string }) => {
        // The page signs in again: a copy of its old cookie must not live on beside the new one.
        const before = signedIn(request);
        if (before !== null) {
          signIns.endSoon(before);
          live.cut(before);
        }
        const { token, signIn } = signIns.open(phone);
        setCookie(token, SIGN_IN_LONGEST_MS / 1_000);
        return signIn;
      },
    };
    try {
      const done = await runRoute(route, jsonOf(body), signedIn(request), {
        ...visitor,
        signOut: (session: SignIn) => {
          signIns.close(session);
          setCookie('', 0);
          live.recheck();
        },
      });
      if (!done.ok) throw new ApproverRefusal('BAD_REQUEST');
      return done.answer;
    } catch (fault) {
      if (guesses && fault instanceof ApproverRefusal && GUESSES.has(fault.code)) failures.take(address);
      throw fault;
    }
  }

  async function runRoute(
    route: ApproverRoute,
    json: unknown,
    session: SignIn | null,
    visitor: Omit<SignedInVisitor, 'session' | 'signOut'> & { signOut(session: SignIn): void },
  ): Promise<Ran> {
    if (route.needs === 'nobody') return route.run(json, visitor);
    if (session === null) throw new ApproverRefusal('SIGN_IN_NEEDED');
    if (route.needs === 'fresh-session' && !signIns.isFresh(session)) throw new ApproverRefusal('FRESH_SIGN_IN_NEEDED');
    signIns.noteCall(session);
    return route.run(json, { ...visitor, session, signOut: () => visitor.signOut(session) });
  }

  function answerState(request: IncomingMessage, response: ServerResponse): void {
    if (!isNotCrossSite(request)) throw new ApproverRefusal('WRONG_ORIGIN');
    const session = signedIn(request);
    if (!hasCallsLeft(request, session)) throw new ApproverRefusal('RATE_LIMITED');
    if (session === null) throw new ApproverRefusal('SIGN_IN_NEEDED');
    signIns.noteCall(session);
    answerJson(response, 200, stateOf(service, signIns, session));
  }

  async function answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = routes.get(path);
    if (route !== undefined) {
      if (!allows(request, response, ['POST'])) return;
      answerJson(response, 200, await ran(route, request, response));
    } else if (path === APPROVER_STATE_PATH) {
      if (allows(request, response, ['GET'])) answerState(request, response);
    } else if (path === ROOT_WITHOUT_SLASH) {
      response.writeHead(308, { ...headers, Location: APPROVER_ROOT }).end();
    } else if (allows(request, response, ['GET', 'HEAD']) && !answerWithFile(files, path, request, response, headers)) {
      response
        .writeHead(404, { ...headers, 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' })
        .end('Not found.\n');
    }
  }

  function allows(request: IncomingMessage, response: ServerResponse, methods: readonly string[]): boolean {
    if (methods.includes(request.method ?? '')) return true;
    response.writeHead(405, { ...headers, Allow: methods.join(', '), 'Cache-Control': 'no-store' }).end();
    return false;
  }

  return {
    owns: (path) => path === ROOT_WITHOUT_SLASH || path.startsWith(APPROVER_ROOT),
    async answer(request, response) {
      try {
        if (closed) throw new ApproverRefusal('UNAVAILABLE');
        await answer(pathOf(request), request, response);
      } catch (fault) {
        if (response.headersSent) throw fault;
        if (fault instanceof ApproverRefusal) return refuse(response, fault.code);
        logger.error({ fault: describeFault(fault) }, 'a call of a phone failed');
        refuse(response, 'INTERNAL');
      }
    },
    upgrade(request, socket, head) {
      if (closed) return refuseUpgrade(socket, '503 Service Unavailable');
      if (pathOf(request) !== APPROVER_LIVE_PATH) return refuseUpgrade(socket, '404 Not Found');
      if (!isOwnPage(request, site)) return refuseUpgrade(socket, '403 Forbidden');
      const session = signedIn(request);
      if (!hasCallsLeft(request, session)) return refuseUpgrade(socket, '429 Too Many Requests');
      if (session === null) return refuseUpgrade(socket, '401 Unauthorized');
      if (!live.hasRoomFor(session)) return refuseUpgrade(socket, '429 Too Many Requests');
      live.server.handleUpgrade(request, socket, head, (opened) => live.open(opened, session));
    },
    close() {
      closed = true;
      live.close();
      service.approvals.stop();
    },
  };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Whatever the parser says quotes the body.
    throw new ApproverRefusal('BAD_REQUEST');
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}
