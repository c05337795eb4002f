import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { appItself } from '../electron/app.ts';
import type { BrowserWindow } from '../electron/browser-window.ts';
import { screenItself } from '../electron/screen.ts';
import { clipboard, openedExternally } from '../electron/system.ts';
import { trayWindow } from '../electron/tray-window.ts';
import type { Host } from '../host.ts';
import { screenshotOfDisplay } from '../x11/screenshot.ts';
import {
  CONTROL,
  type ControlMethod,
  type ControlParams,
  ControlRequestSchema,
  type ControlResult,
  type WindowInfo,
} from './control-protocol.ts';
import { readJsonLines } from './json-lines.ts';

const DEFAULT_TIMEOUT_MS = 5_000;

type Handlers = { readonly [M in ControlMethod]: (params: ControlParams<M>) => Promise<ControlResult<M>> };

/** Lets the demonstration and the end-to-end tests do what a person at this screen could do, and see what they could see. */
export class ControlServer {
  private readonly host: Host;
  private readonly handlers: Handlers;

  static async listen(path: string, host: Host): Promise<void> {
    rmSync(path, { force: true });
    const control = new ControlServer(host);
    // Whoever may connect may click: the socket belongs to this user alone.
    const before = process.umask(0o177);
    const server = createServer((socket) => control.serve(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    process.umask(before);
    server.unref();
  }

  private constructor(host: Host) {
    this.host = host;
    this.handlers = {
      windows: async () => [...appItself.windows].map(infoOf),
      screenshot: async ({ windowId }) => {
        const png =
          windowId === undefined
            ? await screenshotOfDisplay(host.display.x)
            : await (await rendererOf(windowId)).screenshot();
        return { pngBase64: png.toString('base64') };
      },
      evaluate: async ({ windowId, expression }) => {
        const value = await (await rendererOf(windowId)).evaluate(expression);
        return CONTROL.evaluate.result.parse({ value: JSON.parse(JSON.stringify(value ?? null)) });
      },
      click: async ({ windowId, selector, timeoutMs }) => {
        await (await rendererOf(windowId)).page.click(selector, { timeout: timeoutMs ?? DEFAULT_TIMEOUT_MS });
        return {};
      },
      fill: async ({ windowId, selector, text, timeoutMs }) => {
        await (await rendererOf(windowId)).page.fill(selector, text, { timeout: timeoutMs ?? DEFAULT_TIMEOUT_MS });
        return {};
      },
      press: async ({ windowId, key }) => {
        await (await rendererOf(windowId)).page.keyboard.press(key);
        return {};
      },
      waitForSelector: async ({ windowId, selector, timeoutMs }) => {
        const { page } = await rendererOf(windowId);
        const found = await page.waitForSelector(selector, { timeout: timeoutMs ?? DEFAULT_TIMEOUT_MS });
        return { text: (await found.textContent()) ?? '' };
      },
      trayMenu: async () => {
        const state = trayWindow.tray?.state();
        return { toolTip: state?.toolTip ?? '', hasIcon: (state?.icon ?? '') !== '', menu: [...(state?.menu ?? [])] };
      },
      trayClick: async ({ path, label }) => {
        const found = path ?? trayWindow.tray?.state().menu.find((line) => line.label === label)?.path;
        if (label === undefined && path === undefined) trayWindow.clickTray();
        else if (found === undefined) throw new Error(`the tray menu has no item "${label ?? ''}"`);
        else trayWindow.clickMenu(found);
        return {};
      },
      notifications: async () =>
        trayWindow.shown().map(({ id, title, body, urgency }) => ({ id, title, body, urgency })),
      clickNotification: async ({ id }) => {
        trayWindow.clickNotification(id);
        return {};
      },
      openedExternally: async () => [...openedExternally],
      clipboard: async () => ({ text: await clipboard.readText() }),
      displays: async () => screenItself.getAllDisplays().map(({ id, label, bounds }) => ({ id, label, bounds })),
      requestClose: async ({ windowId }) => {
        windowOf(windowId).close();
        return {};
      },
      killRenderer: async ({ windowId }) => {
        windowOf(windowId).contents.forcefullyCrashRenderer();
        return {};
      },
    };
  }

  private serve(socket: Socket): void {
    const send = (value: object): void => {
      if (socket.writable) socket.write(`${JSON.stringify(value)}\n`);
    };
    this.host.events.on('event', send);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.host.events.off('event', send));
    readJsonLines(socket, (value) => {
      const { id, method, params } = ControlRequestSchema.parse(value);
      this.call(method, params).then(
        (result) => send({ id, ok: true, result }),
        (error: unknown) => send({ id, ok: false, error: error instanceof Error ? error.message : String(error) }),
      );
    });
  }

  private async call(method: string, params: unknown): Promise<unknown> {
    if (!isControlMethod(method)) throw new Error(`the control channel has no method "${method}"`);
    return this.run(method, params);
  }

  private run<M extends ControlMethod>(method: M, params: unknown): Promise<unknown> {
    const schema: { readonly [N in ControlMethod]: { readonly params: { parse(value: unknown): ControlParams<N> } } } =
      CONTROL;
    return this.handlers[method](schema[method].params.parse(params));
  }
}

function isControlMethod(method: string): method is ControlMethod {
  return Object.hasOwn(CONTROL, method);
}

function windowOf(id: number): BrowserWindow {
  const found = [...appItself.windows].find((window) => window.id === id);
  if (found === undefined) throw new Error(`there is no window ${id}`);
  return found;
}

function rendererOf(id: number) {
  return windowOf(id).contents.liveRenderer();
}

function infoOf(window: BrowserWindow): WindowInfo {
  const url = window.contents.getURL();
  return {
    id: window.id,
    webContentsId: window.contents.id,
    title: window.getTitle(),
    url,
    page: URL.parse(url)?.pathname.split('/')[1] || url,
    visible: window.isVisible(),
    viewable: window.frame.viewable,
    focused: window.isFocused(),
    crashed: window.contents.isCrashed(),
    bounds: window.getBounds(),
    lastShowMs: window.lastShowMs,
    lastHideMs: window.lastHideMs,
  };
}
