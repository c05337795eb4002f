import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { endOnFault } from '../../main/last-resort.ts';

function faulty() {
  const processItself = new EventEmitter();
  const logged: string[] = [];
  let ends = 0;
  endOnFault(
    processItself as unknown as Pick<NodeJS.Process, 'on'>,
    { fatal: (_details: unknown, text?: string) => void logged.push(text ?? '') },
    () => {
      ends += 1;
    },
  );
  return { processItself, logged, ends: () => ends };
}

describe('a fault that nobody caught', () => {
  it.each([
    ['uncaughtException', 'uncaught exception'],
    ['unhandledRejection', 'unhandled rejection'],
  ])('%s locks and ends, and is logged', (event, text) => {
    const { processItself, logged, ends } = faulty();
    processItself.emit(event, new Error('broken'));
    expect(ends()).toBe(1);
    expect(logged).toEqual([text]);
  });

  it('does not begin to end again when another one follows', () => {
    const { processItself, logged, ends } = faulty();
    processItself.emit('uncaughtException', new Error('one'));
    processItself.emit('unhandledRejection', new Error('two'));
    expect(ends()).toBe(1);
    expect(logged).toHaveLength(2);
  });
});
