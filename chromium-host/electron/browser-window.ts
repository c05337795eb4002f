import { EventEmitter } from 'node:events';
import { theHost } from '../host.ts';
import { standIn, vetoableEvent } from '../stand-in.ts';
import { FrameWindow } from '../x11/frame-window.ts';
import { appItself } from './app.ts';
import type { BrowserWindowMembers } from './surface.ts';
import { WebContents } from './web-contents.ts';
import { centred, initialBounds, pixelOf } from './window-options.ts';

let nextId = 1;

/** A window of the app: a frame of the host's own with a Chromium page inside. */
export class BrowserWindow extends EventEmitter implements BrowserWindowMembers {
  readonly id = nextId++;
  readonly webContents: Electron.WebContents;
  /** How long the last `show` took until the X server had the window on the screen; null before the first. */
  lastShowMs: number | null = null;
  lastHideMs: number | null = null;
  readonly contents: WebContents;
  readonly frame: FrameWindow;
  readonly electron: Electron.BrowserWindow;
  private visible = false;
  private minimized = false;
  private destroyed = false;
  private shownTitle: string;
  private askedAt = 0;

  static getAllWindows(): Electron.BrowserWindow[] {
    return [...appItself.windows].map(({ electron }) => electron);
  }

  static getFocusedWindow(): Electron.BrowserWindow | null {
    return [...appItself.windows].find((window) => window.isFocused())?.electron ?? null;
  }

  static fromId(id: number): Electron.BrowserWindow | null {
    return [...appItself.windows].find((window) => window.id === id)?.electron ?? null;
  }

  static fromWebContents(contents: Electron.WebContents): Electron.BrowserWindow | null {
    return [...appItself.windows].find((window) => window.webContents === contents)?.electron ?? null;
  }

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super();
    if (!appItself.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    this.shownTitle = options.title ?? appItself.getName();
    this.frame = new FrameWindow(theHost().display, {
      bounds: initialBounds(options),
      decorated: options.frame ?? true,
      resizable: options.resizable ?? true,
      backgroundPixel: pixelOf(options.backgroundColor),
      title: this.shownTitle,
      wmClass: appItself.getName(),
    });
    this.frame.setState('above', options.alwaysOnTop ?? false);
    this.frame.setState('skipTaskbar', options.skipTaskbar ?? false);
    this.frame.setState('fullscreen', (options.fullscreen ?? false) || (options.kiosk ?? false));
    this.contents = new WebContents(options.webPreferences ?? {}, (renderer) => {
      if (!this.destroyed) this.frame.adopt(renderer.xWindow);
    });
    this.webContents = this.contents.electron;
    this.electron = standIn<Electron.BrowserWindow>('BrowserWindow', this);
    this.listen();
    appItself.windows.add(this);
    appItself.emit('browser-window-created', vetoableEvent({}), this.electron);
    // Like Electron: the renderer starts at once, not with the first load.
    this.contents.liveRenderer().catch((error: unknown) => {
      if (!this.destroyed) console.error(`chromium-host: no renderer for window ${this.id}: ${String(error)}`);
    });
    if (options.show ?? true) this.show();
  }

  loadURL(url: string): Promise<void> {
    return this.contents.loadURL(url);
  }

  show(): void {
    this.present(true);
  }

  showInactive(): void {
    this.present(false);
  }

  hide(): void {
    this.mustLive();
    if (!this.visible) return;
    this.visible = false;
    this.askedAt = performance.now();
    this.frame.hide();
  }

  close(): void {
    if (this.destroyed) return;
    const event = vetoableEvent({});
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.visible = false;
    this.frame.removeAllListeners();
    this.contents.destroy();
    this.frame.destroy();
    theHost().report('window-closed', { windowId: this.id });
    this.emit('closed');
    appItself.windowClosed(this);
  }

  isDestroyed(): boolean {
    return this.destroyed;
  }

  isVisible(): boolean {
    return this.visible && !this.minimized;
  }

  isFocused(): boolean {
    return this.frame.focused;
  }

  isMinimized(): boolean {
    return this.minimized;
  }

  isFullScreen(): boolean {
    return this.frame.has('fullscreen');
  }

  isKiosk(): boolean {
    return this.frame.has('fullscreen');
  }

  isAlwaysOnTop(): boolean {
    return this.frame.has('above');
  }

