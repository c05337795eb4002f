import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PRESENCE_ACTION, UNLOCK_ACTION } from '../../gateway/providers/authsignal/calls.ts';
import type { createAuthsignalProvider } from '../../gateway/providers/authsignal/provider.ts';
import type { ProviderAnswer, SessionHandle } from '../../gateway/providers/provider.ts';
import { type AuthsignalSimulator, startAuthsignalSimulator } from '../../simulators/authsignal/simulator.ts';
import { STATES } from '../../simulators/authsignal/tenant.ts';
import { failureOf, OneTime, PRESENCE_INTERVAL_MS, providerAt, startRequest, USER } from './authsignal-provider.ts';

const signal = AbortSignal.timeout(120_000);
let time: OneTime;
let simulator: AuthsignalSimulator;
let provider: ReturnType<typeof createAuthsignalProvider>;
const opened: { close(): void }[] = [];

beforeEach(async () => {
  time = new OneTime();
  simulator = await startAuthsignalSimulator({ clock: time, users: [{ userId: USER, methods: ['PASSKEY'] }] });
  provider = open();
});
afterEach(async () => {
  for (const each of opened.splice(0)) each.close();
  await simulator.close();
});

function open() {
  const another = providerAt(simulator, { clock: time });
  opened.push(another);
  return another;
}

const phone = () => simulator.phone(USER);
const poll = (handle: SessionHandle): Promise<ProviderAnswer> => provider.pollSession(handle, signal);

async function approved(): Promise<SessionHandle> {
  const { handle } = await provider.startSession(startRequest(), signal);
  await phone().approve();
  expect((await poll(handle)).status).toBe('active');
  return handle;
}

/** What the service knows of our actions, newest first, without asking the provider. */
async function actions(): Promise<readonly { actionCode: string; idempotencyKey: string; state: string }[]> {
  const response = await fetch(`${simulator.url}/users/${USER}/actions`, {
    headers: { Authorization: `Basic ${Buffer.from(`${simulator.secret}:`).toString('base64')}` },
  });
  const list: unknown = await response.json();
  if (!Array.isArray(list)) throw new Error('not a list of actions');
  return list;
}

async function setState(state: string): Promise<void> {
  const [newest] = await actions();
  const response = await fetch(
    `${simulator.url}/users/${USER}/actions/${newest?.actionCode}/${newest?.idempotencyKey}`,
    {
      method: 'PATCH',
      headers: { Authorization: `Basic ${Buffer.from(`${simulator.secret}:`).toString('base64')}` },
      body: JSON.stringify({ state }),
    },
  );
  expect(response.status).toBe(200);
}

