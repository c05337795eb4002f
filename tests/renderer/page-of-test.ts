import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { type Look, launchBrowser, withScreen } from './browser.ts';
import { type BuiltPages, buildPages } from './built-pages.ts';
import type { Screen } from './gallery.ts';

/** When the examples happen. */
export const NOW = Date.UTC(2025, 2, 14, 9, 14);

export type Use = (page: Page) => Promise<void>;
export type ShowScreen = (screen: Pick<Screen, 'path' | 'script' | 'after'>, look: Look, use: Use) => Promise<void>;

/** The pages as they are shipped and one browser, for all tests of the file that calls this. @returns shows a screen in a fresh page */
export function pagesOfThisFile(): ShowScreen {
  let pages: BuiltPages;
  let browser: Browser;
  beforeAll(async () => {
    [pages, browser] = await Promise.all([buildPages(), launchBrowser()]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await pages?.close();
  });
  return (screen, look, use) => withScreen(browser, pages, screen, look, use);
}
