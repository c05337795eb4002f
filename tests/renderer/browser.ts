import { type Browser, chromium, type Page } from 'playwright-core';
import { installBridgeDouble } from './bridge-double.ts';
import type { BuiltPages } from './built-pages.ts';
import type { Screen } from './gallery.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly scheme?: 'light' | 'dark';
  readonly scale?: number;
  readonly reducedMotion?: boolean;
  /** Unix ms at which time stands still; the test moves it with `page.clock`. */
  readonly frozenAt?: number;
}

/** Longest that a busy machine may take between beginning a page's clock and stopping it. */
const CLOCK_LEAD_MS = 60_000;

/** Shows a screen in a fresh page, ready when its heading is there, and closes it whatever happens: pages left open slow every other down. */
export async function withScreen(
  browser: Browser,
  pages: BuiltPages,
  screen: Pick<Screen, 'path' | 'script' | 'after'>,
  look: Look,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.height },
    colorScheme: look.scheme ?? 'light',
    deviceScaleFactor: look.scale ?? 1,
    reducedMotion: look.reducedMotion === true ? 'reduce' : 'no-preference',
    locale: 'en-GB',
    timezoneId: 'Europe/London',
  });
  try {
    const page = await context.newPage();
    if (look.frozenAt !== undefined) {
      // Begun a little earlier: it runs until it is stopped, and it cannot be stopped in its past.
      await page.clock.install({ time: look.frozenAt - CLOCK_LEAD_MS });
      await page.clock.pauseAt(look.frozenAt);
    }
    await page.addInitScript(installBridgeDouble, screen.script);
    await page.goto(pages.url(screen.path));
    await page.locator('h1').first().waitFor();
    if (screen.after !== undefined) {
      const { press, nth = 0 } = screen.after;
      await page.getByRole('button', { name: press }).nth(nth).click();
      await page.getByRole('heading', { name: screen.after.shows }).first().waitFor();
    }
    await use(page);
  } finally {
    await context.close();
  }
}

/** The default font size, as a person sets it in the system. */
export async function setFontSize(page: Page, px: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.enable');
  await session.send('Page.setFontSizes', { fontSizes: { standard: px, fixed: px } });
  await page.waitForFunction(
    (wanted) => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) >= wanted,
    px,
  );
}

/** Waits until the page has asked main for this, and gives the arguments of every such call. */
export async function called(page: Page, name: string): Promise<readonly (readonly unknown[])[]> {
  await page.waitForFunction((wanted) => window.bridgeDouble?.calls.some((call) => call.name === wanted), name);
  return page.evaluate(
    (wanted) => (window.bridgeDouble?.calls ?? []).filter((call) => call.name === wanted).map((call) => call.args),
    name,
  );
}

export function namesOfCalls(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => (window.bridgeDouble?.calls ?? []).map((call) => call.name));
}
