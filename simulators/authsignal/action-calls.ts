import * as z from 'zod';
import { type Answer, done, invalid, notFound, refused } from './answer.ts';
import { type Action, iso, METHODS, methodsOf, STATES, type Tenant, type User } from './tenant.ts';
import { customSchema } from './user-calls.ts';

const short = z.string().max(256);
export const actionCode = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);
export const idempotencyKey = z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/);

const trackSchema = z.object({
  idempotencyKey: idempotencyKey.optional(),
  redirectUrl: z.url().max(2_048).optional(),
  redirectToSettings: z.boolean().optional(),
  ipAddress: short.optional(),
  userAgent: z.string().max(1_024).optional(),
  deviceId: short.optional(),
  scope: short.optional(),
  email: z.email().optional(),
  phoneNumber: short.optional(),
  username: short.optional(),
  custom: customSchema.optional(),
  challengeId: short.optional(),
  locale: short.optional(),
});
const updateSchema = z.object({ state: z.enum(STATES) });
const validateSchema = z.object({
  token: z.string().max(2_048),
  userId: short.optional(),
  action: actionCode.optional(),
});

/** The page that the link leads to: the phone, with the token that says for what it was opened. */
export function linkOf(origin: string, action: Action, token: string): string {
  const purpose = action.toSettings ? 'settings' : 'token';
  return `${origin}/phone/${encodeURIComponent(action.userId)}?${purpose}=${token}`;
}

export function track(tenant: Tenant, origin: string, userId: string, action: string, body: unknown): Answer {
  const asked = trackSchema.safeParse(body);
  if (!asked.success || !actionCode.safeParse(action).success) return invalid('The action is not valid.');
  const user = tenant.userOrNew(userId);
  if (user === undefined) return refused(429, 'too_many_users', 'The simulated tenant is full.');
  const { email, phoneNumber, username, custom = {}, deviceId, redirectToSettings, idempotencyKey: key } = asked.data;
  const named = Object.entries({ email, phoneNumber, username }).filter(([, value]) => value !== undefined);
  user.attributes = { ...user.attributes, ...Object.fromEntries(named) };
  const known = deviceId === undefined ? custom : { ...custom, deviceId };
  const toSettings = redirectToSettings ?? false;
  const tracked = tenant.track(user, { action, idempotencyKey: key, toSettings, custom: known });
  const token = tenant.newToken(tracked);
  const enrolled = methodsOf(user);
  const [defaultMethod] = enrolled;
  return done({
    idempotencyKey: tracked.idempotencyKey,
    state: tracked.state,
    url: linkOf(origin, tracked, token),
    token,
    isEnrolled: enrolled.length > 0,
    enrolledVerificationMethods: enrolled,
    allowedVerificationMethods: METHODS,
    ...(defaultMethod === undefined ? {} : { defaultVerificationMethod: defaultMethod }),
    ruleIds: [],
  });
}

function shown(action: Action) {
  const { state, stateUpdatedAtMs, createdAtMs, verificationMethod } = action;
  return {
    state,
    stateUpdatedAt: iso(stateUpdatedAtMs),
    createdAt: iso(createdAtMs),
    ...(verificationMethod === undefined ? {} : { verificationMethod }),
    rules: [],
  };
}

function find(tenant: Tenant, user: User | undefined, action: string, key: string): Action | undefined {
  return user === undefined ? undefined : tenant.action(user, action, key);
}

export function getAction(tenant: Tenant, user: User | undefined, action: string, key: string): Answer {
  const found = find(tenant, user, action, key);
  return found === undefined ? notFound('action') : done(shown(found));
}

export function updateAction(
  tenant: Tenant,
  user: User | undefined,
  action: string,
  key: string,
  body: unknown,
): Answer {
  const asked = updateSchema.safeParse(body);
  if (!asked.success) return invalid('The state is not valid.');
  const found = find(tenant, user, action, key);
  if (found === undefined) return notFound('action');
  tenant.setState(found, asked.data.state);
  return done(shown(found));
}

export function queryActions(user: User | undefined, query: URLSearchParams): Answer {
  const codes = query.get('codes')?.split(',');
  const from = Date.parse(query.get('fromDate') ?? '');
  const state = query.get('state');
  const found = (user?.actions ?? []).filter(
    (each) =>
      (codes === undefined || codes.includes(each.action)) &&
      (Number.isNaN(from) || each.createdAtMs >= from) &&
      (state === null || each.state === state),
  );
  return done(
    found
      .toReversed()
      .map((each) => ({ actionCode: each.action, idempotencyKey: each.idempotencyKey, ...shown(each) })),
  );
}

/** A token proves nothing by itself: it is valid once the challenge it belongs to was answered. */
export function validate(tenant: Tenant, body: unknown): Answer {
  const asked = validateSchema.safeParse(body);
  if (!asked.success) return invalid('A token is needed.');
  const { token, userId, action } = asked.data;
  const found = tenant.actionOfToken(token);
  if (found === undefined) return done({ isValid: false, error: 'The token is invalid or has expired.' });
  if (userId !== undefined && userId !== found.userId) return done({ isValid: false, error: 'User is invalid.' });
  if (action !== undefined && action !== found.action) return done({ isValid: false, error: 'Action is invalid.' });
  const { state, stateUpdatedAtMs, verificationMethod } = found;
  return done({
    isValid: state === 'CHALLENGE_SUCCEEDED',
    state,
    stateUpdatedAt: iso(stateUpdatedAtMs),
    userId: found.userId,
    actionCode: found.action,
    idempotencyKey: found.idempotencyKey,
    ...(verificationMethod === undefined ? {} : { verificationMethod }),
  });
}
