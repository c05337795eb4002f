import { z } from 'zod';
import { LockRungFailed, type OsSignal } from '../../core/ports.ts';
import type { LockRung } from '../ladder-of-rungs.ts';
import type { LockSource } from '../lock-source.ts';
import type { Bus } from './reconnecting-bus.ts';

/** GNOME and KDE answer once the lock is shown, which may take a while on a busy machine. Shorter than RUNG_TIMEOUT_MS. */
const LOCK_CALL_TIMEOUT_MS = 3_500;

/** A desktop's own screen saver on the session bus (OS-NOTES, table of desktops). */
export interface DesktopScreenSaver {
  readonly desktop: string;
  readonly service: string;
  readonly path: string;
  readonly interface: string;
  /** Whether `ActiveChanged` means "locked". GNOME's may be "active but not locked" and is not believed; it sets LockedHint. */
  readonly activeMeansLocked: boolean;
}

const FREEDESKTOP: DesktopScreenSaver = {
  desktop: 'freedesktop',
  service: 'org.freedesktop.ScreenSaver',
  path: '/org/freedesktop/ScreenSaver',
  interface: 'org.freedesktop.ScreenSaver',
  activeMeansLocked: false,
};

const BY_DESKTOP: Readonly<Record<string, DesktopScreenSaver>> = {
  GNOME: {
    desktop: 'GNOME',
    service: 'org.gnome.ScreenSaver',
    path: '/org/gnome/ScreenSaver',
    interface: 'org.gnome.ScreenSaver',
    activeMeansLocked: false,
  },
  KDE: { ...FREEDESKTOP, desktop: 'KDE', activeMeansLocked: true },
  'X-CINNAMON': {
    desktop: 'Cinnamon',
    service: 'org.cinnamon.ScreenSaver',
    path: '/org/cinnamon/ScreenSaver',
    interface: 'org.cinnamon.ScreenSaver',
    activeMeansLocked: true,
  },
  MATE: {
    desktop: 'MATE',
    service: 'org.mate.ScreenSaver',
    path: '/org/mate/ScreenSaver',
    interface: 'org.mate.ScreenSaver',
    activeMeansLocked: true,
  },
};

/** @param currentDesktop XDG_CURRENT_DESKTOP, e.g. `ubuntu:GNOME`. @returns null when no desktop is named. */
export function desktopScreenSaver(currentDesktop: string | undefined): DesktopScreenSaver | null {
  const names = (currentDesktop ?? '')
    .toUpperCase()
    .split(':')
    .filter((name) => name !== '');
  for (const name of names) {
    const known = BY_DESKTOP[name];
    if (known !== undefined) return known;
  }
  return names.length === 0 ? null : FREEDESKTOP;
}

/** The rung that asks the desktop itself: the only one on Linux that answers when the lock is shown. */
export function desktopLockRung(bus: Bus, saver: DesktopScreenSaver): LockRung {
  const name = `${saver.desktop}: ${saver.interface}.Lock`;
  return {
    name,
    request: async () => {
      try {
        await bus.call({
          destination: saver.service,
          path: saver.path,
          interface: saver.interface,
          member: 'Lock',
          // Cinnamon's Lock takes a message to show.
          ...(saver.desktop === 'Cinnamon' ? { signature: 's', body: [''] } : {}),
          timeoutMs: LOCK_CALL_TIMEOUT_MS,
        });
      } catch (error) {
        throw new LockRungFailed(name, error instanceof Error ? error.message : 'unknown failure', { cause: error });
      }
    },
  };
}

const activeSchema = z.tuple([z.boolean()]);

/** `ActiveChanged` of a screen saver whose activity means a lock. Says nothing until its service is on the bus. */
export class ScreenSaverSource implements LockSource {
  readonly name: string;
  readonly #bus: Bus;
  readonly #saver: DesktopScreenSaver;
  #report: ((signal: OsSignal) => void) | null = null;

  constructor(bus: Bus, saver: DesktopScreenSaver) {
    this.name = `${saver.desktop} screen saver`;
    this.#bus = bus;
    this.#saver = saver;
  }

  async start(report: (signal: OsSignal) => void): Promise<void> {
    this.#report = report;
    const { service, path, interface: at } = this.#saver;
    this.#bus.onServiceBack(service, () => this.expectChange());
    await this.#bus.subscribe({ sender: service, path, interface: at, member: 'ActiveChanged' }, (body) => {
      const active = activeSchema.safeParse(body);
      if (active.success) this.#active(active.data[0]);
    });
    await this.#read();
  }

  expectChange(): void {
    this.#read().catch(() => {
      // Not on the bus (yet): its last word stands, and onServiceBack reads again.
    });
  }

  async stop(): Promise<void> {
    this.#report = null;
  }

  async #read(): Promise<void> {
    const { service: destination, path, interface: at } = this.#saver;
    const reply = await this.#bus.call({ destination, path, interface: at, member: 'GetActive' });
    this.#active(activeSchema.parse(reply)[0]);
  }

  #active(active: boolean): void {
    this.#report?.({
      type: active ? 'os.locked' : 'os.unlocked',
      evidence: `${this.#saver.interface} active=${active}`,
    });
  }
}
