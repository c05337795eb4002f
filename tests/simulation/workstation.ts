import { pino } from 'pino';
import type { LockEvent, Machine, TransitionFunction } from '../../main/core/lock-types.ts';
import type { Curtain } from '../../main/core/ports.ts';
import { createGatewayLink } from '../../main/link/gateway-link.ts';
import type { PresenceGatewayLink } from '../../main/link/presence-gateway-link.ts';
import { createGuard, type Guard, type GuardStep } from '../../main/runtime/guard.ts';
import { createWakeUp, type Timers } from '../../main/runtime/wake-up.ts';
import { startWatchdog } from '../../main/runtime/watchdog.ts';
import { watchOsSession } from '../../main/session-signals.ts';
import type { Policy } from '../../protocol/policy.ts';
import type { Desk } from './desk.ts';
import { TOKEN } from './gateway-host.ts';
import type { Network } from './network.ts';
import type { SeededRandom } from './seeded-random.ts';
import { USER_ID } from './service-in-town.ts';
import { Process, type VirtualTime } from './virtual-time.ts';

export const DEVICE_ID = 'the-desk';
const SILENT_LOG = pino({ level: 'silent' });
const quiet = (): void => undefined;
const done = async (): Promise<void> => undefined;

export interface WorkstationOptions {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly desk: Desk;
  readonly network: Network;
  readonly policy: Policy;
  readonly rules: TransitionFunction;
  /** Its timer ticks every second, which is most of what would happen in a quiet hour. */
  readonly watchdog: boolean;
  readonly onSettled: () => void;
  readonly onStep: (before: Machine, step: GuardStep) => void;
  readonly onFault: (error: unknown) => void;
}

/** One life of the app's main process: the real guard, link, wake-up and OS glue on the desk of the simulated world. */
export class Workstation {
  readonly process: Process;
  readonly runId: string;
  readonly guard: Guard;
  readonly link: PresenceGatewayLink;
  readonly #options: WorkstationOptions;

  constructor(options: WorkstationOptions) {
    const { time, desk, network, policy } = options;
    this.#options = options;
    this.process = new Process(desk.computer);
    this.runId = options.random.hex(16);
    const clock = { monotonicNow: () => time.now, wallNow: () => time.wallOf(desk.computer) };
    const after = (ms: number, fire: () => void) => time.timeout(ms, this.process, fire);
    let link: PresenceGatewayLink | null = null;
    this.guard = createGuard({
      runId: this.runId,
      policy: () => policy,
      rules: options.rules,
      onFault: options.onFault,
      ports: (dispatch) => {
        link = createGatewayLink({
          connect: null,
          deviceId: DEVICE_ID,
          appVersion: '0.1.0',
          platform: 'linux',
          clock,
          dispatch,
          logger: { info: quiet, warn: quiet },
          timers: { after },
          random: options.random.next,
          openTransport: network.transportFor(this.process),
        });
        return {
          ladder: desk.ladderFor(this.process),
          curtain: onlyWhileAlive(desk.curtain(), this.process),
          link,
          notifier: { notify: done, withdraw: done },
          audit: { append: done },
          alarm: { raise: done },
          wakeUp: createWakeUp(clock, timersOf(after)),
          clock,
        };
      },
    });
    if (link === null) throw new Error('no link was made');
    this.link = link;
    let before = this.guard.current();
    this.guard.subscribe((step) => {
      options.onStep(before, step);
      before = step.machine;
    });
    if (options.watchdog) {
      startWatchdog({
        clock,
        timers: timersOf(after),
        onTick: () => this.tell({ type: 'timer.fired' }),
        onSlept: () => {
          this.link.reconnectNow();
          this.tell({ type: 'os.resumed' });
        },
      });
    }
  }

  /** As main/index.ts does: the OS session is watched first, then whoever is enrolled is guarded. */
  async begin(): Promise<void> {
    const { time, desk, onSettled } = this.#options;
    onSettled();
    await watchOsSession({
      guard: this.guard,
      watch: desk.watchFor(this.process),
      link: this.link,
      clock: { monotonicNow: () => time.now, wallNow: () => time.wallOf(desk.computer) },
      log: SILENT_LOG,
      onProblem: quiet,
    });
    this.link.retarget({ url: 'ws://127.0.0.1:1/', token: TOKEN });
    this.tell({ type: 'enrollment.changed', enrollment: { userId: USER_ID, deviceId: DEVICE_ID } });
  }

  tell(event: LockEvent extends infer E ? (E extends { at: number } ? Omit<E, 'at'> : never) : never): void {
    const asleep = this.process.computer?.sleptSince !== null;
    if (this.process.alive && !asleep) this.guard.dispatch({ ...event, at: this.#options.time.now });
  }
}

const timersOf = (after: (ms: number, fire: () => void) => () => void): Timers => ({
  setTimeout: (callback, ms) => after(ms, callback),
  clearTimeout: (handle) => {
    if (typeof handle === 'function') handle();
  },
});

function onlyWhileAlive(curtain: Curtain, process: Process): Curtain {
  return {
    raise: async () => (process.alive ? curtain.raise() : undefined),
    lower: async (proof) => (process.alive ? curtain.lower(proof) : undefined),
    discard: async () => (process.alive ? curtain.discard() : undefined),
  };
}
