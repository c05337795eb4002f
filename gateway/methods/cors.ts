/** Which pages of other origins may read answers (`listen.allowedOrigins`). Tokens, no cookies: credentials are never allowed. */
export interface OriginAnswer {
  /** For the answer, whatever it is. Empty for everybody else: the browser then keeps it from the page. */
  readonly headers: Readonly<Record<string, string>>;
  /** Set for the question a browser asks before it lets such a page send a token. */
  readonly preflight: Readonly<Record<string, string>> | null;
}

const NO_OTHER_ORIGIN: OriginAnswer = { headers: {}, preflight: null };
/** How long a browser may remember. */
const PREFLIGHT_SECONDS = 600;
const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type',
  'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
} as const;

export function answerToOrigin(
  method: string | undefined,
  claimedOrigin: string | undefined,
  allowedOrigins: readonly string[],
): OriginAnswer {
  if (claimedOrigin === undefined || !allowedOrigins.includes(claimedOrigin)) return NO_OTHER_ORIGIN;
  const headers = { 'Access-Control-Allow-Origin': claimedOrigin, 'Access-Control-Expose-Headers': 'Retry-After' };
  return { headers, preflight: method === 'OPTIONS' ? PREFLIGHT : null };
}
