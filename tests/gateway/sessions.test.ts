import { describe, expect, test } from 'vitest';
import { ProviderError } from '../../gateway/providers/provider.ts';
import { settle } from './fake-gateway-clock.ts';
import { down, gatewaysOfThisFile } from './gateways-of-test.ts';
import { Workstation } from './workstation-in-memory.ts';

const running = gatewaysOfThisFile();

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
