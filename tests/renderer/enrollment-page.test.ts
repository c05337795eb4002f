import { describe, expect, test } from 'vitest';
import { called, namesOfCalls } from './browser.ts';
import { enrollmentOfThisFile, enrollments, TYPED_SECRET } from './enrollment-of-test.ts';
import { REGISTRATION_LINK } from './example-enrollments.ts';
import { expectQrCode } from './qr-of-page.ts';

const enrollment = enrollmentOfThisFile();

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
      await expectQrCode(page, /QR code/, REGISTRATION_LINK);
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
      { results },
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
      { results },
    );
  });
});
