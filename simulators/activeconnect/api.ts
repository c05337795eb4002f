import type { IncomingHttpHeaders } from 'node:http';
import { assertNever } from '../assert-never.ts';
import { type Address, parseJson } from '../http/exchange.ts';
import { type Reply, refused } from '../http/reply.ts';
import { authenticateUser, logout, sessionStatus } from './authentication-calls.ts';
import type { Call } from './faults.ts';
import { unquotePlus } from './form-encoding.ts';
import {
  addUsers,
  deleteUsers,
  deviceRegistrationLink,
  hasRegisteredMobileDevice,
  lostUserMobileDevice,
  sendRegistrationSms,
} from './management-calls.ts';
import type { NonceMemory } from './nonce-memory.ts';
import type { Service } from './service.ts';
import { isWithinTolerance, readClaimedSignature, signatureMatches } from './signature.ts';

type ApplicationCall = 'add_users' | 'delete_users';
type UserCall = Exclude<Call, ApplicationCall | SessionCall>;
type SessionCall = 'session_status' | 'logout';

/** Which call a path names, before anybody is believed. `appId`, `user` and `sessionId` are still encoded. */
export type Route = { readonly method: 'GET' | 'POST' } & (
  | { readonly scope: 'application'; readonly call: ApplicationCall; readonly appId: string }
  | { readonly scope: 'user'; readonly call: UserCall; readonly appId: string; readonly user: string }
  | { readonly scope: 'session'; readonly call: SessionCall; readonly sessionId: string }
);

/** Paths are exact: no trailing slash, no other case. */
export function findRoute(path: readonly string[]): Route | undefined {
  const [area, call, id, user] = path;
  if (id === undefined || id === '') return undefined;
  if (path.length === 3) {
    switch (`${area}/${call}`) {
      case 'management/add_users':
        return { method: 'POST', scope: 'application', call: 'add_users', appId: id };
      case 'management/delete_users':
        return { method: 'POST', scope: 'application', call: 'delete_users', appId: id };
      case 'authentication/session_status':
        return { method: 'GET', scope: 'session', call: 'session_status', sessionId: id };
      case 'authentication/logout':
        return { method: 'POST', scope: 'session', call: 'logout', sessionId: id };
      default:
        return undefined;
    }
  }
  if (path.length !== 4 || user === undefined || user === '') return undefined;
  const named = { scope: 'user', appId: id, user } as const;
  switch (`${area}/${call}`) {
    case 'management/device_registration_link':
      return { method: 'GET', call: 'device_registration_link', ...named };
    case 'management/send_registration_sms':
      return { method: 'POST', call: 'send_registration_sms', ...named };
    case 'management/has_registered_mobile_device':
      return { method: 'GET', call: 'has_registered_mobile_device', ...named };
    case 'management/lost_user_mobile_device':
      return { method: 'GET', call: 'lost_user_mobile_device', ...named };
    case 'authentication/authenticate_user':
      return { method: 'POST', call: 'authenticate_user', ...named };
    default:
      return undefined;
  }
}

export interface ApiRequest {
  readonly route: Route;
  readonly address: Address;
  readonly headers: IncomingHttpHeaders;
  /** Not read before the signature was found good. The signature does not cover it: the protocol's own gap. */
  readonly readBody: () => Promise<Buffer | 'too-large'>;
}

/** Who must have signed; a missing one is answered 404 rather than 401, for there is no secret to check against. */
function expectedSigner(
  service: Service,
  route: Route,
): { readonly clientId: string; readonly secret: string } | Reply {
  if (route.scope === 'session') {
    const session = service.session(route.sessionId);
    return session === undefined
      ? refused(404, 'UNKNOWN_SESSION')
      : { clientId: session.token, secret: session.secret };
  }
  const { appId, appSecret } = service.settings;
  return unquotePlus(route.appId) === appId
    ? { clientId: appId, secret: appSecret }
    : refused(404, 'UNKNOWN_APPLICATION');
}

/** @returns the refusal, or undefined when the call is signed as "authentication protocol 1" asks and was not seen before. */
function refusalOfSignature(
  service: Service,
  nonces: NonceMemory,
  { route, address, headers }: ApiRequest,
): Reply | undefined {
  const claimed = readClaimedSignature(headers);
  if (typeof claimed === 'string') return refused(401, claimed);
  const expected = expectedSigner(service, route);
  if ('status' in expected) return expected;
  if (!isWithinTolerance(claimed.timestamp, service.settings.clock.wallMs()))
    return refused(401, 'TIMESTAMP_OUT_OF_RANGE');
  const isSigned = signatureMatches(claimed, expected.secret, address.signatureTarget);
  if (claimed.clientId !== expected.clientId || !isSigned) return refused(401, 'INVALID_SIGNATURE');

  const verdict = nonces.remember(claimed.clientId, claimed.nonce, service.nowMs());
  switch (verdict) {
    case 'fresh':
      return undefined;
    case 'reused':
      return refused(401, 'NONCE_REUSED');
    case 'memory-full':
      return refused(503, 'BUSY', { 'Retry-After': '60' });
    default:
      return assertNever(verdict);
  }
}

function answerUserCall(service: Service, route: Route & { scope: 'user' }, address: Address, body: unknown): Reply {
  const userId = unquotePlus(route.user);
  const user = userId === undefined ? undefined : service.user(userId);
  if (user === undefined) return refused(404, 'UNKNOWN_USER');
  const origin = `http://${address.host}`;
  switch (route.call) {
    case 'device_registration_link':
      return deviceRegistrationLink(service, origin, user, address.query);
    case 'send_registration_sms':
      return sendRegistrationSms(service, origin, user, body);
    case 'has_registered_mobile_device':
      return hasRegisteredMobileDevice(user);
    case 'lost_user_mobile_device':
      return lostUserMobileDevice(service, origin, user);
    case 'authenticate_user':
      return authenticateUser(service, origin, user, address.query);
    default:
      return assertNever(route.call);
  }
}

function answerSessionCall(service: Service, route: Route & { scope: 'session' }): Reply {
  const session = service.session(route.sessionId);
  if (session === undefined) return refused(404, 'UNKNOWN_SESSION');
  switch (route.call) {
    case 'session_status':
      return sessionStatus(service, session);
    case 'logout':
      return logout(service, session);
    default:
      return assertNever(route.call);
  }
}

/**
 * Carries out one call. The content type is not looked at, and the two session calls take any body, an empty one
 * announced as `application/json` included: that is what the vendor's client sends.
 */
export async function answerApiCall(service: Service, nonces: NonceMemory, request: ApiRequest): Promise<Reply> {
  const refusal = refusalOfSignature(service, nonces, request);
  if (refusal !== undefined) return refusal;
  const bytes = await request.readBody();
  if (bytes === 'too-large') return refused(413, 'BODY_TOO_LARGE', { Connection: 'close' });

  const { route, address } = request;
  if (route.scope === 'session') return answerSessionCall(service, route);
  const readsBody = route.scope === 'application' || route.call === 'send_registration_sms';
  const json = readsBody ? parseJson(bytes) : { value: undefined };
  if (json === undefined) return refused(400, 'INVALID_JSON');
  if (route.scope === 'user') return answerUserCall(service, route, address, json.value);
  return route.call === 'add_users' ? addUsers(service, json.value) : deleteUsers(service, json.value);
}
