import { BrowserWindow, type BrowserWindowConstructorOptions, type Session } from 'electron';
import type { Page } from '../../protocol/ipc.ts';
import { type PageVariant, pageAddress } from './page-addresses.ts';
import type { ShellLog } from './shell-log.ts';

export interface PageWindowOptions {
  readonly page: Page;
  readonly variant?: PageVariant;
  readonly window: Omit<BrowserWindowConstructorOptions, 'webPreferences'>;
}

/** Makes every window of ours, and remembers which page each was made for. */
export interface HardenedWindows {
  /** Creates the window and begins loading its page. A failed load is logged; `did-fail-load` tells whoever must act on it. */
  create(options: PageWindowOptions): BrowserWindow;
  /** Which page a web contents was created for; null when it is none of ours. The only source for "who is calling". */
  pageOf(webContentsId: number): Page | null;
  /** Windows alive now that show one of these pages. */
  showing(pages: readonly Page[]): readonly BrowserWindow[];
}

export interface HardenedWindowsOptions {
  readonly preloadPath: string;
  /** Session the pages are served in; in memory, so that nothing a page keeps reaches the disk. */
  readonly session: Session;
  /** Developer tools can read everything on a page: only where the app runs from its sources. */
  readonly allowDevTools: boolean;
  readonly log: ShellLog;
}

/** Nobody leaves the page they were made for, and nobody opens another: a page that could navigate would take the bridge along. */
export function confineToItsPage(window: BrowserWindow, log: ShellLog): void {
  window.webContents.on('will-navigate', (event) => {
    event.preventDefault();
    log.warn('A page tried to navigate; refused');
  });
  window.webContents.on('will-attach-webview', (event) => event.preventDefault());
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

export function createHardenedWindows(options: HardenedWindowsOptions): HardenedWindows {
  const alive = new Map<number, { readonly page: Page; readonly window: BrowserWindow }>();

  return {
    create({ page, variant, window: windowOptions }) {
      const window = new BrowserWindow({
        ...windowOptions,
        webPreferences: {
          preload: options.preloadPath,
          session: options.session,
          contextIsolation: true,
          sandbox: true,
          nodeIntegration: false,
          nodeIntegrationInWorker: false,
          nodeIntegrationInSubFrames: false,
          webviewTag: false,
          webSecurity: true,
          allowRunningInsecureContent: false,
          navigateOnDragDrop: false,
          spellcheck: false,
          devTools: options.allowDevTools,
        },
      });
      const webContentsId = window.webContents.id;
      alive.set(webContentsId, { page, window });
      window.on('closed', () => alive.delete(webContentsId));
      window.setMenu(null);
      confineToItsPage(window, options.log);
      window.loadURL(pageAddress(page, variant)).catch(() => {
        if (!window.isDestroyed()) options.log.error(`The ${page} page could not be loaded`);
      });
      return window;
    },
    pageOf: (webContentsId) => alive.get(webContentsId)?.page ?? null,
    showing: (pages) =>
      [...alive.values()]
        .filter(({ page, window }) => pages.includes(page) && !window.isDestroyed())
        .map((it) => it.window),
  };
}
