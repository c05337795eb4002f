import { setTimeout as delay } from 'node:timers/promises';
import type { Menu } from 'electron';
import { z } from 'zod';
import type { AppControl, AppWindow } from './app-control.ts';

/** The name main gives its gateway process (main/electron/embedded-child.electron.ts), which Electron repeats in its metrics. */
const GATEWAY_PROCESS = 'Presence Locker: The gateway';
const SERVICE_PROCESS = 'Presence Locker: The simulated service';
/** A page appears in Playwright's list a moment after its window. */
const PAGE_TIMEOUT_MS = 10_000;
const LOOK_AGAIN_MS = 20;

/** What electron-witness.cjs leaves for the functions that run in Electron's main process. */
declare global {
  var presenceLockerWitness: {
    readonly menu: Menu | null;
    readonly lastHiddenAtWall: number;
    readonly deadRenderers: readonly number[];
    readonly savedFiles: readonly string[];
    readonly begin: () => void;
  };
}

/** Sent as source text to Electron's main process: it may use its arguments and globals, nothing of this file. */
export type InMain = (electron: typeof import('electron'), argument: string) => unknown;

/** One page of the app, as Playwright reaches it. */
export interface ElectronPage {
  /** Id of the window it is shown in. @throws when it is in none (any more). */
  windowId(): Promise<number>;
  click(selector: string, timeoutMs: number): Promise<void>;
  evaluate(expression: string): Promise<unknown>;
  textOf(selector: string, timeoutMs: number): Promise<string>;
}

/** What the driver needs of a running Electron; on-electron.ts makes it of Playwright's. */
export interface RunningElectron {
  /** The result comes as JSON. */
  inMain(step: InMain, argument: string): Promise<unknown>;
  pages(): readonly ElectronPage[];
  /** Whether the X server shows this window. */
  isOnScreen(nativeWindow: number): Promise<boolean>;
}

const WindowsSchema = z.array(
  z.strictObject({
    id: z.int(),
    webContentsId: z.int(),
    url: z.string(),
    visible: z.boolean(),
    crashed: z.boolean(),
    nativeWindow: z.int(),
  }),
);
const LabelsSchema = z.array(z.string());
const ClickedSchema = z.enum(['clicked', 'disabled', 'absent']);
const DeadSchema = z.array(z.int());
const SavedSchema = z.array(z.string());

export function controlOverElectron(electron: RunningElectron): AppControl {
  const told = async () => WindowsSchema.parse(await electron.inMain(describeWindows, ''));
  const pageIn = (windowId: number): Promise<ElectronPage> => pageShownIn(electron, windowId);

  return {
    async windows() {
      return await Promise.all(
        (await told()).map(async ({ id, url, visible, crashed, nativeWindow }): Promise<AppWindow> => {
          const viewable = visible && (await electron.isOnScreen(nativeWindow));
          return { id, page: URL.parse(url)?.pathname.split('/')[1] || url, visible, viewable, crashed };
        }),
      );
    },
    click: async (windowId, selector, timeoutMs) => await (await pageIn(windowId)).click(selector, timeoutMs),
    evaluate: async (windowId, expression) => await (await pageIn(windowId)).evaluate(expression),
    textOf: async (windowId, selector, timeoutMs) => await (await pageIn(windowId)).textOf(selector, timeoutMs),
    trayLabels: async () => LabelsSchema.parse(await electron.inMain(labelsOfTrayMenu, '')),
    async trayClick(label) {
      const outcome = ClickedSchema.parse(await electron.inMain(clickInTrayMenu, label));
      if (outcome === 'absent') throw new Error(`the tray menu has no item "${label}"`);
      if (outcome === 'disabled') throw new Error(`the tray menu's item "${label}" is disabled`);
    },
    async killRenderer(windowId, timeoutMs) {
      const killed = (await told()).find(({ id }) => id === windowId);
      if (killed === undefined) throw new Error(`there is no window ${windowId}`);
      await electron.inMain(crashRenderer, String(windowId));
      const isDead = async () =>
        DeadSchema.parse(await electron.inMain(deadRenderers, '')).includes(killed.webContentsId) || null;
      await untilTold(isDead, `the renderer of window ${windowId} did not die in time`, timeoutMs);
    },
    async savedFile(timeoutMs) {
      const first = async () => SavedSchema.parse(await electron.inMain(savedFiles, ''))[0] ?? null;
      return await untilTold(first, 'no file chooser in time', timeoutMs);
    },
    gatewayProcessId: () => processIdOf(electron, GATEWAY_PROCESS),
    serviceProcessId: () => processIdOf(electron, SERVICE_PROCESS),
    lastHiddenAtWall: async () => z.number().parse(await electron.inMain(lastHidden, '')),
    close: () => undefined, // The connection ends with the app.
  };
}

