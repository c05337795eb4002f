import type { LockManners } from './desk.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type ServiceMood, WELL } from './service-in-town.ts';
import { sleepAWhile } from './sleeping.ts';
import { FAIR_WEATHER, type Weather } from './weather.ts';
import type { World } from './world.ts';

/** How often each kind of fault is chosen among the others. */
const FAULTS = {
  storm: 6,
  delay: 4,
  blackout: 5,
  cut: 4,
  refusal: 3,
  'service trouble': 6,
  'service restart': 2,
  'gateway crash': 4,
  'main crash': 3,
  'curtain crash': 4,
  'curtain broken': 1,
  'display change': 2,
  sleep: 4,
  'wall clock': 3,
  'lock manners': 7,
  'lock command': 1,
  'pause command': 3,
  'old frame': 5,
  'old event': 5,
  'foreign frame': 3,
  'policy told again': 1,
} as const;
type Fault = keyof typeof FAULTS;

const SECOND = 1_000;
const DAY_MS = 86_400_000;

/** What goes wrong, and when. One at a time begins; many may last at once. */
export class Faults {
  readonly #world: World;
  readonly #random: SeededRandom;

  constructor(world: World, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
  }

  begin(): void {
    this.#plan();
  }

  #plan(): void {
    const { faultEveryMs } = this.#world.chosen;
    const mean = this.#world.desk.locked ? faultEveryMs.locked : faultEveryMs.attended;
    // Looked at again at least this often, because whether somebody sits there changes.
    const delayMs = Math.min(this.#random.untilNext(mean), 600 * SECOND);
    const strikes = delayMs < 600 * SECOND;
    this.#world.after(delayMs, () => {
      if (strikes) this.#strike(this.#random.weighted(FAULTS));
      this.#plan();
    });
  }

  #strike(fault: Fault): void {
    const world = this.#world;
    const random = this.#random;
    switch (fault) {
      case 'storm': {
        const some = (most: number) => (random.chance(0.5) ? random.next() * most : 0);
        const reordering = world.chosen.reorders ? some(0.4) : 0;
        this.#weather(fault, 40 * SECOND, {
          ...FAIR_WEATHER,
          loss: some(0.4),
          duplication: some(0.4),
          reordering,
          truncation: some(0.05),
          delayMs: some(2_000),
        });
        return;
      }
      case 'delay':
        this.#weather(fault, 60 * SECOND, { ...FAIR_WEATHER, delayMs: random.between(500, 20_000) });
        return;
      case 'blackout':
        this.#weather(fault, 90 * SECOND, { ...FAIR_WEATHER, blackout: true });
        return;
      case 'cut':
        this.#begins(fault, 0);
        world.network.cutAll();
        return;
      case 'refusal':
        this.#weather(fault, 150 * SECOND, { ...FAIR_WEATHER, refusing: true });
        world.network.cutAll();
        return;
      case 'service trouble': {
        const kind = random.pick<ServiceMood['kind']>([
          'unreachable',
          'silent',
          'breaks-off',
          'error',
          'garbage',
          'busy',
          'slow',
        ]);
        this.#service(fault, { kind, share: random.pick([0.3, 0.7, 1]) }, random.between(2, 90) * SECOND);
        return;
      }
      case 'service restart': {
        const forgets = random.chance(0.5);
        const lastsMs = random.between(2, 30) * SECOND;
        this.#service(fault, { kind: 'unreachable', share: 1 }, lastsMs);
        if (forgets) world.service.forget();
        return;
      }
      case 'gateway crash': {
        const downMs = random.between(300, 20_000);
        this.#begins(fault, downMs);
        world.gateway.kill(random.chance(0.3));
        world.afterOn(world.gateway.computer, downMs, () => world.startGateway());
        return;
      }
      case 'main crash': {
        if (world.main === null) return;
        const downMs = random.between(500, 30_000);
        this.#begins(fault, downMs);
        world.killMain();
        world.afterOn(world.desk.computer, downMs, () => world.startMain());
        return;
      }
      case 'curtain crash': {
        this.#begins(fault, 0);
        world.desk.uncover(random.chance(0.6), () => this.#curtainLost());
        return;
      }
      case 'curtain broken': {
        const lastsMs = random.between(2, 40) * SECOND;
        this.#begins(fault, lastsMs);
        world.desk.curtainBroken = true;
        world.desk.uncover(false, () => this.#curtainLost());
        world.after(lastsMs, () => {
          world.desk.curtainBroken = false;
        });
        return;
      }
      case 'display change':
        this.#begins(fault, 0);
        world.desk.uncover(true, () => this.#curtainLost());
        return;
      case 'sleep':
        this.#begins(fault, 0);
        sleepAWhile(world, random);
        return;
      case 'wall clock':
        this.#moveWallClock();
        return;
      case 'lock manners': {
        const manners = random.pick<LockManners>([
          'lies',
          'lies',
          'locks late',
          'tells late',
          'fails',
          'repeats itself',
        ]);
        const lastsMs = random.between(10, 200) * SECOND;
        world.note('the OS', manners);
        world.desk.manners = manners;
        world.after(lastsMs, () => {
          if (world.desk.manners === manners) world.desk.manners = 'honest';
        });
        return;
      }
      case 'lock command':
        this.#begins(fault, 0);
        this.#inject({ v: 1, type: 'command.lock', reason: 'by the administrator' });
        return;
      case 'pause command':
        this.#begins(fault, 0);
        this.#inject({
          v: 1,
          type: 'command.pause',
          sessionId: random.chance(0.2) ? random.hex(32) : this.#someSession(),
          minutes: random.between(1, 480),
        });
        return;
      case 'old frame': {
        const [frame] = world.heard.slice(-random.between(1, 40));
        if (frame === undefined) return;
        this.#begins(fault, 0);
        for (const wire of world.network.wires) wire.inject(frame);
        return;
      }
      case 'old event':
        this.#tellAgain();
        return;
      case 'foreign frame':
        this.#begins(fault, 0);
        this.#inject({
          v: 1,
          type: 'session.state',
          sessionId: random.hex(32),
          seq: random.between(1, 99),
          status: random.pick(['active', 'closed', 'walkaway', 'failed']),
          validForMs: 15_000,
        });
        return;
      case 'policy told again':
        world.main?.tell({ type: 'policy.changed' });
    }
  }

  #begins(fault: Fault, lastsMs: number, detail = ''): void {
    this.#world.note(fault, detail);
    this.#world.ghost.disturbed(this.#world.time.now + lastsMs);
  }

  #weather(fault: Fault, longestMs: number, weather: Weather): void {
    const world = this.#world;
    const lastsMs = this.#random.between(2 * SECOND, longestMs);
    this.#begins(fault, lastsMs, JSON.stringify(weather));
    world.network.weather = weather;
    world.after(lastsMs, () => {
      if (world.network.weather === weather) world.network.weather = FAIR_WEATHER;
    });
  }

  #service(fault: Fault, mood: ServiceMood, lastsMs: number): void {
    const world = this.#world;
    this.#begins(fault, lastsMs, `${mood.kind} ${mood.share}`);
    world.service.mood = mood;
    world.after(lastsMs, () => {
      if (world.service.mood === mood) world.service.mood = WELL;
    });
  }

  /** The newest the workstation heard of, mostly; now and then one that is long over. */
  #someSession(): string {
    const { statuses } = this.#world;
    const [told] = statuses.slice(-(this.#random.chance(0.8) ? 1 : this.#random.between(1, 40)));
    return told?.sessionId ?? this.#random.hex(32);
  }

  #curtainLost(): void {
    this.#world.main?.tell({ type: 'curtain.lost', reason: 'the curtain crashed twice' });
  }

  #moveWallClock(): void {
    const world = this.#world;
    const computer = this.#random.pick([world.desk.computer, world.gateway.computer]);
    const byMs = this.#random.between(1_000, this.#random.pick([60 * SECOND, 3_600 * SECOND, 400 * DAY_MS]));
    const lastsMs = this.#random.between(5, 120) * SECOND;
    computer.wallOffsetMs = this.#random.chance(0.5) ? byMs : -byMs;
    this.#begins('wall clock', lastsMs, `of the ${computer.name} by ${computer.wallOffsetMs} ms`);
    world.after(lastsMs, () => {
      computer.wallOffsetMs = 0;
      this.#begins('wall clock', 0, `of the ${computer.name} set right`);
    });
  }

  #inject(frame: Readonly<Record<string, unknown>>): void {
    for (const wire of this.#world.network.wires) wire.inject(JSON.stringify(frame));
  }

  /** Beneath the link: the rules themselves hear something for the second time. */
  #tellAgain(): void {
    const { main, statuses } = this.#world;
    const [old] = statuses.slice(-this.#random.between(1, 20));
    if (main === null || old === undefined) return;
    this.#begins('old event', 0);
    main.tell(old);
  }
}
