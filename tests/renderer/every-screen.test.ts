import { describe, expect, test } from 'vitest';
import { setFontSize } from './browser.ts';
import { lowContrasts } from './contrast.ts';
import { gallery } from './gallery.ts';
import { pagesOfThisFile } from './page-of-test.ts';

/** WCAG 2.2 AA for text. */
const CONTRAST_AT_LEAST = 4.5;
const TARGET_AT_LEAST_PX = 40;
const WINDOW = { width: 900, height: 640 } as const;
const PHONE = { width: 360, height: 640 } as const;
/** 200 % of what browsers start with. */
const DOUBLE_FONT_PX = 32;

const show = pagesOfThisFile();

const screens = gallery(Date.now());
const SCHEMES = ['light', 'dark'] as const;

describe('in every state', () => {
  test.for(screens)('$name can be read, hit and held on a narrow window', async (screen) => {
    await show(screen, { ...WINDOW, reducedMotion: true }, async (page) => {
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        const { measured, low } = await page.evaluate(lowContrasts, CONTRAST_AT_LEAST);
        expect(measured).toBeGreaterThan(1);
        expect(low, colorScheme).toEqual([]);
      }
      expect(await page.evaluate(tooSmallOrNameless, TARGET_AT_LEAST_PX)).toEqual([]);
      await page.setViewportSize(PHONE);
      expect(await page.evaluate(outsideOfWindow)).toEqual([]);
      await setFontSize(page, DOUBLE_FONT_PX);
      expect(await page.evaluate(outsideOfWindow), 'with text at 200 %').toEqual([]);
      expect(await page.evaluate(() => window.bridgeDouble?.violations)).toEqual([]);
    });
  });
});

test('the policy that every page carries is really in force', async () => {
  for (const page of ['curtain', 'status', 'enrollment']) {
    const screen = screens.find(({ path }) => path.startsWith(page));
    if (screen === undefined) throw new Error(`The gallery has no ${page}.`);
    await show(screen, PHONE, async (shown) => {
      await shown.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = 'window.ranInline = true';
        document.body.append(script);
      });
      await shown.waitForFunction(() => (window.bridgeDouble?.violations.length ?? 0) > 0);
      expect(await shown.evaluate(() => 'ranInline' in window)).toBe(false);
    });
  }
});

/** Runs in the page: what cannot be hit with a finger, and what a screen reader could not name. */
function tooSmallOrNameless(atLeastPx: number): string[] {
  const targets = [...document.querySelectorAll('button, .segment, input.input, summary')].filter((target) =>
    target.checkVisibility(),
  );
  const small = targets.filter((target) => target.getBoundingClientRect().height < atLeastPx);
  const nameless = [...document.querySelectorAll('button, summary, h1, h2')].filter(
    (element) => (element.textContent ?? '').trim() === '',
  );
  const unlabelled = [...document.querySelectorAll('input')].filter((input) => (input.labels?.length ?? 0) === 0);
  return [...small, ...nameless, ...unlabelled].map((element) => element.outerHTML.slice(0, 160));
}

/** Runs in the page: what reaches beyond the left or right edge, or makes the window scroll sideways. */
function outsideOfWindow(): string[] {
  const root = document.documentElement;
  const outside = [...document.querySelectorAll('h1, h2, p, button, input, label, dd, dt, time, svg, code, li')]
    .filter((element) => element.checkVisibility() && element.closest('.only-heard') === null)
    .filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      return width > 1 && (right > root.clientWidth + 0.5 || left < -0.5);
    })
    .map((element) => element.outerHTML.slice(0, 160));
  return root.scrollWidth > root.clientWidth ? [...outside, `scrolls to ${root.scrollWidth} px`] : outside;
}
