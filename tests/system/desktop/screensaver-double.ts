import { assertNever } from '../../../protocol/result.ts';
import type { LogindDouble } from './logind-double.ts';
import { dbusError, ServiceOnBus } from './service-on-bus.ts';

/** Until a double that answers late does, milliseconds: longer than the whole fade of a real one. */
export const LATE_MS = 800;
/** Between GNOME's "active" and its shield being shown. */
const SHIELD_MS = 60;

/** How the desktop takes the next calls of `Lock`. */
export type LockBehaviour =
  | 'locks'
  | 'late' // locks and answers after LATE_MS
  | 'never' // neither locks nor answers
  | 'refuses' // NotSupported
  | 'acknowledges' // answers as if it had locked
  | 'only-active' // active, which is not locked
  | 'dies'; // in the middle of the call

export type DesktopName = 'GNOME' | 'KDE' | 'Cinnamon' | 'MATE';

interface Character {
  readonly service: string;
  readonly path: string;
  /** `after-signal`: the signal comes first. `never`: mate-screensaver 1.26 locks and never answers (tried with the real one). */
  readonly answers: 'after-signal' | 'before-signal' | 'never';
  readonly lockArguments: 'none' | 'message';
  readonly setsLockedHint: boolean;
}

const CHARACTERS: Readonly<Record<DesktopName, Character>> = {
  GNOME: {
    service: 'org.gnome.ScreenSaver',
    path: '/org/gnome/ScreenSaver',
    answers: 'after-signal',
    lockArguments: 'none',
    setsLockedHint: true,
  },
  KDE: {
    service: 'org.freedesktop.ScreenSaver',
    path: '/org/freedesktop/ScreenSaver',
    answers: 'after-signal',
    lockArguments: 'none',
    setsLockedHint: true,
  },
  // Answers when it is active, and says so to everybody a moment later (cinnamon-screensaver, src/service.py).
  Cinnamon: {
    service: 'org.cinnamon.ScreenSaver',
    path: '/org/cinnamon/ScreenSaver',
    answers: 'before-signal',
    lockArguments: 'message',
    setsLockedHint: false,
  },
  MATE: {
    service: 'org.mate.ScreenSaver',
    path: '/org/mate/ScreenSaver',
    answers: 'never',
    lockArguments: 'none',
    setsLockedHint: false,
  },
};

/** The screen saver of one desktop, as OS-NOTES describes it. On the bus as its own service, with logind's double beside it. */
export class ScreenSaverDouble {
  readonly path: string;
  readonly interface: string;
  behaviour: LockBehaviour = 'locks';
  /** How often `Lock` was called. */
  lockCalls = 0;
  readonly #character: Character;
  readonly #service: ServiceOnBus;
  readonly #logind: LogindDouble;
  #active = false;

  constructor(desktop: DesktopName, busAddress: string, logind: LogindDouble) {
    const character = CHARACTERS[desktop];
    const { service, path } = character;
    this.#character = character;
    this.path = path;
    this.interface = service;
    this.#logind = logind;
    const takesMessage = character.lockArguments === 'message';
    this.#service = new ServiceOnBus({
      address: busAddress,
      names: desktop === 'GNOME' ? [service, 'org.freedesktop.ScreenSaver'] : [service],
      offer: (client) => {
        client.exportInterface({ Lock: () => this.#lockCalled(), GetActive: () => this.#active }, path, {
          name: service,
          methods: {
            Lock: takesMessage ? ['s', '', ['message'], []] : ['', '', [], []],
            GetActive: ['', 'b', [], ['active']],
          },
          signals: { ActiveChanged: ['b', 'active'] },
        });
        if (desktop === 'GNOME') client.exportInterface(REFUSING, '/org/freedesktop/ScreenSaver', FREEDESKTOP);
      },
    });
    logind.onLockOrUnlock = (request) => (request === 'Lock' ? void this.lockScreen() : this.unlockScreen());
  }

  async start(): Promise<void> {
    await this.#service.start();
  }

  async stop(): Promise<void> {
    await this.#service.stop();
  }

  /** Killed: nothing of it covers the screen any more, and nobody was told. */
  die(): void {
    this.#active = false;
    this.#service.die();
  }

  /** The screen is locked now, whoever wanted it. */
  async lockScreen(): Promise<void> {
    this.#setActive(true);
    if (!this.#character.setsLockedHint) return;
    await pause(SHIELD_MS);
    this.#logind.setLockedHint(true);
  }

  /** The person typed the password: no Unlock of logind is involved. */
  unlockScreen(): void {
    this.#setActive(false);
    if (this.#character.setsLockedHint) this.#logind.setLockedHint(false);
  }

  /** Active without a lock, as after a time of idling and before the delay of the lock has passed. */
  becomeActive(): void {
    this.#setActive(true);
  }

  /** The state changes while nobody can hear of it. */
  isSilently(active: boolean): void {
    this.#active = active;
  }

  #setActive(active: boolean): void {
    if (active === this.#active) return;
    this.#active = active;
    this.#service.signal(this.path, this.interface, 'ActiveChanged', 'b', [active]);
  }

  async #lockCalled(): Promise<null> {
    this.lockCalls += 1;
    switch (this.behaviour) {
      case 'locks':
        return await this.#lockAndAnswer();
      case 'late':
        await pause(LATE_MS);
        return await this.#lockAndAnswer();
      case 'never':
        return await NEVER;
      case 'refuses':
        throw dbusError('org.freedesktop.DBus.Error.NotSupported', 'this method is not implemented');
      case 'acknowledges':
        return null;
      case 'only-active':
        this.becomeActive();
        return null;
      case 'dies':
        this.die();
        return await NEVER;
      default:
        return assertNever(this.behaviour, 'behaviour');
    }
  }

  async #lockAndAnswer(): Promise<null> {
    if (this.#character.answers === 'before-signal') {
      setImmediate(() => void this.lockScreen());
      return null;
    }
    await this.lockScreen();
    return this.#character.answers === 'never' ? await NEVER : null;
  }
}

/** GNOME owns the common name, too, and serves nothing of it but inhibitors. */
const REFUSING = {
  Lock: () => Promise.reject(dbusError('org.freedesktop.DBus.Error.NotSupported', 'this method is not implemented')),
  GetActive: () =>
    Promise.reject(dbusError('org.freedesktop.DBus.Error.NotSupported', 'this method is not implemented')),
};
const FREEDESKTOP = {
  name: 'org.freedesktop.ScreenSaver',
  methods: {
    Lock: ['', '', [], []] satisfies [string, string, string[], string[]],
    GetActive: ['', 'b', [], ['active']] satisfies [string, string, string[], string[]],
  },
  signals: {},
};
const NEVER = new Promise<null>(() => undefined);

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
