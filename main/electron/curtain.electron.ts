import { type Display, screen } from 'electron';
import type { Curtain } from '../core/ports.ts';
import { type CurtainIncident, CurtainWindow } from './curtain-window.electron.ts';
import type { DisplaySystem } from './display-system.ts';
import type { HardenedWindows } from './hardened-windows.electron.ts';
import {
  CURTAIN_PAINT_TIMEOUT_MS,
  CURTAIN_RECONCILE_INTERVAL_MS,
  CURTAIN_RECOVERY_WINDOW_MS,
  CURTAIN_REFOCUS_DELAY_MS,
  CURTAIN_SHOW_GRACE_MS,
} from './limits.ts';
import type { ShellLog } from './shell-log.ts';

export interface CurtainOptions {
  readonly windows: HardenedWindows;
  readonly system: DisplaySystem;
  readonly monotonicNow: () => number;
  /** The cover could not be kept up. Called at most once per raise; the windows go on trying. */
  readonly onLost: (reason: string) => void;
  /** Time the desktop may have been visible: from `raise` until every display was painted. */
  readonly onMeasured: (measured: { readonly raiseToPaintedMs: number; readonly windows: number }) => void;
  /** The one window that may stand above the curtain and hold the focus: the simulated phone of a trial. */
  readonly above: { isOpen(): boolean; moveToTop(): void };
  readonly log: ShellLog;
}

/** The cover on every display (DESIGN §1: an honest display, not the security boundary). */
export interface DisplayCurtain extends Curtain {
  /** Creates the windows, hidden, and begins to follow the displays. Call once, after `ready` and after the IPC handlers stand. */
  prepare(): void;
  /** A curtain page reported its paint. */
  painted(webContentsId: number): void;
  /** Takes the windows away without mending them. Only when the process ends. Idempotent. */
  dispose(): void;
}

export function createCurtain(options: CurtainOptions): DisplayCurtain {
  return new CurtainOnDisplays(options);
}

/** Windows and macOS put the primary display at the origin; where none stands there (X11 allows it) the first one is it. */
function primaryOf(displays: readonly Display[]): Display | undefined {
  return displays.find(({ bounds }) => bounds.x === 0 && bounds.y === 0) ?? displays[0];
}

/** What ends the wait for the paint. */
type Bound = 'recheck' | 'time-out' | 'lowered' | 'overtaken';

class CurtainOnDisplays implements DisplayCurtain {
  readonly #options: CurtainOptions;
  readonly #windows = new Map<number, CurtainWindow>();
  readonly #lastIncidentAt = new Map<number, number>();
  readonly #paintTimers = new Map<number, NodeJS.Timeout>();
  readonly #onDisplayChange = (): void => this.#reconcile();
  #raisedAt: number | null = null;
  #lost = false;
  #settleRaise: ((bound: Bound) => void) | null = null;
  #reconcileTimer: NodeJS.Timeout | undefined;
  #refocusTimer: NodeJS.Timeout | undefined;

  constructor(options: CurtainOptions) {
    this.#options = options;
  }

