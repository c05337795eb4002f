import { EventEmitter } from 'node:events';
import type { CDPSession, Page, Route } from 'playwright-core';
import type { Browser } from './browser.ts';
import { type FromPage, FromPageSchema, type ToPage } from './from-page.ts';
import { BINDING, PRELOAD_WORLD, pageScripts } from './page-scripts.ts';
import { toChromiumUrl } from './virtual-origin.ts';

/** What a page asks the network for. */
export interface PageRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  readonly resourceType: string;
  readonly isMainFrameNavigation: boolean;
}
export type PageAnswer =
  | 'continue'
  | 'abort'
  | { readonly status: number; readonly headers: Record<string, string>; readonly body: Buffer };

export type GoneReason = 'crashed' | 'killed' | 'oom';

export interface PageOptions {
  readonly preloadSource: string | null;
  readonly argv: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  /** Decides about every request of the page. */
  readonly answer: (request: PageRequest) => Promise<PageAnswer>;
}

/** One renderer: a Chromium page with the preload in a world of its own. It lives until its renderer, window or browser dies. */
export class RendererPage extends EventEmitter<{
  message: [FromPage];
  gone: [GoneReason];
  domReady: [];
  loaded: [];
  navigated: [string];
}> {
  readonly page: Page;
  readonly xWindow: number;
  alive = true;
  private readonly cdp: CDPSession;
  private mainFrameId = '';
  private preloadContext: number | null = null;
  private closing = false;

  static async open(browser: Browser, options: PageOptions): Promise<RendererPage> {
    const opened = await browser.openPage();
    const renderer = new RendererPage(opened.page, opened.cdp, opened.xWindow);
    await renderer.prepare(options);
    browser.once('gone', () => renderer.onGone('killed'));
    return renderer;
  }

  private constructor(page: Page, cdp: CDPSession, xWindow: number) {
    super();
    this.page = page;
    this.cdp = cdp;
    this.xWindow = xWindow;
  }

  /** Replaces the document. Resolves when it has loaded. */
  async load(url: string): Promise<void> {
    await this.page.goto(toChromiumUrl(url), { waitUntil: 'load', timeout: 0 });
  }

  /** Delivers to the preload's world; a page without one (still blank, navigating, dead) does not get it, as in Electron. */
  deliver(message: ToPage): void {
    if (this.preloadContext === null || !this.alive) return;
    const expression = `${BINDING}Deliver(${JSON.stringify(JSON.stringify(message))})`;
    this.cdp.send('Runtime.evaluate', { expression, contextId: this.preloadContext }).catch(() => {
      this.preloadContext = null; // The document went away meanwhile; the next one announces its own world.
    });
  }

  async evaluate(expression: string): Promise<unknown> {
    return this.page.evaluate(expression);
  }

  async screenshot(): Promise<Buffer> {
    return this.page.screenshot({ timeout: 10_000 });
  }

  crash(): void {
    // The answer never comes: the renderer that would send it is gone.
    this.cdp.send('Page.crash').catch(() => this.onGone('crashed'));
  }

  async setPermission(name: string, setting: 'granted' | 'denied', origin: string): Promise<void> {
    const parameters = { permission: { name }, setting, origin };
    await this.cdp.send('Browser.setPermission', parameters);
  }

  async close(): Promise<void> {
    this.closing = true;
    if (!this.page.isClosed()) await this.page.close({ runBeforeUnload: false });
  }

  private async prepare(options: PageOptions): Promise<void> {
    const { page, cdp } = this;
    const scripts = pageScripts(options.preloadSource, {
      argv: options.argv,
      platform: process.platform,
      versions: options.versions,
    });
    cdp.on('Runtime.executionContextCreated', ({ context }) => {
      if (context.name === PRELOAD_WORLD && context.auxData?.['frameId'] === this.mainFrameId)
        this.preloadContext = context.id;
    });
    cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (executionContextId === this.preloadContext) this.preloadContext = null;
    });
    cdp.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === BINDING && executionContextId === this.preloadContext) this.onBinding(payload);
    });
    cdp.on('Inspector.targetCrashed', () => this.onGone('crashed'));
    page.on('crash', () => this.onGone('crashed'));
    page.on('close', () => {
      if (!this.closing) this.onGone('killed');
      this.alive = false;
    });
    page.on('domcontentloaded', () => this.emit('domReady'));
    page.on('load', () => this.emit('loaded'));
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) this.emit('navigated', frame.url());
    });
    await page.route('**/*', (route) => this.onRoute(route, options));
    const tree = await cdp.send('Page.getFrameTree');
    this.mainFrameId = tree.frameTree.frame.id;
    await cdp.send('Page.enable');
    await cdp.send('Runtime.enable');
    await cdp.send('Runtime.addBinding', { name: BINDING, executionContextName: PRELOAD_WORLD });
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: scripts.mainWorld });
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: scripts.preloadWorld, worldName: PRELOAD_WORLD });
  }

  private onBinding(payload: string): void {
    let json: unknown;
    try {
      json = JSON.parse(payload);
    } catch (error) {
      console.error(`chromium-host: a page sent something unreadable: ${String(error)}`);
      return;
    }
    const message = FromPageSchema.safeParse(json);
    if (message.success) this.emit('message', message.data);
    else console.error(`chromium-host: a page sent something unknown: ${message.error.message}`);
  }

  private async onRoute(route: Route, options: PageOptions): Promise<void> {
    const request = route.request();
    const isMainFrameNavigation = request.isNavigationRequest() && request.frame() === this.page.mainFrame();
    try {
      const answer = await options.answer({
        url: request.url(),
        method: request.method(),
        headers: request.headers(),
        body: request.postDataBuffer(),
        resourceType: request.resourceType(),
        isMainFrameNavigation,
      });
      if (answer === 'continue') await route.continue();
      // An aborted navigation leaves the page where it is; a blocked one would replace it with an error page.
      else if (answer === 'abort') await route.abort(isMainFrameNavigation ? 'aborted' : 'blockedbyclient');
      else await route.fulfill(answer);
    } catch (error) {
      if (!this.alive || this.closing) return;
      console.error(`chromium-host: ${request.method()} ${request.url()} failed: ${String(error)}`);
      await route.abort('failed').catch(() => this.onGone('killed'));
    }
  }

  private onGone(reason: GoneReason): void {
    if (!this.alive || this.closing) return;
    this.alive = false;
    this.emit('gone', reason);
  }
}
