import { randomUUID } from 'node:crypto';
import {
  Authsignal,
  AuthsignalError,
  SmsChannel,
  UserActionState,
  VerificationFailureReason,
  VerificationMethod,
} from '@authsignal/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuthsignalSimulator, startAuthsignalSimulator } from '../../simulators/authsignal/simulator.ts';
import { signatureHeader } from '../../simulators/authsignal/webhooks.ts';

/** The vendor's SDK, untouched, against the simulated tenant: what the vendor tests with its own service, and the rest of its calls. */
let simulator: AuthsignalSimulator;
let client: Authsignal;
beforeAll(async () => {
  simulator = await startAuthsignalSimulator();
  client = new Authsignal({ apiSecretKey: simulator.secret, apiUrl: simulator.url, retries: 0 });
});
afterAll(() => simulator.close());

const NUMBER = '+64270000001';

async function enrolled(): Promise<string> {
  const userId = randomUUID();
  const attributes = { verificationMethod: VerificationMethod.SMS, phoneNumber: NUMBER };
  const { authenticator } = await client.enrollVerifiedAuthenticator({ userId, attributes });
  expect(authenticator).toMatchObject({ userId, verificationMethod: VerificationMethod.SMS, phoneNumber: NUMBER });
  return userId;
}

async function errorOf(call: Promise<unknown>): Promise<AuthsignalError> {
  const fault: unknown = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (fault instanceof AuthsignalError) return fault;
  throw new Error(`not an AuthsignalError: ${String(fault)}`);
}

describe('users', () => {
  test('are enrolled, described, changed and deleted', async () => {
    const userId = await enrolled();
    const user = await client.getUser({ userId });
    expect(user.isEnrolled).toBe(true);
    expect(user.email).toBeUndefined();
    const attributes = {
      email: 'ada@example.org',
      emailVerified: true,
      phoneNumber: '+64271234567',
      phoneNumberVerified: false,
      username: 'ada@example.org',
      displayName: 'Ada Löw',
      custom: { team: 'engines', level: 3, remote: false },
    };
    expect(await client.updateUser({ userId, attributes })).toMatchObject(attributes);
    expect(await client.getUser({ userId })).toMatchObject({ isEnrolled: true, ...attributes });
    await client.deleteUser({ userId });
    expect((await client.getUser({ userId })).isEnrolled).toBe(false);
  });

  test('are found by what they are called, page by page', async () => {
    const username = `many-${randomUUID()}`;
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    for (const userId of ids) await client.updateUser({ userId, attributes: { username } });
    const first = await client.queryUsers({ username, limit: 2 });
    expect(first.users.map((user) => user.userId)).toEqual(ids.slice(0, 2));
    const lastEvaluatedUserId = first.lastEvaluatedUserId ?? '';
    const rest = await client.queryUsers({ username, limit: 2, lastEvaluatedUserId });
    expect(rest.users.map((user) => user.userId)).toEqual(ids.slice(2));
    expect(rest.lastEvaluatedUserId).toBeUndefined();
  });
});

describe('authenticators', () => {
  test('are listed and deleted', async () => {
    const userId = await enrolled();
    const [authenticator] = await client.getAuthenticators({ userId });
    expect(authenticator?.verificationMethod).toBe(VerificationMethod.SMS);
    const { userAuthenticatorId = '' } = authenticator ?? {};
    await client.deleteAuthenticator({ userId, userAuthenticatorId });
    expect(await client.getAuthenticators({ userId })).toEqual([]);
    expect((await errorOf(client.deleteAuthenticator({ userId, userAuthenticatorId }))).statusCode).toBe(404);
  });

  test('one without the number it needs is refused', async () => {
    const attributes = { verificationMethod: VerificationMethod.SMS };
    const error = await errorOf(client.enrollVerifiedAuthenticator({ userId: randomUUID(), attributes }));
    expect([error.statusCode, error.errorCode]).toEqual([400, 'invalid_request']);
  });
});

