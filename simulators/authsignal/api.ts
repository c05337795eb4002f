import { createHash, timingSafeEqual } from 'node:crypto';
import { getAction, queryActions, track, updateAction, validate } from './action-calls.ts';
import { type Answer, refused } from './answer.ts';
import type { Challenges } from './challenge-calls.ts';
import type { Call } from './faults.ts';
import type { LoginSessions } from './session-calls.ts';
import type { Tenant } from './tenant.ts';
import {
  deleteAuthenticator,
  deleteUser,
  enrollVerifiedAuthenticator,
  getAuthenticators,
  getUser,
  queryUsers,
  updateUser,
} from './user-calls.ts';

export interface Api {
  readonly tenant: Tenant;
  readonly challenges: Challenges;
  readonly sessions: LoginSessions;
}

export interface ApiRequest {
  readonly body: unknown;
  readonly query: URLSearchParams;
  /** Of this service, as the caller addressed it; links lead there. */
  readonly origin: string;
}

/** A call of the API, found by method and path and not yet carried out. */
export interface Route {
  readonly call: Call;
  carryOut(request: ApiRequest): Answer | Promise<Answer>;
}

/** @param path below the version, decoded. @returns undefined where the API has no such path; else what its methods do */
export function routesOf(api: Api, path: readonly string[]): Readonly<Record<string, Route>> | undefined {
  const { tenant, challenges, sessions } = api;
  const [area, userId, part, name, key] = path;
  if (area === 'users') {
    if (path.length === 1) {
      return { GET: { call: 'query_users', carryOut: ({ query }) => queryUsers(tenant, query) } };
    }
    if (userId === undefined || userId === '' || path.length > 5) return undefined;
    return userRoutes(tenant, userId, part, name, key);
  }
  const post = (call: Call, carryOut: Route['carryOut']) => ({ POST: { call, carryOut } });
  switch (path.join('/')) {
    case 'validate':
      return post('validate', ({ body }) => validate(tenant, body));
    case 'challenge':
      return post('challenge', ({ body }) => challenges.challenge(body));
    case 'verify':
      return post('verify', ({ body }) => challenges.verify(body));
    case 'claim':
      return post('claim', ({ body }) => challenges.claim(body));
    case 'challenges':
      return { GET: { call: 'get_challenge', carryOut: ({ query }) => challenges.find(query) } };
    case 'sessions':
      return post('create_session', ({ body }) => sessions.create(body));
    case 'sessions/validate':
      return post('validate_session', ({ body }) => sessions.validate(body));
    case 'sessions/refresh':
      return post('refresh_session', ({ body }) => sessions.refresh(body));
    case 'sessions/revoke':
      return post('revoke_session', ({ body }) => sessions.revoke(body));
    case 'sessions/user/revoke':
      return post('revoke_user_sessions', ({ body }) => sessions.revokeOfUser(body));
    default:
      return undefined;
  }
}

function userRoutes(
  tenant: Tenant,
  userId: string,
  part: string | undefined,
  name: string | undefined,
  key: string | undefined,
): Readonly<Record<string, Route>> | undefined {
  const user = () => tenant.user(userId);
  if (part === undefined) {
    return {
      GET: { call: 'get_user', carryOut: () => getUser(user()) },
      PATCH: { call: 'update_user', carryOut: ({ body }) => updateUser(tenant, userId, body) },
      DELETE: { call: 'delete_user', carryOut: () => deleteUser(tenant, userId) },
    };
  }
  if (part === 'authenticators' && name === undefined) {
    return {
      GET: { call: 'get_authenticators', carryOut: () => getAuthenticators(user()) },
      POST: {
        call: 'enroll_authenticator',
        carryOut: ({ body }) => enrollVerifiedAuthenticator(tenant, userId, body),
      },
    };
  }
  if (part === 'authenticators' && name !== undefined && key === undefined) {
    return { DELETE: { call: 'delete_authenticator', carryOut: () => deleteAuthenticator(tenant, user(), name) } };
  }
  if (part !== 'actions') return undefined;
  if (name === undefined) {
    return { GET: { call: 'query_actions', carryOut: ({ query }) => queryActions(user(), query) } };
  }
  if (key === undefined) {
    return {
      POST: { call: 'track', carryOut: ({ origin, body }) => track(tenant, origin, userId, name, body) },
    };
  }
  return {
    GET: { call: 'get_action', carryOut: () => getAction(tenant, user(), name, key) },
    PATCH: { call: 'update_action', carryOut: ({ body }) => updateAction(tenant, user(), name, key, body) },
  };
}

/** HTTP Basic: the secret key as the user name, an empty password. @returns the refusal, or undefined */
export function refusalOfKey(tenant: Tenant, authorization: string | undefined): Answer | undefined {
  const expected = `Basic ${Buffer.from(`${tenant.settings.secret}:`).toString('base64')}`;
  if (timingSafeEqual(digest(authorization ?? ''), digest(expected))) return undefined;
  return refused(
    401,
    'unauthorized',
    'The request is unauthorized. Check that your API key and region base URL are correctly configured.',
  );
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
