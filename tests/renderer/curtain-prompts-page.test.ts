import { describe, expect, test } from 'vitest';
import { called } from './browser.ts';
import { callsOf, curtainOfThisFile, push, untilCalled, views } from './curtain-of-test.ts';
import { APPROVAL_LINK } from './example-views.ts';
import { expectQrCode } from './qr-of-page.ts';

const curtain = curtainOfThisFile();

describe('what the person is asked for', () => {
  test('a number to match stands in the ring, named as such', async () => {
    await curtain(views.number, async (page) => {
      expect(await page.locator('.ring__middle').textContent()).toBe('47choose this');
    });
  });

  test('a link can be copied, is opened by nothing, and is said to be copied until there is another one', async () => {
    await curtain(views.link, async (page) => {
      expect(await page.locator('a[href]').count()).toBe(0);
      expect(await page.locator('.button--main').count()).toBe(0);
      await page.getByRole('button', { name: 'Copy link' }).click();
      expect(await called(page, 'action.copyLink')).toEqual([[]]);
      await page.getByRole('button', { name: 'Link copied' }).waitFor();
      const another = { ...views.link, prompt: { kind: 'link', url: 'https://mfa.authsignal.com/another' } } as const;
      await page.evaluate((view) => window.bridgeDouble?.pushView(view), another);
      await page.getByRole('button', { name: 'Copy link' }).waitFor();
    });
  });

  test('a link is drawn as the QR code of exactly this link', async () => {
    await curtain(views.link, async (page) => {
      await expectQrCode(page, /QR code of the approval link/, APPROVAL_LINK);
    });
  });

  test('a code is typed, or filled in by a keyboard, and sent with Enter', async () => {
    await curtain(views.code, async (page) => {
      const input = page.getByLabel('Code from the Authenticator app');
      expect(await input.evaluate((element) => element === document.activeElement)).toBe(true);
      expect(await input.getAttribute('inputmode')).toBe('numeric');
      await page.keyboard.press('Enter');
      await page.getByText('Type the code first.').waitFor();
      await page.keyboard.insertText(' 12 34');
      await page.keyboard.press('Enter');
      await page.getByText('The code has 6 characters.').waitFor();
      expect(await callsOf(page, 'action.answer')).toEqual([]);
      await page.keyboard.insertText('56\t');
      await page.keyboard.press('Enter');
      await untilCalled(page, 'action.answer');
      expect(await callsOf(page, 'action.answer')).toEqual([['123456']]);
      expect(await input.inputValue()).toBe('');
    });
  });

  test('nothing but a one-time code can be pasted into the curtain: the clipboard is of whoever left', async () => {
    await curtain(views.code, async (page) => {
      const input = page.getByLabel('Code from the Authenticator app');
      const paste = (text: string) =>
        input.evaluate((element, copied) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData('text/plain', copied);
          return !element.dispatchEvent(
            new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
          );
        }, text);
      for (const secret of ['correct horse', '42424', '4242424', '424242 and more', 'a424242']) {
        expect(await paste(secret)).toBe(true);
        expect(await input.inputValue()).toBe('');
      }
      // The keys themselves, with something on the clipboard of the page's own making.
      await input.fill('777');
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.press('ControlOrMeta+C');
      await input.fill('');
      await page.keyboard.press('ControlOrMeta+V');
      expect(await input.inputValue()).toBe('');
      expect(await paste('424-242\n')).toBe(true);
      expect(await input.inputValue()).toBe('424242');
    });
  });

  test('a wrong code is said so, with the tries left, and the next one can be typed at once', async () => {
    await curtain(views.code, async (page) => {
      const input = page.getByLabel('Code from the Authenticator app');
      expect(await input.getAttribute('autocomplete')).toBe('one-time-code');
      await input.fill('111-111');
      await page.keyboard.press('Enter');
      await untilCalled(page, 'action.answer');
      expect(await callsOf(page, 'action.answer')).toEqual([['111111']]);
      const { prompt } = views.code;
      if (prompt?.kind !== 'code') throw new Error('the example has no code to type');
      await page.getByRole('button', { name: 'Lock now' }).focus();
      await push(page, { ...views.code, prompt: { ...prompt, triesLeft: 2 } });
      await page.getByRole('alert').getByText('That code is wrong. 2 tries are left.').waitFor();
      expect(await input.evaluate((element) => element === document.activeElement)).toBe(true);
      expect(await input.inputValue()).toBe('');
      await push(page, { ...views.code, prompt: { ...prompt, triesLeft: 1 } });
      await page.getByText('That code is wrong. One try is left.').waitFor();
      await page.keyboard.insertText('222222');
      await page.keyboard.press('Enter');
      await untilCalled(page, 'action.answer', 2);
      expect((await callsOf(page, 'action.answer'))?.at(-1)).toEqual(['222222']);
    });
  });

  test('a recovery code takes the place of the phone, and the phone can come back', async () => {
    await curtain(views.unreachable, async (page) => {
      await page.getByRole('button', { name: 'Use a recovery code' }).click();
      await page.getByLabel('Recovery code').fill('k7qm-2x9d');
      await page.keyboard.press('Enter');
      await untilCalled(page, 'action.offlineCode');
      expect(await callsOf(page, 'action.offlineCode')).toEqual([['k7qm-2x9d']]);
      expect(await callsOf(page, 'action.answer')).toEqual([]);
      await page.getByRole('button', { name: 'Back to your phone' }).click();
      expect(await page.getByLabel('Recovery code').count()).toBe(0);
    });
  });

  test('a recovery code that is refused is said so at once, and the field is empty for the next', async () => {
    const sentence = 'That code is wrong. The next try is possible in 30 seconds.';
    await curtain(
      views.unreachable,
      async (page) => {
        await page.getByRole('button', { name: 'Use a recovery code' }).click();
        const input = page.getByLabel('Recovery code');
        await input.fill('123456');
        await page.keyboard.press('Enter');
        await page.getByRole('alert').getByText(sentence).waitFor();
        expect(await input.inputValue()).toBe('');
        expect(await input.evaluate((element) => element === document.activeElement)).toBe(true);
      },
      { script: { results: { 'action.offlineCode': { ok: false, sentence } } } },
    );
  });

  test('the entry of a recovery code goes when the phone can be asked again', async () => {
    await curtain(views.unreachable, async (page) => {
      await page.getByRole('button', { name: 'Use a recovery code' }).click();
      await page.getByLabel('Recovery code').waitFor();
      await push(page, views.verifying);
      await page.getByRole('heading', { name: 'Approve on your phone' }).waitFor();
      expect(await page.getByLabel('Recovery code').count()).toBe(0);
    });
  });

  test('a refusal is said at once, in main’s words', async () => {
    const results = { 'action.askAgain': { ok: false, sentence: 'Your phone was asked too often.' } } as const;
    await curtain(
      views.verifying,
      async (page) => {
        await page.getByRole('button', { name: /Ask again/ }).click();
        await page.getByRole('alert').getByText('Your phone was asked too often.').waitFor();
      },
      { script: { results } },
    );
  });
});
