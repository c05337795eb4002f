import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PRESENCE_ACTION } from '../../gateway/providers/authsignal/calls.ts';
import { failureOf, PRESENCE_INTERVAL_MS, USER } from './authsignal-provider.ts';
import { AuthsignalWorld } from './authsignal-world.ts';

let world: AuthsignalWorld;
beforeEach(async () => {
  world = await AuthsignalWorld.start();
});
afterEach(() => world.close());

describe('presence', () => {
  test('is asked once in an interval, under a new key each time, and read in between', async () => {
    const handle = await world.approved();
    expect(await world.actions()).toHaveLength(1);
    for (let interval = 1; interval <= 3; interval += 1) {
      world.time.pass(PRESENCE_INTERVAL_MS);
      for (let each = 0; each < 3; each += 1) expect((await world.poll(handle)).status).toBe('active');
      expect(await world.actions()).toHaveLength(1 + interval);
    }
    const asked = (await world.actions()).filter((each) => each.actionCode === PRESENCE_ACTION);
    expect(new Set(asked.map((each) => each.idempotencyKey)).size).toBe(3);
  });

  test('a challenge is walkaway until it is answered, and nobody is asked again meanwhile', async () => {
    const handle = await world.approved();
    world.simulator.setRule({ action: PRESENCE_ACTION, decision: 'CHALLENGE' });
    world.time.pass(PRESENCE_INTERVAL_MS);
    expect(await world.poll(handle)).toMatchObject({ status: 'walkaway', prompt: { kind: 'link' } });
    world.time.pass(3 * PRESENCE_INTERVAL_MS);
    expect(await world.poll(handle)).toMatchObject({ status: 'walkaway', prompt: { kind: 'link' } });
    expect(await world.actions()).toHaveLength(2);
    await world.phone().approve();
    world.simulator.setRule({ action: PRESENCE_ACTION, decision: 'ALLOW' });
    expect(await world.poll(handle)).toEqual({ status: 'active' });
  });

  test.each([
    ['BLOCK', 'closed'],
    ['CHALLENGE_FAILED', 'failed'],
    ['REVIEW_REQUIRED', 'walkaway'],
    ['REVIEW_SUCCEEDED', 'active'],
    ['REVIEW_FAILED', 'failed'],
    ['NEVER_HEARD_OF', 'failed'],
  ] as const)('%s makes it %s', async (state, status) => {
    const handle = await world.approved();
    world.time.pass(PRESENCE_INTERVAL_MS);
    await world.poll(handle);
    world.simulator.injectFault({ kind: 'members', call: 'get_action', members: { state } });
    expect((await world.poll(handle)).status).toBe(status);
  });

  test('a rule that blocks closes it at the next interval', async () => {
    const handle = await world.approved();
    world.simulator.setRule({ action: PRESENCE_ACTION, decision: 'BLOCK' });
    expect((await world.poll(handle)).status).toBe('active');
    world.time.pass(PRESENCE_INTERVAL_MS);
    expect(await world.poll(handle)).toEqual({ status: 'closed', reason: 'BLOCK' });
  });

  test('an approval that is taken back closes it at the next poll', async () => {
    const handle = await world.approved();
    await world.setState('BLOCK');
    expect(await world.poll(handle)).toEqual({ status: 'closed', reason: 'BLOCK' });
  });

  test('a person who has nothing left to answer with is not present, whatever the rules say', async () => {
    const handle = await world.approved();
    world.time.pass(PRESENCE_INTERVAL_MS);
    world.simulator.injectFault({ kind: 'members', call: 'track', members: { isEnrolled: false } });
    expect(await world.poll(handle)).toEqual({ status: 'closed', reason: 'NO_MOBILE_DEVICE' });
  });

  test('a question without an answer is asked again under the same key', async () => {
    const handle = await world.approved();
    world.time.pass(PRESENCE_INTERVAL_MS);
    world.simulator.injectFault({ kind: 'drop', call: 'track', processed: true });
    expect((await failureOf(world.poll(handle))).code).toBe('PROVIDER_UNAVAILABLE');
    world.time.pass(PRESENCE_INTERVAL_MS);
    expect((await world.poll(handle)).status).toBe('active');
    expect(await world.actions()).toHaveLength(2);
  });

  test('a wall clock that is set back neither reuses a key nor asks more often', async () => {
    const handle = await world.approved();
    world.time.pass(PRESENCE_INTERVAL_MS);
    await world.poll(handle);
    world.time.jumpWall(-10 * PRESENCE_INTERVAL_MS);
    expect((await world.poll(handle)).status).toBe('active');
    world.time.pass(PRESENCE_INTERVAL_MS);
    expect((await world.poll(handle)).status).toBe('active');
    expect(await world.actions()).toHaveLength(3);
  });

  test('after a restart it is asked at once, and a second restart in the same interval asks nobody twice', async () => {
    const handle = await world.approved();
    world.simulator.setRule({ action: PRESENCE_ACTION, decision: 'CHALLENGE' });
    world.restart();
    expect((await world.poll(handle)).status).toBe('walkaway');
    world.restart();
    expect((await world.poll(handle)).status).toBe('walkaway');
    expect(world.phone().state().request?.waiting).toBe(1);
    await world.phone().approve();
    expect((await world.poll(handle)).status).toBe('active');
  });

  test('a session that was still pending at a restart is not asked for presence right after its approval', async () => {
    const { handle } = await world.start();
    world.restart();
    expect((await world.poll(handle)).status).toBe('pending');
    await world.phone().approve();
    expect((await world.poll(handle)).status).toBe('active');
    expect(await world.actions()).toHaveLength(1);
  });
});

describe('the end', () => {
  test('a request that is called off cannot be approved any more, nor after a restart', async () => {
    const { handle } = await world.start();
    await world.provider.endSession(handle, world.signal);
    await expect(world.phone().approve()).rejects.toThrow('Nothing waits');
    world.restart();
    expect((await world.poll(handle)).status).toBe('failed');
  });

  test('an approved session does not come back with its stored handle', async () => {
    const handle = await world.approved();
    world.simulator.setRule({ action: PRESENCE_ACTION, decision: 'CHALLENGE' });
    world.time.pass(PRESENCE_INTERVAL_MS);
    await world.poll(handle);
    await world.provider.endSession(handle, world.signal);
    expect((await world.actions()).map((each) => each.state)).toEqual(['BLOCK', 'BLOCK']);
    world.restart();
    expect((await world.poll(handle)).status).toBe('failed');
  });

  test('a session the service has forgotten is closed, and ending it succeeds', async () => {
    const handle = await world.approved();
    await world.provider.enrollment.remove(USER, world.signal);
    expect(await world.poll(handle)).toEqual({ status: 'closed', reason: 'SESSION_UNKNOWN' });
    await expect(world.provider.endSession(handle, world.signal)).resolves.toBeUndefined();
  });
});
