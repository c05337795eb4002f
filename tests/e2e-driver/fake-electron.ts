import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import type { InMain } from '../e2e/driver/electron-control.ts';

const WITNESS = readFileSync(new URL('../e2e/driver/electron-witness.cjs', import.meta.url), 'utf8');

export interface FakeItem {
  readonly label: string;
  readonly enabled: boolean;
  readonly visible: boolean;
  readonly click: () => void;
  readonly submenu?: { readonly items: readonly FakeItem[] };
}

export function fakeItem(
  label: string,
  rest: {
    readonly enabled?: boolean;
    readonly visible?: boolean;
    readonly click?: () => void;
    readonly submenu?: readonly FakeItem[];
  } = {},
): FakeItem {
  const { enabled = true, visible = true, click = () => undefined, submenu } = rest;
  return { label, enabled, visible, click, ...(submenu === undefined ? {} : { submenu: { items: submenu } }) };
}

class FakeWindow extends EventEmitter {
  readonly id: number;
  readonly killed: Promise<void>;
  readonly webContents;
  readonly #visible: boolean;
  readonly #nativeWindow: number;

  constructor(told: FakeWindowOptions) {
    super();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.id = told.id;
    this.killed = promise;
    this.#visible = told.visible;
    this.#nativeWindow = told.nativeWindow ?? 0x20_0000 + told.id;
    this.webContents = {
      id: 100 + told.id,
      getURL: () => told.url,
      isCrashed: () => told.crashed ?? false,
      forcefullyCrashRenderer: () => resolve(),
    };
  }

  isVisible(): boolean {
    return this.#visible;
  }

  /** As wide as a pointer, as on 64-bit Linux. */
  getNativeWindowHandle(): Buffer {
    const handle = Buffer.alloc(8);
    handle.writeUInt32LE(this.#nativeWindow);
    return handle;
  }
}

interface FakeWindowOptions {
  readonly id: number;
  readonly url: string;
  readonly visible: boolean;
  readonly crashed?: boolean;
  readonly nativeWindow?: number;
}

/**
 * Electron's main process as far as the driver touches it, with electron-witness.cjs loaded before the "app" as `-r` does. The
 * driver's functions reach it as Playwright sends them: as source text, into a world without this file's scope.
 */
export class FakeElectron {
  userData = 'default';
  menusSeenByTheTray = 0;
  readonly metrics: { readonly name: string; readonly pid: number }[] = [];
  readonly app;
  /** Its file chooser would wait for somebody. */
  readonly dialog = {
    showSaveDialog: (_window: object, _options: { readonly defaultPath: string }): Promise<unknown> =>
      Promise.reject(new Error('nobody sits here')),
  };
  readonly #windows: FakeWindow[] = [];
  readonly #electron: object;
  readonly #tray: { setContextMenu(menu: object): void };
  readonly #world = vm.createContext({});

  constructor({ userDataSwitch = '' } = {}) {
    const setUserData = (path: string): void => {
      this.userData = path;
    };
    this.app = Object.assign(new EventEmitter(), {
      whenReady: () => Promise.resolve(),
      commandLine: { getSwitchValue: (name: string) => (name === 'user-data-dir' ? userDataSwitch : '') },
      setPath: (name: string, path: string) => (name === 'userData' ? setUserData(path) : undefined),
      getAppMetrics: () => this.metrics,
    });
    const seen = (): void => {
      this.menusSeenByTheTray += 1;
    };
    class Tray {
      setContextMenu(_menu: object): void {
        seen();
      }
    }
    const BrowserWindow = {
      getAllWindows: () => this.#windows,
      fromId: (id: number) => this.#windows.find((window) => window.id === id) ?? null,
    };
    this.#electron = { app: this.app, dialog: this.dialog, Tray, BrowserWindow };
    const load = vm.runInContext(`(require) => {${WITNESS}}`, this.#world);
    load((name: string) => (name === 'electron' ? this.#electron : process.getBuiltinModule(name)));
    this.#tray = new Tray();
  }

  /** What Playwright's `evaluate` does: only text goes there, only JSON comes back. */
  async run(step: InMain, argument: string): Promise<unknown> {
    const result: unknown = await vm.runInContext(`(${String(step)})`, this.#world)(this.#electron, argument);
    return result === undefined ? undefined : JSON.parse(JSON.stringify(result));
  }

  open(options: FakeWindowOptions): FakeWindow {
    const window = new FakeWindow(options);
    this.#windows.push(window);
    this.app.emit('browser-window-created', {}, window);
    return window;
  }

  giveTrayMenu(items: readonly FakeItem[]): void {
    this.#tray.setContextMenu({ items });
  }

  emit(event: string, ...details: readonly unknown[]): void {
    this.app.emit(event, ...details);
  }
}
