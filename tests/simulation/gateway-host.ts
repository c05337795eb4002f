import type { FrameSocket } from '../../gateway/connection.ts';
import { createGateway, type Gateway } from '../../gateway/gateway.ts';
import { createActiveconnectProvider } from '../../gateway/providers/activeconnect/provider.ts';
import type { SessionRecord, SessionStore } from '../../gateway/store/session-store.ts';
import { hashToken } from '../../gateway/tokens.ts';
import type { SeededRandom } from './seeded-random.ts';
import { APP_ID, APP_SECRET, SERVICE_URL, type ServiceInTown } from './service-in-town.ts';
import { type Computer, Process, type VirtualTime } from './virtual-time.ts';

export const TOKEN = 'token-of-the-simulated-workstation';
const ACCEPTED_TOKENS = [{ name: 'desk', sha256: hashToken(TOKEN) }];
const quiet = (): void => undefined;
const SILENT_LOGGER = { info: quiet, warn: quiet, error: quiet };
const NO_AUDIT = { append: quiet };

interface RunningGateway {
  readonly process: Process;
  readonly gateway: Gateway;
  accept(socket: FrameSocket): ReturnType<Gateway['accept']>;
}

/** Where the gateway runs, dies and is started again. */
export class GatewayHost {
  starts = 0;
  readonly computer: Computer;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #service: ServiceInTown;
  readonly leaseMs: number;
  readonly #onSettled: () => void;
  readonly #onDeath: (process: Process) => void;
  /** What survives a restart. */
  readonly #kept = new Map<string, SessionRecord>();
  /** Every session there ever was, for the ghost: gateway's id → record. */
  readonly #recorded = new Map<string, SessionRecord>();
  #running: RunningGateway | null = null;
  #startingUp = 0;

  constructor(options: {
    readonly computer: Computer;
    readonly time: VirtualTime;
    readonly random: SeededRandom;
    readonly service: ServiceInTown;
    readonly leaseMs: number;
    readonly onSettled: () => void;
    readonly onDeath: (process: Process) => void;
  }) {
    this.computer = options.computer;
    this.#time = options.time;
    this.#random = options.random;
    this.#service = options.service;
    this.leaseMs = options.leaseMs;
    this.#onSettled = options.onSettled;
    this.#onDeath = options.onDeath;
  }

  running(): RunningGateway | null {
    return this.#running;
  }

  record(sessionId: string): SessionRecord | undefined {
    return this.#recorded.get(sessionId);
  }

  async start(): Promise<void> {
    this.#startingUp += 1;
    const turn = this.#startingUp;
    this.starts += 1;
    const process = new Process(this.computer);
    const time = this.#time;
    const clock = {
      elapsedMs: () => time.now,
      wallMs: () => time.wallOf(this.computer),
      schedule: (delayMs: number, task: () => void) => time.timeout(delayMs, process, task),
    };
    const provider = createActiveconnectProvider({
      profile: 'activeconnect',
      baseUrl: SERVICE_URL,
      appId: APP_ID,
      appSecret: APP_SECRET,
      simulated: true,
      // A pause between two attempts ends in a promise.
      clock: {
        ...clock,
        schedule: (delayMs, task) =>
          clock.schedule(delayMs, () => {
            this.#onSettled();
            task();
          }),
      },
      exchange: this.#service,
      random: this.#random.next,
    });
    this.#onSettled();
    const gateway = await createGateway({
      provider,
      acceptedTokens: ACCEPTED_TOKENS,
      logger: SILENT_LOGGER,
      audit: NO_AUDIT,
      store: this.#store(process),
      clock,
      random: this.#random.next,
      newSessionId: () => this.#random.hex(32),
      leaseMs: this.leaseMs,
    });
    if (turn !== this.#startingUp) return;
    this.#running = { process, gateway, accept: (socket) => gateway.accept(socket) };
  }

  /** kill -9. @param forgets its store goes with it. */
  kill(forgets: boolean): void {
    this.#startingUp += 1;
    const running = this.#running;
    this.#running = null;
    if (forgets) this.#kept.clear();
    if (running === null) return;
    running.process.alive = false;
    this.#onDeath(running.process);
  }

  /** A store in memory that outlives the process; a dead process writes nothing any more. */
  #store(process: Process): SessionStore {
    const settled = async (change: () => void): Promise<void> => {
      this.#onSettled();
      if (process.alive) change();
    };
    return {
      load: async () => ({ records: [...this.#kept.values()], problems: [] }),
      save: (record) =>
        settled(() => {
          this.#kept.set(record.sessionId, record);
          this.#recorded.set(record.sessionId, record);
        }),
      remove: (sessionId) => settled(() => void this.#kept.delete(sessionId)),
    };
  }
}
