import type { LockEvent, TransitionFunction } from '../../main/core/lock-types.ts';
import { transition } from '../../main/core/transition.ts';
import { ApprovalTruth } from './approval-truth.ts';
import type { ChosenWorld } from './chosen-world.ts';
import { Desk } from './desk.ts';
import { GatewayHost } from './gateway-host.ts';
import { Ghost } from './ghost.ts';
import { Network } from './network.ts';
import { SeededRandom } from './seeded-random.ts';
import { ServiceInTown } from './service-in-town.ts';
import type { Trace } from './trace.ts';
import { Computer, Process, VirtualTime } from './virtual-time.ts';
import { Workstation } from './workstation.ts';

const PHONE_LIMITS = { closeMs: 300_000, pendingMs: 60_000 } as const;
const LATENCY_MS = { embedded: 1, shared: 25 } as const;
type StatusEvent = Extract<LockEvent, { type: 'session.status' }>;

/** Frames that came once and may come again. */
const REPLAYABLE = 40;

/** Everything that exists in one simulated world, and the ghost that watches it. */
export class World {
  readonly chosen: ChosenWorld;
  readonly time = new VirtualTime();
  readonly desk: Desk;
  readonly network: Network;
  readonly service: ServiceInTown;
  readonly gateway: GatewayHost;
  readonly ghost: Ghost;
  readonly trace: Trace;
  /** What is outside of every computer: people, phones, the service. */
  readonly outside = new Process(null);
  main: Workstation | null = null;
  onRing: () => void = () => undefined;
  /** Frames as they came, for somebody who wants to send them again. */
  readonly heard: string[] = [];
  /** Answers as the rules were told them. */
  readonly statuses: StatusEvent[] = [];
  readonly #seed: number;
  readonly #rules: TransitionFunction;
  readonly #truth: ApprovalTruth;
  #lives = 0;
  #unsettled = false;

  constructor(seed: number, chosen: ChosenWorld, trace: Trace, rules: TransitionFunction = transition) {
    this.#seed = seed;
    this.chosen = chosen;
    this.trace = trace;
    this.#rules = rules;
    const { time } = this;
    const onSettled = (): void => {
      this.#unsettled = true;
    };
    const workstation = new Computer('workstation');
    const elsewhere = chosen.embedded ? workstation : new Computer('gateway');
    this.desk = new Desk({ computer: workstation, time, random: this.#stream('desk'), onSettled });
    this.#truth = new ApprovalTruth(time, { walkawayMs: chosen.walkawayMs, ...PHONE_LIMITS });
    this.service = new ServiceInTown({
      time,
      random: this.#stream('service'),
      verifies: chosen.complete,
      callerWallMs: () => time.wallOf(elsewhere),
      truth: this.#truth,
      onSettled,
      onRing: () => {
        this.note('the phone rings');
        this.ghost.rang(this.service.rings, this.gateway.starts);
        this.onRing();
      },
    });
    this.gateway = new GatewayHost({
      computer: elsewhere,
      time,
      random: this.#stream('gateway'),
      service: this.service,
      leaseMs: chosen.embedded ? chosen.policy.leaseMs : 15_000,
      onSettled,
      onDeath: (process) => this.network.onDeath(process),
    });
    this.network = new Network({
      time,
      random: this.#stream('network'),
      latencyMs: chosen.embedded ? LATENCY_MS.embedded : LATENCY_MS.shared,
      door: () => this.gateway.running(),
      observer: {
        onFrameForMain: (text, sentAt) => this.#heard(text, sentAt),
        onFrameForGateway: (text) => {
          // A poll is answered without a promise; it is most of what there is.
          if (!text.includes('session.poll')) onSettled();
        },
        onNote: (what, detail) => this.note(what, detail),
      },
    });
    this.ghost = new Ghost({
      policy: chosen.policy,
      truth: this.#truth,
      desk: this.desk,
      gateway: this.gateway,
      rules,
      reorders: chosen.reorders,
    });
  }

  note(what: string, detail = ''): void {
    this.trace.note(this.time.now, what, detail);
  }

  after(delayMs: number, happen: () => void): () => void {
    return this.time.after(delayMs, this.outside, happen);
  }

  /** Whatever starts programs on a computer: while that sleeps it starts none. */
  afterOn(computer: Computer, delayMs: number, happen: () => void): void {
    this.time.after(delayMs, new Process(computer), happen);
  }

  startMain(): void {
    this.#lives += 1;
    const main = new Workstation({
      time: this.time,
      random: this.#stream(`main ${this.#lives}`),
      desk: this.desk,
      network: this.network,
      policy: this.chosen.policy,
      rules: this.#rules,
      watchdog: this.chosen.complete,
      onSettled: () => {
        this.#unsettled = true;
      },
      onStep: (before, step) => {
        if (this.main !== main) return;
        this.trace.step(step);
        if (step.event.type === 'session.status') this.#remember(step.event);
        this.ghost.step(before, step);
      },
      onFault: (error) => {
        throw error;
      },
    });
    this.main = main;
    this.ghost.mainBegan(main.runId, this.time.now);
    this.note('main starts', main.runId);
    void main.begin();
  }

  killMain(): void {
    const { main } = this;
    if (main === null) return;
    this.main = null;
    main.process.alive = false;
    this.note('main dies');
    this.desk.onMainDied();
    this.network.onDeath(main.process);
    this.ghost.mainDied();
  }

  startGateway(): void {
    this.note('the gateway starts');
    this.#unsettled = true;
    void this.gateway.start();
  }

  /** Whether promises were settled since it was last asked: then their callbacks must run before time moves on. */
  takeUnsettled(): boolean {
    const unsettled = this.#unsettled;
    this.#unsettled = false;
    return unsettled;
  }

  #remember(event: StatusEvent): void {
    this.statuses.push(event);
    if (this.statuses.length > REPLAYABLE) this.statuses.shift();
  }

  #heard(text: string, sentAt: number): void {
    this.heard.push(text);
    if (this.heard.length > REPLAYABLE) this.heard.shift();
    this.ghost.frameDelivered(text, sentAt, this.time.now);
  }

  #stream(name: string): SeededRandom {
    return new SeededRandom(this.#seed, name);
  }
}
