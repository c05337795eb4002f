import type { Connection, FrameSocket } from '../../gateway/connection.ts';
import type { FrameTransport, TransportListener } from '../../main/link/frame-transport.ts';
import type { Network } from './network.ts';
import type { Process } from './virtual-time.ts';
import { DUPLICATE_AFTER_MS, FAIR_WEATHER, REORDERING_MS } from './weather.ts';

const ABNORMAL_CLOSURE = 1006;

interface Stream {
  readonly messages: (() => void)[];
  lastDueAt: number;
}

/** One connection. Main's end is the `FrameTransport`; the gateway's end is the `FrameSocket` made by `join`. */
export class Wire implements FrameTransport {
  readonly #network: Network;
  readonly #main: Process;
  readonly #listener: TransportListener;
  #gateway: Process | null = null;
  #connection: Connection | null = null;
  #phase: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  #gatewayOpen = false;
  #unread = 0;
  /** Messages under way, oldest first. Each delivery takes the oldest, so that order holds whatever their timers do. */
  readonly #toGateway: Stream = { messages: [], lastDueAt: 0 };
  readonly #toMain: Stream = { messages: [], lastDueAt: 0 };

  constructor(network: Network, main: Process, listener: TransportListener) {
    this.#network = network;
    this.#main = main;
    this.#listener = listener;
  }

  fail(): void {
    if (this.#phase !== 'connecting') return;
    this.#listener.onError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    this.#closeMainEnd(ABNORMAL_CLOSURE);
  }

  join(gateway: Process, accept: (socket: FrameSocket) => Connection): void {
    if (this.#phase !== 'connecting') return;
    this.#phase = 'open';
    this.#gatewayOpen = true;
    this.#gateway = gateway;
    this.#network.wires.add(this);
    const wire = this;
    this.#connection = accept({
      get bufferedBytes() {
        return wire.#unread;
      },
      send: (text) => wire.#sendToMain(text),
      ping: () => wire.#control('main', () => wire.#onGatewayPing()),
      close: (code) => wire.#closeByGateway(code),
      terminate: () => wire.#terminateByGateway(),
    });
    this.#listener.onOpen();
  }

  isOpen(): boolean {
    return this.#phase === 'open';
  }

  isClosed(): boolean {
    return this.#phase === 'closed';
  }

