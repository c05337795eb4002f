import type { BrowserWindow, Display, Input, Rectangle } from 'electron';
import { assertNever } from '../../protocol/result.ts';
import type { DisplaySystem } from './display-system.ts';
import type { HardenedWindows } from './hardened-windows.electron.ts';

/** What can befall a raised curtain window. Each is mended once, see CURTAIN_RECOVERY_WINDOW_MS. */
export type CurtainIncident =
  | 'crashed'
  | 'hung'
  | 'was hidden'
  | 'was minimized'
  | 'was closed'
  | 'did not load'
  | 'did not paint';

export interface CurtainWindowOptions {
  readonly windows: HardenedWindows;
  readonly display: Display;
  readonly role: 'primary' | 'secondary';
  readonly system: DisplaySystem;
  readonly isRaised: () => boolean;
  readonly onIncident: (incident: CurtainIncident) => void;
  readonly onBlur: () => void;
  /** The window stands on the screen. */
  readonly onShown: () => void;
  readonly monotonicNow: () => number;
}

/** `--paper` of the curtain, always dark: the desktop must not flash white between the unlock and the first paint. */
const CURTAIN_BACKGROUND = '#0d1014';

const CLOSING_LETTERS: readonly string[] = ['w', 'q', 'r', 'm', 'h', 'n', 't', 'p'];

/** Keys by which a window would close, reload, hide or leave full screen. Not a boundary, the OS has more; it keeps honest people in. */
export function wouldLeaveCurtain(input: Pick<Input, 'key' | 'alt' | 'control' | 'meta'>): boolean {
  const key = input.key.toLowerCase();
  if (key === 'f5' || key === 'f11') return true;
  if (input.alt && (key === 'f4' || key === ' ')) return true;
  return (input.control || input.meta) && CLOSING_LETTERS.includes(key);
}

/** The cover of one display. Created hidden, shown and hidden for as long as the display exists. */
export class CurtainWindow {
  readonly role: 'primary' | 'secondary';
  readonly webContentsId: number;
  readonly #window: BrowserWindow;
  readonly #options: CurtainWindowOptions;
  #bounds: Rectangle;
  /** When it was asked to show itself, and when the OS said that it does. */
  #shownAt: number | null = null;
  #onScreenAt: number | null = null;
  #paintedAt: number | null = null;
  /** Set before we destroy it ourselves, so that our own doing is no incident. */
  #retired = false;

