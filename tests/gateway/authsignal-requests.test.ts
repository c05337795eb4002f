import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UNLOCK_ACTION } from '../../gateway/providers/authsignal/calls.ts';
import { STATES } from '../../simulators/authsignal/tenant.ts';
import { failureOf, startRequest } from './authsignal-provider.ts';
import { AuthsignalWorld } from './authsignal-world.ts';

let world: AuthsignalWorld;
beforeEach(async () => {
  world = await AuthsignalWorld.start();
});
afterEach(() => world.close());

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
    const { handle } = await world.start();
    await world.setState(state);
    expect((await world.poll(handle)).status).toBe(EXPECTED[state]);
  });

  test.each([
    ['ALLOW', 'active'],
    ['BLOCK', 'failed'],
    ['REVIEW', 'pending'],
    ['CHALLENGE', 'pending'],
  ] as const)('a tenant that decides %s at once starts %s', async (decision, status) => {
    world.simulator.setRule({ action: UNLOCK_ACTION, decision });
    const { answer } = await world.start();
    expect(answer.status).toBe(status);
    expect(answer.prompt?.kind).toBe(decision === 'CHALLENGE' ? 'link' : undefined);
  });

  test('a state that nobody has heard of is not active', async () => {
    const { handle } = await world.start();
    await world.phone().approve();
    world.simulator.injectFault({ kind: 'members', call: 'get_action', members: { state: 'ALLOWED<script>' } });
    expect(await world.poll(handle)).toEqual({ status: 'failed', reason: 'UNKNOWN_STATE' });
  });

  test('a repeated start asks once: same key, same action, also of a restarted gateway', async () => {
    const request = startRequest();
    const first = await world.provider.startSession(request, world.signal);
    world.restart();
    const second = await world.provider.startSession(request, world.signal);
    expect(JSON.parse(second.handle.serialized)).toMatchObject({ idempotencyKey: request.idempotencyKey });
    expect(second.answer.status).toBe(first.answer.status);
    expect(await world.actions()).toHaveLength(1);
    expect(world.phone().state().request?.waiting).toBe(1);
  });

  test('a repeated start sees an approval given meanwhile, but not one of long ago (S6)', async () => {
    const request = startRequest();
    await world.provider.startSession(request, world.signal);
    await world.phone().approve();
    expect((await world.provider.startSession(request, world.signal)).answer.status).toBe('active');
    world.time.pass(11 * 60_000);
    expect((await failureOf(world.provider.startSession(request, world.signal))).code).toBe('START_REFUSED');
  });

  test('somebody with nothing to approve with is not tracked at all: the link would let a bystander enroll', async () => {
    await world.provider.enrollment.begin({ userId: 'ada', displayName: 'Ada' }, world.signal);
    const failure = await failureOf(world.start({ userId: 'ada' }));
    expect(failure.code).toBe('NO_MOBILE_DEVICE');
    expect(world.simulator.phone('ada').state().request).toBeNull();
  });

  test('somebody whose authenticators vanish in between is refused, whatever the rules say', async () => {
    world.simulator.setRule({ action: '*', decision: 'ALLOW' });
    world.simulator.injectFault({ kind: 'members', call: 'track', members: { isEnrolled: false } });
    expect((await failureOf(world.start())).code).toBe('NO_MOBILE_DEVICE');
    expect((await world.actions())[0]?.state).toBe('BLOCK');
  });

  test('a service that uses another key than ours is not believed', async () => {
    world.simulator.injectFault({ kind: 'members', call: 'track', members: { idempotencyKey: 'its-own' } });
    expect((await failureOf(world.start())).code).toBe('PROVIDER_BAD_ANSWER');
  });
});
