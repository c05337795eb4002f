import type { Reply } from '../http/reply.ts';
import { MAX_OPEN_SESSIONS_PER_USER, type Service, type User } from './service.ts';
import { end, METHODS, type Method, type Session } from './session.ts';

const DEFAULT_DURATION_S = 3600;
/** The vendor's upper limit is not published. */
const MAX_DURATION_S = 86_400;

/** 200 with `authenticated: false` is how this service says "not started"; the fields of a session are absent then. */
function notStarted(reason: string): Reply {
  return { status: 200, body: { authentication_status: { authenticated: false, reason } } };
}

function isMethod(text: string): text is Method {
  return METHODS.some((method) => method === text);
}

/** No method, or an empty list, leaves the choice to the service. */
function readMethods(query: URLSearchParams): readonly Method[] | undefined {
  const asked = (query.getAll('methods').at(-1) ?? '').split(',').filter((each) => each !== '');
  const known = asked.filter(isMethod);
  return known.length === asked.length ? [...new Set(known)] : undefined;
}

function readDurationSeconds(query: URLSearchParams): number | undefined {
  const asked = query.getAll('duration_seconds').at(-1);
  if (asked === undefined) return DEFAULT_DURATION_S;
  const seconds = /^\d{1,9}$/.test(asked) ? Number(asked) : 0;
  return seconds >= 1 && seconds <= MAX_DURATION_S ? seconds : undefined;
}

/**
 * A wrong `methods` or `duration_seconds` is "not started" with a reason, not a 400: PROVIDERS knows no other answer.
 * The body (`{}`) carries nothing and is not looked at.
 */
export function authenticateUser(service: Service, origin: string, user: User, query: URLSearchParams): Reply {
  const methods = readMethods(query);
  if (methods === undefined) return notStarted('UNSUPPORTED_METHOD');
  const durationSeconds = readDurationSeconds(query);
  if (durationSeconds === undefined) return notStarted('INVALID_DURATION');
  if (user.phone === undefined) return notStarted('NO_MOBILE_DEVICE');
  if (service.openSessions(user).length >= MAX_OPEN_SESSIONS_PER_USER) return notStarted('TOO_MANY_SESSIONS');

  const session = service.startSession(user, user.phone, methods, durationSeconds);
  return {
    status: 202,
    body: {
      authentication_status: {
        authenticated: true,
        session_status: service.settle(session),
        reason: '',
        status_url: `${origin}/authentication/session_status/${session.id}`,
        logout_url: `${origin}/authentication/logout/${session.id}`,
        session_token: session.token,
        session_secret: session.secret,
      },
    },
  };
}

/** Here `authenticated` means approved and near; in the answer that starts a session it means started. */
export function sessionStatus(service: Service, session: Session): Reply {
  const status = service.settle(session);
  return {
    status: 200,
    body: { authentication_status: { authenticated: status === 'active', session_status: status } },
  };
}

/** Logging out of a session that has ended is no error: the caller has what it asked for. */
export function logout(service: Service, session: Session): Reply {
  end(session, 'logged-out', service.nowMs());
  return { status: 200, body: { status: true } };
}
