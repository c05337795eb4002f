import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { assertNever } from '../../protocol/result.ts';
import type { FromPage } from '../chromium/from-page.ts';
import { type GoneReason, type PageAnswer, type PageRequest, RendererPage } from '../chromium/renderer-page.ts';
import { toAppUrl, toChromiumUrl } from '../chromium/virtual-origin.ts';
import { theHost } from '../host.ts';
import { toWire } from '../page/wire-value.ts';
import { implementedOnly, standIn, vetoableEvent } from '../stand-in.ts';
import { appItself } from './app.ts';
import { ipcMainItself } from './ipc-main.ts';
import { mainFrameOf } from './main-frame.ts';
import { type Session, sessionBehind, sessionOf } from './session.ts';
import type { WebContentsMembers } from './surface.ts';

const ERR_FAILED = -2;
/** `did-fail-load` has a code of Chromium's; of those only this one can be told apart here. */
const ERR_ABORTED = -3;
let nextId = 1;
const all = new Map<number, WebContents>();

export class WebContents extends EventEmitter implements WebContentsMembers {
  readonly id = nextId++;
  readonly electron: Electron.WebContents;
  readonly session: Electron.Session;
  readonly mainFrame: Electron.WebFrameMain;
  /** The renderer at work now; a crashed one is replaced by the next load. */
  renderer: RendererPage | null = null;
  private readonly ownSession: Session;
  private readonly preferences: Electron.WebPreferences;
  private readonly onRenderer: (renderer: RendererPage) => void;
  private opening: Promise<RendererPage> | null = null;
  private openHandler: Parameters<Electron.WebContents['setWindowOpenHandler']>[0] | null = null;
  private url = '';
  private title = '';
  private destroyed = false;
  private crashed = false;
  private loading = false;
  /** The address that `loadURL` was given last; a navigation to anywhere else is the page's own. */
  private expectedUrl: string | null = null;

  constructor(preferences: Electron.WebPreferences, onRenderer: (renderer: RendererPage) => void) {
    super();
    this.preferences = preferences;
    this.onRenderer = onRenderer;
    this.ownSession =
      preferences.session === undefined ? sessionOf(preferences.partition ?? '') : sessionBehind(preferences.session);
    this.session = this.ownSession.electron;
    this.mainFrame = mainFrameOf(this);
    this.electron = standIn<Electron.WebContents>('WebContents', this);
    all.set(this.id, this);
  }

  async loadURL(url: string): Promise<void> {
    this.loading = true;
    this.expectedUrl = url;
    try {
      const renderer = await this.liveRenderer();
      this.emit('did-start-loading');
      await this.applyPermissions(renderer, url);
      await renderer.load(url);
      this.emit('did-finish-load');
      await renderer.evaluate('new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))');
      this.emit('ready-to-show');
    } catch (error) {
      if (this.destroyed) return;
      const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      const code = message.includes('ERR_ABORTED') ? ERR_ABORTED : ERR_FAILED;
      this.emit('did-fail-load', vetoableEvent({}), code, message, url, true, this.id, this.id);
      throw new Error(`${message} (${code}) loading '${url}'`, { cause: error });
    } finally {
      this.loading = false;
      this.emit('did-stop-loading');
    }
  }

  send(channel: string, ...args: unknown[]): void {
    if (this.destroyed) throw new Error('Object has been destroyed');
    this.renderer?.deliver({ type: 'push', channel, args: toWire(args, null) });
  }

  reload(): void {
    if (this.url === '') return;
    this.loadURL(this.url).catch((error: unknown) => console.error(`chromium-host: not reloaded: ${String(error)}`));
  }

  getURL(): string {
    return this.url;
  }

  getTitle(): string {
    return this.title;
  }

  isDestroyed(): boolean {
    return this.destroyed;
  }

  isCrashed(): boolean {
    return this.crashed;
  }

  isLoading(): boolean {
    return this.loading;
  }

  focus(): void {
    this.emit('focus-requested');
  }

  close(): void {
    this.emit('close-requested');
  }

  forcefullyCrashRenderer(): void {
    this.renderer?.crash();
  }

  async executeJavaScript(code: string): Promise<unknown> {
    const renderer = await this.liveRenderer();
    return renderer.evaluate(code);
  }

  setWindowOpenHandler(handler: Parameters<Electron.WebContents['setWindowOpenHandler']>[0]): void {
    this.openHandler = handler;
  }

  setAudioMuted(): void {
    // There is no sound to mute in a development tool.
  }

  setBackgroundThrottling(): void {
    // Hidden windows are never throttled here.
  }

  async setVisualZoomLevelLimits(): Promise<void> {
    // Chromium's own limits stay.
  }

  openDevTools(): void {
    console.error('chromium-host: developer tools are not available here');
  }

  closeDevTools(): void {
    // Never open.
  }

  isDevToolsOpened(): boolean {
    return false;
  }

  /** For windows only: makes the renderer that the window will show. */
  liveRenderer(): Promise<RendererPage> {
    if (this.renderer !== null && !this.renderer.alive) this.opening = null;
    this.opening ??= this.open().catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }

  /** For windows only. */
  setTitle(title: string): void {
    if (title === this.title) return;
    this.title = title;
    this.emit('page-title-updated', vetoableEvent({}), title, true);
  }

