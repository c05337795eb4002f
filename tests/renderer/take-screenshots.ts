import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Look, launchBrowser, withScreen } from './browser.ts';
import { buildPages } from './built-pages.ts';
import { gallery } from './gallery.ts';

/**
 * For looking, not for judging by a machine: `node tests/renderer/take-screenshots.ts FOLDER [NAME-PART] [WIDTHxHEIGHT[@SCALE]] …`.
 */
const SIZES: Readonly<Record<string, readonly string[]>> = {
  curtain: ['1440x900', '360x640', '3840x2160'],
  status: ['420x760', '360x640'],
  enrollment: ['900x640', '360x640'],
  settings: ['900x640', '360x640'],
};

const [folder, part = '', ...wantedSizes] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name a folder for the pictures.');
await mkdir(folder, { recursive: true });
const pages = await buildPages();
const browser = await launchBrowser();
for (const screen of gallery(Date.now()).filter(({ name }) => name.includes(part))) {
  const kind = screen.name.split('-')[0] ?? '';
  const sizes = wantedSizes.length > 0 ? wantedSizes : (SIZES[kind] ?? []);
  for (const size of sizes) {
    for (const scheme of kind === 'curtain' ? (['dark'] as const) : (['light', 'dark'] as const)) {
      const file = path.join(folder, `${screen.name}-${size}-${scheme}.png`);
      await withScreen(browser, pages, screen, { ...lookOf(size), scheme }, async (page) => {
        await page.evaluate(firstDrawingDone);
        await page.screenshot({ path: file, fullPage: true });
      });
    }
  }
}
await browser.close();
await pages.close();

function lookOf(size: string): Look {
  const [area = '', scale = '1'] = size.split('@');
  const [width, height] = area.split('x').map(Number);
  if (width === undefined || height === undefined) throw new Error(`Not a size: ${size}`);
  return { width, height, scale: Number(scale) };
}

/** Runs in the page: past the arrival of the first drawing, so that nothing is caught half-way. */
async function firstDrawingDone(): Promise<void> {
  const arriving = document.getAnimations().filter((animation) => animation.effect?.getTiming().iterations === 1);
  await Promise.all(arriving.map((animation) => animation.finished));
}
