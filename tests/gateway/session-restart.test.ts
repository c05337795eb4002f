import { describe, expect, test } from 'vitest';
import { createMemorySessionStore, type SessionStore } from '../../gateway/store/session-store.ts';
import { settle } from './fake-gateway-clock.ts';
import { down, gatewaysOfThisFile } from './gateways-of-test.ts';
import { gatewayInMemory, Workstation } from './workstation-in-memory.ts';

const running = gatewaysOfThisFile();

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
