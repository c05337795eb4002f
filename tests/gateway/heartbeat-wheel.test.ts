import { expect, test } from 'vitest';
import { HeartbeatWheel } from '../../gateway/heartbeat-wheel.ts';
import { FakeGatewayClock } from './fake-gateway-clock.ts';
import { gatewayInMemory, Workstation } from './workstation-in-memory.ts';

class Counted {
  readonly beats: number[] = [];
  readonly #clock: FakeGatewayClock;
  constructor(clock: FakeGatewayClock) {
    this.#clock = clock;
  }
  beat(): void {
    this.beats.push(this.#clock.elapsedMs());
  }
}

test('each is visited every five seconds, counted from when it came', async () => {
  const clock = new FakeGatewayClock();
  const wheel = new HeartbeatWheel<Counted>(clock);
  const members: Counted[] = [];
  const cameAt: number[] = [];
  for (let step = 0; step < 30; step += 1) {
    const member = new Counted(clock);
    wheel.add(member);
    members.push(member);
    cameAt.push(clock.elapsedMs());
    await clock.advance(170);
  }
  await clock.advance(20_000);
  for (const [index, { beats }] of members.entries()) {
    expect((beats[0] ?? 0) - (cameAt[index] ?? 0)).toBeGreaterThanOrEqual(4_500);
    expect((beats[0] ?? 0) - (cameAt[index] ?? 0)).toBeLessThanOrEqual(5_000);
    for (const [turn, at] of beats.entries()) if (turn > 0) expect(at - (beats[turn - 1] ?? 0)).toBe(5_000);
  }
  expect(new Set(members.map(({ beats }) => beats[0])).size).toBe(10);
});

test('who left is not visited, and an empty wheel does not turn', async () => {
  const clock = new FakeGatewayClock();
  const wheel = new HeartbeatWheel<Counted>(clock);
  const [stays, leaves] = [new Counted(clock), new Counted(clock)];
  wheel.add(stays);
  wheel.add(leaves);
  wheel.delete(leaves);
  await clock.advance(5_000);
  expect([stays.beats.length, leaves.beats.length, wheel.size]).toEqual([1, 0, 1]);
  wheel.delete(stays);
  await clock.advance(60_000);
  expect(stays.beats).toHaveLength(1);
  wheel.add(leaves);
  await clock.advance(5_000);
  expect(leaves.beats).toHaveLength(1);
});

test('a workstation that talks is not pinged, and one that fell silent is', async () => {
  const { gateway, clock } = await gatewayInMemory();
  const desk = await Workstation.introduced(gateway);
  const sessionId = await desk.starts();
  for (let poll = 0; poll < 12; poll += 1) {
    await clock.advance(4_000);
    await desk.polls(sessionId);
  }
  expect(desk.pings).toBe(0);
  await clock.advance(20_000);
  expect(desk.pings).toBeGreaterThanOrEqual(1);
  expect(desk.terminated).toBe(false);
  await clock.advance(10_000);
  expect(desk.terminated).toBe(true);
  const closing = gateway.close();
  await clock.advance(5_000);
  await closing;
});
