import { describe, expect, test } from 'vitest';
import type { EnrollmentView } from '../../protocol/view-model.ts';
import { called } from './browser.ts';
import { type EnrollmentOfTest, enrollmentOfThisFile, enrollments } from './enrollment-of-test.ts';
import { MADE_CODES } from './example-enrollments.ts';
import type { Use } from './page-of-test.ts';
import { expectQrCode } from './qr-of-page.ts';

const CODE = MADE_CODES.codes.recovery[4] ?? '';
const enrollment = enrollmentOfThisFile();

describe('recovery codes', () => {
  const shown = (view: EnrollmentView, use: Use, { results = {} }: EnrollmentOfTest = {}) =>
    enrollment(view, use, {
      results,
      script: { made: MADE_CODES },
      after: { press: 'Make', shows: 'Keep these codes' },
    });

  test('are all shown, with the link for an app as a QR code of exactly this link', async () => {
    await shown(enrollments.codes, async (page) => {
      const texts = await page.locator('.codes__list code').allTextContents();
      expect(texts).toEqual(MADE_CODES.codes.recovery);
      const { link, secret } = MADE_CODES.codes.totp;
      await expectQrCode(page, /authenticator/, link);
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
      { results },
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