describe('a request to unlock', () => {
  const EXPECTED = {
    ALLOW: 'active',
    BLOCK: 'failed',
    CHALLENGE_REQUIRED: 'pending',
    CHALLENGE_SUCCEEDED: 'active',
    CHALLENGE_FAILED: 'failed',
    REVIEW_REQUIRED: 'pending',
    REVIEW_SUCCEEDED: 'active',
    REVIEW_FAILED: 'failed',
  } as const;

  test.each(STATES)('%s means what PROVIDERS says', async (state) => {
    const { handle } = await provider.startSession(startRequest(), signal);
    await setState(state);
    expect((await poll(handle)).status).toBe(EXPECTED[state]);
  });

  test.each([
    ['ALLOW', 'active'],
    ['BLOCK', 'failed'],
    ['REVIEW', 'pending'],
    ['CHALLENGE', 'pending'],
  ] as const)('a tenant that decides %s at once starts %s', async (decision, status) => {
    simulator.setRule({ action: UNLOCK_ACTION, decision });
    const { answer } = await provider.startSession(startRequest(), signal);
    expect(answer.status).toBe(status);
    expect(answer.prompt?.kind).toBe(decision === 'CHALLENGE' ? 'link' : undefined);
  });

  test('a state that nobody has heard of is not active', async () => {
    const { handle } = await provider.startSession(startRequest(), signal);
    await phone().approve();
    simulator.injectFault({ kind: 'members', call: 'get_action', members: { state: 'ALLOWED<script>' } });
    expect(await poll(handle)).toEqual({ status: 'failed', reason: 'UNKNOWN_STATE' });
  });

  test('the prompt is the link, and it is still there after a restart', async () => {
    const { handle, answer } = await provider.startSession(startRequest(), signal);
    expect(answer.prompt).toMatchObject({ kind: 'link', url: expect.stringContaining(`/phone/${USER}?token=`) });
    provider = open();
    expect((await poll(handle)).prompt).toEqual(answer.prompt);
  });

  test('the app of a PUSH authenticator needs no link', async () => {
    await provider.enrollment.begin({ userId: 'push', displayName: 'Ada' }, signal);
    await simulator.phone('push').register();
    const { answer } = await provider.startSession(startRequest({ userId: 'push' }), signal);
    expect(answer).toEqual({ status: 'pending', prompt: { kind: 'phone' } });
  });

  test('a repeated start asks once: same key, same action, also of a restarted gateway', async () => {
    const request = startRequest();
    const first = await provider.startSession(request, signal);
    provider = open();
    const second = await provider.startSession(request, signal);
    expect(JSON.parse(second.handle.serialized)).toMatchObject({ idempotencyKey: request.idempotencyKey });
    expect(second.answer.status).toBe(first.answer.status);
    expect(await actions()).toHaveLength(1);
    expect(phone().state().request?.waiting).toBe(1);
  });

  test('a repeated start sees an approval given meanwhile, but not one of long ago (S6)', async () => {
    const request = startRequest();
    await provider.startSession(request, signal);
    await phone().approve();
    expect((await provider.startSession(request, signal)).answer.status).toBe('active');
    time.pass(11 * 60_000);
    expect((await failureOf(provider.startSession(request, signal))).code).toBe('START_REFUSED');
  });

  test('somebody with nothing to approve with is not tracked at all: the link would let a bystander enroll', async () => {
    await provider.enrollment.begin({ userId: 'ada', displayName: 'Ada' }, signal);
    const failure = await failureOf(provider.startSession(startRequest({ userId: 'ada' }), signal));
    expect(failure.code).toBe('NO_MOBILE_DEVICE');
    expect(simulator.phone('ada').state().request).toBeNull();
  });

  test('somebody whose authenticators vanish in between is refused, whatever the rules say', async () => {
    simulator.setRule({ action: '*', decision: 'ALLOW' });
    simulator.injectFault({ kind: 'members', call: 'track', members: { isEnrolled: false } });
    expect((await failureOf(provider.startSession(startRequest(), signal))).code).toBe('NO_MOBILE_DEVICE');
    expect((await actions())[0]?.state).toBe('BLOCK');
  });

  test('a service that uses another key than ours is not believed', async () => {
    simulator.injectFault({ kind: 'members', call: 'track', members: { idempotencyKey: 'its-own' } });
    expect((await failureOf(provider.startSession(startRequest(), signal))).code).toBe('PROVIDER_BAD_ANSWER');
  });

  test('a user id is one step of a path, whatever it holds', async () => {
    for (const userId of ['a?b=c', 'a#b', 'a%2Fb', 'Ada Löw', 'a:b@c']) {
      await provider.enrollment.begin({ userId, displayName: 'Ada' }, signal);
      await simulator.phone(userId).register();
      const { handle } = await provider.startSession(startRequest({ userId }), signal);
      await simulator.phone(userId).approve();
      expect((await poll(handle)).status).toBe('active');
    }
  });
});

