import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type SeedResult, simulateSeed } from '../../tests/simulation/simulate-seed.ts';

/** Fewer seeds than this are not worth a thread. */
const SEEDS_FOR_THREADS = 8;

/** Runs `count` seeds from `from` on, spread over the machine's cores. @param onResult in no particular order. */
export async function runSeeds(
  from: number,
  count: number,
  minutes: number,
  onResult: (result: SeedResult) => void,
): Promise<void> {
  if (count < SEEDS_FOR_THREADS) {
    for (let seed = from; seed < from + count; seed += 1) onResult(await simulateSeed(seed, minutes));
    return;
  }
  const threads = Math.min(availableParallelism(), count);
  const shares = Array.from({ length: threads }, (_, thread) =>
    Array.from({ length: Math.ceil((count - thread) / threads) }, (_seed, index) => from + thread + index * threads),
  );
  await Promise.all(shares.map((seeds) => runShare(seeds, minutes, onResult)));
}

function runShare(seeds: readonly number[], minutes: number, onResult: (result: SeedResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./seeds-worker.ts', import.meta.url), { workerData: { seeds, minutes } });
    worker.on('message', onResult);
    worker.on('error', reject);
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a simulation thread ended with ${code}`))));
  });
}
