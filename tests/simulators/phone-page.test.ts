import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ActiveconnectSimulator, startActiveconnectSimulator } from '../../simulators/activeconnect/simulator.ts';
import { record, VendorClient } from './vendor-client.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const isMissing = !existsSync(CHROMIUM) && process.env['CI'] === undefined;
if (isMissing) process.stderr.write(`Skipped: the phone's page is tested with ${CHROMIUM}, which is not installed.\n`);

describe.skipIf(isMissing)('the phone’s page in a browser', () => {
  let browser: Browser;
  let page: Page;
  let simulator: ActiveconnectSimulator;
  let client: VendorClient;
  let complaints: string[];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(' ') });
  }, 60_000);
  afterAll(() => browser?.close());

  beforeEach(async () => {
    simulator = await startActiveconnectSimulator({ walkawayMs: 300 });
    client = new VendorClient(simulator.url, simulator.appId, simulator.appSecret);
    await client.addUsers('ada');
    page = await browser.newPage({ viewport: { width: 360, height: 640 }, hasTouch: true });
    complaints = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterEach(async () => {
    await page.close();
    await simulator.close();
  });

  const heading = (text: string) => page.getByRole('heading', { level: 1, name: text }).waitFor({ timeout: 5000 });
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click({ timeout: 5000 });
  const names = () => page.getByRole('button').allTextContents();

  test('a registration link registers, once', async () => {
    const link = await client.get(client.of('device_registration_link', 'ada', '?display_name=Ada+Lovelace'));
    const url = String(record(link.json)['register_url']);
    await page.goto(url);
    await heading('Register this phone?');
    expect(await page.getByText('For Ada Lovelace.').isVisible()).toBe(true);
    expect(await page.getByText('Trial', { exact: true }).isVisible()).toBe(true);
    await press('Register this phone');
    await heading('Nothing to approve');
    expect(page.url()).toBe(`${simulator.url}/phone/ada`);
    simulator.phone('ada').leave();
    await page.getByRole('button', { name: 'Return' }).waitFor({ timeout: 5000 });
    expect(complaints).toEqual([]);
  });

  test('a link that was used says so and offers nothing', async () => {
    await page.goto(`${simulator.url}/phone/ada?registration=used`);
    await heading('This link no longer works');
    expect(await names()).toEqual([]);
  });

  test('a request appears by itself, and every button does what it says', async () => {
    simulator.phone('ada').register();
    await page.goto(`${simulator.url}/phone/ada`);
    await heading('Nothing to approve');
    const session = await client.startSession('ada');
    await heading('Is this you?');
    expect(await names()).toEqual(['Approve', 'Deny', 'Ignore', 'Leave']);
    expect(Number(await page.locator('.seconds').textContent())).toBeGreaterThan(50);
    await press('Approve');
    await heading('You’re here');
    expect(await client.statusOf(session)).toBe('active');
    await press('Leave');
    await heading('You left');
    expect(await client.statusOf(session)).toBe('walkaway');
    await press('Return');
    await heading('You’re here');
    await press('Close session');
    await heading('Nothing to approve');
    expect(await page.getByText('You closed it here').isVisible()).toBe(true);
    expect(await client.statusOf(session)).toBe('closed');

    const denied = await client.startSession('ada');
    await heading('Is this you?');
    await press('Deny');
    await heading('Nothing to approve');
    expect(await client.statusOf(denied)).toBe('cancelled');
    const ignored = await client.startSession('ada');
    await heading('Is this you?');
    await press('Ignore');
    await heading('Nothing to approve');
    expect(await client.statusOf(ignored)).toBe('pending');
    expect(complaints).toEqual([]);
  });

  test('the buttons are large, and nothing is wider than a small phone, also at twice the text size', async () => {
    simulator.phone('ada').register();
    await client.startSession('ada', '?methods=acceptance,device,facial');
    await page.goto(`${simulator.url}/phone/ada`);
    await heading('Is this you?');
    for (const button of await page.getByRole('button').all()) {
      const box = await button.boundingBox();
      expect(box?.height).toBeGreaterThanOrEqual(48);
      expect(box?.width).toBeGreaterThanOrEqual(48);
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(640);
    }
    await page.evaluate('document.documentElement.style.fontSize = "200%"');
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });

  test('it works with script switched off', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    try {
      const plain = await context.newPage();
      await plain.goto(`${simulator.url}/phone/ada`);
      await plain.getByRole('button', { name: 'Register this phone' }).click();
      await plain.getByRole('heading', { name: 'Nothing to approve' }).waitFor({ timeout: 5000 });
      expect(simulator.phone('ada').state().registered).toBe(true);
    } finally {
      await context.close();
    }
  });

  test('it says when the service cannot be reached, and when the person is gone', async () => {
    await page.goto(`${simulator.url}/phone/ada`);
    await heading('No phone registered');
    await client.post(`/management/delete_users/${simulator.appId}`, { users: ['ada'] });
    await heading('Nobody by this address');
    await simulator.close();
    await page.getByText('The simulated service cannot be reached.').waitFor({ timeout: 8000 });
    simulator = await startActiveconnectSimulator();
  });
});