  send(text: string): void {
    this.#carry('gateway', text, (arrived) => {
      if (!this.#gatewayOpen) return;
      this.#network.observer.onFrameForGateway(arrived);
      this.#connection?.onText(arrived);
    });
  }

  ping(payload: string): void {
    this.#control('gateway', () => {
      if (!this.#gatewayOpen) return;
      this.#connection?.onSignOfLife();
      this.#control('main', () => {
        if (this.#phase === 'open') this.#listener.onPong(payload);
      });
    });
  }

  close(_code: number): void {
    if (this.#phase === 'connecting') this.terminate();
    if (this.#phase !== 'open') return;
    this.#phase = 'closing';
    this.#control('gateway', () => {
      this.#closeGatewayEnd();
      this.#control('main', () => this.#closeMainEnd(1000));
    });
  }

  terminate(): void {
    if (this.#phase === 'closed') return;
    const wasConnecting = this.#phase === 'connecting';
    this.#phase = 'closed';
    this.#network.wires.delete(this);
    this.#network.time.after(0, this.#main, () => this.#listener.onClose(ABNORMAL_CLOSURE));
    if (!wasConnecting) this.#control('gateway', () => this.#closeGatewayEnd());
  }

  cut(): void {
    const tell = (receiver: Process | null, happen: () => void): void => {
      // A sleeping end finds out when it wakes.
      if (receiver !== null && isAsleep(receiver)) this.#network.time.after(0, receiver, happen);
      else happen();
    };
    tell(this.#gateway, () => this.#closeGatewayEnd());
    tell(this.#main, () => this.#closeMainEnd(ABNORMAL_CLOSURE));
  }

  onDeath(process: Process): void {
    if (process === this.#main) {
      this.#phase = 'closed';
      this.#network.wires.delete(this);
      this.#control('gateway', () => this.#closeGatewayEnd());
    } else if (process === this.#gateway) {
      this.#gatewayOpen = false;
      this.#control('main', () => this.#closeMainEnd(ABNORMAL_CLOSURE));
    }
  }

  /** Puts a frame of somebody else's making on the stream to main, as a gateway of another mind would. */
  inject(text: string): void {
    this.#sendToMain(text);
  }

  #sendToMain(text: string): void {
    const sentAt = this.#network.time.now;
    this.#unread = this.#network.weather.blackout ? this.#unread + text.length : 0;
    this.#carry('main', text, (arrived, intact) => {
      if (this.#phase !== 'open') return;
      if (intact) this.#network.observer.onFrameForMain(arrived, sentAt);
      this.#listener.onMessage(arrived);
    });
  }

  #onGatewayPing(): void {
    if (this.#phase !== 'open') return;
    this.#listener.onPing();
    this.#control('gateway', () => {
      if (this.#gatewayOpen) this.#connection?.onSignOfLife();
    });
  }

  #closeByGateway(code: number): void {
    if (!this.#gatewayOpen) return;
    this.#control('main', () => {
      this.#closeMainEnd(code);
      this.#control('gateway', () => this.#closeGatewayEnd());
    });
  }

  #terminateByGateway(): void {
    this.#closeGatewayEnd();
    this.#control('main', () => this.#closeMainEnd(ABNORMAL_CLOSURE));
  }

  #closeMainEnd(code: number): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#network.wires.delete(this);
    this.#listener.onClose(code);
  }

  #closeGatewayEnd(): void {
    if (!this.#gatewayOpen) return;
    this.#gatewayOpen = false;
    this.#connection?.onClosed();
  }

  /** Text: what the weather is about. */
  #carry(to: 'main' | 'gateway', text: string, arrive: (text: string, intact: boolean) => void): void {
    const { weather, random, time, observer } = this.#network;
    if (weather === FAIR_WEATHER) {
      this.#enqueue(to, this.#network.latencyMs, () => arrive(text, true));
      return;
    }
    if (weather.blackout) return;
    if (random.chance(weather.loss)) {
      observer.onNote('lost', `to ${to} ${text}`);
      return;
    }
    const delayMs = this.#network.latencyMs + random.next() * weather.delayMs;
    if (random.chance(weather.truncation)) {
      const torn = text.slice(0, random.between(0, text.length - 1));
      observer.onNote('truncated', `to ${to} ${torn}`);
      this.#enqueue(to, delayMs, () => arrive(torn, false));
      return;
    }
    const receiver = this.#receiver(to);
    if (receiver !== null && random.chance(weather.duplication)) {
      const again = delayMs + random.between(1, DUPLICATE_AFTER_MS);
      time.after(again, receiver, () => {
        observer.onNote('duplicated', `to ${to} ${text}`);
        arrive(text, true);
      });
    }
    if (receiver !== null && random.chance(weather.reordering)) {
      time.after(delayMs + random.between(1, REORDERING_MS), receiver, () => arrive(text, true));
      return;
    }
    this.#enqueue(to, delayMs, () => arrive(text, true));
  }

  /** Pings, pongs and closing: at once on a quiet wire (there is nothing they could overtake), else in the order of the stream. */
  #control(to: 'main' | 'gateway', arrive: () => void): void {
    const { weather } = this.#network;
    if (weather.blackout) return;
    const receiver = this.#receiver(to);
    if (receiver === null || !receiver.alive) return;
    const quiet = this.#toGateway.messages.length === 0 && this.#toMain.messages.length === 0;
    if (weather === FAIR_WEATHER && quiet && !isAsleep(receiver)) arrive();
    else this.#enqueue(to, this.#network.latencyMs, arrive);
  }

  #enqueue(to: 'main' | 'gateway', delayMs: number, arrive: () => void): void {
    const receiver = this.#receiver(to);
    if (receiver === null) return;
    const stream = to === 'main' ? this.#toMain : this.#toGateway;
    const { time } = this.#network;
    stream.messages.push(arrive);
    stream.lastDueAt = Math.max(stream.lastDueAt, time.now + delayMs);
    time.after(stream.lastDueAt - time.now, receiver, () => stream.messages.shift()?.());
  }

  #receiver(to: 'main' | 'gateway'): Process | null {
    return to === 'main' ? this.#main : this.#gateway;
  }
}

const isAsleep = ({ computer }: Process): boolean => computer !== null && computer.sleptSince !== null;
