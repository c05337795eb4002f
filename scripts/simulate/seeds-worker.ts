import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { simulateSeed } from '../../tests/simulation/simulate-seed.ts';

const { seeds, minutes } = z.object({ seeds: z.array(z.int()), minutes: z.number() }).parse(workerData);
for (const seed of seeds) parentPort?.postMessage(await simulateSeed(seed, minutes));
