import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { ApproverState } from '../../protocol/approver-state.ts';
import { GatewayDouble } from './gateway-double.ts';
import { addAuthenticator } from './virtual-authenticator.ts';

export interface PhoneLook {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  readonly language?: 'en-GB' | 'de-DE';
  readonly userAgent?: string;
  readonly notifications?: boolean;
  /** The person has signed in before. */
  readonly signedIn?: boolean;
}

export interface Phone {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly gateway: GatewayDouble;
  /** Opens the page, e.g. with `#enroll=…`, and waits for its heading. */
  open(fragment?: string): Promise<void>;
  /** What the policy of the page stopped. */
  violations(): Promise<readonly string[]>;
  /** The person does or does not show face, finger or code. */
  verifyPerson(verified: boolean): Promise<void>;
}

/** Longest for one step on a busy machine. */
const STEP_TIMEOUT_MS = 10_000;

/** A phone with a passkey authenticator of Chromium's own, and the gateway's double it came to. */
export async function withPhone(
  { browser, folder, state }: { readonly browser: Browser; readonly folder: string; readonly state: ApproverState },
  look: PhoneLook,
  use: (phone: Phone) => Promise<void>,
): Promise<void> {
  const gateway = await GatewayDouble.start(folder, state);
  const context = await browser.newContext({
    viewport: { width: look.width ?? 390, height: look.height ?? 844 },
    colorScheme: look.scheme ?? 'light',
    reducedMotion: 'reduce',
    locale: look.language ?? 'en-GB',
    timezoneId: 'Europe/London',
    hasTouch: true,
    permissions: look.notifications === true ? ['notifications'] : [],
    ...(look.userAgent === undefined ? {} : { userAgent: look.userAgent }),
  });
  try {
    context.setDefaultTimeout(STEP_TIMEOUT_MS);
    const page = await context.newPage();
    await page.addInitScript(collectViolations);
    const verifyPerson = await addAuthenticator(page);
    if (look.signedIn === true) {
      gateway.signedIn = true;
      await context.addCookies([
        { name: 'session', value: 'signed-in', url: `${gateway.origin}/approver/`, httpOnly: true },
      ]);
    }
    await use({
      page,
      context,
      gateway,
      open: async (fragment = '') => {
        await page.goto(`${gateway.origin}/approver/${fragment}`);
        await page.locator('h1').first().waitFor();
      },
      violations: () => page.evaluate(() => window.policyViolations ?? []),
      verifyPerson,
    });
  } finally {
    await context.close();
    await gateway.close();
  }
}

declare global {
  interface Window {
    policyViolations?: string[];
  }
}

/** Runs in the page, before its scripts. */
function collectViolations(): void {
  const found: string[] = [];
  window.policyViolations = found;
  document.addEventListener('securitypolicyviolation', (event) => {
    found.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
  });
}
