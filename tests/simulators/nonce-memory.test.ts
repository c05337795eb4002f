import { expect, test } from 'vitest';
import { NonceMemory } from '../../simulators/activeconnect/nonce-memory.ts';

test('a full memory refuses instead of forgetting a nonce that could be replayed', () => {
  const memory = new NonceMemory(1000, 2);
  expect(memory.remember('app', '1', 0)).toBe('fresh');
  expect(memory.remember('app', '2', 10)).toBe('fresh');
  expect(memory.remember('app', '3', 20)).toBe('memory-full');
  expect(memory.remember('app', '1', 30)).toBe('reused');
});

test('a nonce is forgotten when its time is over, and makes room', () => {
  const memory = new NonceMemory(1000, 2);
  memory.remember('app', '1', 0);
  memory.remember('app', '2', 500);
  expect(memory.remember('app', '3', 999)).toBe('memory-full');
  expect(memory.remember('app', '3', 1000)).toBe('fresh');
  expect(memory.remember('app', '2', 1000)).toBe('reused');
});

test('two callers may use the same nonce', () => {
  const memory = new NonceMemory(1000);
  expect(memory.remember('one', '1', 0)).toBe('fresh');
  expect(memory.remember('two', '1', 0)).toBe('fresh');
});
