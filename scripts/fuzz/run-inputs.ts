import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type InputShare, sharesOf } from '../../tests/fuzz/shares.ts';

/** Fewer inputs than this are not worth a second process. */
const INPUTS_FOR_MORE = 1_000;

const ResultSchema = z.object({
  target: z.string(),
  inputs: z.int(),
  outcomes: z.record(z.string(), z.int()),
  violations: z.array(z.object({ target: z.string(), seed: z.int(), sentence: z.string(), input: z.string() })),
  heapGrowthBytes: z.number(),
});
export type InputsResult = z.infer<typeof ResultSchema>;

/**
 * Runs `inputs` inputs from seed `from` on, spread over the targets by their shares and over the machine's cores. In processes, not
 * threads: what ends a process ends one of these, and is told as a failure.
 * @param only one target, which gets all of them.
 * @param onResult once for each target and process, in no particular order.
 */
export async function runInputs(
  from: number,
  inputs: number,
  only: string | null,
  onResult: (result: InputsResult) => void,
): Promise<void> {
  const shares = sharesOf(inputs, only);
  const processes = inputs < INPUTS_FOR_MORE ? 1 : availableParallelism();
  await Promise.all(Array.from({ length: processes }, (_, index) => runPart(from, shares, index, processes, onResult)));
}

function runPart(
  from: number,
  shares: readonly InputShare[],
  part: number,
  parts: number,
  onResult: (result: InputsResult) => void,
): Promise<void> {
  const work = shares.map(({ name, inputs }) => ({
    name,
    first: from + part,
    step: parts,
    count: Math.max(0, Math.ceil((inputs - part) / parts)),
  }));
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./inputs.process.ts', import.meta.url)), { execArgv: [] });
    child.on('message', (message) => onResult(ResultSchema.parse(message)));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`a fuzzing process ended with ${code ?? signal}`));
    });
    child.send(work);
  });
}
