import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../renderer/browser.ts';
import { buildApproverPage } from './built-page.ts';
import { exampleRequest, exampleState } from './example-states.ts';
import { ENROLLMENT_CODE, RECOVERY_CODE } from './gateway-double.ts';
import { type Phone, type PhoneLook, withPhone } from './phone.ts';

let built: Awaited<ReturnType<typeof buildApproverPage>>;
let browser: Browser;
beforeAll(async () => {
  [built, browser] = await Promise.all([buildApproverPage(), launchBrowser()]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await built?.remove();
});

const LINK = `#enroll=${ENROLLMENT_CODE}`;
const phone = (use: (phone: Phone) => Promise<void>, look: PhoneLook = {}) =>
  withPhone({ browser, folder: built.folder, state: exampleState(Date.now()) }, look, use);

async function createPasskey({ page }: Phone): Promise<void> {
  await page.getByLabel('Name of this phone').fill('My Pixel');
  await page.getByRole('button', { name: 'Create passkey' }).click();
  await page.getByRole('heading', { name: 'Keep this recovery code' }).waitFor();
}

describe('enrollment', () => {
  test('goes from the link over a passkey and the recovery code to a tested approval', async () => {
    await phone(async (own) => {
      const { page, gateway, open } = own;
      await open(LINK);
      await page.getByText('DESK-0412 then asks this phone.').waitFor();
      expect(new URL(page.url()).hash, 'the code stays in no history').toBe('');
      await createPasskey(own);
      expect(gateway.called('enroll.finish')).toMatchObject([{ phoneName: 'My Pixel', code: ENROLLMENT_CODE }]);
      await page.getByText(RECOVERY_CODE).waitFor();
      await page.getByRole('button', { name: 'I have kept it' }).click();
      await page.getByRole('heading', { name: 'Be told when a workstation asks' }).waitFor();
      await page.getByRole('button', { name: 'Not now' }).click();
      await page.getByText('Waiting for the workstation').waitFor();
      await expect.poll(() => gateway.openSockets).toBe(1);
      gateway.become({ requests: [exampleRequest(Date.now(), { reason: 'enrollment-test' })] });
      await page.getByText('A test; nothing opens').waitFor();
      await page.getByRole('radio', { name: '47' }).check({ force: true });
      await page.getByRole('button', { name: 'Approve 47 with passkey' }).click();
      await page.getByRole('heading', { name: 'The test worked' }).waitFor();
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByRole('heading', { name: 'This phone is the key' }).waitFor();
      await page.getByRole('button', { name: 'Finish' }).click();
      await page.getByRole('heading', { name: 'Nothing to approve' }).waitFor();
    });
  });

  test.each([
    ['en-GB', 'Add DESK-0412 to this phone', 'Add workstation'],
    ['de-DE', 'DESK-0412 zu diesem Telefon hinzufügen', 'Rechner hinzufügen'],
  ] as const)(
    'a phone that is signed in takes the workstation on, without another passkey (%s)',
    async (language, title, add) => {
      await phone(
        async ({ page, gateway, open }) => {
          gateway.signedIn = true;
          gateway.fresh = true;
          await page.context().addCookies([{ name: 'session', value: 'signed-in', url: gateway.origin }]);
          gateway.become({ push: { ...gateway.state.push, subscribed: true } });
          await open(LINK);
          await page.getByRole('heading', { name: title }).waitFor();
          await page.getByRole('button', { name: add }).click();
          await page.locator('.told').waitFor();
          expect(gateway.called('enroll.join')).toEqual([{ code: ENROLLMENT_CODE }]);
          expect(gateway.called('enroll.finish')).toEqual([]);
          await expect.poll(() => gateway.openSockets).toBe(1);
          gateway.become({ requests: [exampleRequest(Date.now(), { reason: 'enrollment-test' })] });
          await page.getByRole('radio', { name: '47' }).waitFor();
        },
        { language },
      );
    },
  );

  test('a phone that is a key already signs in first, and its passkey is asked once more where that was long ago', async () => {
    await phone(async (own) => {
      const { page, gateway, open } = own;
      await open(LINK);
      await createPasskey(own);
      gateway.signedIn = false;
      gateway.codeGood = true;
      await open();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await open(LINK);
      await page.getByRole('button', { name: 'I already use this phone here' }).click();
      await page.getByRole('heading', { name: 'Add DESK-0412 to this phone' }).waitFor();
      gateway.fresh = false;
      await page.getByRole('button', { name: 'Add workstation' }).click();
      await page.getByRole('heading', { name: 'Be told when a workstation asks' }).waitFor();
      expect(gateway.called('sign-in.finish')).toHaveLength(2);
      expect(gateway.called('enroll.join')).toHaveLength(2);
    });
  });

  test('a code of another phone of the same person offers a passkey only', async () => {
    await phone(async ({ page, gateway, open }) => {
      gateway.ofWorkstation = null;
      await open(LINK);
      await page.getByRole('button', { name: 'Create passkey' }).waitFor();
      expect(await page.getByRole('button', { name: 'I already use this phone here' }).count()).toBe(0);
    });
  });

  test('refused notifications say what that means, and the phone goes on without them', async () => {
    await phone(async (own) => {
      const { page, open } = own;
      await page.addInitScript(() => {
        Object.defineProperty(Notification, 'permission', { get: () => 'denied' });
      });
      await open(LINK);
      await createPasskey(own);
      await page.getByRole('button', { name: 'I have kept it' }).click();
      await page.getByText('Notifications are not allowed').waitFor();
      await page.getByText('open this page yourself within the time').waitFor();
      await page.getByRole('button', { name: 'Not now' }).click();
      await page.getByText('Waiting for the workstation').waitFor();
    });
  });

  test('an iPhone is told that notifications need the Home Screen', async () => {
    const userAgent =
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Mobile/15E148 Safari/604.1';
    await phone(
      async (own) => {
        const { page, open } = own;
        await page.addInitScript(() => {
          Reflect.deleteProperty(window, 'PushManager');
        });
        await open(LINK);
        expect(await page.getByLabel('Name of this phone').inputValue()).toBe('iPhone');
        await createPasskey(own);
        await page.getByRole('button', { name: 'I have kept it' }).click();
        await page.getByText('Put this page on your Home Screen first').waitFor();
      },
      { userAgent },
    );
  });

  test('an iPad, which says that it is a Mac, is told so too; what is on the Home Screen already is not', async () => {
    const userAgent =
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.3 Safari/605.1.15';
    const titles = [
      [false, 'Put this page on your Home Screen first'],
      [true, 'This browser gives no notifications'],
    ] as const;
    for (const [installed, title] of titles) {
      await phone(
        async (own) => {
          const { page, open } = own;
          await page.addInitScript((standalone) => {
            Reflect.deleteProperty(window, 'PushManager');
            Object.defineProperty(navigator, 'maxTouchPoints', { get: () => 5 });
            const { matchMedia } = window;
            window.matchMedia = (query) =>
              matchMedia.call(window, standalone && query === '(display-mode: standalone)' ? 'all' : query);
          }, installed);
          await open(LINK);
          expect(await page.getByLabel('Name of this phone').inputValue()).toBe('iPad');
          await createPasskey(own);
          await page.getByRole('button', { name: 'I have kept it' }).click();
          await page.getByText(title).waitFor();
        },
        { userAgent },
      );
    }
  });

  test('a browser without passkeys leaves the link whole, and helps to take it to one that has them', async () => {
    await phone(async ({ page, gateway, open }) => {
      await page.addInitScript(() => Reflect.deleteProperty(window, 'PublicKeyCredential'));
      await open(LINK);
      await page.getByRole('heading', { name: 'This browser has no passkeys' }).waitFor();
      expect(new URL(page.url()).hash).toBe(LINK);
      await page.evaluate(() => {
        Reflect.set(navigator.clipboard, 'writeText', async (text: string) => {
          document.title = text;
        });
      });
      await page.getByRole('button', { name: 'Copy the link' }).click();
      await page.getByText('Copied. Paste it into the address bar').waitFor();
      expect(await page.title()).toBe(page.url());
      expect(gateway.calls).toEqual([]);
    });
  });

  test('a used link says where to get a new one', async () => {
    await phone(async ({ page, gateway, open }) => {
      gateway.codeGood = false;
      await open(LINK);
      await page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
    });
  });

  test('without face, finger or code there is no passkey, and nothing is registered', async () => {
    await phone(async ({ page, gateway, open, verifyPerson }) => {
      await verifyPerson(false);
      await open(LINK);
      await page.getByRole('button', { name: 'Create passkey' }).click();
      await page.getByRole('alert').getByText('The passkey was not used. Nothing has changed.').waitFor();
      expect(gateway.called('enroll.finish')).toEqual([]);
    });
  });

  test('a recovery code makes this phone the key', async () => {
    await phone(async (own) => {
      const { page, gateway, open } = own;
      await open();
      await page.getByRole('button', { name: 'Use a recovery code' }).click();
      await page.getByRole('button', { name: 'Use the code' }).click();
      await page.getByText('Type the recovery code first.').waitFor();
      await page.getByLabel('Recovery code').fill('AAAA-AAAA-AAAA-AAAA');
      await page.getByRole('button', { name: 'Use the code' }).click();
      await page.getByText('This recovery code is used or wrong.').waitFor();
      await page.getByLabel('Recovery code').fill(RECOVERY_CODE);
      await page.getByRole('button', { name: 'Use the code' }).click();
      await createPasskey(own);
      expect(gateway.called('enroll.finish')).toHaveLength(1);
    });
  });
});

describe('signing in', () => {
  test('takes the passkey of this phone', async () => {
    await phone(async (own) => {
      const { page, gateway, open } = own;
      await open(LINK);
      await createPasskey(own);
      gateway.signedIn = false;
      await open();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await page.getByRole('button', { name: 'Sign in with passkey' }).click();
      await page.getByRole('heading', { name: 'Nothing to approve' }).waitFor();
      gateway.signOut();
      await page.getByText('You are signed out.').waitFor();
    });
  });

  test('a revoked passkey says so, and what to do', async () => {
    await phone(async (own) => {
      const { page, gateway, open } = own;
      await open(LINK);
      await createPasskey(own);
      gateway.signedIn = false;
      gateway.forgetPasskey();
      await open();
      await page.getByRole('button', { name: 'Sign in with passkey' }).click();
      await page.getByRole('heading', { name: 'This phone can no longer approve' }).waitFor();
    });
  });
});
