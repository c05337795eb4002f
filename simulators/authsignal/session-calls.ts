import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type Answer, done, invalid, refused } from './answer.ts';
import type { Method, Tenant } from './tenant.ts';

const ACCESS_MS = 600_000;
const REFRESH_MS = 7 * 24 * 3_600_000;
const MAX_SESSIONS = 10_000;

const short = z.string().max(256);
const token = z.string().max(2_048);
const createSchema = z.object({ clientId: short, token, action: short.optional() });
const validateSchema = z.object({ accessToken: token, clientIds: z.array(short).max(64).optional() });
const refreshSchema = z.object({ refreshToken: token });
const revokeSchema = z.object({ accessToken: token });
const revokeUserSchema = z.object({ userId: short });

interface LoginSession {
  readonly userId: string;
  readonly clientId: string;
  readonly method: Method | undefined;
  accessToken: string;
  refreshToken: string;
  accessUntilMs: number;
  readonly refreshUntilMs: number;
}

const noSession = (): Answer => refused(401, 'invalid_token', 'The token is invalid, has expired or was revoked.');

/** The service's own login sessions (not those of a workstation): made from the token of an action that succeeded. */
export class LoginSessions {
  readonly #tenant: Tenant;
  #sessions: LoginSession[] = [];

  constructor(tenant: Tenant) {
    this.#tenant = tenant;
  }

  create(body: unknown): Answer {
    const asked = createSchema.safeParse(body);
    if (!asked.success) return invalid('A client and a token are needed.');
    const action = this.#tenant.actionOfToken(asked.data.token);
    const isGood = action?.state === 'CHALLENGE_SUCCEEDED' || action?.state === 'ALLOW';
    const isOfAction = asked.data.action === undefined || asked.data.action === action?.action;
    if (action === undefined || !isGood || !isOfAction) return noSession();
    const nowMs = this.#tenant.nowMs();
    const session: LoginSession = {
      userId: action.userId,
      clientId: asked.data.clientId,
      method: action.verificationMethod,
      ...freshTokens(),
      accessUntilMs: nowMs + ACCESS_MS,
      refreshUntilMs: nowMs + REFRESH_MS,
    };
    this.#sessions = [...this.#sessions, session].slice(-MAX_SESSIONS);
    return done(tokensOf(session));
  }

  validate(body: unknown): Answer {
    const asked = validateSchema.safeParse(body);
    if (!asked.success) return invalid('An access token is needed.');
    const session = this.#sessions.find((each) => each.accessToken === asked.data.accessToken);
    const isClient = session !== undefined && (asked.data.clientIds?.includes(session.clientId) ?? true);
    if (session === undefined || !isClient || this.#tenant.nowMs() >= session.accessUntilMs) return noSession();
    return done({
      user: { userId: session.userId, ...this.#tenant.user(session.userId)?.attributes },
      expiresAt: Math.floor(session.accessUntilMs / 1_000),
      ...(session.method === undefined ? {} : { verificationMethod: session.method }),
    });
  }

  /** Both tokens are new afterwards; a refresh token works once. */
  refresh(body: unknown): Answer {
    const asked = refreshSchema.safeParse(body);
    if (!asked.success) return invalid('A refresh token is needed.');
    const session = this.#sessions.find((each) => each.refreshToken === asked.data.refreshToken);
    const nowMs = this.#tenant.nowMs();
    if (session === undefined || nowMs >= session.refreshUntilMs) return noSession();
    Object.assign(session, freshTokens(), { accessUntilMs: nowMs + ACCESS_MS });
    return done(tokensOf(session));
  }

  revoke(body: unknown): Answer {
    const asked = revokeSchema.safeParse(body);
    if (!asked.success) return invalid('An access token is needed.');
    const left = this.#sessions.filter((each) => each.accessToken !== asked.data.accessToken);
    if (left.length === this.#sessions.length) return noSession();
    this.#sessions = left;
    return done({});
  }

  revokeOfUser(body: unknown): Answer {
    const asked = revokeUserSchema.safeParse(body);
    if (!asked.success) return invalid('A user is needed.');
    this.#sessions = this.#sessions.filter((each) => each.userId !== asked.data.userId);
    return done({});
  }
}

function freshTokens() {
  return { accessToken: randomBytes(24).toString('base64url'), refreshToken: randomBytes(24).toString('base64url') };
}

function tokensOf({ accessToken, refreshToken }: LoginSession) {
  return { accessToken, refreshToken };
}