  /** For windows only. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    all.delete(this.id);
    this.opening
      ?.then((renderer) => renderer.close())
      .catch((error: unknown) => console.error(`chromium-host: a page was not closed: ${String(error)}`));
    this.emit('destroyed');
  }

  private async open(): Promise<RendererPage> {
    if (this.destroyed) throw new Error('Object has been destroyed');
    const browser = await theHost().browser();
    const dead = this.renderer;
    const renderer = await RendererPage.open(browser, {
      preloadSource: this.preferences.preload === undefined ? null : readFileSync(this.preferences.preload, 'utf8'),
      argv: [process.execPath, ...(this.preferences.additionalArguments ?? [])],
      versions: { node: process.versions.node, electron: process.versions['electron'] ?? '' },
      answer: (request) => this.answer(request),
    });
    this.renderer = renderer;
    this.crashed = false;
    renderer.on('message', (message) => this.onMessage(renderer, message));
    renderer.on('gone', (reason) => this.onGone(reason));
    renderer.on('domReady', () => this.emit('dom-ready', vetoableEvent({})));
    renderer.on('navigated', (url) => this.onNavigated(url));
    this.onRenderer(renderer);
    dead
      ?.close()
      .catch((error: unknown) => console.error(`chromium-host: a dead page was not closed: ${String(error)}`));
    return renderer;
  }

  private onNavigated(url: string): void {
    this.url = toAppUrl(url);
    this.emit('did-navigate', vetoableEvent({}), this.url, 200, 'OK');
  }

  private async answer(request: PageRequest): Promise<PageAnswer> {
    const url = toAppUrl(request.url);
    if (request.isMainFrameNavigation && !sameDocument(url, this.expectedUrl)) {
      const event = vetoableEvent({
        url,
        isMainFrame: true,
        isSameDocument: false,
        frame: this.mainFrame,
        initiator: this.mainFrame,
      });
      this.emit('will-navigate', event, url);
      if (event.defaultPrevented) return 'abort';
    }
    const answer = await this.ownSession.answer(this, request);
    if (!request.isMainFrameNavigation || typeof answer === 'string' || answer.status < 300 || answer.status > 399)
      return answer;
    const event = vetoableEvent({ url: answer.headers['location'] ?? '', isMainFrame: true, isSameDocument: false });
    this.emit('will-redirect', event, event.url);
    return event.defaultPrevented ? 'abort' : answer;
  }

  private async applyPermissions(renderer: RendererPage, url: string): Promise<void> {
    const parsed = URL.parse(toChromiumUrl(url));
    if (parsed === null || !parsed.protocol.startsWith('http')) return;
    const permissions = await this.ownSession.permissions(this, parsed.origin);
    await Promise.all([...permissions].map(([name, setting]) => renderer.setPermission(name, setting, parsed.origin)));
  }

  private onMessage(renderer: RendererPage, message: FromPage): void {
    const caller = { sender: this.electron, senderFrame: this.mainFrame };
    switch (message.type) {
      case 'invoke':
        void ipcMainItself.answer(message, caller).then((reply) => renderer.deliver(reply));
        return;
      case 'send':
        ipcMainItself.receive(message, caller);
        return;
      case 'preload-error': {
        const error = new Error(message.message);
        error.name = message.name;
        console.error(`chromium-host: the preload failed: ${message.name}: ${message.message}`);
        this.emit('preload-error', vetoableEvent({}), this.preferences.preload ?? '', error);
        return;
      }
      case 'input':
        this.emit('before-input-event', vetoableEvent({}), {
          ...message.input,
          type: 'keyDown',
          location: 0,
          modifiers: [],
        });
        return;
      default:
        assertNever(message, 'message of a page');
    }
  }

  private onGone(reason: GoneReason): void {
    this.crashed = true;
    this.loading = false;
    const details = { reason, exitCode: reason === 'killed' ? 9 : 1 } satisfies Electron.RenderProcessGoneDetails;
    theHost().report('render-process-gone', { webContentsId: this.id, reason });
    this.emit('render-process-gone', vetoableEvent({}), details);
    appItself.emit('render-process-gone', vetoableEvent({}), this.electron, details);
  }

  /** For the browser only: a page opened a window. It never becomes visible and never loads anything. */
  openedBy(url: string): void {
    const details = {
      url,
      frameName: '',
      features: '',
      disposition: 'new-window' as const,
      referrer: { url: this.url, policy: 'default' as const },
    };
    if (this.openHandler?.(details).action === 'deny') return;
    console.error('chromium-host: windows opened by a page are not implemented; it was closed');
  }
}

function sameDocument(url: string, expected: string | null): boolean {
  const strip = (address: string): string => address.split('#')[0] ?? '';
  return expected !== null && strip(url) === strip(URL.parse(expected)?.href ?? expected);
}

export function webContentsShowing(page: RendererPage['page']): WebContents | null {
  return [...all.values()].find((contents) => contents.renderer?.page === page) ?? null;
}

export const webContents = implementedOnly('electron.webContents', {
  fromId: (id: number): Electron.WebContents | undefined => all.get(id)?.electron,
  getAllWebContents: (): Electron.WebContents[] => [...all.values()].map(({ electron }) => electron),
}) satisfies Pick<typeof Electron.WebContents, 'fromId' | 'getAllWebContents'>;