  setBounds(bounds: Partial<Electron.Rectangle>): void {
    this.mustLive();
    this.frame.setBounds({ ...this.frame.bounds, ...bounds });
  }

  getBounds(): Electron.Rectangle {
    return { ...this.frame.bounds };
  }

  setSize(width: number, height: number): void {
    this.setBounds({ width, height });
  }

  setPosition(x: number, y: number): void {
    this.setBounds({ x, y });
  }

  center(): void {
    this.setBounds(centred(this.frame.bounds));
  }

  focus(): void {
    this.mustLive();
    if (this.visible) this.frame.focus();
  }

  blur(): void {
    // Giving the focus to nobody in particular is what a person never does either.
  }

  moveTop(): void {
    this.mustLive();
    if (this.visible) this.frame.raise();
  }

  minimize(): void {
    this.frame.minimize();
  }

  restore(): void {
    if (this.minimized) this.frame.show(true);
  }

  setKiosk(flag: boolean): void {
    this.setFullScreen(flag);
  }

  setFullScreen(flag: boolean): void {
    this.mustLive();
    if (this.frame.has('fullscreen') === flag) return;
    this.frame.setState('fullscreen', flag);
    this.emit(flag ? 'enter-full-screen' : 'leave-full-screen');
  }

  setAlwaysOnTop(flag: boolean): void {
    this.mustLive();
    this.frame.setState('above', flag);
  }

  setSkipTaskbar(skip: boolean): void {
    this.frame.setState('skipTaskbar', skip);
  }

  setVisibleOnAllWorkspaces(visible: boolean): void {
    this.frame.setState('allDesktops', visible);
  }

  setMenu(): void {
    // Windows have no menu here in the first place.
  }

  removeMenu(): void {
    // See setMenu.
  }

  setMenuBarVisibility(): void {
    // See setMenu.
  }

  setAutoHideMenuBar(): void {
    // See setMenu.
  }

  setTitle(title: string): void {
    this.shownTitle = title;
    this.frame.setTitle(title);
  }

  getTitle(): string {
    return this.shownTitle;
  }

  setContentProtection(): void {
    // Without effect on Linux, in Electron as well.
  }

  setBackgroundColor(): void {
    // The frame keeps the colour it was made with; the page covers it.
  }

  setIcon(): void {
    // Development windows have no icon of their own.
  }

  hookWindowMessage(): void {
    // Windows only.
  }

  getNativeWindowHandle(): Buffer {
    const handle = Buffer.alloc(4);
    handle.writeUInt32LE(this.frame.id);
    return handle;
  }

  private present(activate: boolean): void {
    this.mustLive();
    if (this.visible && !this.minimized) {
      if (activate) this.frame.focus();
      return;
    }
    this.visible = true;
    this.askedAt = performance.now();
    this.frame.show(activate);
  }

  private mustLive(): void {
    if (this.destroyed) throw new TypeError('Object has been destroyed');
  }

  private listen(): void {
    const { frame, contents } = this;
    frame.on('shown', () => {
      this.minimized = false;
      this.lastShowMs = performance.now() - this.askedAt;
      theHost().report('window-shown', { windowId: this.id, tookMs: this.lastShowMs });
      this.emit('show');
    });
    frame.on('hidden', () => {
      this.lastHideMs = performance.now() - this.askedAt;
      theHost().report('window-hidden', { windowId: this.id, tookMs: this.lastHideMs });
      this.emit('hide');
    });
    frame.on('minimize', () => {
      this.minimized = true;
      this.emit('minimize');
    });
    frame.on('focus', () => {
      this.emit('focus');
      appItself.emit('browser-window-focus', vetoableEvent({}), this.electron);
    });
    frame.on('blur', () => {
      this.emit('blur');
      appItself.emit('browser-window-blur', vetoableEvent({}), this.electron);
    });
    frame.on('bounds', () => {
      this.emit('move');
      this.emit('resize');
    });
    frame.on('closeRequested', () => this.close());
    frame.on('titled', (title) => {
      contents.setTitle(title);
      this.setTitle(title);
    });
    contents.on('ready-to-show', () => this.emit('ready-to-show'));
    contents.on('focus-requested', () => this.focus());
    contents.on('close-requested', () => this.close());
  }
}
