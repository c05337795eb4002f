import type { Page } from 'playwright-core';
import type { ViewModel } from '../../protocol/view-model.ts';
import type { BridgeScript } from './bridge-double.ts';
import type { Look } from './browser.ts';
import { exampleViews } from './example-views.ts';
import { NOW, pagesOfThisFile, type Use } from './page-of-test.ts';

const DESK = { width: 1440, height: 900 } as const;
export const views = exampleViews(NOW);

interface CurtainOfTest {
  readonly look?: Partial<Look>;
  readonly script?: Partial<BridgeScript>;
  /** With the question mark; default: the main display's. */
  readonly query?: string;
}

/** The curtain on a display of 1440 by 900, for all tests of the file that calls this. A `null` view: main says nothing. */
export function curtainOfThisFile() {
  const show = pagesOfThisFile();
  return (view: ViewModel | null, use: Use, { look = {}, script = {}, query = '' }: CurtainOfTest = {}) =>
    show(
      {
        path: `curtain/index.html${query}`,
        script: { page: 'curtain', ...(view === null ? {} : { view }), ...script },
      },
      { ...DESK, ...look },
      use,
    );
}

export const callsOf = (page: Page, name: string) =>
  page.evaluate(
    (wanted) => window.bridgeDouble?.calls.filter((call) => call.name === wanted).map((call) => call.args),
    name,
  );
export const untilCalled = (page: Page, name: string, times = 1) =>
  page.waitForFunction(
    ([wanted, atLeast]) => (window.bridgeDouble?.calls.filter((call) => call.name === wanted).length ?? 0) >= atLeast,
    [name, times] as const,
  );
export const push = (page: Page, view: ViewModel) =>
  page.evaluate((pushed) => window.bridgeDouble?.pushView(pushed), view);
