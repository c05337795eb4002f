import type { Browser, Page } from 'playwright-core';
import { encode } from 'uqr';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EnrollmentView } from '../../protocol/view-model.ts';
import type { BridgeScript } from './bridge-double.ts';
import { called, launchBrowser, namesOfCalls, withScreen } from './browser.ts';
import { type BuiltPages, buildPages } from './built-pages.ts';
import { exampleEnrollments, MADE_CODES, REGISTRATION_LINK } from './example-enrollments.ts';
import { exampleViews } from './example-views.ts';
import { modulesOfPath } from './qr-of-page.ts';

const NOW = Date.UTC(2025, 2, 14, 9, 14);
const WINDOW = { width: 900, height: 640 } as const;
/** Typed into a form by the tests; must never be found in the page again. */
const TYPED_SECRET = 'typed-by-the-person';
const views = exampleViews(NOW);
const enrollments = exampleEnrollments(NOW);

let pages: BuiltPages;
let browser: Browser;
beforeAll(async () => {
  [pages, browser] = await Promise.all([buildPages(), launchBrowser()]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await pages?.close();
});

const enrollment = (
  view: EnrollmentView,
  use: (page: Page) => Promise<void>,
  results: NonNullable<BridgeScript['results']> = {},
) =>
  withScreen(
    browser,
    pages,
    {
      path: 'enrollment/index.html',
      script: { page: 'enrollment', view: views.unenrolled, enrollment: view, results },
    },
    WINDOW,
    use,
  );

const CODE = MADE_CODES.codes.recovery[4] ?? '';

describe('recovery codes', () => {
  const shown = async (view: EnrollmentView, use: (page: Page) => Promise<void>, results = {}) =>
    withScreen(
      browser,
      pages,
      {
        path: 'enrollment/index.html',
        script: { page: 'enrollment', view: views.unenrolled, enrollment: view, made: MADE_CODES, results },
        after: { press: 'Make', shows: 'Keep these codes' },
      },
      WINDOW,
      use,
    );

  test('are all shown, with the link for an app as a QR code of exactly this link', async () => {
    await shown(enrollments.codes, async (page) => {
      const texts = await page.locator('.codes__list code').allTextContents();
      expect(texts).toEqual(MADE_CODES.codes.recovery);
      const { link, secret } = MADE_CODES.codes.totp;
      const path = await page
        .getByRole('img', { name: /authenticator/ })
        .locator('path')
        .getAttribute('d');
      const expected = encode(link, { ecc: 'M', border: 0 }).data;
      expect(modulesOfPath(path ?? '', expected.length)).toEqual(expected);
      await page.getByText(secret).waitFor();
    });
  });

  test('can be copied and printed, and the print holds the codes and nothing else', async () => {
    await shown(enrollments.codes, async (page) => {
      await page.getByRole('button', { name: 'Copy codes' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      expect(await called(page, 'codes.copy')).toEqual([['recovery']]);
      const printed = page.evaluate(
        () => new Promise((resolve) => Object.assign(window, { print: () => resolve(true) })),
      );
      await page.getByRole('button', { name: 'Print' }).click();
      expect(await printed).toBe(true);
      await page.emulateMedia({ media: 'print' });
      const visible = await page.evaluate(() =>
        [...document.querySelectorAll('h1, h2, p, code, button, input, svg')]
          .filter((element) => element.checkVisibility({ visibilityProperty: true }))
          .map((element) => element.textContent),
      );
      expect(visible).toEqual([
        'Recovery codes for DESK-0412',
        ...MADE_CODES.codes.recovery,
        'Each code works once, and only while your phone cannot be asked.',
      ]);
    });
  });

  test('are in force once one was typed, and then gone from the page', async () => {
    await shown(enrollments.codesRequired, async (page) => {
      expect(await page.getByRole('button', { name: /Start/ }).count()).toBe(0);
      await page.keyboard.press('Enter');
      await page.getByLabel('Type one of the codes').fill(` ${CODE.toLowerCase()} `);
      await page.keyboard.press('Enter');
      expect(await called(page, 'codes.prove')).toEqual([[CODE.toLowerCase()]]);
      await page.evaluate((view) => window.bridgeDouble?.pushEnrollment(view), enrollments.codesProven);
      await page.getByRole('heading', { name: 'Your codes are ready' }).waitFor();
      const left = await page.content();
      for (const code of MADE_CODES.codes.recovery) expect(left).not.toContain(code);
      await page.getByRole('button', { name: 'Start guarding' }).click();
      await called(page, 'enrollment.finish');
    });
  });

  test('a wrong one is said at the field, and the codes stay', async () => {
    const results = { 'codes.prove': { ok: false, sentence: 'That is none of these codes.' } };
    await shown(
      enrollments.codes,
      async (page) => {
        await page.getByLabel('Type one of the codes').fill('123456');
        await page.keyboard.press('Enter');
        await page.getByRole('alert').getByText('That is none of these codes.').waitFor();
        await page.getByText(CODE).waitFor();
      },
      results,
    );
  });

  test('cannot be skipped where they are required', async () => {
    await enrollment(enrollments.codesRequired, async (page) => {
      await page.getByRole('button', { name: 'Make codes' }).waitFor();
      expect(await page.getByRole('button', { name: 'Start without codes' }).count()).toBe(0);
    });
  });

  test('are renewed from where the phone is managed, and lead back there', async () => {
    await enrollment(enrollments.manage, async (page) => {
      await page.getByText('9 of 10 are left.').waitFor();
      await page.getByRole('button', { name: 'Make new codes' }).click();
      await called(page, 'codes.open');
      await page.evaluate((view) => window.bridgeDouble?.pushEnrollment(view), enrollments.codesRenewed);
      await page.getByRole('heading', { name: 'Your codes are ready' }).waitFor();
      expect(await page.getByRole('button', { name: 'Start guarding' }).count()).toBe(0);
      await page.getByRole('button', { name: 'Back' }).click();
      await called(page, 'enrollment.back');
    });
  });
});

describe('enrollment', () => {
  test('the first choice is the trial, and it starts with one press', async () => {
    await enrollment(enrollments.choose, async (page) => {
      await page.locator('main').getByRole('button').first().press('Enter');
      expect(await called(page, 'enrollment.useAccount')).toEqual([[{ mode: 'trial' }, 'DESK-0412']]);
    });
  });

  test('an own account: what is missing is said at its field, the rest is kept', async () => {
    await enrollment(enrollments.choose, async (page) => {
      await page.getByRole('button', { name: /Use your own account/ }).click();
      await page.getByRole('heading', { name: 'Your account' }).waitFor();
      await page.getByLabel('Application secret').fill(TYPED_SECRET);
      await page.keyboard.press('Enter');
      await page.getByText('Type the application id. It has no spaces.').waitFor();
      await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'appId');
      await page.keyboard.type('app-1');
      await page.keyboard.press('Enter');
      expect(await called(page, 'enrollment.useAccount')).toEqual([
        [
          {
            mode: 'embedded',
            kind: 'activeconnect',
            profile: 'iampass',
            baseUrl: '',
            appId: 'app-1',
            appSecret: TYPED_SECRET,
          },
          'DESK-0412',
        ],
      ]);
    });
  });

  test('a secret is hidden, never remembered, and gone from the page once it was taken', async () => {
    await enrollment(enrollments.account, async (page) => {
      const secret = page.getByLabel('Application secret');
      expect(await secret.getAttribute('type')).toBe('password');
      expect(await secret.getAttribute('autocomplete')).toBe('off');
      await page.getByLabel('Application id').fill('app-1');
      await secret.fill(TYPED_SECRET);
      await page.keyboard.press('Enter');
      await called(page, 'enrollment.useAccount');
      expect(await page.content()).not.toContain(TYPED_SECRET);
      await page.evaluate((view) => window.bridgeDouble?.pushEnrollment(view), enrollments.phone);
      await page.getByRole('heading', { name: 'Add your phone' }).waitFor();
      const left = await page.evaluate(() => [...document.querySelectorAll('input')].map((input) => input.value));
      expect(left.join()).not.toContain(TYPED_SECRET);
    });
  });

  test('a gateway is joined with address and token', async () => {
    await enrollment(enrollments.choose, async (page) => {
      await page.getByRole('button', { name: /Join your organisation/ }).click();
      await page.getByLabel('Gateway address').fill('wss://gateway.example.org/v1');
      await page.getByLabel('Token').fill('0123456789abcdef');
      await page.getByRole('button', { name: 'Continue' }).click();
      expect(await called(page, 'enrollment.useAccount')).toEqual([
        [{ mode: 'shared', gatewayUrl: 'wss://gateway.example.org/v1', gatewayToken: '0123456789abcdef' }, 'DESK-0412'],
      ]);
    });
  });

  test('the phone is added by the QR code of the link, by copying it, or by SMS', async () => {
    await enrollment(enrollments.phone, async (page) => {
      const path = await page
        .getByRole('img', { name: /QR code/ })
        .locator('path')
        .getAttribute('d');
      const expected = encode(REGISTRATION_LINK, { ecc: 'M', border: 0 }).data;
      expect(modulesOfPath(path ?? '', expected.length)).toEqual(expected);
      await page.getByRole('button', { name: 'Copy link' }).click();
      await page.getByRole('button', { name: 'Link copied' }).waitFor();
      await page.getByRole('button', { name: 'Send by SMS…' }).click();
      await page.keyboard.type('01632 960961');
      await page.keyboard.press('Enter');
      await page.getByText('Begin with + and the country code').waitFor();
      await page.getByLabel('Phone number').fill('+44 (0)1632 960961');
      await page.keyboard.press('Enter');
      expect(await called(page, 'enrollment.sendSms')).toEqual([['+441632960961']]);
      await page.getByText('Waiting for your phone.').waitFor();
    });
  });

  test('a new step begins at its heading', async () => {
    await enrollment(enrollments.phone, async (page) => {
      await page.evaluate((view) => window.bridgeDouble?.pushEnrollment(view), enrollments.test);
      await page.waitForFunction(() => document.activeElement?.textContent === 'Try one approval');
      expect(await page.locator('[aria-current="step"]').textContent()).toBe('Try it');
    });
  });

  test.each([
    ['accountWrong', 'Change the account', 'focus appId'],
    ['phoneSmsRefused', 'Change the number', 'focus phoneNumber'],
    ['phoneNever', 'Get a new link', 'enrollment.newLink'],
  ] as const)('the problem of %s has a way on: %s', async (name, button, outcome) => {
    await enrollment(enrollments[name], async (page) => {
      await page.getByRole('alert').getByRole('button', { name: button }).click();
      if (outcome.startsWith('focus ')) {
        await page.waitForFunction((field) => document.activeElement?.getAttribute('name') === field, outcome.slice(6));
      } else await called(page, outcome);
    });
  });

  test.each([
    ['testDenied', 'Your phone said no'],
    ['testTimeout', 'Your phone did not answer in time'],
    ['testFailed', 'The request did not get through'],
  ] as const)('a test approval that ends as %s is explained and can be repeated', async (name, title) => {
    await enrollment(enrollments[name], async (page) => {
      await page.getByRole('heading', { name: title }).waitFor();
      await page.getByRole('button', { name: 'Ask again' }).click();
      await called(page, 'enrollment.test');
    });
  });

  test('guarding starts only after an approval', async () => {
    await enrollment(enrollments.test, async (page) => {
      expect(await page.getByRole('button', { name: 'Start guarding' }).count()).toBe(0);
      await page.evaluate((view) => window.bridgeDouble?.pushEnrollment(view), enrollments.testApproved);
      await page.getByRole('button', { name: 'Continue' }).click();
      await called(page, 'codes.open');
      await page.evaluate((view) => window.bridgeDouble?.pushEnrollment(view), enrollments.codes);
      await page.waitForFunction(() => document.activeElement?.textContent === 'Recovery codes');
      await page.getByRole('button', { name: 'Start without codes' }).click();
      await called(page, 'enrollment.finish');
    });
  });

  test('who has codes already starts guarding right after the test', async () => {
    const view = { ...enrollments.testApproved, codes: { required: true, left: 9, proven: false } };
    await enrollment(view, async (page) => {
      await page.getByRole('button', { name: 'Start guarding' }).click();
      await called(page, 'enrollment.finish');
    });
  });

  test.each([
    ['Disable the old phone', 'enrollment.lostDevice'],
    ['Remove everything', 'enrollment.remove'],
  ] as const)('"%s" asks first, and Escape takes it back', async (title, call) => {
    await enrollment(enrollments.manage, async (page) => {
      await page.getByRole('button', { name: `${title}…` }).click();
      await page.keyboard.press('Escape');
      await page.waitForFunction((name) => document.activeElement?.textContent === name, `${title}…`);
      expect(await namesOfCalls(page)).not.toContain(call);
      await page.keyboard.press('Enter');
      await page.getByRole('group').getByRole('button', { name: title, exact: true }).click();
      await called(page, call);
    });
  });

  test('what the phone answered to the test is said once, with one way on', async () => {
    await enrollment(enrollments.testDenied, async (page) => {
      await page.getByRole('heading', { name: 'Your phone said no' }).waitFor();
      expect(await page.getByRole('alert').count()).toBe(0);
      await page.getByRole('button', { name: 'Ask again' }).click();
      await called(page, 'enrollment.test');
    });
  });

  test('from the end of the enrollment one can go on to manage the phone', async () => {
    await enrollment(enrollments.doneGuarded, async (page) => {
      await page.getByRole('button', { name: 'Manage your phone' }).click();
      await called(page, 'enrollment.back');
    });
  });

  test('without a phone that can approve it does not look as if all were well', async () => {
    await enrollment(enrollments.manageNoPhone, async (page) => {
      await page.getByRole('heading', { name: 'No phone can approve' }).waitFor();
      expect(await page.getByText('Nothing is guarded until').count()).toBe(1);
    });
  });

  test('a refusal that is a problem as well is said once, where it can be seen', async () => {
    const problem = {
      code: 'wrong-secret',
      title: 'The secret is wrong',
      detail: 'Check it.',
      wayOn: 'edit-account',
    } as const;
    const results = { 'enrollment.useAccount': { ok: false, sentence: 'The secret is wrong. Check it.' } } as const;
    await enrollment(
      enrollments.choose,
      async (page) => {
        await page.locator('main').getByRole('button').first().click();
        await page.getByText('The secret is wrong. Check it.').waitFor();
        await page.evaluate((view) => window.bridgeDouble?.pushEnrollment(view), { ...enrollments.choose, problem });
        await page.getByRole('button', { name: 'Change the account' }).waitFor();
        expect(await page.getByText('The secret is wrong. Check it.').count()).toBe(0);
      },
      results,
    );
  });

  test('a trial that could not begin is tried again as a trial', async () => {
    const problem = {
      code: 'keychain-locked',
      title: 'The keychain is locked',
      detail: 'Unlock it.',
      wayOn: 'retry',
    } as const;
    await enrollment({ ...enrollments.choose, mode: 'trial', problem }, async (page) => {
      await page.getByRole('button', { name: 'Try again' }).click();
      expect(await called(page, 'enrollment.useAccount')).toEqual([[{ mode: 'trial' }, 'DESK-0412']]);
    });
  });

  test('a refusal of main is said at once', async () => {
    const results = {
      'enrollment.useAccount': { ok: false, sentence: 'The keychain is locked. Unlock it and try again.' },
    } as const;
    await enrollment(
      enrollments.choose,
      async (page) => {
        await page.locator('main').getByRole('button').first().click();
        await page.getByRole('alert').getByText('The keychain is locked.').waitFor();
      },
      results,
    );
  });
});
