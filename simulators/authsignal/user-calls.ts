import * as z from 'zod';
import { type Answer, done, invalid, notFound, refused } from './answer.ts';
import {
  type Authenticator,
  iso,
  MAX_AUTHENTICATORS_PER_USER,
  METHODS,
  methodsOf,
  type Tenant,
  type User,
} from './tenant.ts';

const short = z.string().max(256);
const e164 = z.string().regex(/^\+[1-9]\d{6,14}$/);
export const customSchema = z.record(z.string().max(64), z.union([short, z.number(), z.boolean()]));

const attributesSchema = z.object({
  email: z.email().optional(),
  emailVerified: z.boolean().optional(),
  phoneNumber: e164.optional(),
  phoneNumberVerified: z.boolean().optional(),
  username: short.optional(),
  displayName: short.optional(),
  custom: customSchema.optional(),
  locale: short.optional(),
});
const enrollSchema = z.discriminatedUnion('verificationMethod', [
  z.object({ verificationMethod: z.enum(['SMS', 'WHATSAPP']), phoneNumber: e164, isDefault: z.boolean().optional() }),
  z.object({
    verificationMethod: z.enum(['EMAIL_OTP', 'EMAIL_MAGIC_LINK']),
    email: z.email(),
    isDefault: z.boolean().optional(),
  }),
]);

/** Somebody the service has never heard of is answered for all the same: not enrolled. */
export function getUser(user: User | undefined): Answer {
  const { emailVerified = false, phoneNumberVerified = false, ...attributes } = user?.attributes ?? {};
  return done({
    isEnrolled: (user?.authenticators.length ?? 0) > 0,
    ...attributes,
    emailVerified,
    phoneNumberVerified,
    enrolledVerificationMethods: methodsOf(user),
    allowedVerificationMethods: METHODS,
  });
}

export function queryUsers(tenant: Tenant, query: URLSearchParams): Answer {
  const limit = Math.min(Number(query.get('limit') ?? 20) || 20, 100);
  const after = query.get('lastEvaluatedUserId');
  const found = tenant.users().filter(({ attributes }) =>
    (['username', 'email', 'phoneNumber'] as const).every((name) => {
      const wanted = query.get(name);
      return wanted === null || attributes[name] === wanted;
    }),
  );
  const from = after === null ? 0 : found.findIndex((user) => user.userId === after) + 1;
  const page = found.slice(from, from + limit);
  const last = page.at(-1);
  const isMore = last !== undefined && from + limit < found.length;
  const users = page.map(({ userId, attributes }) => ({
    userId,
    email: attributes.email,
    emailVerified: attributes.emailVerified ?? false,
    phoneNumber: attributes.phoneNumber,
    phoneNumberVerified: attributes.phoneNumberVerified ?? false,
    username: attributes.username,
  }));
  return done({ users, ...(isMore ? { lastEvaluatedUserId: last.userId } : {}) });
}

export function updateUser(tenant: Tenant, userId: string, body: unknown): Answer {
  const changes = attributesSchema.safeParse(body);
  if (!changes.success) return invalid('An attribute of the user is not valid.');
  const user = tenant.userOrNew(userId);
  if (user === undefined) return refused(429, 'too_many_users', 'The simulated tenant is full.');
  user.attributes = { ...user.attributes, ...changes.data };
  return done(user.attributes);
}

export function deleteUser(tenant: Tenant, userId: string): Answer {
  tenant.deleteUser(userId);
  return done({});
}

function shown(user: User, { phoneNumber, email, ...authenticator }: Authenticator) {
  const verifiedAt = authenticator.createdAt;
  return {
    userId: user.userId,
    ...authenticator,
    verifiedAt,
    ...(phoneNumber === undefined ? {} : { phoneNumber }),
    ...(email === undefined ? {} : { email }),
  };
}

export function getAuthenticators(user: User | undefined): Answer {
  return done(user?.authenticators.map((each) => shown(user, each)) ?? []);
}

/** "Verified" is the caller's word: somebody has made sure that number or address is the person's. */
export async function enrollVerifiedAuthenticator(tenant: Tenant, userId: string, body: unknown): Promise<Answer> {
  const asked = enrollSchema.safeParse(body);
  if (!asked.success) return invalid('The verification method does not go with this number or address.');
  const user = tenant.userOrNew(userId);
  if (user === undefined || user.authenticators.length >= MAX_AUTHENTICATORS_PER_USER) {
    return refused(429, 'too_many_authenticators', 'The simulated tenant takes no more.');
  }
  const { verificationMethod, isDefault } = asked.data;
  const reached = 'email' in asked.data ? { email: asked.data.email } : { phoneNumber: asked.data.phoneNumber };
  const isFirst = user.authenticators.length === 0;
  const authenticator = tenant.addAuthenticator(user, verificationMethod, reached);
  if (isDefault === true) user.authenticators.unshift(...user.authenticators.splice(-1));
  await tenant.deliver({ type: 'authenticator.created', data: { ...shown(user, authenticator) } });
  const recoveryCodes = isFirst ? ['simulated-recovery-code'] : undefined;
  return done({ authenticator: shown(user, authenticator), ...(recoveryCodes === undefined ? {} : { recoveryCodes }) });
}

export async function deleteAuthenticator(
  tenant: Tenant,
  user: User | undefined,
  userAuthenticatorId: string,
): Promise<Answer> {
  const kept = user?.authenticators.filter((each) => each.userAuthenticatorId !== userAuthenticatorId);
  if (user === undefined || kept === undefined || kept.length === user.authenticators.length) {
    return notFound('authenticator');
  }
  user.authenticators = kept;
  const deletedAt = iso(tenant.nowMs());
  await tenant.deliver({
    type: 'authenticator.deleted',
    data: { userId: user.userId, userAuthenticatorId, deletedAt },
  });
  return done({});
}
