import type { SeededRandom } from './seeded-random.ts';
import type { World } from './world.ts';

/** The OS does not wait longer for whoever wants to do something before sleep (logind InhibitDelayMaxSec). */
const INHIBIT_LIMIT_MS = 5_000;
const MEAN_SLEEP_MS = 15 * 60_000;
/** A sleep this long is noticed by the watchdog's two clocks although nobody says a word. */
const NOTICED_BY_WATCHDOG_MS = 15_000;

/** The lid: the machine goes to sleep, announced or not, and wakes up some time later. */
export function sleepAWhile(world: World, random: SeededRandom): void {
  const { desk } = world;
  if (desk.computer.sleptSince !== null) return;
  const sleepMs = 2_000 + random.untilNext(random.chance(0.3) ? 20_000 : MEAN_SLEEP_MS);
  let slept = false;
  const fallAsleep = (): void => {
    if (slept || desk.computer.sleptSince !== null) return;
    slept = true;
    world.note('sleeps', `for ${sleepMs} ms`);
    world.time.sleep(desk.computer);
    world.after(sleepMs, wakeUp);
  };
  const wakeUp = (): void => {
    world.time.wake(desk.computer);
    world.note('wakes up');
    world.ghost.wokeUp(world.time.now);
    world.ghost.disturbed(world.time.now);
    const watchdogWouldNotice = world.chosen.complete && sleepMs > NOTICED_BY_WATCHDOG_MS;
    if (watchdogWouldNotice && random.chance(0.3)) world.note('nobody says so');
    else desk.announceWaking(random.between(0, 1_500), random.between(1, 3));
  };
  if (random.chance(0.3)) {
    fallAsleep();
    return;
  }
  world.note('is about to sleep');
  world.after(INHIBIT_LIMIT_MS, fallAsleep);
  desk.announceSleep(() => world.after(1, fallAsleep));
}
