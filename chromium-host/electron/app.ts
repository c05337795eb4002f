import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { theHost } from '../host.ts';
import { implementedOnly, vetoableEvent } from '../stand-in.ts';
import type { BrowserWindow } from './browser-window.ts';
import { SingleInstance } from './single-instance.ts';
import type { AppMembers } from './surface.ts';

const PackageFile = z.object({
  name: z.string(),
  productName: z.string().optional(),
  version: z.string().default('0.0.0'),
});
type Manifest = z.infer<typeof PackageFile>;
type PathName = Parameters<Electron.App['getPath']>[0];

/** The app's life: ready, windows, quit. Order and vetoes are those of Electron's documentation of `app`. */
class App extends EventEmitter implements AppMembers {
  readonly isPackaged = false;
  readonly windows = new Set<BrowserWindow>();
  readonly commandLine: Electron.CommandLine;
  private readonly switches = new Map<string, string>();
  private readonly paths = new Map<string, string>();
  private readonly single = new SingleInstance();
  private manifest: Manifest = { name: 'chromium-host', version: '0.0.0' };
  private name: string | null = null;
  private appDirectory = '';
  private ready = false;
  private quitting = false;
  private exiting = false;
  private loginItem = false;
  private announceReady: () => void = () => undefined;
  private readonly readiness = new Promise<void>((resolve) => {
    this.announceReady = resolve;
  });

  constructor() {
    super();
    this.commandLine = implementedOnly('electron.app.commandLine', {
      appendSwitch: (name: string, value = '') => void this.switches.set(name, value),
      appendArgument: () => undefined,
      hasSwitch: (name: string) => this.switches.has(name),
      getSwitchValue: (name: string) => this.switches.get(name) ?? '',
      removeSwitch: (name: string) => void this.switches.delete(name),
    });
  }

  /** For the command line only: which app this is. */
  configure(appDirectory: string, userData: string | null): void {
    this.appDirectory = resolve(appDirectory);
    this.manifest = PackageFile.parse(JSON.parse(readFileSync(join(appDirectory, 'package.json'), 'utf8')));
    if (userData !== null) this.paths.set('userData', resolve(userData));
  }

  /** For the command line only: everything that must be there before `ready` is there. */
  becomeReady(): void {
    this.ready = true;
    this.emit('will-finish-launching');
    this.emit('ready', vetoableEvent({}), {});
    this.announceReady();
  }

  whenReady(): Promise<void> {
    return this.readiness;
  }

  isReady(): boolean {
    return this.ready;
  }

  requestSingleInstanceLock(additionalData?: Record<PropertyKey, unknown>): boolean {
    const own = { argv: process.argv, workingDirectory: process.cwd(), additionalData: additionalData ?? {} };
    return this.single.request(this.getPath('userData'), own, (other) => {
      this.emit('second-instance', vetoableEvent({}), other.argv, other.workingDirectory, other.additionalData);
    });
  }

  hasSingleInstanceLock(): boolean {
    return this.single.holds();
  }

  releaseSingleInstanceLock(): void {
    this.single.release();
  }

  getPath(name: PathName): string {
    const set = this.paths.get(name);
    if (set !== undefined) return set;
    const appData = process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
    switch (name) {
      case 'home':
        return homedir();
      case 'appData':
        return appData;
      case 'userData':
      case 'sessionData':
        return name === 'sessionData' ? this.getPath('userData') : join(appData, this.getName());
      case 'temp':
        return tmpdir();
      case 'downloads':
        return join(homedir(), 'Downloads');
      case 'exe':
        return process.execPath;
      case 'logs':
        return join(this.getPath('userData'), 'logs');
      default:
        throw new Error(`electron.app.getPath('${name}') is not implemented in chromium-host`);
    }
  }

  setPath(name: string, path: string): void {
    this.paths.set(name, path);
  }

  getAppPath(): string {
    return this.appDirectory;
  }

  getVersion(): string {
    return this.manifest.version;
  }

  getName(): string {
    return this.name ?? this.manifest.productName ?? this.manifest.name;
  }

  setName(name: string): void {
    this.name = name;
  }

  /** Kept in memory: a development tool must not start itself at the next login. (Electron has none on Linux either.) */
  setLoginItemSettings(settings: Electron.Settings): void {
    this.loginItem = settings.openAtLogin ?? false;
  }

  getLoginItemSettings(): Electron.LoginItemSettings {
    return {
      openAtLogin: this.loginItem,
      wasOpenedAtLogin: false,
      status: this.loginItem ? 'enabled' : 'not-registered',
      executableWillLaunchAtLogin: this.loginItem,
      launchItems: [],
    };
  }

  setAppUserModelId(): void {
    // Windows only.
  }

  enableSandbox(): void {
    // Chromium's renderers are sandboxed unless the host runs as root.
  }

  disableHardwareAcceleration(): void {
    // The host never uses the GPU.
  }

  focus(): void {
    [...this.windows].find((window) => window.isVisible())?.focus();
  }

  quit(): void {
    if (this.quitting || this.exiting) return;
    this.quitting = true;
    const before = vetoableEvent({});
    this.emit('before-quit', before);
    if (before.defaultPrevented) {
      this.quitting = false;
      return;
    }
    for (const window of [...this.windows]) {
      window.close();
      if (window.isDestroyed()) continue;
      this.quitting = false; // A window vetoed.
      return;
    }
    const will = vetoableEvent({});
    this.emit('will-quit', will);
    if (will.defaultPrevented) {
      this.quitting = false;
      return;
    }
    this.exit(0);
  }

  exit(code = 0): void {
    if (this.exiting) return;
    this.exiting = true;
    for (const window of [...this.windows]) window.destroy();
    this.emit('quit', vetoableEvent({}), code);
    this.single.release();
    theHost()
      .closeBrowser()
      .catch((error: unknown) => console.error(`chromium-host: the browser was not closed: ${String(error)}`))
      .finally(() => process.exit(code));
  }

  /** For windows only. */
  windowClosed(window: BrowserWindow): void {
    // By id: the app holds the window through the guard of stand-in.ts, the list holds it as it is.
    for (const known of this.windows) if (known.id === window.id) this.windows.delete(known);
    if (this.windows.size > 0 || this.quitting || this.exiting) return;
    // Electron quits when the last window is gone and nobody wants to know.
    if (this.listenerCount('window-all-closed') > 0) this.emit('window-all-closed');
    else this.quit();
  }
}

/** The object itself, for the host's own parts; the app gets the one that refuses what is not implemented. */
export const appItself = new App();
export const app = implementedOnly('electron.app', appItself);