  prepare(): void {
    screen.on('display-added', this.#onDisplayChange);
    screen.on('display-removed', this.#onDisplayChange);
    screen.on('display-metrics-changed', this.#onDisplayChange);
    this.#reconcileTimer ??= setInterval(() => this.#tick(), CURTAIN_RECONCILE_INTERVAL_MS);
    this.#reconcile();
  }

  async raise(): Promise<void> {
    // A raise that is overtaken by the next one has not failed: its outcome is the later one's.
    this.#settleRaise?.('overtaken');
    this.#raisedAt = this.#options.monotonicNow();
    this.#lost = false;
    this.#lastIncidentAt.clear();
    this.#reconcile();
    for (const [displayId, window] of this.#windows) this.#cover(displayId, window);
    await this.#everyWindowPainted();
  }

  async lower(): Promise<void> {
    this.#hideAll();
  }

  async discard(): Promise<void> {
    this.#hideAll();
  }

  painted(webContentsId: number): void {
    for (const [displayId, window] of this.#windows) {
      if (window.webContentsId !== webContentsId) continue;
      window.painted();
      this.#forgetPaintTimer(displayId);
    }
    this.#settleRaise?.('recheck');
  }

  dispose(): void {
    this.#standDown();
    clearInterval(this.#reconcileTimer);
    screen.removeListener('display-added', this.#onDisplayChange);
    screen.removeListener('display-removed', this.#onDisplayChange);
    screen.removeListener('display-metrics-changed', this.#onDisplayChange);
    for (const window of this.#windows.values()) window.destroy();
    this.#windows.clear();
    this.#settleRaise?.('lowered');
  }

  #hideAll(): void {
    this.#standDown();
    for (const window of this.#windows.values()) window.hide();
    this.#settleRaise?.('lowered');
  }

  /** From here on a hidden or closed window is no incident. */
  #standDown(): void {
    this.#raisedAt = null;
    clearTimeout(this.#refocusTimer);
    this.#refocusTimer = undefined;
    for (const displayId of this.#paintTimers.keys()) this.#forgetPaintTimer(displayId);
  }

  /** Resolves when all have painted, or at the time-out when at least one has: the others are mended as incidents. */
  #everyWindowPainted(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (bound: Bound): void => {
        const windows = [...this.#windows.values()];
        const covering = windows.filter((window) => window.isCovering(CURTAIN_SHOW_GRACE_MS)).length;
        const complete = windows.length > 0 && covering === windows.length;
        if (bound === 'recheck' && !complete) return;
        clearTimeout(grace);
        clearTimeout(limit);
        this.#settleRaise = null;
        if (bound !== 'lowered' && bound !== 'overtaken' && covering === 0) {
          reject(new Error('The cover could not be shown on any display'));
          return;
        }
        if (complete && bound !== 'overtaken' && this.#raisedAt !== null) {
          const raiseToPaintedMs = this.#options.monotonicNow() - this.#raisedAt;
          this.#options.onMeasured({ raiseToPaintedMs, windows: windows.length });
        }
        resolve();
      };
      const grace = setTimeout(() => settle('recheck'), CURTAIN_SHOW_GRACE_MS);
      const limit = setTimeout(() => settle('time-out'), CURTAIN_PAINT_TIMEOUT_MS);
      this.#settleRaise = settle;
    });
  }

  #tick(): void {
    this.#reconcile();
    if (this.#raisedAt === null) return;
    for (const [displayId, window] of [...this.#windows]) {
      if (!window.isVisible()) this.#onIncident(displayId, window, 'was hidden');
      else window.moveToTop();
    }
    if (this.#options.above.isOpen()) this.#options.above.moveToTop();
  }

  /** Makes the windows match the displays. An empty answer keeps what is there: a moment without displays is a moment, not a fact. */
  #reconcile(): void {
    const connected = screen.getAllDisplays();
    const primary = primaryOf(connected);
    if (primary === undefined) return;
    const displays = this.#options.system === 'wayland' ? [primary] : connected;
    for (const display of displays) {
      const role = display.id === primary.id ? 'primary' : 'secondary';
      const standing = this.#windows.get(display.id);
      if (standing?.role === role) {
        standing.place(display);
        continue;
      }
      // The new window covers before the old one goes.
      this.#create(display, role);
      standing?.destroy();
    }
    for (const [displayId, window] of [...this.#windows]) {
      if (displays.some((display) => display.id === displayId)) continue;
      this.#forgetPaintTimer(displayId);
      this.#windows.delete(displayId);
      window.destroy();
    }
    this.#settleRaise?.('recheck');
  }

  #create(display: Display, role: 'primary' | 'secondary'): void {
    const window: CurtainWindow = new CurtainWindow({
      windows: this.#options.windows,
      display,
      role,
      system: this.#options.system,
      monotonicNow: this.#options.monotonicNow,
      isRaised: () => this.#raisedAt !== null,
      onIncident: (incident) => this.#onIncident(display.id, window, incident),
      onBlur: () => this.#refocus(),
      onShown: () => this.#settleRaise?.('recheck'),
    });
    this.#windows.set(display.id, window);
    if (this.#raisedAt !== null) this.#cover(display.id, window);
  }

  #cover(displayId: number, window: CurtainWindow): void {
    window.show();
    if (this.#options.above.isOpen()) this.#options.above.moveToTop();
    this.#forgetPaintTimer(displayId);
    const timer = setTimeout(() => {
      if (!window.isCovering(CURTAIN_SHOW_GRACE_MS)) this.#onIncident(displayId, window, 'did not paint');
    }, CURTAIN_PAINT_TIMEOUT_MS);
    this.#paintTimers.set(displayId, timer);
  }

  #onIncident(displayId: number, window: CurtainWindow, incident: CurtainIncident): void {
    if (this.#windows.get(displayId) !== window) return;
    this.#options.log.warn(`The curtain of display ${displayId} ${incident}`);
    const now = this.#options.monotonicNow();
    const before = this.#lastIncidentAt.get(displayId);
    this.#lastIncidentAt.set(displayId, now);
    const again = before !== undefined && now - before < CURTAIN_RECOVERY_WINDOW_MS;
    if (this.#raisedAt !== null && (incident === 'was hidden' || incident === 'was minimized')) {
      this.#cover(displayId, window);
    } else {
      this.#forgetPaintTimer(displayId);
      this.#windows.delete(displayId);
      window.destroy();
      // A window that keeps breaking is made anew at the next tick only, or a page that crashes at load would spin.
      if (!again) this.#reconcile();
    }
    if (this.#raisedAt !== null && again && !this.#lost) {
      this.#lost = true;
      this.#options.onLost(`the curtain ${incident} twice`);
    }
  }

  #refocus(): void {
    this.#refocusTimer ??= setTimeout(() => {
      this.#refocusTimer = undefined;
      if (this.#raisedAt === null || this.#options.above.isOpen()) return;
      for (const window of this.#windows.values()) if (window.role === 'primary') window.focus();
    }, CURTAIN_REFOCUS_DELAY_MS);
  }

  #forgetPaintTimer(displayId: number): void {
    clearTimeout(this.#paintTimers.get(displayId));
    this.#paintTimers.delete(displayId);
  }
}
