import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Browser, OpenedPage } from '../chromium/browser.ts';
import { theHost } from '../host.ts';
import { vetoableEvent } from '../stand-in.ts';
import { FrameWindow } from '../x11/frame-window.ts';
import type { Notification } from './notification.ts';
import type { Tray } from './tray.ts';

const SIZE = { width: 320, height: 480 };
const MAX_NOTIFICATIONS = 20;

/** The host's own window: what the tray and the notifications of the app are on a real desktop. */
class TrayWindow extends EventEmitter {
  tray: Tray | null = null;
  private readonly notifications: Notification[] = [];
  private opened: OpenedPage | null = null;
  private rendering: Promise<void> = Promise.resolve();

  setTray(tray: Tray | null): void {
    this.tray = tray;
    this.render();
  }

  addNotification(notification: Notification): void {
    this.removeNotification(notification);
    this.notifications.push(notification);
    this.notifications.splice(0, this.notifications.length - MAX_NOTIFICATIONS);
    this.render();
  }

  /** @returns whether it was there. */
  removeNotification(notification: Notification): boolean {
    const at = this.notifications.indexOf(notification);
    if (at >= 0) this.notifications.splice(at, 1);
    this.render();
    return at >= 0;
  }

  shown(): readonly Notification[] {
    return this.notifications;
  }

  /** @throws when there is nothing to click, as there would be nothing on the screen. */
  clickNotification(id: number): void {
    const notification = this.notifications.find((candidate) => candidate.id === id);
    if (notification === undefined) throw new Error(`no notification ${id} is shown`);
    notification.emit('click', vetoableEvent({}));
  }

  clickTray(): void {
    if (this.tray === null) throw new Error('the app has no tray icon');
    this.tray.emit('click', vetoableEvent({}), { x: 0, y: 0, width: 0, height: 0 }, { x: 0, y: 0 });
  }

  clickMenu(path: string): void {
    if (this.tray === null) throw new Error('the app has no tray icon');
    this.tray.clickMenu(path);
  }

  /** Called with every browser that is launched, the first and those after a crash. */
  async open(browser: Browser): Promise<void> {
    if (!theHost().options.trayWindow) return;
    const monitor = theHost().display.monitors[0];
    const area = monitor?.workArea ?? { x: 0, y: 0, ...SIZE };
    const bounds = { ...SIZE, x: area.x + area.width - SIZE.width, y: area.y + area.height - SIZE.height };
    const opened = await browser.openPage();
    const { page } = opened;
    await page.exposeFunction('chromiumHostClick', (what: unknown) => this.onClick(what));
    await page.setContent(readFileSync(new URL('../page/tray.html', import.meta.url), 'utf8'));
    const frame = new FrameWindow(theHost().display, {
      bounds,
      decorated: true,
      resizable: true,
      backgroundPixel: 0xffffff,
      title: 'Tray (chromium-host)',
      wmClass: 'chromium-host',
    });
    frame.adopt(opened.xWindow);
    // A tray cannot be closed; this one goes out of the way instead.
    frame.on('closeRequested', () => frame.minimize());
    browser.once('gone', () => {
      this.opened = null;
      frame.destroy();
    });
    this.opened = opened;
    this.render();
    frame.show(false);
  }

  render(): void {
    this.rendering = this.rendering
      .then(() => this.renderNow())
      .catch((error: unknown) => {
        if (this.opened !== null) console.error(`chromium-host: the tray window was not drawn: ${String(error)}`);
      });
  }

  private async renderNow(): Promise<void> {
    const state = {
      tray: this.tray?.state() ?? null,
      notifications: this.notifications.map(({ id, title, body, urgency }) => ({ id, title, body, urgency })),
    };
    await this.opened?.page.evaluate(`render(${JSON.stringify(state)})`);
  }

  private onClick(what: unknown): void {
    try {
      if (what === 'tray') this.clickTray();
      else if (typeof what === 'string') this.clickMenu(what);
      else if (typeof what === 'number') this.clickNotification(what);
    } catch (error) {
      console.error(`chromium-host: ${String(error)}`); // The menu changed while the person clicked.
    }
  }
}

export const trayWindow = new TrayWindow();
