import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { NoDeviceId, readDeviceId } from '../../main/os/device-id.ts';
import { createMonotonicClock } from '../../main/os/monotonic-clock.ts';

describe('the monotonic clock', () => {
  function subject() {
    const readings = { steady: 1_000, uptime: 500, wall: 0 };
    const clock = createMonotonicClock({
      steadyMs: () => readings.steady,
      uptimeSeconds: () => readings.uptime,
      wallMs: () => readings.wall,
    });
    return { readings, clock };
  }

  it('counts the time slept, during which the steady clock stood still', () => {
    const { readings, clock } = subject();
    const before = clock.monotonicNow();
    readings.uptime += 3_600;
    expect(clock.monotonicNow() - before).toBe(3_600_000);
    readings.uptime += 10;
    readings.steady += 10_000;
    expect(clock.monotonicNow() - before).toBe(3_610_000);
  });

  it('does not run back or ahead for the coarseness of the other clock', () => {
    const { readings, clock } = subject();
    readings.steady += 57;
    readings.uptime += 0.05;
    expect(clock.monotonicNow()).toBe(1_057);
    readings.uptime += 0.05;
    expect(clock.monotonicNow()).toBe(1_057);
  });

  it('does not care about the wall clock', () => {
    const { readings, clock } = subject();
    readings.wall = -1_000_000;
    expect(clock.monotonicNow()).toBe(1_000);
    expect(clock.wallNow()).toBe(-1_000_000);
  });

  it('never decreases on this machine', () => {
    const clock = createMonotonicClock();
    let last = clock.monotonicNow();
    for (let round = 0; round < 1_000; round += 1) {
      const now = clock.monotonicNow();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
  });
});

describe('the device id', () => {
  const MACHINE_ID = '0123456789abcdef0123456789abcdef';
  function store(initial: string | null = null) {
    const kept = { id: initial };
    return {
      kept,
      read: async () => kept.id,
      write: async (id: string) => {
        kept.id = id;
      },
    };
  }

  it('is the same every time, different for every machine, and never the raw id', async () => {
    const id = await readDeviceId(store(), async () => `${MACHINE_ID}\n`);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(id).not.toContain(MACHINE_ID);
    expect(await readDeviceId(store(), async () => MACHINE_ID.toUpperCase())).toBe(id);
    expect(await readDeviceId(store(), async () => MACHINE_ID.replace('0', '1'))).not.toBe(id);
  });

  it.each([
    ['an empty id', async () => ''],
    ['a host name', async () => 'build-container-7'],
    ['zeros', async () => '0'.repeat(32)],
    ['no id at all', async () => Promise.reject(new Error('no such file'))],
  ])('is made of a kept random id where the machine gives %s', async (_what, read) => {
    const kept = store();
    const first = await readDeviceId(kept, read);
    expect(kept.kept.id).toMatch(/^[0-9a-f]{32}$/);
    expect(await readDeviceId(kept, read)).toBe(first);
    expect(await readDeviceId(store(), read)).not.toBe(first);
  });

  it('replaces a kept id that was damaged', async () => {
    const kept = store('damaged');
    await readDeviceId(kept, async () => '');
    expect(kept.kept.id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is not made up anew at every start where nothing can be kept', async () => {
    const broken = { read: async () => null, write: async () => Promise.reject(new Error('read-only')) };
    await expect(readDeviceId(broken, async () => '')).rejects.toBeInstanceOf(NoDeviceId);
  });

  it('can be read on this machine by plain Node, which is stricter about CommonJS imports than the test runner', () => {
    const source = fileURLToPath(new URL('../../main/os/device-id.ts', import.meta.url));
    const program = `
      const { readDeviceId } = await import(process.argv[1]);
      console.log(await readDeviceId({ read: async () => null, write: async () => undefined }));`;
    const id = execFileSync(process.execPath, ['--input-type=module', '-e', program, source], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    expect(id.trim()).toMatch(/^[0-9a-f]{64}$/);
  });
});
