import { expect, it } from 'vitest';
import { runSeeds } from '../../scripts/simulate/run-seeds.ts';
import type { SeedResult } from '../simulation/simulate-seed.ts';

/** `npm run simulate -- --seeds 10000` runs eight hours each; here two, so that it stays well below a minute on a busy machine. */
const MINUTES = 120;

it('500 simulated worlds keep S1–S7 under every fault there is', { timeout: 180_000 }, async () => {
  const results: SeedResult[] = [];
  await runSeeds(1, 500, MINUTES, (result) => results.push(result));
  expect(results).toHaveLength(500);
  const broken = results.filter(({ violation }) => violation !== null);
  expect(broken.map(({ seed, violation }) => `seed ${seed}: ${violation?.invariant} ${violation?.sentence}`)).toEqual(
    [],
  );
  // A world in which nothing happens proves nothing.
  expect(Math.min(...results.map(({ events }) => events))).toBeGreaterThan(50);
});
