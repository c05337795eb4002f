import { ServiceOnBus } from './service-on-bus.ts';

const NETWORK_MANAGER = 'org.freedesktop.NetworkManager';
const MANAGER_PATH = '/org/freedesktop/NetworkManager';
const ACTIVE_PATH = '/org/freedesktop/NetworkManager/ActiveConnection/1';
const ACCESS_POINT_PATH = '/org/freedesktop/NetworkManager/AccessPoint/1';

export interface Network {
  readonly type: '802-11-wireless' | '802-3-ethernet';
  readonly id: string;
  /** Bytes of the SSID; empty where it is hidden. */
  readonly ssid?: Buffer;
}

/** Says what NetworkManager says of its primary connection (D-Bus API of 1.42), on a bus of our own. */
export class NetworkManagerDouble {
  readonly #service: ServiceOnBus;
  readonly #manager = { PrimaryConnection: '/' };
  readonly #active = { Id: '', Type: '', SpecificObject: '/' };
  readonly #accessPoint: { Ssid: Buffer } = { Ssid: Buffer.alloc(0) };

  constructor(busAddress: string) {
    this.#service = new ServiceOnBus({
      address: busAddress,
      names: [NETWORK_MANAGER],
      offer: (client) => {
        client.exportInterface(this.#manager, MANAGER_PATH, {
          name: NETWORK_MANAGER,
          methods: {},
          signals: {},
          properties: { PrimaryConnection: 'o' },
        });
        client.exportInterface(this.#active, ACTIVE_PATH, {
          name: `${NETWORK_MANAGER}.Connection.Active`,
          methods: {},
          signals: {},
          properties: { Id: 's', Type: 's', SpecificObject: 'o' },
        });
        client.exportInterface(this.#accessPoint, ACCESS_POINT_PATH, {
          name: `${NETWORK_MANAGER}.AccessPoint`,
          methods: {},
          signals: {},
          properties: { Ssid: 'ay' },
        });
      },
    });
  }

  async start(): Promise<void> {
    await this.#service.start();
  }

  async stop(): Promise<void> {
    await this.#service.stop();
  }

  /** Killed in the middle of whatever it does. */
  die(): void {
    this.#service.die();
  }

  /** `null`: no default route. */
  join(network: Network | null): void {
    this.#active.Id = network?.id ?? '';
    this.#active.Type = network?.type ?? '';
    this.#active.SpecificObject = network?.ssid === undefined ? '/' : ACCESS_POINT_PATH;
    this.#accessPoint.Ssid = network?.ssid ?? Buffer.alloc(0);
    this.#manager.PrimaryConnection = network === null ? '/' : ACTIVE_PATH;
    this.#service.propertiesChanged(MANAGER_PATH, NETWORK_MANAGER, {
      PrimaryConnection: this.#manager.PrimaryConnection,
    });
  }
}
