import { describe, expect, test } from 'vitest';
import type { ExportResult } from '../../protocol/ipc.ts';
import type { ViewModel } from '../../protocol/view-model.ts';
import { called, type Look } from './browser.ts';
import { exampleViews } from './example-views.ts';
import { NOW, pagesOfThisFile, type Use } from './page-of-test.ts';

const WINDOW = { width: 420, height: 760 } as const;
const views = exampleViews(NOW);

const show = pagesOfThisFile();

const status = (view: ViewModel, use: Use, look: Partial<Look> = {}) =>
  show({ path: 'status/index.html', script: { page: 'status', view } }, { ...WINDOW, ...look }, use);

describe('status', () => {
  test('tells since when, who approved, until when and who answered', async () => {
    await status(
      views.present,
      async (page) => {
        await page.getByRole('heading', { level: 1, name: 'You’re here' }).waitFor();
        const facts = await page.locator('.fact').allTextContents();
        expect(facts).toEqual([
          'Here since09:00',
          'Approved09:00, on your phone',
          'Session ends10:00, asks again at 09:59',
          'Last heard2 s ago',
          'ServiceIAMPASS, via this computer',
        ]);
      },
      { frozenAt: NOW },
    );
  });

  test('answers why it locked, newest first, and says so when there is nothing to answer', async () => {
    await status(
      views.present,
      async (page) => {
        const entries = await page.getByRole('list').getByRole('listitem').allTextContents();
        expect(entries[1]).toBe('Your phone leftNo sign of it for 10 s after the warning08:52');
        expect(entries).toHaveLength(6);
      },
      { frozenAt: NOW },
    );
    await status(views.presentQuiet, async (page) => {
      await page.getByText('Nothing to explain yet').waitFor();
    });
  });

  test('shows locks, approvals or problems alone, by mouse or keyboard', async () => {
    await status(views.present, async (page) => {
      const titles = () =>
        page.locator('.history li p').evaluateAll((all) => all.map((p) => p.firstChild?.textContent));
      await page.getByRole('radio', { name: 'Locks' }).check();
      expect(await titles()).toEqual(['Your phone left', 'Network lost', 'You locked it']);
      await page.keyboard.press('ArrowRight');
      expect(await titles()).toEqual(['Approved on your phone', 'You paused it']);
      await page.keyboard.press('ArrowRight');
      expect(await titles()).toEqual(['Network lost']);
      await page.getByRole('radio', { name: 'All' }).check();
      expect(await titles()).toHaveLength(6);
    });
    const quiet = { ...views.present, history: views.present.history.filter(({ about }) => about.length === 0) };
    await status(quiet, async (page) => {
      await page.getByRole('radio', { name: 'Locks' }).check();
      await page.getByText('It has not locked.').waitFor();
    });
  });

  test('shows the last entries first, and earlier ones when asked', async () => {
    await status(views.presentLong, async (page) => {
      expect(await page.locator('.history li').count()).toBe(12);
      await page.getByRole('button', { name: 'Show 18 earlier' }).click();
      expect(await page.locator('.history li').count()).toBe(30);
      expect(await page.getByRole('button', { name: /earlier/ }).count()).toBe(0);
    });
  });

  test('saves a copy and says where, or why not', async () => {
    const saved = (exported: ExportResult, use: Use) =>
      show({ path: 'status/index.html', script: { page: 'status', view: views.present, exported } }, WINDOW, use);
    await saved({ ok: true, savedAs: '/home/ada/Downloads/copy.jsonl' }, async (page) => {
      await page.getByRole('button', { name: 'Save a copy…' }).click();
      await page.getByText('A copy is in /home/ada/Downloads/copy.jsonl').waitFor();
      expect(await called(page, 'history.export')).toEqual([[]]);
    });
    await saved({ ok: false, sentence: 'The disk is full.' }, async (page) => {
      await page.getByRole('button', { name: 'Save a copy…' }).click();
      await page.getByRole('alert').getByText('The disk is full.').waitFor();
    });
    await status(views.present, async (page) => {
      await page.getByRole('button', { name: 'Save a copy…' }).click();
      expect(await page.getByText('A copy is in').count()).toBe(0);
    });
  });

  test('locks now', async () => {
    await status(views.present, async (page) => {
      await page.getByRole('button', { name: 'Lock now' }).click();
      expect(await called(page, 'action.lockNow')).toEqual([[]]);
    });
  });

  test('a pause is chosen with the keyboard alone and asks the phone', async () => {
    await status(views.present, async (page) => {
      await page.getByRole('button', { name: 'Pause…' }).focus();
      await page.keyboard.press('Enter');
      await page.getByText('Your phone is asked first.').waitFor();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
      expect(await called(page, 'action.pause')).toEqual([[30]]);
      await page.getByText('Approve the pause on your phone.').waitFor();
    });
  });

  test('without proximity it says what that means', async () => {
    await status(views.presentNoProximity, async (page) => {
      await page.getByText('Authsignal does not notice when your phone leaves.').waitFor();
    });
  });

  test('with nobody enrolled there is one clear button', async () => {
    await status(views.unenrolled, async (page) => {
      expect(await page.locator('.button--main').allTextContents()).toEqual(['Set up your phone']);
      await page.getByRole('button', { name: 'Set up your phone' }).click();
      expect(await called(page, 'openWindow')).toEqual([['enrollment']]);
    });
  });

  test('switched off is said first, with the way back', async () => {
    await status(views.disabled, async (page) => {
      await page.getByRole('heading', { name: /Guarding is switched off since/ }).waitFor();
      await page.locator('code', { hasText: 'presence-locker enable' }).waitFor();
    });
  });

  test('what main does not allow is not offered', async () => {
    await status({ ...views.present, actions: { ...views.locked.actions } }, async (page) => {
      expect(await page.getByRole('button').allTextContents()).toEqual(['Save a copy…', 'Your phone', 'Settings']);
    });
  });
});
