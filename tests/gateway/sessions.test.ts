import { afterEach, describe, expect, test } from 'vitest';
import type { Gateway, GatewayOptions } from '../../gateway/gateway.ts';
import { ProviderError } from '../../gateway/providers/provider.ts';
import { createMemorySessionStore, type SessionStore } from '../../gateway/store/session-store.ts';
import { settle } from './fake-gateway-clock.ts';
import { gatewayInMemory, Workstation } from './workstation-in-memory.ts';

const open: { gateway: Gateway; clock: { advance(ms: number): Promise<void> } }[] = [];
async function running(options: Partial<GatewayOptions> = {}) {
  const parts = await gatewayInMemory(options);
  open.push(parts);
  return parts;
}
afterEach(async () => {
  for (const { gateway, clock } of open.splice(0)) {
    const closing = gateway.close();
    await clock.advance(5_000);
    await closing;
  }
});

const down = () => new ProviderError('PROVIDER_UNREACHABLE', 'down');

describe('a session', () => {
  test('is bound to its request, asks the phone once, and is approved by a push', async () => {
    const { gateway, provider, clock } = await running();
    const desk = await Workstation.introduced(gateway);
    const sessionId = await desk.starts('request-7');
    expect(desk.last('session.state')).toMatchObject({
      requestId: 'request-7',
      status: 'pending',
      validForMs: 0,
      prompt: { kind: 'phone' },
    });
    provider.onPoll = () => ({ status: 'active' });
    await clock.advance(1_000);
    const approved = desk.last('session.state');
    expect(approved).toMatchObject({ sessionId, status: 'active', validForMs: 15_000 });
    expect(approved.prompt).toBeUndefined();
    expect(provider.starts).toHaveLength(1);
    expect(provider.starts[0]).toMatchObject({
      userId: 'user-1',
      deviceId: 'device-1',
      reason: 'unlock',
      durationSeconds: 3_600,
    });
  });

  test('numbers its states strictly upwards, polled or pushed', async () => {
    const { gateway, provider, clock } = await running();
    const desk = await Workstation.introduced(gateway);
    const sessionId = await desk.starts();
    for (const status of ['identifying', 'active', 'walkaway', 'active'] as const) {
      provider.onPoll = () => ({ status });
      await clock.advance(6_000);
      await desk.polls(sessionId);
    }
    const numbers = desk.states().map(({ seq }) => seq);
    expect(numbers.length).toBeGreaterThan(8);
    for (const [index, seq] of numbers.entries()) expect(seq).toBeGreaterThan(numbers[index - 1] ?? 0);
  });

  test('is polled once a second while pending and every five seconds while active', async () => {
    const { gateway, provider, clock } = await running();
    await (await Workstation.introduced(gateway)).starts();
    await clock.advance(10_000);
    expect(provider.polls).toBe(10);
    provider.onPoll = () => ({ status: 'active' });
    await clock.advance(1_000);
    provider.polls = 0;
    await clock.advance(20_000);
    expect(provider.polls).toBe(4);
  });

  test('is polled once however many watch it', async () => {
    const { gateway, provider, clock } = await running();
    const watchers = await Promise.all([1, 2, 3, 4].map(() => Workstation.introduced(gateway)));
    const [first, ...others] = watchers;
    if (first === undefined) throw new Error('no watcher');
    provider.onStart = () => ({ status: 'active' });
    provider.onPoll = () => ({ status: 'active' });
    const sessionId = await first.starts();
    for (let second = 0; second < 60; second += 5) {
      for (const [index, watcher] of [first, ...others].entries()) {
        await watcher.polls(sessionId);
        await clock.advance(index < 3 ? 1_000 : 2_000);
      }
    }
    expect(provider.polls).toBeGreaterThanOrEqual(11);
    expect(provider.polls).toBeLessThanOrEqual(12);
    provider.onPoll = () => ({ status: 'walkaway' });
    await clock.advance(5_000);
    for (const watcher of watchers) expect(watcher.last('session.state').status).toBe('walkaway');
  });

  test('is asked for sooner when a watcher polls eagerly', async () => {
    const { gateway, provider, clock } = await running();
    provider.onStart = () => ({ status: 'active' });
    provider.onPoll = () => ({ status: 'active' });
    const desk = await Workstation.introduced(gateway);
    const sessionId = await desk.starts();
    for (let second = 0; second < 20; second += 1) {
      await desk.polls(sessionId);
      await clock.advance(1_000);
    }
    expect(provider.polls).toBeGreaterThanOrEqual(18);
    expect(provider.polls).toBeLessThanOrEqual(20);
  });

  test('is never asked about twice at the same time', async () => {
    const { gateway, provider, clock } = await running();
    const desk = await Workstation.introduced(gateway);
    const sessionId = await desk.starts();
    provider.onPoll = () => new Promise(() => undefined);
    await clock.advance(1_000);
    for (let second = 0; second < 10; second += 1) {
      await desk.polls(sessionId);
      await clock.advance(1_000);
    }
    expect(provider.polls).toBe(1);
  });

  test('repeats nothing for a repeated start, during and after it, over connections', async () => {
    const { gateway, provider } = await running();
    let answer: (value: { status: 'pending' }) => void = () => undefined;
    provider.onStart = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const first = await Workstation.introduced(gateway);
    await first.says({ v: 1, type: 'session.start', requestId: 'r', userId: 'user-1', reason: 'unlock' });
    first.leave();
    const second = await Workstation.introduced(gateway);
    await second.says({ v: 1, type: 'session.start', requestId: 'r', userId: 'user-1', reason: 'unlock' });
    answer({ status: 'pending' });
    await settle();
    const { sessionId } = second.last('session.state');
    expect(first.states()).toEqual([]);
    const third = await Workstation.introduced(gateway);
    expect(await third.starts('r')).toBe(sessionId);
    expect(provider.starts).toHaveLength(1);
    await third.says({ v: 1, type: 'session.start', requestId: 'r', userId: 'user-2', reason: 'unlock' });
    expect(third.closedWith).toBe(1008);
  });

  test('that may have reached the phone is not started again by the same request', async () => {
    const { gateway, provider } = await running();
    const desk = await Workstation.introduced(gateway);
    provider.onStart = () => new ProviderError('PROVIDER_TIMEOUT', 'slow');
    await desk.says({ v: 1, type: 'session.start', requestId: 'r', userId: 'user-1', reason: 'unlock' });
    await desk.says({ v: 1, type: 'session.start', requestId: 'r', userId: 'user-1', reason: 'unlock' });
    expect(desk.received.filter(({ type }) => type === 'error')).toHaveLength(2);
    expect(provider.starts).toHaveLength(1);
    provider.onStart = () => down();
    await desk.says({ v: 1, type: 'session.start', requestId: 'q', userId: 'user-1', reason: 'unlock' });
    await desk.says({ v: 1, type: 'session.start', requestId: 'q', userId: 'user-1', reason: 'unlock' });
    expect(provider.starts).toHaveLength(3);
  });

  test.each(['timeout', 'closed', 'failed', 'cancelled'] as const)(
    'that is %s stays so, and is forgotten after a time',
    async (status) => {
      const { gateway, provider, clock } = await running();
      const desk = await Workstation.introduced(gateway);
      const sessionId = await desk.starts();
      provider.onPoll = () => ({ status, reason: 'why' });
      await clock.advance(1_000);
      expect(desk.last('session.state')).toMatchObject({ status, validForMs: 0, reason: 'why' });
      provider.onPoll = () => ({ status: 'active' });
      await clock.advance(60_000);
      expect((await desk.polls(sessionId)).status).toBe(status);
      expect(provider.polls).toBe(1);
      await clock.advance(600_000);
      const later = await Workstation.introduced(gateway);
      await later.says({ v: 1, type: 'session.poll', sessionId, seq: 0 });
      expect(later.last('error')).toMatchObject({ code: 'SESSION_UNKNOWN', requestId: sessionId });
    },
  );

  test('that the service keeps alive too long is over at the gateway', async () => {
    const { gateway, provider, clock } = await running();
    provider.onStart = () => ({ status: 'active' });
    provider.onPoll = () => ({ status: 'active' });
    const desk = await Workstation.introduced(gateway);
    await desk.says({
      v: 1,
      type: 'session.start',
      requestId: 'r',
      userId: 'user-1',
      reason: 'unlock',
      durationSeconds: 60,
    });
    for (let second = 0; second < 100; second += 1) {
      desk.pong();
      await clock.advance(1_000);
    }
    expect(desk.last('session.state')).toMatchObject({ status: 'timeout', validForMs: 0 });
    expect(provider.ends).toBe(1);
  });

  test('that nobody watches is ended, one whose workstation reconnects in time is not', async () => {
    const { gateway, provider, clock } = await running();
    provider.onPoll = () => ({ status: 'active' });
    const desk = await Workstation.introduced(gateway);
    const sessionId = await desk.starts();
    desk.leave();
    await clock.advance(300_000);
    const back = await Workstation.introduced(gateway);
    expect((await back.polls(sessionId)).status).toBe('active');
    expect(provider.ends).toBe(0);
    back.leave();
    await clock.advance(361_000);
    expect(provider.ends).toBe(1);
    const late = await Workstation.introduced(gateway);
    expect(await late.polls(sessionId)).toMatchObject({ status: 'closed', reason: 'nobody watched it' });
  });
});

