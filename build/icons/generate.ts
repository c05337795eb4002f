import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/**
 * Draws the PNGs of tray and application from their SVG sources: `node build/icons/generate.ts`. The PNGs are kept in the repository,
 * so that a build needs no browser; `.ico` and `.icns` are made from them by electron-builder while packing.
 */
const HERE = import.meta.dirname;
const CHROMIUM = '/usr/bin/chromium';
const APP_SIZES_PX = [16, 24, 32, 48, 64, 128, 256, 512, 1024] as const;
const TRAY_SIZE_PX = 16;
const TRAY_SCALES = [1, 2] as const;
/** Ink by where it stands: `template` is recoloured by macOS from its alpha, `light` and `dark` name the panel beneath. */
const TRAY_INKS = { template: '#000000', light: '#16191d', dark: '#eceff3' } as const;

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'],
});
try {
  await drawTray(browser);
  await drawApp(browser);
} finally {
  await browser.close();
}

async function drawTray(drawnBy: Browser): Promise<void> {
  const folder = path.join(HERE, 'tray');
  await mkdir(folder, { recursive: true });
  for (const source of await readdir(path.join(HERE, 'marks'))) {
    const mark = path.basename(source, '.svg');
    const svg = await readFile(path.join(HERE, 'marks', source), 'utf8');
    for (const [ground, ink] of Object.entries(TRAY_INKS)) {
      for (const scale of TRAY_SCALES) {
        const png = await rasterise(drawnBy, svg, TRAY_SIZE_PX * scale, ink);
        await writeFile(path.join(folder, `${mark}-${ground}${scale === 1 ? '' : `@${scale}x`}.png`), png);
      }
    }
  }
}

async function drawApp(drawnBy: Browser): Promise<void> {
  const folder = path.join(HERE, 'app');
  await mkdir(folder, { recursive: true });
  const svg = await readFile(path.join(HERE, 'app.svg'), 'utf8');
  for (const size of APP_SIZES_PX) {
    await writeFile(path.join(folder, `${size}x${size}.png`), await rasterise(drawnBy, svg, size, '#000000'));
  }
}

/** A transparent page that holds nothing but the drawing, photographed at exactly its size. */
async function rasterise(drawnBy: Browser, svg: string, size: number, ink: string): Promise<Buffer> {
  const page = await drawnBy.newPage({ viewport: { width: size, height: size } });
  try {
    await page.setContent(
      `<style>html,body{margin:0;background:transparent;color:${ink}}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
    );
    return await page.screenshot({ omitBackground: true });
  } finally {
    await page.close();
  }
}