describe('presence', () => {
  test('is asked once in an interval, under a new key each time, and read in between', async () => {
    const handle = await approved();
    expect(await actions()).toHaveLength(1);
    for (let interval = 1; interval <= 3; interval += 1) {
      time.pass(PRESENCE_INTERVAL_MS);
      for (let each = 0; each < 3; each += 1) expect((await poll(handle)).status).toBe('active');
      expect(await actions()).toHaveLength(1 + interval);
    }
    const asked = (await actions()).filter((each) => each.actionCode === PRESENCE_ACTION);
    expect(new Set(asked.map((each) => each.idempotencyKey)).size).toBe(3);
  });

  test('a challenge is walkaway until it is answered, and nobody is asked again meanwhile', async () => {
    const handle = await approved();
    simulator.setRule({ action: PRESENCE_ACTION, decision: 'CHALLENGE' });
    time.pass(PRESENCE_INTERVAL_MS);
    expect(await poll(handle)).toMatchObject({ status: 'walkaway', prompt: { kind: 'link' } });
    time.pass(3 * PRESENCE_INTERVAL_MS);
    expect(await poll(handle)).toMatchObject({ status: 'walkaway', prompt: { kind: 'link' } });
    expect(await actions()).toHaveLength(2);
    await phone().approve();
    simulator.setRule({ action: PRESENCE_ACTION, decision: 'ALLOW' });
    expect(await poll(handle)).toEqual({ status: 'active' });
  });

  test.each([
    ['BLOCK', 'closed'],
    ['CHALLENGE_FAILED', 'failed'],
    ['REVIEW_REQUIRED', 'walkaway'],
    ['REVIEW_SUCCEEDED', 'active'],
    ['REVIEW_FAILED', 'failed'],
    ['NEVER_HEARD_OF', 'failed'],
  ] as const)('%s makes it %s', async (state, status) => {
    const handle = await approved();
    time.pass(PRESENCE_INTERVAL_MS);
    await poll(handle);
    simulator.injectFault({ kind: 'members', call: 'get_action', members: { state } });
    expect((await poll(handle)).status).toBe(status);
  });

  test('a rule that blocks closes it at the next interval', async () => {
    const handle = await approved();
    simulator.setRule({ action: PRESENCE_ACTION, decision: 'BLOCK' });
    expect((await poll(handle)).status).toBe('active');
    time.pass(PRESENCE_INTERVAL_MS);
    expect(await poll(handle)).toEqual({ status: 'closed', reason: 'BLOCK' });
  });

  test('an approval that is taken back closes it at the next poll', async () => {
    const handle = await approved();
    await setState('BLOCK');
    expect(await poll(handle)).toEqual({ status: 'closed', reason: 'BLOCK' });
  });

  test('a person who has nothing left to answer with is not present, whatever the rules say', async () => {
    const handle = await approved();
    time.pass(PRESENCE_INTERVAL_MS);
    simulator.injectFault({ kind: 'members', call: 'track', members: { isEnrolled: false } });
    expect(await poll(handle)).toEqual({ status: 'closed', reason: 'NO_MOBILE_DEVICE' });
  });

  test('a question without an answer is asked again under the same key', async () => {
    const handle = await approved();
    time.pass(PRESENCE_INTERVAL_MS);
    simulator.injectFault({ kind: 'drop', call: 'track', processed: true });
    expect((await failureOf(poll(handle))).code).toBe('PROVIDER_UNAVAILABLE');
    time.pass(PRESENCE_INTERVAL_MS);
    expect((await poll(handle)).status).toBe('active');
    expect(await actions()).toHaveLength(2);
  });

  test('a wall clock that is set back neither reuses a key nor asks more often', async () => {
    const handle = await approved();
    time.pass(PRESENCE_INTERVAL_MS);
    await poll(handle);
    time.jumpWall(-10 * PRESENCE_INTERVAL_MS);
    expect((await poll(handle)).status).toBe('active');
    time.pass(PRESENCE_INTERVAL_MS);
    expect((await poll(handle)).status).toBe('active');
    expect(await actions()).toHaveLength(3);
  });

  test('after a restart it is asked at once, and a second restart in the same interval asks nobody twice', async () => {
    const handle = await approved();
    simulator.setRule({ action: PRESENCE_ACTION, decision: 'CHALLENGE' });
    provider = open();
    expect((await poll(handle)).status).toBe('walkaway');
    provider = open();
    expect((await poll(handle)).status).toBe('walkaway');
    expect(phone().state().request?.waiting).toBe(1);
    await phone().approve();
    expect((await poll(handle)).status).toBe('active');
  });

  test('a session that was still pending at a restart is not asked for presence right after its approval', async () => {
    const { handle } = await provider.startSession(startRequest(), signal);
    provider = open();
    expect((await poll(handle)).status).toBe('pending');
    await phone().approve();
    expect((await poll(handle)).status).toBe('active');
    expect(await actions()).toHaveLength(1);
  });
});