async function processIdOf(electron: RunningElectron, name: string): Promise<number> {
  const id = z
    .int()
    .nullable()
    .parse(await electron.inMain(processNamed, name));
  if (id === null) throw new Error(`the app has no process called "${name}"`);
  return id;
}

/** Lets the app go on from where electron-witness.cjs holds it. */
export const begin: InMain = () => globalThis.presenceLockerWitness.begin();

async function untilTold<T>(ask: () => Promise<T | null>, orElse: string, timeoutMs: number): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const told = await ask();
    if (told !== null) return told;
    if (performance.now() > deadline) throw new Error(orElse);
    await delay(LOOK_AGAIN_MS);
  }
}

async function pageShownIn(electron: RunningElectron, windowId: number): Promise<ElectronPage> {
  const deadline = performance.now() + PAGE_TIMEOUT_MS;
  for (;;) {
    let cause: unknown;
    for (const page of electron.pages()) {
      try {
        if ((await page.windowId()) === windowId) return page;
      } catch (error) {
        cause = error; // This page went away while it was asked; another may be the one.
      }
    }
    if (performance.now() > deadline) throw new Error(`window ${windowId} shows no page`, { cause });
    await delay(LOOK_AGAIN_MS);
  }
}

const describeWindows: InMain = ({ BrowserWindow }) =>
  BrowserWindow.getAllWindows().map((window) => ({
    id: window.id,
    webContentsId: window.webContents.id,
    url: window.webContents.getURL(),
    visible: window.isVisible(),
    crashed: window.webContents.isCrashed(),
    // X11 window ids have 32 bits, whatever the size of the handle.
    nativeWindow: window.getNativeWindowHandle().readUInt32LE(0),
  }));

const labelsOfTrayMenu: InMain = () => {
  const items = [...(globalThis.presenceLockerWitness.menu?.items ?? [])];
  // Grows while it is walked, by the items of submenus.
  for (const item of items) items.push(...(item.submenu?.items ?? []));
  return items.filter(({ visible }) => visible).map(({ label }) => label);
};

const clickInTrayMenu: InMain = (_electron, label) => {
  const items = [...(globalThis.presenceLockerWitness.menu?.items ?? [])];
  for (const item of items) items.push(...(item.submenu?.items ?? []));
  const found = items.find((item) => item.visible && item.label === label);
  if (found === undefined) return 'absent';
  if (!found.enabled) return 'disabled';
  found.click();
  return 'clicked';
};

const crashRenderer: InMain = ({ BrowserWindow }, windowId) =>
  BrowserWindow.fromId(Number(windowId))?.webContents.forcefullyCrashRenderer();

const deadRenderers: InMain = () => globalThis.presenceLockerWitness.deadRenderers;
const savedFiles: InMain = () => globalThis.presenceLockerWitness.savedFiles;
const lastHidden: InMain = () => globalThis.presenceLockerWitness.lastHiddenAtWall;
const processNamed: InMain = ({ app }, name) => app.getAppMetrics().find((metric) => metric.name === name)?.pid ?? null;
