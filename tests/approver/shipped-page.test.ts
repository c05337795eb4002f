import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApproverPageFiles } from '../../gateway/approver/page-files.ts';
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
    const files = await ApproverPageFiles.read(built.folder, new URL('https://locker.example'));
    const served = (await namesOfFiles()).filter((name) => !name.endsWith('.br'));
    const sizes = served.map((name) => files.find(`/approver/${name}`, 'gzip, br')?.body.length ?? Number.NaN);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    console.log(`approver page: ${total} bytes`);
    expect(total).toBeLessThan(LARGEST_BYTES);
    expect(served).toContain('assets/'.concat(served.find((name) => name.endsWith('.css'))?.slice(7) ?? 'none'));
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

  test('is served compressed only to who takes it, and never outside its folder', async () => {
    const files = await ApproverPageFiles.read(built.folder, new URL('https://locker.example'));
    const plain = files.find('/approver/', '');
    const small = files.find('/approver/', 'gzip, br');
    expect(small?.headers['content-encoding']).toBe('br');
    expect(plain?.headers['content-encoding']).toBeUndefined();
    expect(small && brotliDecompressSync(small.body).equals(plain?.body ?? Buffer.alloc(0))).toBe(true);
    expect(plain?.headers['content-security-policy']).toContain("connect-src 'self' wss://locker.example");
    for (const path of [
      '/approver/../package.json',
      '/approver/index.html.br',
      '/approver',
      '/',
      '/approver/%2e%2e/x.js',
      '/approver/nothing.js',
    ]) {
      expect(files.find(path, 'br'), path).toBeNull();
    }
    await expect(
      ApproverPageFiles.read(path.join(built.folder, 'icons'), new URL('https://locker.example')),
    ).rejects.toThrow('no built approver page');
  });

  test('only files named by their content may be kept by a browser', async () => {
    const files = await ApproverPageFiles.read(built.folder, new URL('https://locker.example'));
    for (const name of (await namesOfFiles()).filter((each) => !each.endsWith('.br'))) {
      const kept = files.find(`/approver/${name}`, '')?.headers['cache-control'];
      expect(kept, name).toBe(name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
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
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      await expect.poll(() => gateway.versionAsked, { timeout: 5_000 }).toBeGreaterThan(2);
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