describe('the end', () => {
  test('a request that is called off cannot be approved any more', async () => {
    const { handle } = await provider.startSession(startRequest(), signal);
    await provider.endSession(handle, signal);
    await expect(phone().approve()).rejects.toThrow('Nothing waits');
    provider = open();
    expect((await poll(handle)).status).toBe('failed');
  });

  test('an approved session does not come back with its stored handle', async () => {
    const handle = await approved();
    simulator.setRule({ action: PRESENCE_ACTION, decision: 'CHALLENGE' });
    time.pass(PRESENCE_INTERVAL_MS);
    await poll(handle);
    await provider.endSession(handle, signal);
    expect((await actions()).map((each) => each.state)).toEqual(['BLOCK', 'BLOCK']);
    provider = open();
    expect((await poll(handle)).status).toBe('failed');
  });

  test('a session the service has forgotten is closed, and ending it succeeds', async () => {
    const handle = await approved();
    await provider.enrollment.remove(USER, signal);
    expect(await poll(handle)).toEqual({ status: 'closed', reason: 'SESSION_UNKNOWN' });
    await expect(provider.endSession(handle, signal)).resolves.toBeUndefined();
  });

  test('a handle of another service is not used', async () => {
    const failure = await failureOf(poll({ providerId: 'iampass', serialized: '{}' }));
    expect(failure.code).toBe('PROVIDER_BAD_ANSWER');
    expect((await failureOf(poll({ providerId: 'authsignal', serialized: '{"v":1' }))).code).toBe(
      'PROVIDER_BAD_ANSWER',
    );
  });
});

describe('enrollment', () => {
  test('sends the name and nothing else about the person, and gives a link to the service’s own pages', async () => {
    const { link } = await provider.enrollment.begin({ userId: 'ada', displayName: 'Ada Löw & Co' }, signal);
    expect(link).toContain('/phone/ada?settings=');
    expect(simulator.phone('ada').state()).toMatchObject({ displayName: 'Ada Löw & Co', registered: false });
  });

  test.each([
    [{ kind: 'phone', phoneNumber: '+491701234567' }, 'SMS'],
    [{ kind: 'email', email: 'ada@example.org' }, 'EMAIL_OTP'],
  ] as const)('registers a known %o', async (contact, method) => {
    const added = await provider.enrollment.addContact?.({ userId: 'ada', displayName: 'Ada', contact }, signal);
    expect(added).toEqual({ registered: true });
    expect(simulator.phone('ada').state().methods).toEqual([method]);
    const { answer } = await provider.startSession(startRequest({ userId: 'ada' }), signal);
    expect(answer.prompt?.kind).toBe('link');
  });

  test('a number the service does not take is CONTACT_REFUSED', async () => {
    simulator.injectFault({ kind: 'status', status: 400, call: 'enroll_authenticator' });
    const contact = { kind: 'phone', phoneNumber: '+491701234567' } as const;
    const failure = await failureOf(
      Promise.resolve(provider.enrollment.addContact?.({ userId: 'ada', displayName: 'Ada', contact }, signal)),
    );
    expect(failure.code).toBe('CONTACT_REFUSED');
  });

  test('a lost phone removes every way to approve, and gives a link for a new one', async () => {
    const contact = { kind: 'phone', phoneNumber: '+491701234567' } as const;
    await provider.enrollment.addContact?.({ userId: USER, displayName: '', contact }, signal);
    expect(phone().state().methods).toEqual(['PASSKEY', 'SMS']);
    const lost = await provider.enrollment.lostDevice?.(USER, signal);
    expect(lost?.link).toContain('settings=');
    expect(phone().state()).toMatchObject({ registered: false, methods: [] });
  });
});
