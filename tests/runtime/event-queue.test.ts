import { describe, expect, it } from 'vitest';
import { createEventQueue, MAX_QUEUED_EVENTS } from '../../main/runtime/event-queue.ts';

describe('the event queue', () => {
  it('finishes one event before the next, also when handling one raises another', () => {
    const log: string[] = [];
    const queue = createEventQueue<string>(
      (event) => {
        log.push(`begin ${event}`);
        if (event === 'approval') queue.push('lock');
        log.push(`end ${event}`);
      },
      (error) => {
        throw error;
      },
    );
    queue.push('approval');
    expect(log).toEqual(['begin approval', 'end approval', 'begin lock', 'end lock']);
  });

  it('reports a rule that throws and goes on with the next event', () => {
    const faults: unknown[] = [];
    const handled: string[] = [];
    const queue = createEventQueue<string>(
      (event) => {
        if (event === 'bad') throw new Error('broken rule');
        handled.push(event);
      },
      (error) => faults.push(error),
    );
    queue.push('bad');
    queue.push('good');
    expect(handled).toEqual(['good']);
    expect(faults).toHaveLength(1);
  });

  it('reports an overflow instead of growing without bound', () => {
    let faults = 0;
    let fed = false;
    const queue = createEventQueue<number>(
      () => {
        if (fed) return;
        fed = true;
        for (let i = 0; i < MAX_QUEUED_EVENTS + 3; i += 1) queue.push(i);
      },
      () => {
        faults += 1;
      },
    );
    queue.push(0);
    expect(faults).toBe(3);
  });
});