describe('actions', () => {
  test('are tracked, not valid before they are answered, changed and read', async () => {
    const userId = await enrolled();
    const action = 'Login';
    const tracked = await client.track({ userId, action });
    expect(tracked.state).toBe(UserActionState.CHALLENGE_REQUIRED);
    expect(tracked.isEnrolled).toBe(true);
    expect(new URL(tracked.url).pathname).toBe(`/phone/${userId}`);
    expect(await client.validateChallenge({ token: tracked.token })).toMatchObject({
      isValid: false,
      action,
      userId,
      state: UserActionState.CHALLENGE_REQUIRED,
    });
    const { idempotencyKey } = tracked;
    const attributes = { state: UserActionState.REVIEW_REQUIRED };
    expect(await client.updateAction({ userId, action, idempotencyKey, attributes })).toMatchObject(attributes);
    expect(await client.getAction({ userId, action, idempotencyKey })).toMatchObject(attributes);
  });

  test('are valid once the person has answered, for that person and that action only', async () => {
    const userId = await enrolled();
    const { token } = await client.track({ userId, action: 'Login', attributes: { custom: { amount: 3 } } });
    await simulator.phone(userId).approve();
    expect(await client.validateChallenge({ token, userId, action: 'Login' })).toMatchObject({
      isValid: true,
      verificationMethod: VerificationMethod.SMS,
    });
    expect(await client.validateChallenge({ token, userId: 'somebody-else' })).toMatchObject({ isValid: false });
    expect(await client.validateChallenge({ token, action: 'Payment' })).toMatchObject({ isValid: false });
    expect(await client.validateChallenge({ token: 'none' })).toMatchObject({ isValid: false });
  });

  test('keep the key that they are given, and are one however often they are tracked', async () => {
    const userId = await enrolled();
    const attributes = { idempotencyKey: 'ours-1', deviceId: 'device', redirectUrl: 'https://app.example/back' };
    const first = await client.track({ userId, action: 'Login', attributes });
    await simulator.phone(userId).deny();
    const second = await client.track({ userId, action: 'Login', attributes });
    expect([first.idempotencyKey, second.idempotencyKey]).toEqual(['ours-1', 'ours-1']);
    expect(second.state).toBe(UserActionState.CHALLENGE_FAILED);
    expect(await client.queryUserActions({ userId, actionCodes: ['Login'] })).toHaveLength(1);
    expect(await client.queryUserActions({ userId, state: UserActionState.ALLOW })).toEqual([]);
    expect(await client.queryUserActions({ userId, fromDate: '2999-01-01' })).toEqual([]);
  });

  test('are decided by the tenant’s rules: a person’s own before everybody’s', async () => {
    const [ada, bob] = [await enrolled(), await enrolled()];
    simulator.setRule({ action: 'Payment', decision: 'BLOCK' });
    simulator.setRule({ action: 'Payment', decision: 'ALLOW', userId: ada });
    expect((await client.track({ userId: ada, action: 'Payment' })).state).toBe(UserActionState.ALLOW);
    expect((await client.track({ userId: bob, action: 'Payment' })).state).toBe(UserActionState.BLOCK);
  });

  test('that nobody tracked are not found', async () => {
    const error = await errorOf(client.getAction({ userId: 'x', action: 'Login', idempotencyKey: 'none' }));
    expect([error.statusCode, error.errorCode]).toEqual([404, 'not_found']);
  });
});

