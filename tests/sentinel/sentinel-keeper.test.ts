import { describe, expect, it } from 'vitest';
import {
  HEARTBEAT_INTERVAL_MS,
  SENTINEL_QUICK_DEATH_MS,
  SENTINEL_RETRY_MS,
  UNANSWERED_UNTIL_HUNG,
} from '../../main/sentinel/limits.ts';
import { SentinelKeeper, type SentinelLoss } from '../../main/sentinel/sentinel-keeper.ts';
import { HandMovedTime } from '../fakes/hand-moved-time.ts';
import { FakeWire, turn } from './fake-main.ts';

class FakeSentinel {
  readonly wire = new FakeWire();
  readonly processId = 7;
  killed = 0;
  /** A stopped process keeps its end of the wire until it is really gone. */
  kill(): void {
    this.killed += 1;
    this.wire.cut();
  }
}

async function keeping(options: { readonly inherited?: FakeSentinel; readonly failing?: boolean } = {}) {
  const time = new HandMovedTime();
  const sentinels: FakeSentinel[] = [];
  const losses: SentinelLoss[] = [];
  let attempts = 0;
  const world = { failing: options.failing ?? false };
  const keeper = new SentinelKeeper({
    async start() {
      attempts += 1;
      if (world.failing) throw new Error('no such program');
      const sentinel = new FakeSentinel();
      sentinels.push(sentinel);
      return sentinel;
    },
    processId: 42,
    clock: time,
    timers: time,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  keeper.begin(options.inherited ?? null);
  await turn();
  const last = (): FakeSentinel => {
    const sentinel = sentinels.at(-1);
    if (sentinel === undefined) throw new Error('no sentinel was started');
    return sentinel;
  };
  /** Time in which the sentinel answers what it is told. */
  const pass = async (ms: number, answering = true): Promise<void> => {
    for (let left = ms; left > 0; left -= HEARTBEAT_INTERVAL_MS) {
      time.pass(Math.min(HEARTBEAT_INTERVAL_MS, left));
      await turn();
      if (answering) sentinels.at(-1)?.wire.hears({ type: 'watching' });
    }
  };
  return { time, keeper, sentinels, losses, last, pass, world, attempts: () => attempts };
}

describe('main’s side of the sentinel', () => {
  it('starts one and tells it at once that main lives', async () => {
    const { last } = await keeping();
    expect(last().wire.said).toEqual([{ type: 'alive', guarding: false, processId: 42 }]);
  });

  it('takes the one that started it, and starts none', async () => {
    const inherited = new FakeSentinel();
    const { attempts } = await keeping({ inherited });
    expect(attempts()).toBe(0);
    expect(inherited.wire.said).toHaveLength(1);
  });

  it('says that it lives at every interval, and whom it guards the moment that changes', async () => {
    const { keeper, last, pass } = await keeping();
    await pass(3 * HEARTBEAT_INTERVAL_MS);
    expect(last().wire.said).toHaveLength(4);
    keeper.setGuarding(true);
    keeper.setGuarding(true);
    expect(last().wire.said).toHaveLength(5);
    expect(last().wire.said.at(-1)).toMatchObject({ guarding: true });
  });

  it('replaces one that is killed at once, and says so without locking', async () => {
    const { keeper, sentinels, losses, last, pass } = await keeping();
    keeper.listen((loss) => losses.push(loss));
    keeper.setGuarding(true);
    await pass(HEARTBEAT_INTERVAL_MS);
    last().wire.cut();
    await turn();
    expect(sentinels).toHaveLength(2);
    expect(losses).toMatchObject([{ again: false }]);
    expect(last().wire.said).toMatchObject([{ type: 'alive', guarding: true }]);
  });

  it('asks for the lock once when the next one does not stay either, and tries again later', async () => {
    const { keeper, sentinels, losses, last, pass, time } = await keeping();
    keeper.listen((loss) => losses.push(loss));
    last().wire.cut();
    await turn();
    last().wire.cut();
    await turn();
    expect(losses.map(({ again }) => again)).toEqual([false, true]);
    expect(sentinels).toHaveLength(2);
    time.pass(SENTINEL_RETRY_MS);
    await turn();
    expect(sentinels).toHaveLength(3);
    last().wire.cut();
    await pass(SENTINEL_RETRY_MS);
    expect(losses.map(({ again }) => again)).toEqual([false, true, false]);
    expect(sentinels).toHaveLength(4);
  });

  it('forgets a loss after one that stayed', async () => {
    const { keeper, losses, last, pass } = await keeping();
    keeper.listen((loss) => losses.push(loss));
    last().wire.cut();
    await turn();
    await pass(SENTINEL_QUICK_DEATH_MS + HEARTBEAT_INTERVAL_MS);
    last().wire.cut();
    await turn();
    expect(losses.map(({ again }) => again)).toEqual([false, false]);
  });

  it('asks for the lock when none can be started, also when it is listened to only later', async () => {
    const { keeper, losses, attempts } = await keeping({ failing: true });
    await turn();
    expect(attempts()).toBe(2);
    keeper.listen((loss) => losses.push(loss));
    expect(losses).toEqual([
      { reason: 'no such program', again: false },
      { reason: 'no such program', again: true },
    ]);
  });

  it('replaces one that no longer answers', async () => {
    const { sentinels, pass } = await keeping();
    await pass(SENTINEL_QUICK_DEATH_MS);
    await pass((UNANSWERED_UNTIL_HUNG + 2) * HEARTBEAT_INTERVAL_MS, false);
    expect(sentinels[0]?.killed).toBe(1);
    expect(sentinels.length).toBeGreaterThan(1);
  });

  it('says farewell last of all, and wants no other one', async () => {
    const { keeper, sentinels, last, pass } = await keeping();
    await keeper.dismiss();
    const sentinel = last();
    sentinel.wire.cut();
    await pass(2 * SENTINEL_RETRY_MS);
    expect(sentinel.wire.said.at(-1)).toEqual({ type: 'farewell' });
    expect(sentinel.wire.ended).toBe(true);
    expect(sentinels).toHaveLength(1);
  });

  it('ends one that comes up only after the farewell', async () => {
    const { keeper, sentinels, last } = await keeping();
    last().wire.cut();
    await keeper.dismiss();
    await turn();
    expect(sentinels.at(-1)?.killed).toBe(1);
  });
});
