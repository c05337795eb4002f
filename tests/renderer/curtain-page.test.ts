import type { Browser, Page } from 'playwright-core';
import { encode } from 'uqr';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ViewModel } from '../../protocol/view-model.ts';
import type { BridgeScript } from './bridge-double.ts';
import { called, type Look, launchBrowser, withScreen } from './browser.ts';
import { type BuiltPages, buildPages } from './built-pages.ts';
import { APPROVAL_LINK, exampleViews } from './example-views.ts';
import { modulesOfPath } from './qr-of-page.ts';

const NOW = Date.UTC(2025, 2, 14, 9, 14);
const DESK = { width: 1440, height: 900 } as const;
const views = exampleViews(NOW);

let pages: BuiltPages;
let browser: Browser;
beforeAll(async () => {
  [pages, browser] = await Promise.all([buildPages(), launchBrowser()]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await pages?.close();
});

const curtain = (
  view: ViewModel,
  use: (page: Page) => Promise<void>,
  look: Partial<Look> = {},
  script: Partial<BridgeScript> = {},
) =>
  withScreen(
    browser,
    pages,
    { path: 'curtain/index.html', script: { page: 'curtain', view, ...script } },
    { ...DESK, ...look },
    use,
  );

const callsOf = (page: Page, name: string) =>
  page.evaluate(
    (wanted) => window.bridgeDouble?.calls.filter((call) => call.name === wanted).map((call) => call.args),
    name,
  );
const untilCalled = (page: Page, name: string, times = 1) =>
  page.waitForFunction(
    ([wanted, atLeast]) => (window.bridgeDouble?.calls.filter((call) => call.name === wanted).length ?? 0) >= atLeast,
    [name, times] as const,
  );
const push = (page: Page, view: ViewModel) => page.evaluate((pushed) => window.bridgeDouble?.pushView(pushed), view);
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
      { frozenAt: NOW },
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
      { frozenAt: NOW },
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
      { reducedMotion: true },
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
      const path = await page
        .getByRole('img', { name: /QR code of the approval link/ })
        .locator('path')
        .getAttribute('d');
      const expected = encode(APPROVAL_LINK, { ecc: 'M', border: 0 }).data;
      expect(modulesOfPath(path ?? '', expected.length)).toEqual(expected);
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
      {},
      { results: { 'action.offlineCode': { ok: false, sentence } } },
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
      {},
      { results },
    );
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
    await withScreen(
      browser,
      pages,
      { path: 'curtain/index.html', script: { page: 'curtain', broken: true } },
      DESK,
      async (page) => {
        await page.getByRole('heading', { name: 'This window lost touch' }).waitFor();
        expect(await callsOf(page, 'painted')).toEqual([]);
      },
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
    await withScreen(
      browser,
      pages,
      { path: 'curtain/index.html?display=secondary', script: { page: 'curtain', view: views.unreachable } },
      DESK,
      async (page) => {
        await page.getByRole('timer').waitFor();
        expect(await page.locator('button, input, a').count()).toBe(0);
        await page.getByText('Continue on your main display.').waitFor();
        await untilCalled(page, 'painted');
      },
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
        { scheme },
      );
    }
    expect(grounds).toEqual(['rgb(13, 16, 20)', 'rgb(13, 16, 20)']);
  });
});
