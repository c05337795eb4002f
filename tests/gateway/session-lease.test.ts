import { describe, expect, test } from 'vitest';
import { ProviderError } from '../../gateway/providers/provider.ts';
import { settle } from './fake-gateway-clock.ts';
import { down, gatewaysOfThisFile } from './gateways-of-test.ts';
import { Workstation } from './workstation-in-memory.ts';

const running = gatewaysOfThisFile();

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
