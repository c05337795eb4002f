import type { Page } from 'playwright-core';
import type { ApproverState } from '../../protocol/approver-state.ts';
import { DESK, exampleRequest, exampleState } from './example-states.ts';
import { ENROLLMENT_CODE, type GatewayDouble } from './gateway-double.ts';

/** One screen: what the gateway says, and what the person pressed to get there. */
export interface ApproverScreen {
  readonly name: string;
  readonly state: ApproverState;
  readonly fragment?: string;
  readonly signedIn?: boolean;
  readonly prepare?: (page: Page, gateway: GatewayDouble) => Promise<void>;
  readonly after?: (page: Page, gateway: GatewayDouble) => Promise<void>;
}

/** Eighty characters, and nowhere to break. */
const LONGEST_NAME = 'Entwicklungsabteilungsarbeitsplatzrechner-Nordflügel-Gebäude-17-Erdgeschoss-0412';
/** As the browser inside an app that scans codes. */
const withoutPasskeys = async (page: Page) => {
  await page.addInitScript(() => Reflect.deleteProperty(window, 'PublicKeyCredential'));
};

const press =
  (css: string, at = 0) =>
  async (page: Page) => {
    await page.locator(css).nth(at).click();
  };

/** Every page and every state of it. Pressed by place, not by name: the gallery is shown in both languages. */
export function gallery(now: number): readonly ApproverScreen[] {
  const quiet = exampleState(now);
  const asked = exampleState(now, { requests: [exampleRequest(now)] });
  const { phones, ...rest } = quiet;
  const paused = exampleState(now, {
    workstations: [
      { workstationId: DESK, name: 'DESK-0412', connected: true, pausedUntil: now + 14 * 60_000, lastUsedAt: now },
      ...quiet.workstations.slice(1),
    ],
  });
  const blocked = exampleState(now, {
    workstations: [
      { workstationId: DESK, name: 'DESK-0412', connected: true, blockedUntil: now + 14 * 60_000, lastUsedAt: now },
    ],
  });
  const two = exampleState(now, {
    requests: [
      exampleRequest(now, {
        workstation: 'A workstation with a rather long name in the laboratory',
        reason: 'renewal',
      }),
      exampleRequest(now, {
        requestId: 'request-0000000000002',
        workstationId: 'workstation-laptop-77',
        workstation: 'Ada’s laptop',
        requestedAt: now - 20_000,
      }),
    ],
  });
  const made = async (page: Page) => {
    await page.locator('.button--main').click();
    await page.locator('.code-shown').waitFor();
  };
  const pushStep = async (page: Page) => {
    await made(page);
    await page.locator('.button--main').click();
    await page.locator('.step-of').waitFor();
  };
  return [
    { name: 'request', state: asked },
    {
      name: 'request-chosen',
      state: asked,
      after: async (page) => page.getByRole('radio', { name: '47' }).check({ force: true }),
    },
    { name: 'request-two', state: two },
    {
      name: 'request-long',
      state: exampleState(now, { requests: [exampleRequest(now, { workstation: LONGEST_NAME })] }),
    },
    { name: 'request-refused', state: asked, after: press('.screen__actions > .button--main') },
    { name: 'request-not-me', state: asked, after: press('.button--plain') },
    {
      name: 'request-approved',
      state: quiet,
      signedIn: false,
      fragment: `#enroll=${ENROLLMENT_CODE}`,
      after: async (page, gateway) => {
        await pushStep(page);
        await page.locator('.screen__actions .button').click();
        await page.locator('.told').waitFor();
        gateway.become({ requests: [exampleRequest(now, { reason: 'enrollment-test' })] });
        await page.getByRole('radio', { name: '47' }).check({ force: true });
        await page.locator('.screen__actions > .button--main').click();
        await page.locator('.ring[data-mark="present"]').waitFor();
      },
    },
    { name: 'request-denied', state: asked, after: press('.screen__actions > .button', 1) },
    {
      name: 'request-over',
      state: asked,
      after: async (page, gateway) => {
        gateway.become({ requests: [] }, { quietly: true });
        await page.evaluate(() => window.dispatchEvent(new Event('focus')));
        await page.locator('.told').waitFor();
      },
    },
    { name: 'nothing', state: quiet },
    { name: 'nothing-nobody-in', state: exampleState(now, { workstations: [] }) },
    { name: 'workstations', state: quiet, fragment: '#workstations' },
    {
      name: 'workstations-pause',
      state: quiet,
      fragment: '#workstations',
      after: async (page) => {
        await page.locator('.entry__buttons .button').nth(1).click();
        await page.locator('.pause').waitFor();
      },
    },
    { name: 'workstations-remove', state: quiet, fragment: '#workstations', after: press('.entry .button--plain') },
    { name: 'workstations-blocked', state: blocked, fragment: '#workstations' },
    { name: 'workstations-paused', state: paused, fragment: '#workstations' },
    { name: 'workstations-none', state: exampleState(now, { workstations: [] }), fragment: '#workstations' },
    { name: 'activity', state: quiet, fragment: '#activity' },
    { name: 'activity-none', state: exampleState(now, { activity: [] }), fragment: '#activity' },
    { name: 'phones', state: quiet, fragment: '#phones' },
    { name: 'phones-rename', state: quiet, fragment: '#phones', after: press('.entry__buttons .button') },
    {
      name: 'phones-revoke-last',
      state: { ...rest, phones: phones.slice(0, 1), hasRecoveryCode: false },
      fragment: '#phones',
      after: press('.entry__buttons .button', 1),
    },
    {
      name: 'phones-add',
      state: quiet,
      fragment: '#phones',
      prepare: async (_, gateway) => {
        gateway.fresh = true;
      },
      after: async (page) => {
        await page.locator('.part .button').first().click();
        await page.locator('.qr-shown').waitFor();
      },
    },
    { name: 'sign-in', state: quiet, signedIn: false },
    { name: 'recover', state: quiet, signedIn: false, after: press('.screen__actions .button', 1) },
    {
      name: 'lost',
      state: asked,
      after: async (page, gateway) => {
        gateway.goDown();
        await page.locator('.ring[data-mark="problem"]').waitFor();
      },
    },
    {
      name: 'outdated',
      state: quiet,
      after: async (page, gateway) => {
        // The page loads itself anew once; this is what stays if that does not help.
        await page.evaluate(() => sessionStorage.setItem('presence-locker-reloaded-at', String(Date.now())));
        gateway.garbled = true;
        await page.evaluate(() => window.dispatchEvent(new Event('focus')));
        await page.locator('.ring[data-mark="problem"]').waitFor();
      },
    },
    { name: 'unsupported', state: quiet, signedIn: false, prepare: withoutPasskeys },
    {
      name: 'unsupported-link',
      state: quiet,
      signedIn: false,
      fragment: `#enroll=${ENROLLMENT_CODE}`,
      prepare: withoutPasskeys,
      after: async (page) => {
        await page.evaluate(() => Reflect.set(navigator.clipboard, 'writeText', async () => undefined));
        await page.locator('.button--main').click();
        await page.locator('.said:not(:empty)').waitFor();
      },
    },
    {
      name: 'enroll-push-home-screen',
      state: quiet,
      signedIn: false,
      fragment: `#enroll=${ENROLLMENT_CODE}`,
      prepare: async (page) => {
        await page.addInitScript(() => {
          Reflect.deleteProperty(window, 'PushManager');
          Object.defineProperty(navigator, 'userAgent', { get: () => 'Mozilla/5.0 (iPhone)' });
        });
      },
      after: pushStep,
    },
    { name: 'enroll-passkey', state: quiet, signedIn: false, fragment: `#enroll=${ENROLLMENT_CODE}` },
    {
      name: 'enroll-join',
      state: quiet,
      fragment: `#enroll=${ENROLLMENT_CODE}`,
      prepare: async (_, gateway) => {
        gateway.fresh = true;
      },
    },
    {
      name: 'enroll-join-long',
      state: quiet,
      fragment: `#enroll=${ENROLLMENT_CODE}`,
      prepare: async (_, gateway) => {
        gateway.ofWorkstation = LONGEST_NAME;
      },
    },
    {
      name: 'enroll-another-phone',
      state: quiet,
      signedIn: false,
      fragment: `#enroll=${ENROLLMENT_CODE}`,
      prepare: async (_, gateway) => {
        gateway.ofWorkstation = null;
      },
    },
    { name: 'enroll-code', state: quiet, signedIn: false, fragment: `#enroll=${ENROLLMENT_CODE}`, after: made },
    {
      name: 'enroll-push',
      state: quiet,
      signedIn: false,
      fragment: `#enroll=${ENROLLMENT_CODE}`,
      prepare: async (page) => {
        await page.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'default' }));
      },
      after: pushStep,
    },
    {
      name: 'enroll-push-refused',
      state: quiet,
      signedIn: false,
      fragment: `#enroll=${ENROLLMENT_CODE}`,
      prepare: async (page) => {
        await page.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'denied' }));
      },
      after: pushStep,
    },
    {
      name: 'enroll-test',
      state: quiet,
      signedIn: false,
      fragment: `#enroll=${ENROLLMENT_CODE}`,
      after: async (page) => {
        await pushStep(page);
        await page.locator('.screen__actions .button').click();
        await page.locator('.told').waitFor();
      },
    },
    {
      name: 'enroll-refused',
      state: quiet,
      signedIn: false,
      fragment: `#enroll=${ENROLLMENT_CODE}`,
      prepare: async (_, gateway) => {
        gateway.codeGood = false;
      },
      after: async (page) => page.locator('.ring[data-mark="problem"]').waitFor(),
    },
  ];
}
