import { describe, expect, test } from 'vitest';
import { gatewaysOfThisFile } from './gateways-of-test.ts';
import { Workstation } from './workstation-in-memory.ts';

const running = gatewaysOfThisFile();

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
