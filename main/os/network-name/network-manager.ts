import { z } from 'zod';
import { BusCallFailed } from '../linux/bus-connection.ts';
import type { Bus } from '../linux/reconnecting-bus.ts';
import type { NetworkNameSource } from './network-name.ts';

const NETWORK_MANAGER = 'org.freedesktop.NetworkManager';
const MANAGER_PATH = '/org/freedesktop/NetworkManager';
const ACTIVE_CONNECTION = 'org.freedesktop.NetworkManager.Connection.Active';
const ACCESS_POINT = 'org.freedesktop.NetworkManager.AccessPoint';
const PROPERTIES = 'org.freedesktop.DBus.Properties';
/** How NetworkManager writes "none" where a path is due. */
const NO_OBJECT = '/';
const WIRELESS = '802-11-wireless';
/** IEEE 802.11: an SSID has at most 32 bytes. */
const MAX_SSID_BYTES = 32;
/** There is no NetworkManager, or it does not speak to us: nothing to tell, and nothing wrong. */
const ABSENT: readonly string[] = [
  'org.freedesktop.DBus.Error.ServiceUnknown',
  'org.freedesktop.DBus.Error.NameHasNoOwner',
  'org.freedesktop.DBus.Error.AccessDenied',
  // The connection ended between two questions.
  'org.freedesktop.DBus.Error.UnknownMethod',
  'org.freedesktop.DBus.Error.UnknownObject',
];

const path = z.string().regex(/^\/[A-Za-z0-9_/]*$/);
const pathReply = z.tuple([path]);
const textReply = z.tuple([z.string()]);
const bytesReply = z.tuple([z.union([z.instanceof(Uint8Array), z.array(z.int().min(0).max(255)).max(MAX_SSID_BYTES)])]);
const changedSchema = z.tuple([z.string(), z.record(z.string(), z.unknown())]).rest(z.unknown());

/** The connection that carries the default route, by NetworkManager's D-Bus API (1.0 and later): its SSID, or the name of its profile. */
export class NetworkManagerName implements NetworkNameSource {
  readonly #bus: Bus & { close(): Promise<void> };
  #listener: () => void = () => undefined;

  constructor(bus: Bus & { close(): Promise<void> }) {
    this.#bus = bus;
  }

  /** Hears of changes from now on; where the bus cannot be reached now, as soon as it can. */
  async begin(): Promise<void> {
    this.#bus.onServiceBack(NETWORK_MANAGER, () => this.#listener());
    this.#bus.onServiceGone(NETWORK_MANAGER, () => this.#listener());
    const interest = {
      sender: NETWORK_MANAGER,
      path: MANAGER_PATH,
      interface: PROPERTIES,
      member: 'PropertiesChanged',
    };
    await this.#bus.subscribe(interest, (body) => {
      const changed = changedSchema.safeParse(body);
      if (changed.success && 'PrimaryConnection' in changed.data[1]) this.#listener();
    });
  }

  async read(timeoutMs: number): Promise<string | null> {
    const deadline = performance.now() + timeoutMs;
    const get = async <T>(at: string, of: string, name: string, schema: z.ZodType<T>): Promise<T> => {
      const left = Math.max(1, Math.floor(deadline - performance.now()));
      const call = { destination: NETWORK_MANAGER, path: at, interface: PROPERTIES, member: 'Get', timeoutMs: left };
      return schema.parse(await this.#bus.call({ ...call, signature: 'ss', body: [of, name] }));
    };
    try {
      const [primary] = await get(MANAGER_PATH, NETWORK_MANAGER, 'PrimaryConnection', pathReply);
      if (primary === NO_OBJECT) return null;
      const [type] = await get(primary, ACTIVE_CONNECTION, 'Type', textReply);
      const [accessPoint] =
        type === WIRELESS ? await get(primary, ACTIVE_CONNECTION, 'SpecificObject', pathReply) : [NO_OBJECT];
      if (accessPoint !== NO_OBJECT) {
        const [ssid] = await get(accessPoint, ACCESS_POINT, 'Ssid', bytesReply);
        if (ssid.length > 0) return Buffer.from(ssid).toString('utf8');
      }
      const [id] = await get(primary, ACTIVE_CONNECTION, 'Id', textReply);
      return id;
    } catch (error) {
      if (error instanceof BusCallFailed && ABSENT.includes(error.dbusName ?? '')) return null;
      throw error;
    }
  }

  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    this.#listener = () => undefined;
    await this.#bus.close();
  }
}
