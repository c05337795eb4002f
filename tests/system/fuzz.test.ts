import { expect, it } from 'vitest';
import { type InputsResult, runInputs } from '../../scripts/fuzz/run-inputs.ts';
import { FUZZ_SHARES } from '../fuzz/shares.ts';

const INPUTS = 10_000;
/** Words of the targets for an input that was taken for what it claimed to be. */
const TAKEN: ReadonlySet<string> = new Set(['accepted', 'valid', 'active', 'HTTP 200', 'uncovered', 'covered']);

it('10,000 bad inputs crash nothing, leave nothing behind and open nothing', { timeout: 180_000 }, async () => {
  const results: InputsResult[] = [];
  await runInputs(1, INPUTS, null, (result) => results.push(result));
  const violations = results.flatMap((result) => result.violations);
  expect(violations.map(({ target, seed, sentence }) => `${target}, seed ${seed}: ${sentence}`)).toEqual([]);
  expect(results.reduce((sum, { inputs }) => sum + inputs, 0)).toBe(INPUTS);
  // Inputs that all end in the same word would have looked at one line of code.
  for (const name of Object.keys(FUZZ_SHARES)) {
    const words = results.filter(({ target }) => target === name).flatMap(({ outcomes }) => Object.keys(outcomes));
    expect(new Set(words).size, `different outcomes of ${name}`).toBeGreaterThan(1);
    // And what is never taken was never understood: the ways behind a refusal were not walked.
    const taken = words.some((word) => TAKEN.has(word));
    expect(taken, `${name} took an input: ${words.join()}`).toBe(true);
  }
});
