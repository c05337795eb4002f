import { type AcceptedToken, nameOfToken } from '../tokens.ts';

/** A token that speaks for one person, given out by the administrator. Only its hash is kept. */
export interface PersonToken {
  readonly userId: string;
  readonly sha256: Buffer;
}

/** Signed in; `service` where a trusted service speaks for the person, null where it is the person. */
export interface SignedIn {
  readonly userId: string;
  readonly service: string | null;
}

/** @returns whose token the `Authorization` header holds, `anonymous` without one, `refused` for anything else */
export type SignIn = (authorization: string | undefined) => SignedIn | 'anonymous' | 'refused';

const AUTHORIZATION = /^(?:Bearer|Token) ([!-~]{1,1024})$/i;
/** A service's token and the person, percent-encoded, as our own provider writes them with `{token}:{userId}`. */
const FOR_A_PERSON = /^(.+):([^:]{1,512})$/;
const MAX_USER_ID_CHARACTERS = 128;

/** @param services tokens that may speak for everybody (a gateway of many workstations): `<token>:<user id, percent-encoded>` */
export function signInBy(people: readonly PersonToken[], services: readonly AcceptedToken[]): SignIn {
  const accepted: readonly AcceptedToken[] = people.map(({ userId, sha256 }) => ({ name: userId, sha256 }));
  return (authorization) => {
    if (authorization === undefined) return 'anonymous';
    const token = AUTHORIZATION.exec(authorization)?.[1] ?? '';
    const own = nameOfToken(token, accepted);
    if (own !== null) return { userId: own, service: null };
    const [, serviceToken = '', encoded = ''] = FOR_A_PERSON.exec(token) ?? [];
    const service = nameOfToken(serviceToken, services);
    const userId = service === null ? null : personNamed(encoded);
    return userId === null ? 'refused' : { userId, service };
  };
}

function personNamed(encoded: string): string | null {
  try {
    const userId = decodeURIComponent(encoded);
    return userId.length <= MAX_USER_ID_CHARACTERS ? userId : null;
  } catch {
    // Not percent-encoded UTF-8: it names nobody.
    return null;
  }
}