describe('the lease', () => {
  test('runs out while the service cannot be reached, with the reason, and comes back with it', async () => {
    const { gateway, provider, clock } = await running();
    provider.onStart = () => ({ status: 'active' });
    const desk = await Workstation.introduced(gateway);
    const sessionId = await desk.starts();
    const lastGoodAt = clock.elapsedMs();
    provider.onPoll = down;
    for (let ms = 0; ms < 20_000; ms += 500) {
      await clock.advance(500);
      desk.pong();
      const state = await desk.polls(sessionId);
      expect(state.validForMs).toBe(Math.max(0, lastGoodAt + 15_000 - clock.elapsedMs()));
      expect(state.status).toBe('active');
    }
    expect(desk.last('session.state').reason).toBe('PROVIDER_UNREACHABLE');
    provider.onPoll = () => ({ status: 'active' });
    await clock.advance(5_000);
    const renewed = desk.last('session.state');
    expect(renewed.validForMs).toBeGreaterThan(9_000);
    expect(renewed.reason).toBeUndefined();
  });

  test('counts from the question, not from a late answer', async () => {
    const { gateway, provider, clock } = await running();
    const desk = await Workstation.introduced(gateway);
    await desk.starts();
    let answer: (value: { status: 'active' }) => void = () => undefined;
    provider.onPoll = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await clock.advance(1_000);
    await clock.advance(4_000);
    answer({ status: 'active' });
    await settle();
    expect(desk.last('session.state')).toMatchObject({ status: 'active', validForMs: 11_000 });
  });

  test('is over after the machine slept', async () => {
    const { gateway, provider, clock } = await running();
    provider.onStart = () => ({ status: 'active' });
    provider.onPoll = () => new Promise(() => undefined);
    const desk = await Workstation.introduced(gateway);
    const sessionId = await desk.starts();
    clock.sleep(3_600_000);
    expect((await desk.polls(sessionId)).validForMs).toBe(0);
  });

  test('does not follow the wall clock', async () => {
    const { gateway, provider, clock } = await running();
    provider.onStart = () => ({ status: 'active' });
    const desk = await Workstation.introduced(gateway);
    const sessionId = await desk.starts();
    clock.jumpWall(-86_400_000);
    await clock.advance(4_000);
    expect((await desk.polls(sessionId)).validForMs).toBe(11_000);
  });

  test('is no longer than the policy allows', async () => {
    const { gateway, provider } = await running({ leaseMs: 30_000, policy: { leaseMs: 6_000 } });
    provider.onStart = () => ({ status: 'active' });
    const desk = await Workstation.introduced(gateway);
    await desk.starts();
    expect(desk.last('session.state').validForMs).toBe(6_000);
    expect(desk.last('ready').policy?.leaseMs).toBe(6_000);
  });

  test('waits as long as Retry-After says', async () => {
    const { gateway, provider, clock } = await running();
    await (await Workstation.introduced(gateway)).starts();
    provider.onPoll = () => new ProviderError('PROVIDER_RATE_LIMITED', 'busy', { retryAfterMs: 20_000 });
    await clock.advance(20_000);
    expect(provider.polls).toBe(1);
    await clock.advance(2_000);
    expect(provider.polls).toBe(2);
  });
});

