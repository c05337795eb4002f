import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { callsOf, curtainOfThisFile, push, untilCalled, views } from './curtain-of-test.ts';
import { NOW } from './page-of-test.ts';

const curtain = curtainOfThisFile();

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '');
const spoken = (page: Page) => page.locator('[aria-live="polite"]').textContent();

describe('the countdown', () => {
  test('is told in ring, sentence and to screen readers, and moves', async () => {
    await curtain(
      views.verifying,
      async (page) => {
        await page.getByRole('timer', { name: '48 seconds left' }).waitFor();
        await page.getByText('This workstation locks itself in 48 seconds.', { exact: true }).waitFor();
        const arcBefore = await page.locator('.ring__arc').getAttribute('stroke-dasharray');
        await page.clock.runFor(6_000);
        await page.getByRole('timer', { name: '42 seconds left' }).waitFor();
        await page.getByText('This workstation locks itself in 42 seconds.').waitFor();
        expect(await page.locator('.ring__arc').getAttribute('stroke-dasharray')).not.toBe(arcBefore);
        await page.clock.runFor(60_000);
        await page.getByRole('timer', { name: '0 seconds left' }).waitFor();
      },
      { look: { frozenAt: NOW } },
    );
  });

  test('is spoken at 30 and 10 seconds, and not in between', async () => {
    await curtain(
      views.verifying,
      async (page) => {
        await page.waitForFunction(() => document.querySelector('[aria-live]')?.textContent !== '');
        await page.evaluate(() => {
          const said: string[] = [];
          Object.assign(window, { said });
          const region = document.querySelector('[aria-live="polite"]');
          if (region === null) throw new Error('Nothing is announced.');
          new MutationObserver(() => said.push(region.textContent ?? '')).observe(region, {
            childList: true,
            characterData: true,
            subtree: true,
          });
        });
        await page.clock.runFor(48_000);
        await page.getByRole('timer', { name: '0 seconds left' }).waitFor();
        expect(await page.evaluate(() => Reflect.get(window, 'said'))).toEqual(['30 seconds left', '10 seconds left']);
      },
      { look: { frozenAt: NOW } },
    );
  });

  test('steps calmly and nothing glides or turns with reduced motion', async () => {
    await curtain(
      views.locking,
      async (page) => {
        const motion = await page.evaluate(() => ({
          running: document.getAnimations().length,
          dot: [...document.querySelectorAll('.ring__arc, .ring__dot, .button')].map(
            (element) => getComputedStyle(element).transitionDuration,
          ),
        }));
        expect(motion.running).toBe(0);
        expect(motion.dot.join(' ')).toMatch(/^(0s[, ]*)+$/);
      },
      { look: { reducedMotion: true } },
    );
    await curtain(views.locking, async (page) => {
      expect(await page.evaluate(() => document.getAnimations().length)).toBeGreaterThan(0);
    });
  });
});

describe('the keyboard', () => {
  test('starts on the text, so that someone still typing presses nothing', async () => {
    await curtain(views.verifying, async (page) => {
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-labelledby'))).toBe('headline');
      await page.keyboard.type('my password ');
      await page.keyboard.press('Enter');
      expect(await callsOf(page, 'action.askAgain')).toEqual([]);
      expect(await callsOf(page, 'action.lockNow')).toEqual([]);
    });
  });

  test('reaches every action, sees where it is, and goes round without leaving', async () => {
    await curtain(views.unreachable, async (page) => {
      const visited: string[] = [];
      for (let step = 0; step < 4; step += 1) {
        await page.keyboard.press('Tab');
        visited.push(await focused(page));
        expect(await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle)).toBe(
          'solid',
        );
      }
      expect(visited).toEqual(['Ask again 2 left', 'Use a recovery code', 'Lock now', 'Ask again 2 left']);
      await page.keyboard.press('Shift+Tab');
      expect(await focused(page)).toBe('Lock now');
      await page.keyboard.press('Enter');
      await untilCalled(page, 'action.lockNow');
    });
  });

  test('a held key asks once', async () => {
    await curtain(views.verifying, async (page) => {
      await page.keyboard.press('Tab');
      for (let repeat = 0; repeat < 20; repeat += 1) await page.keyboard.down('Enter');
      await page.keyboard.up('Enter');
      await untilCalled(page, 'action.askAgain');
      expect(await callsOf(page, 'action.askAgain')).toHaveLength(1);
    });
  });

  test('where nothing can be done Tab goes nowhere', async () => {
    await curtain(views.locking, async (page) => {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('SECTION');
    });
  });
});

describe('what the curtain tells', () => {
  test('each new state is announced and reported as painted', async () => {
    await curtain(views.verifying, async (page) => {
      await untilCalled(page, 'painted');
      expect(await spoken(page)).toBe('Approve on your phone. This workstation locks itself in 48 seconds.');
      const before = (await callsOf(page, 'painted'))?.length ?? 0;
      await push(page, { ...views.verifying, lastHeardAtWall: NOW });
      await push(page, views.locking);
      await untilCalled(page, 'painted', before + 1);
      await page.getByRole('heading', { level: 1, name: 'Locking…' }).waitFor();
      expect(await spoken(page)).toBe('Locking… Your phone denied the request.');
      expect(await callsOf(page, 'painted')).toHaveLength(before + 1);
    });
  });

  test('nothing is reported as painted before there is something to show', async () => {
    await curtain(
      null,
      async (page) => {
        await page.getByRole('heading', { name: 'This window lost touch' }).waitFor();
        expect(await callsOf(page, 'painted')).toEqual([]);
      },
      { script: { broken: true } },
    );
  });

  test('it names the way out that main promises, once, and promises none of its own', async () => {
    await curtain(views.unreachable, async (page) => {
      expect(await page.getByText('presence-locker disable').count()).toBe(1);
      const problem = { code: 'GATEWAY_UNREACHABLE', title: 'The gateway cannot be reached.', detail: 'Ask for help.' };
      await push(page, { ...views.unreachable, detail: 'Ask for help.', problem });
      await page.getByText('Ask for help.').waitFor();
      expect(await page.getByText('presence-locker disable').count()).toBe(0);
    });
  });

  test('a trial says so and offers its phone', async () => {
    await curtain(views.trial, async (page) => {
      await page.getByText('Trial: phone and service are simulated').waitFor();
      await page.getByRole('button', { name: 'Open the trial phone' }).click();
      await untilCalled(page, 'enrollment.openPhonePage');
    });
  });

  test('texts of main are text, whatever they hold', async () => {
    const view = {
      ...views.verifying,
      headline: '<img src=x onerror=alert(1)>',
      detail: '<b>Locks</b> in {countdown}.',
    };
    await curtain(view, async (page) => {
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('<img src=x onerror=alert(1)>');
      expect(await page.locator('main img, main b').count()).toBe(0);
    });
  });

  test('on another display it is calm: the same time, nothing to operate', async () => {
    await curtain(
      views.unreachable,
      async (page) => {
        await page.getByRole('timer').waitFor();
        expect(await page.locator('button, input, a').count()).toBe(0);
        await page.getByText('Continue on your main display.').waitFor();
        await untilCalled(page, 'painted');
      },
      { query: '?display=secondary' },
    );
  });

  test('is dark in both schemes', async () => {
    const grounds: string[] = [];
    for (const scheme of ['light', 'dark'] as const) {
      await curtain(
        views.verifying,
        async (page) => {
          grounds.push(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor));
        },
        { look: { scheme } },
      );
    }
    expect(grounds).toEqual(['rgb(13, 16, 20)', 'rgb(13, 16, 20)']);
  });
});
