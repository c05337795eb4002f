import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { addAuthenticator } from '../../approver/virtual-authenticator.ts';
import { SOON_MS } from './patience.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** As a phone of today shows a page. */
const SCREEN = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true } as const;

/** Whoever carries phones to the workstation: one browser, in which every phone is a person's own profile. */
export class PhoneShop {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async open(): Promise<PhoneShop> {
    return new PhoneShop(await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, timeout: SOON_MS }));
  }

  /** A phone that has never seen the gateway, with a passkey authenticator of Chromium's own whose owner shows their face. */
  async phone(): Promise<ApproverPhone> {
    const context = await this.#browser.newContext({ ...SCREEN, locale: 'en-GB', timezoneId: 'Europe/London' });
    context.setDefaultTimeout(SOON_MS);
    const page = await context.newPage();
    await addAuthenticator(page);
    return new ApproverPhone(context, page);
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}

/** A phone on the gateway's page, operated by what its person sees and touches. */
export class ApproverPhone {
  readonly #context: BrowserContext;
  readonly #page: Page;

  constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.#page = page;
  }

  look(): Promise<Buffer> {
    return this.#page.screenshot({ animations: 'disabled' });
  }

  async openLink(link: string): Promise<void> {
    await this.#page.goto(link);
    await this.sees('Make this phone the key');
  }

  async createPasskey(name: string): Promise<void> {
    await this.#page.getByLabel('Name of this phone').fill(name);
    await this.press('Create passkey');
  }

  /** A heading. */
  async sees(heading: string | RegExp): Promise<void> {
    await this.#page.getByRole('heading', { name: heading }).first().waitFor();
  }

  async seesText(text: string | RegExp): Promise<void> {
    await this.#page.getByText(text).first().waitFor();
  }

  /** @returns wall time just before. */
  async press(button: string | RegExp): Promise<number> {
    const found = this.#page.getByRole('button', { name: button });
    await found.waitFor();
    const at = Date.now();
    await found.click();
    return at;
  }

  async goTo(tab: 'Requests' | 'Workstations' | 'Activity' | 'Phones'): Promise<void> {
    await this.#page.getByRole('link', { name: tab }).click();
  }

  /** The numbers of the request that is on the screen, once there is one. */
  async numbersOffered(): Promise<readonly string[]> {
    await this.sees(/asks for you$/);
    const offered = await this.#page
      .getByRole('radio')
      .evaluateAll((all) => all.map((one) => one.getAttribute('value')));
    return offered.filter((number) => number !== null);
  }

  async choose(number: string): Promise<void> {
    await this.#page.getByRole('radio', { name: number }).check({ force: true });
  }

  /** With the number chosen, and the passkey. @returns wall time just before the touch. */
  approve(number: string): Promise<number> {
    return this.press(`Approve ${number} with passkey`);
  }

  /** The link that makes another phone a key of the same person, as the person would pass it on. The page goes on showing its code. */
  async linkForAnother(): Promise<string> {
    await this.goTo('Phones');
    await this.press('Add a phone');
    await this.sees('Scan this with the other phone');
    await this.#context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await this.press('Copy the link');
    await this.seesText('Copied');
    return await this.#page.evaluate('navigator.clipboard.readText()');
  }

  /** @returns wall time just before the last touch. */
  async revoke(phoneName: string): Promise<number> {
    await this.goTo('Phones');
    const entry = this.#page
      .getByRole('listitem')
      .filter({ has: this.#page.getByRole('heading', { name: phoneName }) });
    await entry.getByRole('button', { name: 'Revoke…' }).click();
    const sure = entry.getByRole('button', { name: 'Revoke', exact: true });
    await sure.waitFor();
    const at = Date.now();
    await sure.click();
    await this.seesText(`${phoneName} is revoked.`);
    return at;
  }
}
