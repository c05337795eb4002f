import type { Connection, FrameSocket } from '../../gateway/connection.ts';
import type { OpenTransport } from '../../main/link/frame-transport.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Process, VirtualTime } from './virtual-time.ts';
import { FAIR_WEATHER, type Weather } from './weather.ts';
import { Wire } from './wire.ts';

/** Connecting to nobody is refused this fast; into a blackout it is never answered. */
const REFUSED_AFTER_MS = 5;

/** What the world hears of the network. */
export interface NetworkObserver {
  /** An intact text frame reaches a link that still listens. `sentAt`: when the gateway handed it to its socket. */
  onFrameForMain(text: string, sentAt: number): void;
  /** Before the gateway reads a frame. */
  onFrameForGateway(text: string): void;
  onNote(what: string, detail: string): void;
}

/** Where a connection ends up; null while no gateway runs. */
export type GatewayDoor = () => { readonly process: Process; accept(socket: FrameSocket): Connection } | null;

/** The network in memory: one stream each way, in order, unless the weather says otherwise. */
export class Network {
  weather: Weather = FAIR_WEATHER;
  readonly wires = new Set<Wire>();
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly latencyMs: number;
  readonly observer: NetworkObserver;
  readonly #door: GatewayDoor;

  constructor(options: {
    readonly time: VirtualTime;
    readonly random: SeededRandom;
    readonly latencyMs: number;
    readonly door: GatewayDoor;
    readonly observer: NetworkObserver;
  }) {
    this.time = options.time;
    this.random = options.random;
    this.latencyMs = options.latencyMs;
    this.observer = options.observer;
    this.#door = options.door;
  }

  /** The way out of one process of main. */
  transportFor(main: Process): OpenTransport {
    return (_address, _limits, listener) => {
      const wire = new Wire(this, main, listener);
      if (this.weather.blackout) return wire;
      this.time.after(
        this.#door() === null || this.weather.refusing ? REFUSED_AFTER_MS : 2 * this.latencyMs,
        main,
        () => {
          const door = this.#door();
          if (door === null || this.weather.refusing || this.weather.blackout) wire.fail();
          else wire.join(door.process, (socket) => door.accept(socket));
        },
      );
      return wire;
    };
  }

  /** Both ends learn at once that the connection is gone. */
  cutAll(): void {
    for (const wire of [...this.wires]) wire.cut();
  }

  /** A process died: its sockets are closed by its system, which the other end hears unless the network is out. */
  onDeath(process: Process): void {
    for (const wire of [...this.wires]) wire.onDeath(process);
  }
}
