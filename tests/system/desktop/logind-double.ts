import { ServiceOnBus } from './service-on-bus.ts';

const LOGIND = 'org.freedesktop.login1';
const MANAGER = 'org.freedesktop.login1.Manager';
const SESSION = 'org.freedesktop.login1.Session';
const MANAGER_PATH = '/org/freedesktop/login1';
const SESSION_PATH = '/org/freedesktop/login1/session/c1';

/**
 * Says and does what logind says and does, where a real one cannot be asked: it would put the machine to sleep, shut it down, end
 * processes. One session, `c1`. Like logind it passes Lock and Unlock on as signals and locks nothing itself.
 */
export class LogindDouble {
  readonly sessionId = 'c1';
  readonly sessionPath = SESSION_PATH;
  /** What was called on the session, in order. */
  readonly called: string[] = [];
  /** The desktop of this session; null: nobody honours Lock and Unlock. */
  onLockOrUnlock: ((request: 'Lock' | 'Unlock') => void) | null = null;
  readonly #service: ServiceOnBus;
  readonly #manager = { PreparingForSleep: false, PreparingForShutdown: false, GetSession: () => SESSION_PATH };
  readonly #session = {
    Id: 'c1',
    Type: 'wayland',
    Class: 'user',
    User: [process.getuid?.() ?? 0, '/u'],
    LockedHint: false,
    Active: true,
    State: 'active',
    Lock: () => this.#passOn('Lock'),
    Unlock: () => this.#passOn('Unlock'),
    Terminate: () => {
      this.called.push('Terminate');
      return null;
    },
  };

  constructor(busAddress: string) {
    this.#service = new ServiceOnBus({
      address: busAddress,
      names: [LOGIND],
      offer: (client) => {
        client.exportInterface(this.#manager, MANAGER_PATH, {
          name: MANAGER,
          methods: { GetSession: ['s', 'o', ['id'], ['path']] },
          signals: {
            PrepareForSleep: ['b', 'start'],
            PrepareForShutdown: ['b', 'start'],
            SessionRemoved: ['so', 'id', 'path'],
          },
          properties: { PreparingForSleep: 'b', PreparingForShutdown: 'b' },
        });
        client.exportInterface(this.#session, SESSION_PATH, {
          name: SESSION,
          methods: { Lock: ['', '', [], []], Unlock: ['', '', [], []], Terminate: ['', '', [], []] },
          signals: { Lock: [''], Unlock: [''] },
          properties: {
            Id: 's',
            Type: 's',
            Class: 's',
            User: '(uo)',
            LockedHint: 'b',
            Active: 'b',
            State: 's',
          },
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

  prepareForSleep(preparing: boolean): void {
    this.#manager.PreparingForSleep = preparing;
    this.#service.signal(MANAGER_PATH, MANAGER, 'PrepareForSleep', 'b', [preparing]);
  }

  prepareForShutdown(preparing: boolean): void {
    this.#manager.PreparingForShutdown = preparing;
    this.#service.signal(MANAGER_PATH, MANAGER, 'PrepareForShutdown', 'b', [preparing]);
  }

  /** Somebody else's session comes to the front, or ours comes back: `Active` of ours. */
  bringToFront(ours: boolean): void {
    this.#session.Active = ours;
    this.#session.State = ours ? 'active' : 'online';
    this.#service.propertiesChanged(SESSION_PATH, SESSION, { Active: ours });
  }

  /** The session ends. */
  removeSession(): void {
    this.#session.State = 'closing';
    this.#service.signal(MANAGER_PATH, MANAGER, 'SessionRemoved', 'so', ['c1', SESSION_PATH]);
  }

  /** What a desktop calls when its lock is up or down, and what any program of the user can call. */
  setLockedHint(locked: boolean): void {
    if (this.#session.LockedHint === locked) return;
    this.#session.LockedHint = locked;
    this.#service.propertiesChanged(SESSION_PATH, SESSION, { LockedHint: locked });
  }

  #passOn(request: 'Lock' | 'Unlock'): null {
    this.called.push(request);
    this.#service.signal(SESSION_PATH, SESSION, request, '', []);
    this.onLockOrUnlock?.(request);
    return null;
  }
}
