import { createClient } from 'dbus-native';

type Client = ReturnType<typeof createClient>;

/** A D-Bus service of this process on a private bus: it can leave politely, die in the middle of a call, and come back. */
export class ServiceOnBus {
  readonly #address: string;
  readonly #names: readonly string[];
  readonly #offer: (client: Client) => void;
  #client: Client | null = null;

  /** @param options.offer exports the objects on a fresh connection. */
  constructor(options: {
    readonly address: string;
    readonly names: readonly string[];
    readonly offer: (client: Client) => void;
  }) {
    this.#address = options.address;
    this.#names = options.names;
    this.#offer = options.offer;
  }

  async start(): Promise<void> {
    const client = createClient({ busAddress: this.#address });
    client.connection.on('error', () => {
      // The bus was crashed on purpose.
      if (this.#client === client) this.#client = null;
    });
    this.#offer(client);
    for (const name of this.#names) await client.requestName(name, 0);
    this.#client = client;
  }

  signal(path: string, at: string, member: string, signature: string, body: readonly unknown[]): void {
    this.#client?.sendSignal(path, at, member, signature, [...body]);
  }

  propertiesChanged(path: string, at: string, changed: Readonly<Record<string, unknown>>): void {
    this.#client?.emitPropertiesChanged(path, at, { ...changed });
  }

  /** The connection is gone without a word, as of a process that was killed. */
  die(): void {
    this.#client?.connection.stream.destroy();
    this.#client = null;
  }

  async stop(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.close();
  }
}

/** What a method handler throws to answer with an error of this name. */
export const dbusError = (name: string, message: string): Error =>
  Object.assign(new Error(message), { dbusName: name });
