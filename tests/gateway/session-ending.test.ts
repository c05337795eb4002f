import { describe, expect, test } from 'vitest';
import { settle } from './fake-gateway-clock.ts';
import { down, gatewaysOfThisFile } from './gateways-of-test.ts';
import { Workstation } from './workstation-in-memory.ts';

const running = gatewaysOfThisFile();

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
