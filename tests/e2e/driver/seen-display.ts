import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Desktop } from '../../system/desktop/desktop.ts';
import { runToEnd, waitFor } from '../../system/desktop/managed-process.ts';
import type { AppWindow } from './app-control.ts';
import type { AppRun } from './app-run.ts';
import { SOON_MS } from './patience.ts';

/** Resolves two frames later, when what was there is on the screen; at the latest after a second. */
const DRAWN =
  'new Promise((done) => { setTimeout(() => done(true), 1000); requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true), 100))); })';

/** Of 1; the curtain’s background stays below a fifth of it. */
const BRIGHTNESS_OF_WORDS = 0.7;

/** The display of the desktop as whoever sits before it sees it, and its monitors. */
export class SeenDisplay {
  readonly #desktop: Desktop;
  readonly #app: () => AppRun;

  /** @param app the one that runs; it is another one after a new start. */
  constructor(desktop: Desktop, app: () => AppRun) {
    this.#desktop = desktop;
    this.#app = app;
  }

  /** The whole display as a person sees it, once every page on it has drawn what it was told. */
  async look(): Promise<Buffer> {
    for (const { id, page, visible } of await this.#app().control.windows()) {
      if (!visible || page === '') continue;
      await this.#app().control.textOf(id, 'h1, h2', SOON_MS);
      await this.#app().control.evaluate(id, DRAWN);
    }
    const file = join(this.#desktop.folder, 'look.png');
    await this.#desktop.x?.screenshot(file);
    return await readFile(file);
  }

  /** Waits until something bright is on the display: a curtain that is only its dark background tells nobody anything. */
  async untilWordsShow(): Promise<void> {
    const file = join(this.#desktop.folder, 'brightest.png');
    await waitFor(
      'words to show on the display',
      async () => {
        await writeFile(file, await this.look());
        const brightest = await runToEnd(['identify', '-format', '%[fx:maxima]', file], this.#desktop.env, {
          timeoutMs: SOON_MS,
        });
        return Number(brightest) > BRIGHTNESS_OF_WORDS;
      },
      SOON_MS,
    );
  }

  /** A monitor of the X server's own making, over part of the screen. */
  async plugIn(
    name: string,
    at: { readonly width: number; readonly height: number; readonly x: number; readonly y: number },
  ): Promise<void> {
    const geometry = `${at.width}/200x${at.height}/150+${at.x}+${at.y}`;
    await runToEnd(['xrandr', '--setmonitor', name, geometry, 'none'], this.#desktop.env, { timeoutMs: SOON_MS });
  }

  async unplug(name: string): Promise<void> {
    await runToEnd(['xrandr', '--delmonitor', name], this.#desktop.env, { timeoutMs: SOON_MS });
  }

  async untilCurtains(wanted: (curtains: readonly AppWindow[]) => boolean): Promise<void> {
    const deadline = performance.now() + SOON_MS;
    for (;;) {
      const curtains = (await this.#app().control.windows()).filter(({ page }) => page === 'curtain');
      if (wanted(curtains)) return;
      if (performance.now() > deadline) throw new Error(`the curtains are not as wanted: ${JSON.stringify(curtains)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
