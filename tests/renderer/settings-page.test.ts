import { describe, expect, test } from 'vitest';
import type { SettingsView } from '../../protocol/view-model.ts';
import { called, namesOfCalls } from './browser.ts';
import { exampleEnrollments } from './example-enrollments.ts';
import { exampleSettings } from './example-settings.ts';
import { exampleViews } from './example-views.ts';
import { NOW, pagesOfThisFile, type Use } from './page-of-test.ts';

const WINDOW = { width: 900, height: 640 } as const;
const settings = exampleSettings().normal;
const view = exampleViews(NOW).present;
const enrollment = exampleEnrollments(NOW).manage;

const show = pagesOfThisFile();

const settingsTab = (shown: SettingsView, use: Use) =>
  show(
    { path: 'enrollment/index.html#settings', script: { page: 'enrollment', view, enrollment, settings: shown } },
    WINDOW,
    use,
  );

describe('settings', () => {
  test('open by their address and change through main', async () => {
    await settingsTab(settings, async (page) => {
      expect(await page.title()).toBe('Settings – Presence Locker');
      const field = page.getByLabel('Time to approve');
      await field.fill('400');
      await field.press('Enter');
      await page.getByText('Between 5 and 300 seconds.').waitFor();
      expect(await namesOfCalls(page)).not.toContain('settings.set');
      await field.fill('90');
      await field.press('Enter');
      expect(await called(page, 'settings.set')).toEqual([['approvalTimeoutMs', 90]]);
    });
  });

  test('a switch moves only when main has taken it', async () => {
    await settingsTab(settings, async (page) => {
      const toggle = page.getByRole('switch', { name: 'Warn before locking' });
      await toggle.click();
      expect(await called(page, 'settings.set')).toEqual([['warnBeforeLock', false]]);
      expect(await toggle.isChecked()).toBe(true);
      const changed = settings.settings.map((setting) =>
        setting.key === 'warnBeforeLock' ? { ...setting, value: false } : setting,
      );
      await page.evaluate((view) => window.bridgeDouble?.pushSettings(view), { ...settings, settings: changed });
      await page.waitForFunction(() => document.querySelectorAll('.switch:checked').length === 1);
      expect(await toggle.isChecked()).toBe(false);
    });
  });

  test('what is fixed cannot be changed and says who fixed it', async () => {
    await settingsTab(settings, async (page) => {
      const row = page.locator('.setting', { hasText: 'Longest pause' });
      expect(await row.locator('input').count()).toBe(0);
      await row.getByText('Set for this computer by whoever manages it.').waitFor();
      expect(await row.locator('output').textContent()).toBe('60 minutes');
    });
  });

  test('the sections are reached from each other', async () => {
    await settingsTab(settings, async (page) => {
      await page.getByRole('navigation').getByRole('button', { name: 'Your phone' }).click();
      await page.getByRole('button', { name: 'Remove everything…' }).waitFor();
    });
  });
});
