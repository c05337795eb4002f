import { EventEmitter } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';
import type { XDisplay } from '../x11/display.ts';
import { getTextProperty } from '../x11/requests.ts';
import { WindowGuard } from '../x11/window-guard.ts';
import { waitForFreeProfile } from './profile-lock.ts';

const WINDOW_TIMEOUT_MS = 15_000;
const CLOSE_TIMEOUT_MS = 3_000;
const LOOK_AGAIN_MS = 5;

export interface BrowserOptions {
  readonly executablePath: string;
  readonly profileDirectory: string;
  readonly displayName: string;
}

/** A browser window that is mapped but off the screen, waiting to be put into a frame. */
export interface OpenedPage {
  readonly page: Page;
  readonly cdp: CDPSession;
  readonly xWindow: number;
}

/**
 * The one Chromium of this host. It is reached through a pipe: when the host dies, however it dies, the pipe closes and Chromium
 * ends. A first window, never shown, opens all others: what an app-style window opens is a window without tabs and address bar.
 */
export class Browser extends EventEmitter<{ gone: [] }> {
  alive = true;
  private readonly context: BrowserContext;
  private readonly opener: Page;
  private readonly guard: WindowGuard;
  private readonly display: XDisplay;
  private readonly ours = new WeakSet<Page>();
  /** One window at a time, so that each is told from the others. */
  private queue: Promise<unknown> = Promise.resolve();
  private nextToken = 1;

  static async launch(display: XDisplay, options: BrowserOptions): Promise<Browser> {
    mkdirSync(join(options.profileDirectory, 'Default'), { recursive: true, mode: 0o700 });
    await waitForFreeProfile(options.profileDirectory);
    // The frame is drawn by the window manager around our own window, not by Chromium inside of it.
    const preferences = { browser: { custom_chrome_frame: false } };
    writeFileSync(join(options.profileDirectory, 'Default', 'Preferences'), JSON.stringify(preferences));
    const guard = new WindowGuard(options.displayName, options.profileDirectory);
    try {
      await guard.whenReady();
      const context = await chromium.launchPersistentContext(options.profileDirectory, {
        executablePath: options.executablePath,
        headless: false,
        viewport: null,
        // Chromium refuses to sandbox as root; everybody else gets the sandbox.
        chromiumSandbox: process.getuid?.() !== 0,
        handleSIGINT: false,
        handleSIGTERM: false,
        handleSIGHUP: false,
        env: { ...process.env, DISPLAY: options.displayName },
        // `--enable-automation` would put a bar over the page.
        ignoreDefaultArgs: ['about:blank', '--enable-automation'],
        args: [
          '--app=data:text/html,<title>chromium-host</title>',
          '--ozone-platform=x11',
          '--disable-gpu',
          '--disable-quic',
          // Suppresses the bar about flags such as --no-sandbox.
          '--test-type',
        ],
      });
      const opener = context.pages()[0] ?? (await context.waitForEvent('page'));
      return new Browser(display, context, opener, guard);
    } catch (error) {
      guard.stop();
      throw error;
    }
  }

  private constructor(display: XDisplay, context: BrowserContext, opener: Page, guard: WindowGuard) {
    super();
    this.display = display;
    this.context = context;
    this.opener = opener;
    this.guard = guard;
    this.ours.add(opener);
    context.on('close', () => this.onGone());
    opener.on('crash', () => void this.close());
    opener.on('close', () => void this.close());
  }

  /**
   * Opens an empty page in a window of its own, off the screen.
   * @throws when the browser is gone or does not open it in time.
   */
  openPage(): Promise<OpenedPage> {
    const opened = this.queue.then(() => this.openNow());
    this.queue = opened.catch(() => undefined); // The caller gets the failure; the next in the queue does not care.
    return opened;
  }

  /** Pages that a page opened by itself (`window.open`, links): whoever owns the opener decides, here they only get a name. */
  onForeignPage(listener: (page: Page) => void): void {
    this.context.on('page', (page) => {
      if (!this.ours.has(page) && !this.opening) listener(page);
    });
  }
  private opening = false;

  async close(): Promise<void> {
    if (!this.alive) return;
    const closed = this.context.close().catch((error: unknown) => {
      console.error(`chromium-host: the browser did not close cleanly: ${String(error)}`);
    });
    await Promise.race([closed, delay(CLOSE_TIMEOUT_MS)]);
    this.onGone();
  }

  private onGone(): void {
    if (!this.alive) return;
    this.alive = false;
    this.guard.stop();
    this.emit('gone');
  }

  private async openNow(): Promise<OpenedPage> {
    if (!this.alive) throw new Error('the browser is gone');
    this.opening = true;
    try {
      const [page] = await Promise.all([
        this.context.waitForEvent('page', { timeout: WINDOW_TIMEOUT_MS }),
        this.opener.evaluate("void window.open('about:blank', '_blank', 'popup,noopener,width=640,height=480')"),
      ]);
      this.ours.add(page);
      const token = `chromium-host-window-${process.pid}-${this.nextToken++}.`;
      await page.evaluate((title) => {
        Reflect.set(Reflect.get(globalThis, 'document'), 'title', title);
      }, token);
      const [xWindow, cdp] = await Promise.all([this.findWindow(token), this.context.newCDPSession(page)]);
      return { page, cdp, xWindow };
    } finally {
      this.opening = false;
    }
  }

  /** The page carries the token as its title; the window that shows it is the one looked for. */
  private async findWindow(token: string): Promise<number> {
    const deadline = performance.now() + WINDOW_TIMEOUT_MS;
    const { x, atoms } = this.display;
    while (performance.now() < deadline && this.alive) {
      for (const window of this.guard.unclaimed()) {
        const title = await getTextProperty(x, window, atoms._NET_WM_NAME).catch(() => {
          this.guard.claim(window); // Gone already: nobody will ask for it.
          return '';
        });
        if (!title.includes(token)) continue;
        this.guard.claim(window);
        return window;
      }
      await delay(LOOK_AGAIN_MS);
    }
    throw new Error('the window of a new page did not appear');
  }
}
