import { EventEmitter } from 'node:events';
import { theHost } from '../host.ts';
import { implementedOnly, type Members, standIn, vetoableEvent } from '../stand-in.ts';
import type { Monitor, XDisplay } from '../x11/display.ts';

/** Displays as RandR has them. X has one scale for all of them, and this host leaves it at 1. */
class Screen
  extends EventEmitter
  implements
    Members<Electron.Screen, 'getAllDisplays' | 'getPrimaryDisplay' | 'getDisplayNearestPoint' | 'getDisplayMatching'>
{
  private readonly ids = new Map<string, number>();
  private displays: readonly Electron.Display[] = [];

  /** For the command line only. */
  follow(display: XDisplay): void {
    this.displays = display.monitors.map((monitor) => this.toDisplay(monitor));
    display.onMonitorsChanged(() => this.update(display.monitors.map((monitor) => this.toDisplay(monitor))));
  }

  getAllDisplays(): Electron.Display[] {
    return [...this.displays];
  }

  getPrimaryDisplay(): Electron.Display {
    const primary = theHost().display.monitors.find((monitor) => monitor.primary)?.name;
    const found = this.displays.find(({ label }) => label === primary) ?? this.displays[0];
    if (found === undefined) throw new Error('there is no display');
    return found;
  }

  getDisplayNearestPoint(point: Electron.Point): Electron.Display {
    const distance = ({ bounds }: Electron.Display): number => {
      const dx = Math.max(bounds.x - point.x, 0, point.x - (bounds.x + bounds.width - 1));
      const dy = Math.max(bounds.y - point.y, 0, point.y - (bounds.y + bounds.height - 1));
      return dx * dx + dy * dy;
    };
    return this.displays.reduce((a, b) => (distance(b) < distance(a) ? b : a), this.getPrimaryDisplay());
  }

  getDisplayMatching(rect: Electron.Rectangle): Electron.Display {
    return this.getDisplayNearestPoint({ x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 });
  }

  private update(now: readonly Electron.Display[]): void {
    const before = this.displays;
    this.displays = now;
    theHost().report('displays-changed', { displays: now.map(({ label, bounds }) => ({ label, bounds })) });
    for (const display of now) {
      const old = before.find(({ id }) => id === display.id);
      if (old === undefined) this.emit('display-added', vetoableEvent({}), display);
      else if (JSON.stringify(old) !== JSON.stringify(display)) {
        const changed = (['bounds', 'workArea'] as const).filter(
          (key) => JSON.stringify(old[key]) !== JSON.stringify(display[key]),
        );
        this.emit('display-metrics-changed', vetoableEvent({}), display, changed);
      }
    }
    for (const old of before) {
      if (!now.some(({ id }) => id === old.id)) this.emit('display-removed', vetoableEvent({}), old);
    }
  }

  private toDisplay(monitor: Monitor): Electron.Display {
    const id = this.ids.get(monitor.name) ?? this.ids.size + 1;
    this.ids.set(monitor.name, id);
    const { bounds, workArea } = monitor;
    return standIn<Electron.Display>('Display', {
      id,
      label: monitor.name,
      bounds: { ...bounds },
      workArea: { ...workArea },
      size: { width: bounds.width, height: bounds.height },
      workAreaSize: { width: workArea.width, height: workArea.height },
      scaleFactor: 1,
      rotation: 0,
      internal: false,
      touchSupport: 'unknown',
    });
  }
}

export const screenItself = new Screen();
export const screen = implementedOnly('electron.screen', screenItself);
