import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { Browser } from './chromium/browser.ts';
import type { XDisplay } from './x11/display.ts';

export interface HostOptions {
  readonly appDirectory: string;
  readonly chromiumPath: string;
  readonly displayName: string;
  /** Unix socket on which tests and the demonstration drive the host; null: none. */
  readonly controlSocket: string | null;
  /** Whether the window that stands in for the tray is shown. */
  readonly trayWindow: boolean;
}

/** What happens in the host, for whoever watches from outside (control channel). */
export type HostEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

/** What all parts of the stand-in share: the X display and the one browser. Made by the command line before the app is loaded. */
export class Host {
  readonly options: HostOptions;
  readonly display: XDisplay;
  readonly events = new EventEmitter<{ event: [HostEvent] }>();
  /** Where the profile lives is known only once the app has set its `userData`. */
  userDataDirectory: () => string;
  private launching: Promise<Browser> | null = null;
  private onLaunched: ((browser: Browser) => void) | null = null;

  constructor(options: HostOptions, display: XDisplay, userDataDirectory: string) {
    this.options = options;
    this.display = display;
    this.userDataDirectory = () => userDataDirectory;
  }

  report(event: string, details: Readonly<Record<string, unknown>> = {}): void {
    this.events.emit('event', { event, ...details });
  }

  /** The browser; launched when first asked for, and again after it died. */
  browser(): Promise<Browser> {
    this.launching ??= this.launch();
    return this.launching;
  }

  whenLaunched(listener: (browser: Browser) => void): void {
    this.onLaunched = listener;
  }

  async closeBrowser(): Promise<void> {
    const browser = await this.launching?.catch(() => null); // One that never came up needs no closing.
    await browser?.close();
  }

  private async launch(): Promise<Browser> {
    try {
      const browser = await Browser.launch(this.display, {
        executablePath: this.options.chromiumPath,
        profileDirectory: join(this.userDataDirectory(), 'chromium-host'),
        displayName: this.options.displayName,
      });
      browser.once('gone', () => {
        this.launching = null;
        this.report('browser-gone');
      });
      this.onLaunched?.(browser);
      this.report('browser-launched');
      return browser;
    } catch (error) {
      this.launching = null;
      throw error;
    }
  }
}

let current: Host | null = null;

export function setHost(host: Host): void {
  current = host;
}

/** @throws when the stand-in for `electron` is used without chromium-host having been started. */
export function theHost(): Host {
  if (current === null) throw new Error('chromium-host is not running: start it with `node chromium-host/index.ts`');
  return current;
}
