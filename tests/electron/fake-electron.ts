import { EventEmitter } from 'node:events';

/**
 * Stands for the `electron` module in unit tests: only the members that main/electron uses, each remembering what was asked of it.
 * Tests replace the module with `vi.mock('electron', () => import('./fake-electron.ts'))`.
 */
export interface FakeRectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

type Attempt = { prevented: boolean };

/** An event that can be prevented, as Electron passes it. */
export function preventable(extra: Record<string, unknown> = {}): Attempt & { preventDefault(): void } {
  const event = {
    prevented: false,
    preventDefault: () => {
      event.prevented = true;
    },
    ...extra,
  };
  return event;
}

export class FakeWebContents extends EventEmitter {
  readonly id: number;
  readonly sent: { channel: string; payload: unknown }[] = [];
  windowOpenHandler: (() => { action: string }) | null = null;
  constructor(id: number) {
    super();
    this.id = id;
  }
  send(channel: string, payload: unknown): void {
    this.sent.push({ channel, payload });
  }
  setWindowOpenHandler(handler: () => { action: string }): void {
    this.windowOpenHandler = handler;
  }
}

export const windows: BrowserWindow[] = [];
let nextWebContentsId = 1;

export class BrowserWindow extends EventEmitter {
  readonly options: { readonly webPreferences?: Record<string, unknown> };
  readonly webContents: FakeWebContents;
  readonly loaded: string[] = [];
  readonly messageHooks = new Map<number, (wParam: Buffer, lParam: Buffer) => void>();
  readonly calls: string[] = [];
  bounds: FakeRectangle;
  visible = false;
  destroyed = false;
  kiosk = false;
  fullScreen = false;
  alwaysOnTopLevel: string | null = null;

  constructor(options: Partial<FakeRectangle> & { readonly webPreferences?: Record<string, unknown> }) {
    super();
    this.options = options;
    this.webContents = new FakeWebContents(nextWebContentsId++);
    const { x = 0, y = 0, width = 800, height = 600 } = options;
    this.bounds = { x, y, width, height };
    windows.push(this);
  }
  async loadURL(url: string): Promise<void> {
    this.loaded.push(url);
  }
  show(): void {
    this.calls.push('show');
    this.visible = true;
  }
  showInactive(): void {
    this.calls.push('showInactive');
    this.visible = true;
  }
  hide(): void {
    this.calls.push('hide');
    this.visible = false;
    this.emit('hide');
  }
  /** What the window's own close button or Alt+F4 does. */
  close(): void {
    const event = preventable();
    this.emit('close', event);
    if (!event.prevented) this.destroy();
  }
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.visible = false;
    this.emit('closed');
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  isVisible(): boolean {
    return this.visible;
  }
  focus(): void {
    this.calls.push('focus');
  }
  moveTop(): void {
    this.calls.push('moveTop');
  }
  getBounds(): FakeRectangle {
    return this.bounds;
  }
  setBounds(bounds: FakeRectangle): void {
    this.bounds = { ...bounds };
  }
  setKiosk(kiosk: boolean): void {
    this.kiosk = kiosk;
  }
  setFullScreen(fullScreen: boolean): void {
    this.fullScreen = fullScreen;
  }
  setAlwaysOnTop(onTop: boolean, level: string): void {
    this.alwaysOnTopLevel = onTop ? level : null;
  }
  setVisibleOnAllWorkspaces(): void {
    this.calls.push('setVisibleOnAllWorkspaces');
  }
  setMenu(): void {
    this.calls.push('setMenu');
  }
  hookWindowMessage(message: number, hook: (wParam: Buffer, lParam: Buffer) => void): void {
    this.messageHooks.set(message, hook);
  }
  getNativeWindowHandle(): Buffer {
    return Buffer.alloc(8);
  }
}

export interface FakeDisplay {
  id: number;
  bounds: FakeRectangle;
}

const WORK_AREA_SIZE = { width: 1920, height: 1080 };

class FakeScreen extends EventEmitter {
  displays: FakeDisplay[] = [];
  getAllDisplays(): FakeDisplay[] {
    return this.displays;
  }
  workAreaSize = WORK_AREA_SIZE;
  getPrimaryDisplay() {
    return { workAreaSize: this.workAreaSize };
  }
}
export const screen = new FakeScreen();

class FakeApp extends EventEmitter {
  isPackaged = true;
  onlyInstance = true;
  exits: number[] = [];
  openAtLogin = false;
  getPath(name: string): string {
    return `/paths/${name}`;
  }
  requestSingleInstanceLock(): boolean {
    return this.onlyInstance;
  }
  quit(): void {
    const event = preventable();
    this.emit('before-quit', event);
    if (!event.prevented) this.exits.push(0);
  }
  exit(code: number): void {
    this.exits.push(code);
  }
  getLoginItemSettings(): { openAtLogin: boolean } {
    return { openAtLogin: this.openAtLogin };
  }
  setLoginItemSettings({ openAtLogin }: { openAtLogin: boolean }): void {
    this.openAtLogin = openAtLogin;
  }
}
export const app = new FakeApp();

export const invokeHandlers = new Map<string, (event: unknown, ...args: unknown[]) => Promise<unknown>>();
export const ipcMain = {
  handle: (channel: string, handler: (event: unknown, ...args: unknown[]) => Promise<unknown>): void => {
    invokeHandlers.set(channel, handler);
  },
};