describe('ending a session', () => {
  test('tells every watcher at once and the service until it listens', async () => {
    const { gateway, provider, clock } = await running();
    provider.onPoll = () => ({ status: 'active' });
    const desk = await Workstation.introduced(gateway);
    const watcher = await Workstation.introduced(gateway);
    const sessionId = await desk.starts();
    await watcher.polls(sessionId);
    provider.onEnd = down;
    await desk.says({ v: 1, type: 'session.end', sessionId, reason: 'locked' });
    expect(desk.last('session.ended').sessionId).toBe(sessionId);
    expect(watcher.last('session.ended').sessionId).toBe(sessionId);
    expect(provider.ends).toBe(1);
    await clock.advance(4_000);
    provider.onEnd = () => undefined;
    await clock.advance(120_000);
    expect(provider.ends).toBeGreaterThanOrEqual(3);
    expect(provider.ends).toBeLessThanOrEqual(5);
    expect((await (await Workstation.introduced(gateway)).polls(sessionId)).status).toBe('closed');
    const polls = provider.polls;
    await clock.advance(60_000);
    expect(provider.polls).toBe(polls);
  });

  test('gives up on a service that never listens', async () => {
    const { gateway, provider, clock } = await running();
    const desk = await Workstation.introduced(gateway);
    const sessionId = await desk.starts();
    provider.onEnd = down;
    await desk.says({ v: 1, type: 'session.end', sessionId, reason: 'locked' });
    await clock.advance(600_000);
    expect(provider.ends).toBe(6);
  });

  test('is not undone by an answer that was under way', async () => {
    const { gateway, provider, clock } = await running();
    const desk = await Workstation.introduced(gateway);
    const sessionId = await desk.starts();
    let answer: (value: { status: 'active' }) => void = () => undefined;
    provider.onPoll = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await clock.advance(1_000);
    await desk.says({ v: 1, type: 'session.end', sessionId, reason: 'locked' });
    answer({ status: 'active' });
    await settle();
    expect(desk.states().some(({ status }) => status === 'active')).toBe(false);
    expect((await desk.polls(sessionId)).status).toBe('closed');
  });

  test('twice is acknowledged twice and told to the service once', async () => {
    const { gateway, provider } = await running();
    const desk = await Workstation.introduced(gateway);
    const sessionId = await desk.starts();
    for (let time = 0; time < 2; time += 1) await desk.says({ v: 1, type: 'session.end', sessionId, reason: 'locked' });
    expect(desk.received.filter(({ type }) => type === 'session.ended')).toHaveLength(2);
    expect(provider.ends).toBe(1);
  });
});

