import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readStaticFiles } from '../../gateway/approver/static-files.ts';
import { launchBrowser } from '../renderer/browser.ts';
import { buildApproverPage } from './built-page.ts';
import { exampleState } from './example-states.ts';
import { type Phone, withPhone } from './phone.ts';

/** Everything a phone fetches, icons of all sizes included, as it comes over the line. */
const LARGEST_BYTES = 100_000;

let built: Awaited<ReturnType<typeof buildApproverPage>>;
let browser: Browser;
beforeAll(async () => {
  [built, browser] = await Promise.all([buildApproverPage(), launchBrowser()]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await built?.remove();
});

async function namesOfFiles(): Promise<readonly string[]> {
  const entries = await readdir(built.folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(built.folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
}

const phone = (use: (phone: Phone) => Promise<void>) =>
  withPhone(
    { browser, folder: built.folder, state: exampleState(Date.now()) },
    { signedIn: true, notifications: true },
    use,
  );

/** The service worker is there and answers for the page. */
async function controlled({ page, open }: Phone): Promise<void> {
  await open();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

describe('what is shipped', () => {
  test('is under 100 KB in all, as a phone fetches it', async () => {
    const files = await readStaticFiles(built.folder);
    const served = [...files.keys()].filter((path) => path !== '/approver/');
    const sizes = served.map((path) => (files.get(path)?.brotli ?? files.get(path)?.body)?.length ?? Number.NaN);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    console.log(`approver page: ${total} bytes`);
    expect(total).toBeLessThan(LARGEST_BYTES);
    expect(served).toContain('/approver/index.html');
    expect(served).toHaveLength(11);
  });

  test('carries no zod, fetches from nobody else, and evaluates nothing', async () => {
    const scripts = (await namesOfFiles()).filter((name) => name.endsWith('.js'));
    expect(scripts).toHaveLength(2);
    for (const name of scripts) {
      const source = await readFile(path.join(built.folder, name), 'utf8');
      expect(source).not.toMatch(/ZodError|\beval\(|new Function\(/);
      expect(source).not.toMatch(/^\s*import\b/m);
    }
    const html = await readFile(path.join(built.folder, 'index.html'), 'utf8');
    expect(html).not.toMatch(/https?:|<style|style=|<script(?![^>]*src=)/);
  });

  test('has a manifest whose icons are there in the size they say', async () => {
    const manifest = JSON.parse(await readFile(path.join(built.folder, 'manifest.webmanifest'), 'utf8'));
    expect(manifest).toMatchObject({
      id: '/approver/',
      start_url: '/approver/',
      scope: '/approver/',
      display: 'standalone',
    });
    expect(manifest.icons.map(({ purpose }: { purpose: string }) => purpose)).toContain('maskable');
    for (const { src, sizes } of manifest.icons) {
      const png = await readFile(path.join(built.folder, src.replace('/approver/', '')));
      expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`).toBe(sizes);
    }
  });

  test('only files named by their content may be kept by a browser', async () => {
    for (const [path, { cache }] of await readStaticFiles(built.folder)) {
      expect(cache, path).toBe(
        path.startsWith('/approver/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    }
  });
});

describe('the service worker', () => {
  test('shows the page without the gateway, and that page says that there is no connection', async () => {
    await phone(async (own) => {
      await controlled(own);
      const { page, gateway } = own;
      await page.reload();
      await page.getByRole('heading', { name: 'Nothing to approve' }).waitFor();
      gateway.goDown();
      await page.reload();
      await page.getByRole('heading', { name: 'No connection to the gateway' }).waitFor();
      expect(await page.getByText('DESK-0412').count(), 'nothing of the state is kept').toBe(0);
      gateway.down = false;
      await page.getByRole('heading', { name: 'Nothing to approve' }).waitFor();
    });
  });

  test('keeps no answer of the gateway', async () => {
    await phone(async (own) => {
      await controlled(own);
      await own.page.reload();
      await own.page.getByRole('heading', { name: 'Nothing to approve' }).waitFor();
      const kept = await own.page.evaluate(async () => {
        const caches = await window.caches.keys();
        const requests = await Promise.all(caches.map(async (name) => (await window.caches.open(name)).keys()));
        return requests.flat().map(({ url }) => new URL(url).pathname);
      });
      expect(kept).toContain('/approver/');
      expect(kept.filter((each) => each !== '/approver/' && !each.startsWith('/approver/assets/'))).toEqual([]);
    });
  });

  test('a page older than the gateway’s loads itself anew, once, and from the gateway', async () => {
    await phone(async (own) => {
      await controlled(own);
      const { page, gateway } = own;
      let loads = 0;
      page.on('domcontentloaded', () => {
        loads += 1;
      });
      gateway.version = 'another-version';
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      await expect.poll(() => loads).toBe(1);
      await page.getByRole('heading', { name: 'Nothing to approve' }).waitFor();
      await expect.poll(() => gateway.versionAsked).toBeGreaterThan(2);
      const asked = gateway.versionAsked;
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      await expect.poll(() => gateway.versionAsked).toBeGreaterThan(asked);
      // One more exchange after it: by then the page has read that answer.
      await page.evaluate(() =>
        fetch('/approver/version.json', { cache: 'no-store' }).then((response) => response.json()),
      );
      expect(loads, 'a gateway that serves two versions must not make it load for ever').toBe(1);
    });
  });

  test('a push shows a notice that names nobody, and makes the open page ask the gateway', async () => {
    await phone(async (own) => {
      await controlled(own);
      const { page, gateway, context } = own;
      const asked = gateway.stateAsked;
      const devtools = await context.newCDPSession(page);
      const registrationId = await new Promise<string>((resolve) => {
        devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
          const [first] = registrations;
          if (first !== undefined) resolve(first.registrationId);
        });
        void devtools.send('ServiceWorker.enable');
      });
      await devtools.send('ServiceWorker.deliverPushMessage', {
        origin: gateway.origin,
        registrationId,
        data: JSON.stringify({ v: 1, type: 'look', workstation: 'DESK-0412' }),
      });
      await expect.poll(() => gateway.stateAsked).toBeGreaterThan(asked);
      const notices = await page.evaluate(async () => {
        const shown = await (await navigator.serviceWorker.ready).getNotifications();
        return shown.map(({ title, body, data }) => ({ title, body, data }));
      });
      expect(notices).toEqual([
        { title: 'Presence Locker', body: 'Something asks for you. Open to see what.', data: null },
      ]);
    });
  });
});
