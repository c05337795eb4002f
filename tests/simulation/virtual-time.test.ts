import { describe, expect, it } from 'vitest';
import { Computer, Process, VirtualTime } from './virtual-time.ts';

function run(time: VirtualTime, until: number): void {
  for (let at = time.nextAt(); at !== null && at <= until; at = time.nextAt()) time.runNext();
}

describe('virtual time', () => {
  it('jumps to what is due next, in order, and to what was asked for first when two are due together', () => {
    const time = new VirtualTime();
    const outside = new Process(null);
    const seen: string[] = [];
    for (const [ms, name] of [
      [30, 'c'],
      [10, 'a'],
      [10, 'b'],
      [40, 'd'],
    ] as const) {
      time.after(ms, outside, () => seen.push(`${name} at ${time.now}`));
    }
    run(time, 30);
    expect(seen).toEqual(['a at 10', 'b at 10', 'c at 30']);
  });

  it('stands still for the timers of a computer that sleeps, and for no others', () => {
    const time = new VirtualTime();
    const laptop = new Computer('laptop');
    const outside = new Process(null);
    const seen: string[] = [];
    time.after(100, new Process(laptop), () => seen.push(`laptop at ${time.now}`));
    time.after(120, outside, () => seen.push(`outside at ${time.now}`));
    time.after(20, outside, () => time.sleep(laptop));
    time.after(320, outside, () => time.wake(laptop));
    run(time, 1_000);
    expect(seen).toEqual(['outside at 120', 'laptop at 400']);
  });

  it('forgets the timers of a process that died, and those that were cancelled', () => {
    const time = new VirtualTime();
    const mortal = new Process(null);
    const seen: string[] = [];
    time.after(10, mortal, () => seen.push('dead'));
    time.after(10, new Process(null), () => seen.push('cancelled'))();
    mortal.alive = false;
    run(time, 100);
    expect(seen).toEqual([]);
  });
});