describe('codes', () => {
  const codeOf = (userId: string) => simulator.phone(userId).state().messages.at(-1)?.code ?? '';

  test('are sent, shown on the phone’s page, and right once', async () => {
    const userId = await enrolled();
    const { challengeId, expiresAt } = await client.challenge({
      userId,
      action: 'Login',
      smsChannel: SmsChannel.DEFAULT,
    });
    expect(expiresAt).toBeGreaterThan(Date.now() / 1_000);
    expect(await client.getChallenge({ userId })).toMatchObject({ challengeId, phoneNumber: NUMBER, action: 'Login' });
    const page = await (await fetch(simulator.phone(userId).pageUrl)).text();
    expect(page).toContain(codeOf(userId));
    const verified = await client.verify({ challengeId, verificationCode: codeOf(userId) });
    expect(verified).toMatchObject({ isVerified: true, phoneNumber: NUMBER, verificationMethod: 'SMS' });
    const { token } = await client.claimChallenge({ challengeId, userId });
    expect(await client.validateChallenge({ token })).toMatchObject({ isValid: true, userId });
    expect(await client.getChallenge({ userId })).toEqual({});
  });

  test('are tried three times at most', async () => {
    const userId = await enrolled();
    const { challengeId } = await client.challenge({ userId });
    const wrong = codeOf(userId) === '000000' ? '000001' : '000000';
    for (let tries = 0; tries < 3; tries += 1) {
      expect(await client.verify({ challengeId, verificationCode: wrong })).toEqual({
        isVerified: false,
        failureReason: VerificationFailureReason.CODE_INVALID_OR_EXPIRED,
      });
    }
    expect(await client.verify({ challengeId, verificationCode: codeOf(userId) })).toEqual({
      isVerified: false,
      failureReason: VerificationFailureReason.MAX_ATTEMPTS_EXCEEDED,
    });
    expect((await errorOf(client.claimChallenge({ challengeId, userId }))).statusCode).toBe(400);
  });
});

describe('login sessions', () => {
  test('are made from an answered action, refreshed and revoked', async () => {
    const userId = await enrolled();
    const { token } = await client.track({ userId, action: 'Login' });
    const asked = { clientId: 'web', token, action: 'Login' };
    expect((await errorOf(client.createSession(asked))).statusCode).toBe(401);
    await simulator.phone(userId).approve();
    const first = await client.createSession(asked);
    const { accessToken } = first;
    expect(await client.validateSession({ accessToken, clientIds: ['web'] })).toMatchObject({ user: { userId } });
    expect((await errorOf(client.validateSession({ accessToken, clientIds: ['app'] }))).statusCode).toBe(401);
    const second = await client.refreshSession({ refreshToken: first.refreshToken });
    expect((await errorOf(client.refreshSession({ refreshToken: first.refreshToken }))).statusCode).toBe(401);
    await client.revokeSession({ accessToken: second.accessToken });
    expect((await errorOf(client.validateSession({ accessToken: second.accessToken }))).statusCode).toBe(401);
    const third = await client.createSession(asked);
    await client.revokeUserSessions({ userId });
    expect((await errorOf(client.validateSession({ accessToken: third.accessToken }))).statusCode).toBe(401);
  });
});

test('a wrong secret is told in the service’s own words', async () => {
  const stranger = new Authsignal({ apiSecretKey: 'not-the-secret', apiUrl: simulator.url, retries: 0 });
  const error = await errorOf(stranger.getUser({ userId: randomUUID() }));
  const words = 'The request is unauthorized. Check that your API key and region base URL are correctly configured.';
  expect([error.statusCode, error.errorCode, error.errorDescription]).toEqual([401, 'unauthorized', words]);
  expect(error.message).toBe(`AuthsignalError: 401 - ${words}`);
});

test('its webhooks are signed as the SDK expects, and only so', () => {
  const { webhook } = client;
  const body = JSON.stringify({ version: 1, id: 'event-1', type: 'action.verify', data: {} });
  const nowS = Math.floor(Date.now() / 1_000);
  const header = signatureHeader([simulator.secret], nowS, body);
  expect(header).not.toMatch(/=$/);
  expect(webhook.constructEvent(body, header)).toMatchObject({ id: 'event-1' });
  expect(webhook.constructEvent(body, signatureHeader(['old', simulator.secret], nowS, body))).toMatchObject({
    version: 1,
  });
  expect(() => webhook.constructEvent(body, signatureHeader(['old'], nowS, body))).toThrow('Signature mismatch.');
  const stale = signatureHeader([simulator.secret], nowS - 301, body);
  expect(() => webhook.constructEvent(body, stale)).toThrow('Timestamp is outside the tolerance zone.');
  expect(webhook.constructEvent(body, stale, 10)).toMatchObject({ id: 'event-1' });
});