describe('a restart', () => {
  test('keeps the session, its owner and its number going, whatever the clock did', async () => {
    const store = createMemorySessionStore();
    const before = await gatewayInMemory({ store });
    before.provider.onPoll = () => ({ status: 'active' });
    const desk = await Workstation.introduced(before.gateway);
    const sessionId = await desk.starts('r');
    for (let round = 0; round < 700; round += 1) {
      await before.clock.advance(100);
      await desk.polls(sessionId);
    }
    const highest = desk.last('session.state').seq;
    expect(highest).toBeGreaterThan(700);
    // Killed: nothing is closed.

    const after = await running({ store });
    after.clock.jumpWall(-86_400_000);
    after.provider.onPoll = () => ({ status: 'active' });
    const back = await Workstation.introduced(after.gateway);
    await back.says({ v: 1, type: 'session.poll', sessionId, seq: highest });
    await after.clock.advance(0);
    const state = back.last('session.state');
    expect(state).toMatchObject({ sessionId, status: 'active', validForMs: 15_000 });
    expect(state.seq).toBeGreaterThan(highest);
    expect(await back.starts('r')).toBe(sessionId);
    expect(after.provider.starts).toHaveLength(0);
    const stranger = await Workstation.introduced(after.gateway, { deviceId: 'device-2' });
    await stranger.says({ v: 1, type: 'session.poll', sessionId, seq: 0 });
    expect(stranger.last('error').code).toBe('SESSION_FORBIDDEN');
  });

  test('does not bring back the lease, only the service does', async () => {
    const store = createMemorySessionStore();
    const before = await gatewayInMemory({ store });
    before.provider.onStart = () => ({ status: 'active' });
    const sessionId = await (await Workstation.introduced(before.gateway)).starts();
    const after = await running({ store });
    after.provider.onPoll = down;
    const back = await Workstation.introduced(after.gateway);
    await back.says({ v: 1, type: 'session.poll', sessionId, seq: 0 });
    await after.clock.advance(0);
    expect(back.last('session.state')).toMatchObject({ validForMs: 0, reason: 'PROVIDER_UNREACHABLE' });
  });

  test('goes on telling the service that a session ended', async () => {
    const store = createMemorySessionStore();
    const before = await gatewayInMemory({ store });
    const desk = await Workstation.introduced(before.gateway);
    const sessionId = await desk.starts();
    before.provider.onEnd = down;
    await desk.says({ v: 1, type: 'session.end', sessionId, reason: 'locked' });
    const after = await running({ store });
    await settle();
    expect(after.provider.ends).toBe(1);
    expect((await store.load()).records).toEqual([]);
    expect((await (await Workstation.introduced(after.gateway)).polls(sessionId)).status).toBe('closed');
  });

  test('after a store that did not write forgets the session rather than reusing numbers', async () => {
    const inner = createMemorySessionStore();
    let full = false;
    const store: SessionStore = {
      ...inner,
      save: (record) => (full ? Promise.reject(new Error('disk full')) : inner.save(record)),
    };
    const before = await gatewayInMemory({ store });
    const desk = await Workstation.introduced(before.gateway);
    const sessionId = await desk.starts();
    full = true;
    before.provider.onPoll = () => ({ status: 'active' });
    await before.clock.advance(1_000);
    expect((await desk.polls(sessionId)).status).toBe('active');
    expect(before.logger.lines.join()).toContain('could not be kept');
    expect((await inner.load()).records).toEqual([]);
  });

  test('withholds states that the store has not reserved numbers for', async () => {
    const inner = createMemorySessionStore();
    let stuck = false;
    const store: SessionStore = {
      ...inner,
      save: (record) => (stuck ? new Promise(() => undefined) : inner.save(record)),
    };
    const { gateway, provider, clock } = await gatewayInMemory({ store });
    provider.onStart = () => ({ status: 'active' });
    provider.onPoll = () => ({ status: 'active' });
    const desk = await Workstation.introduced(gateway);
    const sessionId = await desk.starts();
    stuck = true;
    for (let round = 0; round < 1_200; round += 1) {
      await clock.advance(60);
      await desk.says({ v: 1, type: 'session.poll', sessionId, seq: 0 });
    }
    expect(desk.last('session.state').seq).toBe(1_000);
  });
});