  constructor(options: CurtainWindowOptions) {
    this.#options = options;
    this.role = options.role;
    this.#bounds = options.display.bounds;
    this.#window = options.windows.create({
      page: 'curtain',
      variant: { display: options.role },
      window: {
        ...options.display.bounds,
        title: 'Presence Locker',
        show: false,
        frame: false,
        hasShadow: false,
        roundedCorners: false,
        movable: false,
        minimizable: false,
        maximizable: false,
        skipTaskbar: true,
        enableLargerThanScreen: true,
        backgroundColor: CURTAIN_BACKGROUND,
      },
    });
    this.webContentsId = this.#window.webContents.id;
    this.#listen();
  }

  #listen(): void {
    const { isRaised, onBlur } = this.#options;
    const incident = (what: CurtainIncident) => () => {
      if (!this.#retired) this.#options.onIncident(what);
    };
    this.#window.webContents.on('render-process-gone', incident('crashed'));
    this.#window.webContents.on('did-fail-load', (_event, _code, _description, _url, isMainFrame) => {
      if (isMainFrame) incident('did not load')();
    });
    this.#window.webContents.on('before-input-event', (event, input) => {
      if (isRaised() && wouldLeaveCurtain(input)) event.preventDefault();
    });
    this.#window.on('unresponsive', incident('hung'));
    this.#window.on('closed', incident('was closed'));
    this.#window.on('close', (event) => {
      if (isRaised() && !this.#retired) event.preventDefault();
    });
    this.#window.on('minimize', () => {
      if (isRaised()) incident('was minimized')();
    });
    this.#window.on('hide', () => {
      // A late event of an earlier, intended hide finds the window visible again.
      if (isRaised() && !this.isVisible()) incident('was hidden')();
    });
    this.#window.on('show', () => {
      this.#onScreenAt = this.#options.monotonicNow();
      if (!this.#retired) this.#options.onShown();
    });
    this.#window.on('blur', () => {
      if (isRaised() && !this.#retired) onBlur();
    });
  }

  isVisible(): boolean {
    return !this.#window.isDestroyed() && this.#window.isVisible();
  }

  painted(): void {
    this.#paintedAt = this.#options.monotonicNow();
  }

  /**
   * A page reports its paint again when it becomes visible, as far as the OS tells it. A picture that was painted while hidden covers
   * from the moment the window is on the screen.
   * @param showGraceMs see CURTAIN_SHOW_GRACE_MS.
   */
  isCovering(showGraceMs: number): boolean {
    if (this.#paintedAt === null || this.#shownAt === null || !this.isVisible()) return false;
    if (this.#paintedAt >= this.#shownAt) return true;
    if (this.#onScreenAt !== null && this.#onScreenAt >= this.#shownAt) return true;
    return this.#options.monotonicNow() - this.#shownAt >= showGraceMs;
  }

  /** Follows its display: moved, turned, scaled. */
  place(display: Display): void {
    const moved = !sameRectangle(this.#bounds, display.bounds);
    this.#bounds = display.bounds;
    // Wayland ignores positions, and full screen already follows the display there.
    if (this.#options.system === 'wayland' || this.#window.isDestroyed()) return;
    if (moved && this.#shownAt !== null) {
      this.#leaveFullScreen();
      this.#window.setBounds(display.bounds);
      this.#enterFullScreen();
    } else if (!sameRectangle(this.#window.getBounds(), display.bounds)) {
      // Stale bounds after a change of displays (electron#10741).
      this.#window.setBounds(display.bounds);
    }
  }

  show(): void {
    if (this.#window.isDestroyed()) return;
    this.#shownAt = this.#options.monotonicNow();
    const { system } = this.#options;
    // Before showing: macOS decides at that moment whether the window may stand above full-screen apps.
    if (system === 'macos') {
      this.#window.setVisibleOnAllWorkspaces(true, { visibleOnFullScreen: true, skipTransformProcessType: true });
    } else if (system === 'x11') {
      this.#window.setVisibleOnAllWorkspaces(true);
    }
    if (system !== 'wayland') {
      this.#window.setAlwaysOnTop(true, 'screen-saver');
      this.#window.setBounds(this.#bounds);
    }
    if (this.role === 'primary') {
      this.#window.show();
      this.#enterFullScreen();
      this.#window.focus();
    } else {
      this.#window.showInactive();
      this.#enterFullScreen();
    }
    this.#window.moveTop();
  }

  moveToTop(): void {
    if (this.isVisible()) this.#window.moveTop();
  }

  focus(): void {
    if (this.isVisible()) this.#window.focus();
  }

  hide(): void {
    this.#shownAt = null;
    this.#onScreenAt = null;
    if (this.#window.isDestroyed()) return;
    this.#leaveFullScreen();
    this.#window.hide();
  }

  destroy(): void {
    this.#retired = true;
    if (!this.#window.isDestroyed()) this.#window.destroy();
  }

  #enterFullScreen(): void {
    this.#setFullScreen(true);
  }

  #leaveFullScreen(): void {
    this.#setFullScreen(false);
  }

  #setFullScreen(covering: boolean): void {
    const { system } = this.#options;
    switch (system) {
      case 'macos':
        // Kiosk holds Dock, menu bar and process switching for the whole session: one window asks for it.
        if (this.role === 'primary') this.#window.setKiosk(covering);
        return;
      case 'windows':
      case 'x11':
        this.#window.setKiosk(covering);
        return;
      case 'wayland':
        this.#window.setFullScreen(covering);
        return;
      default:
        assertNever(system, 'display system');
    }
  }
}

function sameRectangle(a: Rectangle, b: Rectangle): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}
