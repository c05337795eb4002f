import { afterEach, describe, expect, it } from 'vitest';
import type { PolicyOverride } from '../../protocol/policy.ts';
import { runToEnd, waitFor } from '../system/desktop/managed-process.ts';
import { requireTools } from '../system/desktop/tools.ts';
import { bareShare, type Region, untilNothingShows } from './driver/bare-screen.ts';
import { GuardedDesktop } from './driver/guarded-desktop.ts';
import { SOON_MS } from './driver/patience.ts';
import { WindowBeneath } from './driver/window-beneath.ts';
import { effectsSince, presentBeforeEach, toVerifying } from './present-before-each.ts';

const POLICY = {
  approvalTimeoutMs: 120_000,
  leaseMs: 8_000,
  pollIntervalMs: 1_000,
  maxStartsPerHour: 120,
} as const satisfies PolicyOverride;
const SCREEN = { width: 1200, height: 600 } as const;
const WHOLE = { ...SCREEN, x: 0, y: 0 } as const;
const PART = { width: 500, height: 300, x: 100, y: 100 } as const;
const COVERED_WITHIN_MS = 5_000;
/** Keys that end, shrink, reload, look behind or switch away from some window or other. */
const WAYS_OUT = [
  'Escape',
  'alt+F4',
  'ctrl+w',
  'ctrl+shift+w',
  'ctrl+q',
  'ctrl+r',
  'F5',
  'F11',
  'F12',
  'ctrl+shift+i',
  'ctrl+p',
  'ctrl+o',
  'ctrl+n',
  'ctrl+t',
  'ctrl+u',
  'ctrl+l',
  'alt+Tab',
  'alt+Left',
  'alt+space',
  'super+d',
  'ctrl+alt+Left',
  'Menu',
  'Print',
] as const;
const MASHED = ['a', 'Tab', 'BackSpace', 'ctrl+v', 'shift+Insert', 'space', 'Return', 'Delete', 'Up', 'F1'] as const;
const MASHED_TIMES = 40;

/** What broke other lockers (docs/security.md), done with a real keyboard and mouse to the cover on a real screen. */
describe.skipIf(requireTools(['x-server', 'logind', 'locker', 'keychain']))('under the cover', () => {
  let guarded: GuardedDesktop;
  let beneath: WindowBeneath | null = null;

  presentBeforeEach({
    start: async () => {
      guarded = await GuardedDesktop.start(POLICY, SCREEN);
      return guarded;
    },
  });
  afterEach(() => {
    beneath?.close();
    beneath = null;
  });

  const xdotool = async (...args: string[]): Promise<void> =>
    void (await runToEnd(['xdotool', ...args], guarded.desktop.env, { timeoutMs: SOON_MS }));
  /** A window that a person left open, that has the keyboard and shows. */
  const openBeneath = async (bounds: Region = PART): Promise<WindowBeneath> => {
    beneath = await WindowBeneath.open(guarded.desktop.env, bounds);
    await beneath.focus();
    return beneath;
  };
  const toNothingShows = async (): Promise<void> => {
    await toVerifying(guarded);
    await untilNothingShows(guarded, WHOLE, COVERED_WITHIN_MS);
  };

  it('neither typing nor clicking reaches the window beneath (swaylock#204, CVE-2014-5195)', async () => {
    const window = await openBeneath();
    await xdotool('type', 'hello');
    await waitFor('the window to be typed into while nothing covers it', () => window.reached.keys >= 5, SOON_MS);
    await toNothingShows();
    const before = window.reached;
    await xdotool('type', 'a secret password');
    await xdotool('key', 'Return');
    for (const button of ['1', '2', '3', '4']) {
      await xdotool('mousemove', String(PART.x + 60), String(PART.y + 60), 'click', button);
    }
    // What is sent after it arrives after it: once the curtain has this key, everything before it went somewhere.
    const heard = await keysHeardByCurtain('x');
    expect(heard).toBe(true);
    expect(window.reached).toEqual(before);
    await guarded.approve();
    await guarded.untilCovered(false);
  });

  it('a window over the whole screen is covered (hyprlock#438)', async () => {
    const window = await openBeneath(WHOLE);
    await window.fillScreen();
    await waitFor('it to fill the screen', async () => (await bareShare(guarded, WHOLE)) > 0.99, SOON_MS);
    await toNothingShows();
    expect(await bareShare(guarded, WHOLE)).toBe(0);
    // A program may ask again to be full screen, and for the keyboard, while it is covered.
    await window.fillScreen();
    await window.focus();
    expect(await keysHeardByCurtain('y')).toBe(true);
    await untilNothingShows(guarded, WHOLE, COVERED_WITHIN_MS);
    expect(await guarded.covered()).toBe(true);
  });

  it('mashed and held keys open nothing and break nothing (CVE-2015-7496, CVE-2014-1949)', async () => {
    await openBeneath();
    await toNothingShows();
    const from = guarded.app.mark;
    for (const key of WAYS_OUT) await xdotool('key', '--repeat', '3', '--delay', '5', key);
    for (const key of MASHED) await xdotool('key', '--repeat', String(MASHED_TIMES), '--delay', '1', key);
    for (const held of ['Return', 'Escape', 'space']) {
      await xdotool('keydown', held, 'sleep', '1.5', 'keyup', held);
    }
    expect(effectsSince(guarded, from)).not.toContain('lowerCurtain');
    expect(effectsSince(guarded, from)).not.toContain('requestUnlock');
    // “Lock now” may have been pressed: it has the focus at times, and locking is no way in.
    if (guarded.app.state === 'locked' || guarded.app.state === 'locking') {
      await guarded.app.untilState('locked', SOON_MS);
      expect(await guarded.lockerRuns()).toBe(true);
      await guarded.unlockByHand();
    }
    await guarded.untilCovered(true);
    await untilNothingShows(guarded, WHOLE, COVERED_WITHIN_MS);
    const curtains = (await guarded.app.control.windows()).filter(({ page }) => page === 'curtain');
    expect(curtains.map(({ crashed }) => crashed)).toEqual(curtains.map(() => false));
    await guarded.approve();
  });

  it('the curtain gives nothing of the clipboard away (CVE-2007-6389)', async () => {
    await toNothingShows();
    const read = await guarded.bridge(
      'curtain',
      'Promise.resolve().then(() => navigator.clipboard.readText()).then(() => "read", () => "refused")',
    );
    expect(read).toBe('refused');
    const pasted = await guarded.bridge(
      'curtain',
      'document.body.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true })) ? "pasted" : "refused"',
    );
    expect(pasted).toBe('refused');
    expect(await guarded.bridge('curtain', 'document.execCommand("paste")')).toBe(false);
  });

  /** Presses a key until the curtain's page has seen it. */
  async function keysHeardByCurtain(key: string): Promise<boolean> {
    await guarded.bridge(
      'curtain',
      `(document.addEventListener('keydown', (event) => { if (event.key === '${key}') globalThis.heardKey = true; }), true)`,
    );
    return await waitFor(
      'the curtain to hear the keyboard',
      async () => {
        await xdotool('key', key);
        return (await guarded.bridge('curtain', 'globalThis.heardKey === true')) === true;
      },
      SOON_MS,
    );
  }
});
