import { describe, expect, it } from 'vitest';
import { RULE_MUTANTS } from './rule-mutants.ts';
import { simulateSeed } from './simulate-seed.ts';

const traceOf = async (seed: number): Promise<readonly string[]> => {
  const lines: string[] = [];
  const { events } = await simulateSeed(seed, 90, { onLine: (line) => lines.push(line) });
  return [...lines, `${events} events`];
};

describe('a seed', () => {
  it.each([
    ['with signatures and the watchdog', 20],
    ['without', 21],
    ['of another kind', 47],
  ])('gives the same world to the byte, %s', { timeout: 60_000 }, async (_kind, seed) => {
    const first = await traceOf(seed);
    expect(first.length).toBeGreaterThan(50);
    expect(await traceOf(seed)).toEqual(first);
  });

  it('gives another world than its neighbour', { timeout: 60_000 }, async () => {
    expect(await traceOf(22)).not.toEqual(await traceOf(23));
  });
});

/** A broken rule must show within this many worlds of two hours each. */
const MUTANT_SEEDS = 80;

describe('the simulation catches rules that', () => {
  it.each(Object.entries(RULE_MUTANTS))('%s', { timeout: 120_000 }, async (_name, { breaks, rules }) => {
    const caught = async (): Promise<string | null> => {
      for (let seed = 1; seed <= MUTANT_SEEDS; seed += 1) {
        const { violation } = await simulateSeed(seed, 120, { rules });
        if (violation !== null && breaks.includes(violation.invariant)) return violation.invariant;
      }
      return null;
    };
    expect(breaks).toContain(await caught());
  });
});
