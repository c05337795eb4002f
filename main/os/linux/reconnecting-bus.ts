import { z } from 'zod';
import {
  type BusCall,
  BusCallFailed,
  type BusConnection,
  type BusSignal,
  openBusConnection,
} from './bus-connection.ts';

/** Delay before the first attempt to reach a lost bus again; doubles up to the maximum. A restarting daemon needs ~100 ms. */
export const BUS_RECONNECT_FIRST_MS = 100;
/** The longest we wait between two attempts. Attempts never end: a workstation is guarded for as long as it runs. */
export const BUS_RECONNECT_MAX_MS = 5_000;

/** Which signals to hear. `sender` is a well-known name; only its present owner is believed. */
export interface SignalInterest {
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
}

/** What the Linux adapters need of a bus. Implemented by ReconnectingBus, and by a fake in the tests. */
export interface Bus {
  /** @throws BusCallFailed, also at once while the bus is away. */
  call(call: BusCall): Promise<readonly unknown[]>;
  /** Stays subscribed over reconnects. Signals from anybody but the owner of `sender` are dropped. */
  subscribe(interest: SignalInterest, listener: (body: readonly unknown[]) => void): Promise<void>;
  /** Called when `service` may have changed behind our back (bus reconnected, service restarted): read state again. */
  onServiceBack(service: string, listener: () => void): void;
  /** Called when `service` left a bus that is still there. What it held is gone with it. */
  onServiceGone(service: string, listener: () => void): void;
}

const DBUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
} as const;

const nameReplySchema = z.tuple([z.string()]);
const nameOwnerChangedSchema = z.tuple([z.string(), z.string(), z.string()]);

type Subscription = SignalInterest & { readonly listener: (body: readonly unknown[]) => void };

/**
 * A bus connection that comes back. Match rules, owners of well-known names and subscriptions are restored after every
 * reconnect, then the `onServiceBack` listeners run so that nothing that changed meanwhile stays unseen (OS-NOTES: "subscribe again
 * after the bus reconnects").
 */
export class ReconnectingBus implements Bus {
  readonly #address: string;
  readonly #onTrouble: (reason: string) => void;
  readonly #subscriptions: Subscription[] = [];
  readonly #backListeners: { readonly service: string; readonly listener: () => void }[] = [];
  readonly #goneListeners: { readonly service: string; readonly listener: () => void }[] = [];
  /** Unique name that owns each well-known name we listen to; null while nobody does. */
  readonly #owners = new Map<string, string | null>();
  #connection: BusConnection | null = null;
  #retry: NodeJS.Timeout | null = null;
  #closed = false;

  /** `onTrouble` hears every lost connection and failed attempt in one sentence, for the log. */
  constructor(options: { readonly address: string; readonly onTrouble?: (reason: string) => void }) {
    this.#address = options.address;
    this.#onTrouble = options.onTrouble ?? (() => undefined);
  }

  /** Opens the first connection. @throws BusCallFailed when the bus cannot be reached now; it is tried again until `close()`. */
  async open(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      this.#reconnectLater(BUS_RECONNECT_FIRST_MS);
      throw error;
    }
  }

  async call(call: BusCall): Promise<readonly unknown[]> {
    if (this.#connection === null) {
      throw new BusCallFailed(`${call.interface}.${call.member}: the bus is not connected`, null);
    }
    return await this.#connection.call(call);
  }

  async subscribe(interest: SignalInterest, listener: (body: readonly unknown[]) => void): Promise<void> {
    const subscription = { ...interest, listener };
    this.#subscriptions.push(subscription);
    if (this.#connection !== null) await this.#register(this.#connection, subscription);
  }

  onServiceBack(service: string, listener: () => void): void {
    this.#backListeners.push({ service, listener });
  }

  onServiceGone(service: string, listener: () => void): void {
    this.#goneListeners.push({ service, listener });
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close();
  }

  async #connect(): Promise<void> {
    const connection = await openBusConnection({
      address: this.#address,
      onSignal: (signal) => this.#deliver(signal),
      onClosed: (reason) => {
        if (this.#connection !== connection) return;
        this.#connection = null;
        if (this.#closed) return;
        this.#onTrouble(`bus connection lost: ${reason}`);
        this.#reconnectLater(BUS_RECONNECT_FIRST_MS);
      },
    });
    try {
      this.#owners.clear();
      for (const subscription of this.#subscriptions) await this.#register(connection, subscription);
    } catch (error) {
      await connection.close();
      throw error;
    }
    if (this.#closed) {
      await connection.close();
      return;
    }
    this.#connection = connection;
  }

  #reconnectLater(delayMs: number): void {
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#connect().then(
        () => {
          for (const { listener } of this.#backListeners) listener();
        },
        (error: unknown) => {
          if (this.#closed) return;
          this.#onTrouble(`bus still away: ${error instanceof Error ? error.message : 'unknown error'}`);
          this.#reconnectLater(Math.min(delayMs * 2, BUS_RECONNECT_MAX_MS));
        },
      );
    }, delayMs);
  }

  async #register(connection: BusConnection, interest: SignalInterest): Promise<void> {
    if (!this.#owners.has(interest.sender)) {
      this.#owners.set(interest.sender, null);
      await addMatch(
        connection,
        `type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',interface='org.freedesktop.DBus',` +
          `member='NameOwnerChanged',arg0='${interest.sender}'`,
      );
      this.#owners.set(interest.sender, await ownerOf(connection, interest.sender));
    }
    await addMatch(
      connection,
      `type='signal',sender='${interest.sender}',path='${interest.path}',interface='${interest.interface}',member='${interest.member}'`,
    );
  }

  #deliver(signal: BusSignal): void {
    if (signal.sender === DBUS.destination) {
      if (signal.member === 'NameOwnerChanged') this.#ownerChanged(signal.body);
      return;
    }
    for (const wanted of this.#subscriptions) {
      if (wanted.path !== signal.path || wanted.interface !== signal.interface || wanted.member !== signal.member)
        continue;
      // Threat: match rules filter broadcasts only. Anybody on the bus may send a signal straight to our unique name that
      // looks like logind's "LockedHint=true"; the daemon-stamped sender tells it apart.
      if (this.#owners.get(wanted.sender) !== signal.sender) continue;
      wanted.listener(signal.body);
    }
  }

  #ownerChanged(body: readonly unknown[]): void {
    const change = nameOwnerChangedSchema.safeParse(body);
    if (!change.success) return;
    const [service, , newOwner] = change.data;
    if (!this.#owners.has(service)) return;
    this.#owners.set(service, newOwner === '' ? null : newOwner);
    if (newOwner === '') {
      this.#onTrouble(`${service} left the bus`);
      for (const entry of this.#goneListeners) if (entry.service === service) entry.listener();
      return;
    }
    for (const entry of this.#backListeners) if (entry.service === service) entry.listener();
  }
}

async function addMatch(connection: BusConnection, rule: string): Promise<void> {
  await connection.call({ ...DBUS, member: 'AddMatch', signature: 's', body: [rule] });
}

async function ownerOf(connection: BusConnection, service: string): Promise<string | null> {
  try {
    const reply = await connection.call({ ...DBUS, member: 'GetNameOwner', signature: 's', body: [service] });
    return nameReplySchema.parse(reply)[0];
  } catch (error) {
    if (error instanceof BusCallFailed && error.dbusName === 'org.freedesktop.DBus.Error.NameHasNoOwner') return null;
    throw error;
  }
}