export class FakeSession {
  permissionRequest: ((webContents: unknown, permission: string, decide: (granted: boolean) => void) => void) | null =
    null;
  permissionCheck: (() => boolean) | null = null;
  headersReceived: ((details: { url: string }, decide: (decision: { cancel: boolean }) => void) => void) | null = null;
  readonly webRequest = {
    onHeadersReceived: (listener: FakeSession['headersReceived']): void => {
      this.headersReceived = listener;
    },
  };
  setPermissionRequestHandler(handler: FakeSession['permissionRequest']): void {
    this.permissionRequest = handler;
  }
  setPermissionCheckHandler(handler: FakeSession['permissionCheck']): void {
    this.permissionCheck = handler;
  }
}
export const partitions = new Map<string, FakeSession>();
export const session = {
  fromPartition: (name: string): FakeSession => {
    const known = partitions.get(name) ?? new FakeSession();
    partitions.set(name, known);
    return known;
  },
};
export const protocol = {};

export class FakeUtilityProcess extends EventEmitter {
  readonly posted: unknown[] = [];
  readonly modulePath: string;
  readonly args: string[];
  readonly options: { env: Record<string, string> };
  killed = false;
  constructor(modulePath: string, args: string[], options: { env: Record<string, string> }) {
    super();
    this.modulePath = modulePath;
    this.args = args;
    this.options = options;
  }
  postMessage(message: unknown): void {
    this.posted.push(message);
  }
  kill(): boolean {
    this.killed = true;
    this.emit('exit', 15);
    return true;
  }
}
export const forked: FakeUtilityProcess[] = [];
export const utilityProcess = {
  fork: (modulePath: string, args: string[], options: { env: Record<string, string> }): FakeUtilityProcess => {
    const child = new FakeUtilityProcess(modulePath, args, options);
    forked.push(child);
    return child;
  },
};

/** What the person answers to a save dialog; each dialog that was shown. */
interface FakeDialog {
  answer: { canceled: boolean; filePath: string };
  readonly shown: { parent: unknown; options: { defaultPath: string } }[];
  showSaveDialog(parent: unknown, options: { defaultPath: string }): Promise<FakeDialog['answer']>;
}
export const dialog: FakeDialog = {
  answer: { canceled: true, filePath: '' },
  shown: [],
  async showSaveDialog(parent, options) {
    dialog.shown.push({ parent, options });
    return dialog.answer;
  },
};

export const opened: string[] = [];
export const shell = {
  openExternal: async (url: string): Promise<void> => {
    opened.push(url);
  },
};
export const clipboard = { writeText: (_text: string): void => undefined };

class FakeNativeTheme extends EventEmitter {
  shouldUseDarkColors = false;
}
export const nativeTheme = new FakeNativeTheme();

export interface FakeImage {
  path: string | null;
  setTemplateImage(template: boolean): void;
}
const imageOf = (path: string | null): FakeImage => ({ path, setTemplateImage: () => undefined });
export const nativeImage = { createEmpty: () => imageOf(null), createFromPath: imageOf };

export const trays: Tray[] = [];
export class Tray extends EventEmitter {
  image: FakeImage;
  toolTip = '';
  menus: unknown[] = [];
  constructor(image: FakeImage) {
    super();
    this.image = image;
    trays.push(this);
  }
  setImage(image: FakeImage): void {
    this.image = image;
  }
  setToolTip(toolTip: string): void {
    this.toolTip = toolTip;
  }
  setContextMenu(menu: unknown): void {
    this.menus.push(menu);
  }
  destroy(): void {
    this.emit('destroyed');
  }
}
export const Menu = { buildFromTemplate: (template: unknown): unknown => template };

export const notifications: Notification[] = [];
export class Notification extends EventEmitter {
  static supported = true;
  static isSupported(): boolean {
    return Notification.supported;
  }
  readonly options: { title: string; urgency: string };
  standing = false;
  constructor(options: { title: string; urgency: string }) {
    super();
    this.options = options;
    notifications.push(this);
  }
  show(): void {
    this.standing = true;
  }
  close(): void {
    this.standing = false;
  }
}

class FakePowerMonitor extends EventEmitter {
  getSystemIdleState(): string {
    return 'active';
  }
  getSystemIdleTime(): number {
    return 7;
  }
}
export const powerMonitor = new FakePowerMonitor();

/** Forgets what earlier tests did. */
export function forgetEverything(): void {
  windows.length = 0;
  forked.length = 0;
  opened.length = 0;
  dialog.shown.length = 0;
  dialog.answer = { canceled: true, filePath: '' };
  trays.length = 0;
  notifications.length = 0;
  invokeHandlers.clear();
  partitions.clear();
  screen.removeAllListeners();
  screen.displays = [];
  screen.workAreaSize = WORK_AREA_SIZE;
  app.removeAllListeners();
  app.exits = [];
  app.onlyInstance = true;
  app.isPackaged = true;
  app.openAtLogin = false;
  nativeTheme.removeAllListeners();
  nativeTheme.shouldUseDarkColors = false;
  powerMonitor.removeAllListeners();
  Notification.supported = true;
}

export function onlyWindow(): BrowserWindow {
  const [window, ...others] = windows;
  if (window === undefined || others.length > 0) throw new Error(`Expected one window, found ${windows.length}`);
  return window;
}
