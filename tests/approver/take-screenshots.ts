import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { launchBrowser } from '../renderer/browser.ts';
import { buildApproverPage } from './built-page.ts';
import { gallery } from './gallery.ts';
import { onScreen } from './on-screen.ts';

/** For looking, not for judging by a machine: `node tests/approver/take-screenshots.ts FOLDER [NAME-PART] [en-GB|de-DE] [WIDTHxHEIGHT]`. */
const [folder, part = '', language = 'en-GB', size = '390x844'] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name a folder for the pictures.');
const [width = 390, height = 844] = size.split('x').map(Number);
await mkdir(folder, { recursive: true });
const built = await buildApproverPage();
const browser = await launchBrowser();
for (const screen of gallery(Date.now()).filter(({ name }) => name.includes(part))) {
  for (const scheme of ['light', 'dark'] as const) {
    const look = { width, height, scheme, language: language === 'de-DE' ? 'de-DE' : 'en-GB' } as const;
    await onScreen({ browser, folder: built.folder }, screen, look, async ({ page }) => {
      await page.screenshot({ path: path.join(folder, `${screen.name}-${scheme}.png`) });
    });
  }
}
await browser.close();
await built.remove();
