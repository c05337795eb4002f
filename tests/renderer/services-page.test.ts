import { describe, expect, test } from 'vitest';
import { AccountSchema } from '../../protocol/ipc.ts';
import { called, namesOfCalls } from './browser.ts';
import { enrollmentOfThisFile, enrollments, TYPED_SECRET } from './enrollment-of-test.ts';
import { SET_UP_LINK } from './example-ways.ts';
import { expectQrCode } from './qr-of-page.ts';

const enrollment = enrollmentOfThisFile();

describe('enrolling with each kind of service', () => {
  test('each kind of service has fields of its own, and what is typed goes out as what main decodes', async () => {
    await enrollment(enrollments.choose, async (page) => {
      await page.getByRole('button', { name: /Use your own account/ }).click();
      await page.getByRole('radio', { name: 'Authsignal' }).click();
      await page.getByText('https://api.authsignal.com/v1').waitFor();
      await page.getByText('does not notice when your phone leaves').waitFor();
      await page.getByRole('radio', { name: 'Europe' }).click();
      await page.getByLabel('Secret key').fill('with:colon');
      await page.keyboard.press('Enter');
      await page.getByText('It has no spaces and no colon.').waitFor();
      await page.getByLabel('Secret key').fill(TYPED_SECRET);
      await page.keyboard.press('Enter');
      expect(await called(page, 'enrollment.useAccount')).toEqual([
        [
          { mode: 'embedded', kind: 'authsignal', apiUrl: 'https://eu.api.authsignal.com/v1', secret: TYPED_SECRET },
          'DESK-0412',
        ],
      ]);
    });
    await enrollment(enrollments.accountTwoFactor, async (page) => {
      expect(await page.getByRole('radio', { name: 'WebCase 2factor' }).isChecked()).toBe(true);
      await page.getByLabel('Address of the site').fill('http://login.example.org');
      await page.getByLabel('Token', { exact: true }).fill(TYPED_SECRET);
      await page.getByText('Path and header').click();
      await page.getByLabel('Its value').fill('Bearer token');
      await page.getByLabel('Methods answered on the phone').fill('push, duo');
      await page.keyboard.press('Enter');
      await page.getByText('It needs {token} in it').waitFor();
      await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'siteUrl');
      await page.getByLabel('Address of the site').fill('https://login.example.org');
      await page.getByLabel('Its value').fill('Bearer {token}');
      await page.keyboard.press('Enter');
      const [[account] = []] = await called(page, 'enrollment.useAccount');
      expect(AccountSchema.parse(account)).toMatchObject({
        kind: 'wcd-2factor',
        prefix: '',
        headerTemplate: 'Bearer {token}',
        outOfBandMethods: ['push', 'duo'],
      });
      expect(await page.content()).not.toContain(TYPED_SECRET);
    });
  });

  test('a number or an address is registered, and what is none is said at its field', async () => {
    await enrollment(enrollments.phoneContact, async (page) => {
      expect(await page.getByRole('img', { name: /QR code/ }).count()).toBe(0);
      await page.getByLabel('Phone number').last().fill('12');
      await page.keyboard.press('Enter');
      await page.getByText('Begin with + and the country code').waitFor();
      await page.getByRole('radio', { name: 'E-mail address' }).click();
      await page.getByRole('textbox', { name: 'E-mail address' }).fill('ada@nowhere');
      await page.keyboard.press('Enter');
      await page.getByText('Type the whole address').waitFor();
      await page.getByRole('textbox', { name: 'E-mail address' }).fill(' ada@example.org ');
      await page.keyboard.press('Enter');
      expect(await called(page, 'enrollment.addContact')).toEqual([[{ kind: 'email', email: 'ada@example.org' }]]);
    });
  });

  test('a method is set up with the form that the service describes', async () => {
    await enrollment(enrollments.phoneMethods, async (page) => {
      await page.getByRole('button', { name: 'Set up…' }).nth(2).click();
      await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'serial');
      await page.keyboard.type(' 4711 ');
      await page.getByLabel('Counter').fill('twelve');
      await page.keyboard.press('Enter');
      await page.getByText('Type a number.').waitFor();
      expect(await page.getByText('This is needed.').count()).toBe(2);
      expect(await page.getByLabel('PIN').getAttribute('type')).toBe('password');
      await page.getByLabel('PIN').fill('0 1');
      await page.getByLabel('Counter').fill('12,5');
      await page.getByRole('radio', { name: 'Card' }).click();
      await page.getByLabel('I have a spare one').click();
      await page.getByRole('button', { name: 'Set up', exact: true }).last().click();
      expect(await called(page, 'methods.create')).toEqual([
        ['4', { serial: '4711', pin: '0 1', counter: 12.5, model: 'Card', spare: true }],
      ]);
    });
  });

  test('what sets an app up is shown once, as a QR code and as a key, and is gone with the next change', async () => {
    await enrollment(
      enrollments.phoneMethodsConfirm,
      async (page) => {
        await page.getByRole('button', { name: 'Set up', exact: true }).click();
        await page.getByText('GEZD GNBV GY3T QOJQ').waitFor();
        await expectQrCode(page, /sets up your app/, SET_UP_LINK);
        await page.getByLabel('Code by e-mail').fill(' 123456 ');
        await page.keyboard.press('Enter');
        expect(await called(page, 'methods.confirm')).toEqual([['123456']]);
        expect(await page.getByText('GEZD GNBV').count()).toBe(0);
      },
      { script: { setUpLink: SET_UP_LINK } },
    );
  });

  test('who is ready to approve goes on to the test; what is not read is asked for once', async () => {
    await enrollment(enrollments.phoneMethodsReady, async (page) => {
      await page.getByRole('button', { name: 'Try an approval' }).click();
      await called(page, 'enrollment.test');
      expect(await namesOfCalls(page)).not.toContain('methods.refresh');
    });
    const refused = {
      ok: false,
      sentence: 'The service cannot be reached. Check that this computer is online.',
    } as const;
    await enrollment(
      enrollments.phoneMethodsUnread,
      async (page) => {
        await page.getByRole('button', { name: 'Ask the service again' }).click();
        await page.waitForFunction(
          () => window.bridgeDouble?.calls.filter(({ name }) => name === 'methods.refresh').length === 2,
        );
      },
      { results: { 'methods.refresh': refused } },
    );
  });

  test('where methods are managed, each can be asked first, switched, set anew and removed after a question', async () => {
    await enrollment(enrollments.manageMethods, async (page) => {
      const change = page.getByRole('button', { name: 'Change…' });
      await change.nth(1).click();
      await page.getByRole('button', { name: 'Ask with this one' }).click();
      await change.nth(1).click();
      await page.getByRole('button', { name: 'Switch off' }).click();
      await change.nth(1).click();
      await page.getByRole('button', { name: 'Remove…', exact: true }).click();
      await page.getByText('“Code by text message” is removed at the service').waitFor();
      expect(await namesOfCalls(page)).not.toContain('methods.delete');
      await page.getByRole('button', { name: 'Remove', exact: true }).click();
      expect(await called(page, 'methods.delete')).toEqual([['12']]);
      expect(await called(page, 'methods.update')).toEqual([
        [{ configId: '12', isDefault: true }],
        [{ configId: '12', isActive: false }],
      ]);
      // No link, no lost phone, no number: the service has none of these.
      for (const missing of ['New link', 'Disable the old phone…', 'Register one…']) {
        expect(await page.getByRole('button', { name: missing }).count()).toBe(0);
      }
      await page.getByText('Your methods at the service stay').waitFor();
    });
  });

  test('where phones are managed on their own pages, a lost one is not disabled from the workstation, and the page says where', async () => {
    await enrollment(enrollments.manageOwnServer, async (page) => {
      await page.getByText('use the recovery code that your first phone showed').waitFor();
      await page.getByText('Removes this workstation from your phones').waitFor();
      expect(await page.getByRole('button', { name: 'Disable the old phone…' }).count()).toBe(0);
    });
    await enrollment(enrollments.manageMethods, async (page) => {
      await page.getByRole('button', { name: 'Remove everything…' }).waitFor();
      expect(await page.getByRole('heading', { name: 'Lost phone' }).count()).toBe(0);
    });
  });

  test('a service that does not notice that the phone left is said to be so where one relies on it', async () => {
    for (const view of [enrollments.phoneLinkOrContact, enrollments.doneNoProximity, enrollments.manageNoProximity]) {
      await enrollment(view, async (page) => {
        await page.getByText('Authsignal does not notice when your phone leaves.').waitFor();
      });
    }
  });

  test('a wrong code in the test is said at its field, with the tries that are left', async () => {
    await enrollment(enrollments.testCodeWrong, async (page) => {
      await page.getByText('That code is wrong. 4 tries are left.').waitFor();
    });
  });
});
