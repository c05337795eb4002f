import { ConfigurationError } from '../../configuration-error.ts';

/** How the host project knows who asks: session, token or JWT (PROVIDERS §3). */
export interface AuthenticationHeader {
  /** Default `Authorization`; `Cookie` for a session. */
  readonly name?: string | undefined;
  /**
   * `{token}` stands for the secret, `{userId}` for the person of a call (percent-encoded), where the host project lets a trusted service
   * speak for people. Default `Token {token}`.
   */
  readonly template?: string | undefined;
}

export const DEFAULT_HEADER_NAME = 'Authorization';
export const DEFAULT_HEADER_TEMPLATE = 'Token {token}';
/** These say how a request is carried, not who sends it. */
const NOT_FOR_AUTHENTICATION = /^(?:host|connection|content-.*|transfer-encoding|accept|upgrade|te|trailer|expect)$/i;
/** Django's session authentication asks for this cookie again as a header, and over TLS for a `Referer` of its own. */
const CSRF_COOKIE = /(?:^|;\s*)csrftoken=([A-Za-z0-9]{1,128})(?:;|$)/;

/**
 * @returns the headers of a call made for `userId`
 * @throws ConfigurationError for a header that HTTP cannot carry, or one that does not hold the token
 */
export function authenticationHeaders(
  header: AuthenticationHeader,
  token: string,
  origin: string,
): (userId: string | null) => Readonly<Record<string, string>> {
  const name = header.name ?? DEFAULT_HEADER_NAME;
  const template = header.template ?? DEFAULT_HEADER_TEMPLATE;
  if (!/^[A-Za-z0-9-]{1,80}$/.test(name) || NOT_FOR_AUTHENTICATION.test(name)) {
    throw new ConfigurationError('header.name', 'the name of a header such as Authorization');
  }
  if (!/^[ -~]{1,500}$/.test(template) || !template.includes('{token}')) {
    throw new ConfigurationError('header.template', 'printable ASCII with {token} in it');
  }
  if (!/^[!-~]([ -~]*[!-~])?$/.test(token)) throw new ConfigurationError('token', 'one line of printable ASCII');
  return (userId) => {
    // Replaced by functions: a `$&` in a token is no instruction.
    const value = template.replaceAll(/\{(token|userId)\}/g, (_, part) =>
      part === 'token' ? token : encodeURIComponent(userId ?? ''),
    );
    const csrf = name.toLowerCase() === 'cookie' ? CSRF_COOKIE.exec(value)?.[1] : undefined;
    return csrf === undefined ? { [name]: value } : { [name]: value, 'X-CSRFToken': csrf, Referer: `${origin}/` };
  };
}

/** Whether each call says whom it is for, so that one account serves many people. */
export function speaksForEach(header: AuthenticationHeader): boolean {
  return (header.template ?? DEFAULT_HEADER_TEMPLATE).includes('{userId}');
}
