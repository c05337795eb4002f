import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import type { AppHost } from './app-control.ts';
import { begin, controlOverElectron, type ElectronPage, type RunningElectron } from './electron-control.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const WITNESS = fileURLToPath(new URL('./electron-witness.cjs', import.meta.url));
const LAUNCH_TIMEOUT_MS = 30_000;
const XWININFO_TIMEOUT_MS = 5_000;
/** Chromium refuses to start as root with its sandbox on. */
const AS_ROOT = process.getuid?.() === 0;

/**
 * The built app on real Electron, driven by Playwright. Never run yet (docs/verification.md).
 * @param executable Electron's own, not of a packed app, whose fuses allow neither `-r` nor Playwright's inspector.
 */
export function electronHost(executable: string): AppHost {
  // Electron reads `-r` only before the folder of the app.
  const argsFor = (userData: string) => ['-r', WITNESS, `--user-data-dir=${userData}`, ROOT];
  return {
    name: `Electron (${executable})`,
    plainStart: (userData) => ({
      file: executable,
      args: [...(AS_ROOT ? ['--no-sandbox'] : []), ...argsFor(userData)],
    }),
    async launch({ env, userData, enter = [] }) {
      if (enter.length > 0)
        throw new Error('Playwright starts Electron by itself: it cannot be put into another network');
      const electron = await _electron.launch({
        executablePath: executable,
        args: argsFor(userData),
        env: { ...env },
        cwd: ROOT,
        chromiumSandbox: !AS_ROOT,
        colorScheme: null,
        timeout: LAUNCH_TIMEOUT_MS,
      });
      const running = runningElectron(electron, env);
      return {
        child: electron.process(),
        begin: async () => void (await running.inMain(begin, '')),
        control: async () => controlOverElectron(running),
        // Playwright's connection and the witness belong to the process that it started.
        controlAgain: async () => {
          throw new Error('an app that its sentinel started again cannot be driven on Electron');
        },
      };
    },
  };
}

function runningElectron(electron: ElectronApplication, env: Readonly<Record<string, string>>): RunningElectron {
  return {
    inMain: (step, argument) => electron.evaluate(step, argument),
    pages: () => electron.windows().map((page) => pageOf(electron, page)),
    isOnScreen: (nativeWindow) => isViewable(nativeWindow, env),
  };
}

function pageOf(electron: ElectronApplication, page: Page): ElectronPage {
  return {
    windowId: async () => await (await electron.browserWindow(page)).evaluate(({ id }) => id),
    click: (selector, timeout) => page.click(selector, { timeout }),
    evaluate: (expression) => page.evaluate(expression),
    textOf: async (selector, timeout) =>
      (await (await page.waitForSelector(selector, { timeout })).textContent()) ?? '',
  };
}

/** Asked of the X server: Electron tells only what it believes. */
function isViewable(nativeWindow: number, env: Readonly<Record<string, string>>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const args = ['-id', String(nativeWindow)];
    execFile('xwininfo', args, { env: { ...env }, timeout: XWININFO_TIMEOUT_MS }, (error, stdout) => {
      if (error === null) resolve(/Map State: IsViewable/.test(stdout));
      // It ran and refused: the window is gone by now.
      else if (typeof error.code === 'number') resolve(false);
      else reject(new Error('xwininfo (Debian package x11-utils) could not be run', { cause: error }));
    });
  });
}
