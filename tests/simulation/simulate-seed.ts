import type { TransitionFunction } from '../../main/core/lock-types.ts';
import { chooseWorld } from './chosen-world.ts';
import { Faults } from './faults.ts';
import { Person } from './person.ts';
import type { Violation } from './promises.ts';
import { SeededRandom } from './seeded-random.ts';
import { Trace } from './trace.ts';
import { World } from './world.ts';

export interface SeedResult {
  readonly seed: number;
  readonly events: number;
  readonly virtualMs: number;
  /** The first broken promise ends a seed: what follows it proves nothing. */
  readonly violation: Violation | null;
  /** What led there; empty without a violation. */
  readonly lastEvents: readonly string[];
}

/** More happenings than this at one instant are a loop that would never let a deadline come. */
const LONGEST_INSTANT = 5_000;

/** Callbacks of settled promises run before the next macrotask; only then may time move on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One world, from its seed alone. The same seed gives the same world to the byte. */
export async function simulateSeed(
  seed: number,
  minutes: number,
  options: { readonly rules?: TransitionFunction; readonly onLine?: (line: string) => void } = {},
): Promise<SeedResult> {
  const trace = new Trace(options.onLine ?? null);
  const world = new World(seed, chooseWorld(seed), trace, options.rules);
  const { time, ghost } = world;
  const endAt = minutes * 60_000;
  world.startGateway();
  world.startMain();
  await settled();
  new Person(world, new SeededRandom(seed, 'person')).begin();
  new Faults(world, new SeededRandom(seed, 'faults')).begin();
  let sameInstant = 0;
  for (let at = time.nextAt(); at !== null && at <= endAt && ghost.violations.length === 0; at = time.nextAt()) {
    ghost.check(at);
    if (ghost.violations.length > 0) break;
    sameInstant = at === time.now ? sameInstant + 1 : 0;
    if (sameInstant > LONGEST_INSTANT) {
      ghost.violations.push({
        invariant: 'S2',
        sentence: 'time stands still: something does the same again and again',
      });
      break;
    }
    time.runNext();
    if (world.takeUnsettled()) await settled();
  }
  const [violation = null] = ghost.violations;
  return {
    seed,
    events: time.events,
    virtualMs: Math.min(time.now, endAt),
    violation,
    lastEvents: violation === null ? [] : trace.last(),
  };
}
