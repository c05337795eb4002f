import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, setFontSize } from '../renderer/browser.ts';
import { lowContrasts } from '../renderer/contrast.ts';
import { buildApproverPage } from './built-page.ts';
import { gallery } from './gallery.ts';
import { onScreen } from './on-screen.ts';

/** WCAG 2.2 AA for text. */
const CONTRAST_AT_LEAST = 4.5;
/** WCAG 2.2 AAA: what a person reads outside in the sun while somebody waits. */
const CONTRAST_OF_REQUESTS = 7;
const TARGET_AT_LEAST_PX = 48;
const NARROW = { width: 360, height: 640 } as const;
/** 200 % of what browsers start with. */
const DOUBLE_FONT_PX = 32;

let built: Awaited<ReturnType<typeof buildApproverPage>>;
let browser: Browser;
beforeAll(async () => {
  [built, browser] = await Promise.all([buildApproverPage(), launchBrowser()]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await built?.remove();
});

const screens = gallery(Date.now());
/** As of now: a request of the example would be too old by the time the last screens are drawn. */
const drawnNow = ({ name }: (typeof screens)[number]) =>
  gallery(Date.now()).find((screen) => screen.name === name) ?? expect.fail(`no screen ${name}`);

describe.for(['en-GB', 'de-DE'] as const)('in %s', (language) => {
  test.for(screens)('$name can be read, hit and held on a narrow phone', async (screen) => {
    await onScreen(
      { browser, folder: built.folder },
      drawnNow(screen),
      { ...NARROW, language },
      async ({ page, violations }) => {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          const atLeast = screen.name.startsWith('request') ? CONTRAST_OF_REQUESTS : CONTRAST_AT_LEAST;
          const { measured, low } = await page.evaluate(lowContrasts, atLeast);
          expect(measured).toBeGreaterThan(1);
          expect(low, colorScheme).toEqual([]);
        }
        expect(await page.evaluate(tooSmallOrNameless, TARGET_AT_LEAST_PX)).toEqual([]);
        expect(await page.evaluate(outsideOfWindow)).toEqual([]);
        await setFontSize(page, DOUBLE_FONT_PX);
        expect(await page.evaluate(outsideOfWindow), 'with text at 200 %').toEqual([]);
        expect(await violations()).toEqual([]);
      },
    );
  });
});

test('the policy is really in force: an inline script is stopped, and no text becomes markup', async () => {
  const [screen] = screens;
  if (screen === undefined) throw new Error('The gallery is empty.');
  await onScreen({ browser, folder: built.folder }, screen, NARROW, async ({ page, violations }) => {
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.append('window.ranInline = true');
      document.body.append(script);
    });
    await expect.poll(violations).not.toEqual([]);
    const markup = () => {
      try {
        document.body.innerHTML = '<b>markup</b>';
        return 'taken';
      } catch (error) {
        return String(error);
      }
    };
    expect(await page.evaluate(markup)).toContain('TrustedHTML');
    expect(await page.evaluate(() => 'ranInline' in window)).toBe(false);
  });
});

/** Runs in the page: what cannot be hit with a thumb, and what a screen reader could not name. */
function tooSmallOrNameless(atLeastPx: number): string[] {
  const targets = [...document.querySelectorAll('button, .segment, .number, .tabs a, input.input')].filter((target) =>
    target.checkVisibility(),
  );
  const small = targets.filter((target) => target.getBoundingClientRect().height < atLeastPx);
  const nameless = [...document.querySelectorAll('button, a, h1, h2')].filter(
    (element) => (element.textContent ?? '').trim() === '',
  );
  const unlabelled = [...document.querySelectorAll('input')].filter((input) => (input.labels?.length ?? 0) === 0);
  const headings = document.querySelectorAll('h1').length === 1 ? [] : [...document.querySelectorAll('h1')];
  return [...small, ...nameless, ...unlabelled, ...headings].map((element) => element.outerHTML.slice(0, 160));
}

/** Runs in the page: what reaches beyond the left or right edge, or makes the window scroll sideways. */
function outsideOfWindow(): string[] {
  const root = document.documentElement;
  const outside = [...document.querySelectorAll('h1, h2, p, button, a, input, label, dd, dt, time, svg, code, li')]
    .filter((element) => element.checkVisibility() && element.closest('.only-heard') === null)
    .filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      return width > 1 && (right > root.clientWidth + 0.5 || left < -0.5);
    })
    .map((element) => element.outerHTML.slice(0, 160));
  return root.scrollWidth > root.clientWidth ? [...outside, `scrolls to ${root.scrollWidth} px`] : outside;
}