describe('a connection', () => {
  test('that says nothing is refused after five seconds', async () => {
    const { gateway, clock } = await running();
    const silent = new Workstation(gateway);
    await clock.advance(4_999);
    expect(silent.closedWith).toBeNull();
    await clock.advance(1);
    expect([silent.last('error').code, silent.closedWith]).toEqual(['HELLO_TIMEOUT', 4003]);
    await clock.advance(1_000);
    expect(silent.terminated).toBe(true);
  });

  test('is pinged every ten seconds and cut after twenty-five without a sign of life', async () => {
    const { gateway, clock } = await running();
    const desk = await Workstation.introduced(gateway);
    for (let ping = 1; ping <= 5; ping += 1) {
      await clock.advance(10_000);
      expect(desk.pings).toBe(ping);
      desk.pong();
    }
    await clock.advance(24_999);
    expect(desk.terminated).toBe(false);
    await clock.advance(1);
    expect(desk.terminated).toBe(true);
  });

  test('that does not take what it is sent is refused', async () => {
    const { gateway } = await running();
    const desk = await Workstation.introduced(gateway);
    const sessionId = await desk.starts();
    desk.bufferedBytes = 64 * 1024 + 1;
    await desk.says({ v: 1, type: 'session.poll', sessionId, seq: 0 });
    expect([desk.last('error').code, desk.closedWith]).toEqual(['SLOW_CONSUMER', 4009]);
  });
});
