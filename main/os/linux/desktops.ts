/** A desktop's own screen saver on the session bus (OS-NOTES, table of desktops). */
export interface DesktopScreenSaver {
  readonly desktop: string;
  readonly service: string;
  readonly path: string;
  readonly interface: string;
  /** Whether `ActiveChanged` means "locked". GNOME's may be "active but not locked" and is not believed; it sets LockedHint. */
  readonly activeMeansLocked: boolean;
  /** Whether `Lock` is ever answered. mate-screensaver 1.26 locks within 0.1 s and sends no reply, neither then nor later (tried). */
  readonly answersLock: boolean;
  /** Cinnamon's `Lock` takes a message to show. */
  readonly lockTakesMessage: boolean;
}

const GNOME: DesktopScreenSaver = {
  desktop: 'GNOME',
  service: 'org.gnome.ScreenSaver',
  path: '/org/gnome/ScreenSaver',
  interface: 'org.gnome.ScreenSaver',
  activeMeansLocked: false,
  answersLock: true,
  lockTakesMessage: false,
};

/** Whose it is cannot be told from the name alone, so its `ActiveChanged` is not believed. */
const FREEDESKTOP: DesktopScreenSaver = {
  desktop: 'freedesktop',
  service: 'org.freedesktop.ScreenSaver',
  path: '/org/freedesktop/ScreenSaver',
  interface: 'org.freedesktop.ScreenSaver',
  activeMeansLocked: false,
  answersLock: true,
  lockTakesMessage: false,
};

const CINNAMON: DesktopScreenSaver = {
  desktop: 'Cinnamon',
  service: 'org.cinnamon.ScreenSaver',
  path: '/org/cinnamon/ScreenSaver',
  interface: 'org.cinnamon.ScreenSaver',
  activeMeansLocked: true,
  answersLock: true,
  lockTakesMessage: true,
};

const MATE: DesktopScreenSaver = {
  desktop: 'MATE',
  service: 'org.mate.ScreenSaver',
  path: '/org/mate/ScreenSaver',
  interface: 'org.mate.ScreenSaver',
  activeMeansLocked: true,
  answersLock: false,
  lockTakesMessage: false,
};

const BY_NAME: Readonly<Record<string, DesktopScreenSaver>> = {
  GNOME,
  KDE: { ...FREEDESKTOP, desktop: 'KDE', activeMeansLocked: true },
  'X-CINNAMON': CINNAMON,
  CINNAMON,
  MATE,
};

/** Where no known desktop is named: whichever of these has its name on the bus, the telling names first. */
export const SCREEN_SAVERS_TO_LOOK_FOR: readonly DesktopScreenSaver[] = [CINNAMON, MATE, GNOME, FREEDESKTOP];

/**
 * @param env its XDG_CURRENT_DESKTOP, e.g. `ubuntu:GNOME`, else XDG_SESSION_DESKTOP or DESKTOP_SESSION.
 * @returns the screen saver of the first desktop that is known, or null: then the names on the bus have to tell.
 */
export function namedScreenSaver(env: NodeJS.ProcessEnv): DesktopScreenSaver | null {
  const { XDG_CURRENT_DESKTOP, XDG_SESSION_DESKTOP, DESKTOP_SESSION } = env;
  for (const named of [XDG_CURRENT_DESKTOP, XDG_SESSION_DESKTOP, DESKTOP_SESSION]) {
    for (const name of (named ?? '').toUpperCase().split(':')) {
      const known = BY_NAME[name];
      if (known !== undefined) return known;
    }
  }
  return null;
}

/** Which display server the session's lockers must speak to. `startx` leaves XDG_SESSION_TYPE at `tty`, so that the displays decide then. */
export function displayServer(env: NodeJS.ProcessEnv): 'x11' | 'wayland' {
  const { DISPLAY, WAYLAND_DISPLAY, XDG_SESSION_TYPE } = env;
  if (XDG_SESSION_TYPE === 'x11' || XDG_SESSION_TYPE === 'wayland') return XDG_SESSION_TYPE;
  const isSet = (display: string | undefined): boolean => display !== undefined && display !== '';
  return isSet(DISPLAY) && !isSet(WAYLAND_DISPLAY) ? 'x11' : 'wayland';
}
