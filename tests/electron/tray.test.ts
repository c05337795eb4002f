import { beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import {
  createTray,
  type TrayActions,
  type TrayView,
  trayIconName,
  trayMenu,
} from '../../main/electron/tray.electron.ts';
import * as electron from './fake-electron.ts';
import { rememberingLog } from './remembering-log.ts';

const PRESENT: TrayView = {
  mark: 'present',
  headline: 'You’re here',
  actions: {
    lockNow: true,
    askAgain: false,
    attemptsLeft: 3,
    pause: true,
    maxPauseMinutes: 60,
    recoveryCode: false,
    enroll: false,
  },
  trial: false,
  problem: null,
  disabledSinceWall: null,
};

function actions() {
  const done: string[] = [];
  const note = (name: string) => () => {
    done.push(name);
  };
  const all: TrayActions = {
    lockNow: note('lockNow'),
    pause: (minutes) => {
      done.push(`pause ${minutes}`);
    },
    askAgain: note('askAgain'),
    openStatus: note('openStatus'),
    openEnrollment: note('openEnrollment'),
    openSettings: note('openSettings'),
    openTrialPhone: note('openTrialPhone'),
    quit: note('quit'),
  };
  return { all, done };
}

const labels = (view: TrayView) =>
  trayMenu(view, actions().all).flatMap(({ label, enabled }) =>
    label === undefined ? [] : [enabled === false ? `(${label})` : label],
  );
const withActions = (changed: Partial<TrayView['actions']>): TrayView => ({
  ...PRESENT,
  actions: { ...PRESENT.actions, ...changed },
});

beforeEach(() => electron.forgetEverything());

describe('the tray menu', () => {
  it('says the state first and offers what one may do while present', () => {
    expect(labels(PRESENT)).toEqual([
      '(You’re here)',
      'Lock now',
      'Pause…',
      'Status',
      'Enrollment',
      'Settings',
      'Quit Presence Locker',
    ]);
  });

  it('offers a first phone when nobody is enrolled, and nothing to lock', () => {
    const view: TrayView = {
      ...withActions({ lockNow: false, pause: false, enroll: true }),
      mark: 'unenrolled',
      headline: 'Nobody is enrolled',
    };
    expect(labels(view)).toEqual([
      '(Nobody is enrolled)',
      '(Lock now)',
      'Status',
      'Enroll a phone',
      'Settings',
      'Quit Presence Locker',
    ]);
  });

  it('offers no first phone to somebody who is here with one', () => {
    expect(labels(withActions({ enroll: true }))).not.toContain('Enroll a phone');
  });

  it('says once what is headline and problem alike', () => {
    const title = 'The service cannot be reached';
    const view: TrayView = { ...PRESENT, headline: title, problem: { code: 'x', title: `${title}.`, detail: '' } };
    expect(labels(view).filter((label) => label.includes(title))).toEqual([`(${title})`]);
  });

  it('offers to ask again while an approval is awaited', () => {
    expect(labels(withActions({ askAgain: true }))).toContain('Ask my phone again');
  });

  it('marks a trial and opens its phone', () => {
    expect(labels({ ...PRESENT, trial: true })).toEqual(
      expect.arrayContaining(['(Trial: simulated service)', 'Open the trial phone']),
    );
  });

  it('names a problem and a switched-off guard', () => {
    const view: TrayView = {
      ...PRESENT,
      problem: { code: 'service-down', title: 'The service does not answer', detail: '' },
      disabledSinceWall: 5,
    };
    expect(labels(view)).toEqual(
      expect.arrayContaining(['(The service does not answer)', '(Guarding is switched off)']),
    );
  });

  it.each([
    [60, [5, 15, 30, 60]],
    [20, [5, 15]],
    [480, [5, 15, 30, 60, 120, 240, 480]],
    [3, [3]],
  ])('offers pauses of at most %i minutes', (maxPauseMinutes, expected) => {
    const { all, done } = actions();
    const pause = trayMenu(withActions({ maxPauseMinutes }), all).find(({ label }) => label === 'Pause…');
    if (!Array.isArray(pause?.submenu)) throw new Error('no pauses offered');
    for (const item of pause.submenu) Reflect.apply(item.click ?? (() => undefined), null, []);
    expect(done).toEqual(expected.map((minutes) => `pause ${minutes}`));
  });

  it('offers no pause where the policy forbids it', () => {
    expect(labels(withActions({ maxPauseMinutes: 0 }))).not.toContain('Pause…');
  });

  it('binds every entry to its own action', () => {
    const { all, done } = actions();
    const view = { ...withActions({ askAgain: true }), trial: true };
    for (const item of trayMenu(view, all)) if (item.click !== undefined) Reflect.apply(item.click, null, []);
    expect(done).toEqual([
      'lockNow',
      'askAgain',
      'openStatus',
      'openEnrollment',
      'openSettings',
      'openTrialPhone',
      'quit',
    ]);
  });
});

describe('the tray', () => {
  it('shows another icon for every mark, on light, dark and template surroundings', () => {
    expect(trayIconName('locked', { platform: 'linux', dark: true })).toBe('locked-dark.png');
    expect(trayIconName('locked', { platform: 'win32', dark: false })).toBe('locked-light.png');
    expect(trayIconName('paused', { platform: 'darwin', dark: true })).toBe('paused-template.png');
  });

  it('does without icons and says so once per mark', () => {
    const log = rememberingLog();
    const tray = createTray({ iconDirectory: '/nowhere', platform: 'linux', actions: actions().all, log });
    tray.show(PRESENT);
    tray.show(PRESENT);
    expect(log.lines).toEqual(['No tray icon for unenrolled', 'No tray icon for present']);
    expect(electron.trays[0]?.toolTip).toBe('Presence Locker: You’re here');
  });

  it('leaves an open menu alone while nothing in it changes', () => {
    const tray = createTray({
      iconDirectory: '/nowhere',
      platform: 'linux',
      actions: actions().all,
      log: rememberingLog(),
    });
    tray.show(PRESENT);
    tray.show({ ...PRESENT, actions: { ...PRESENT.actions, attemptsLeft: 1 } });
    expect(electron.trays[0]?.menus).toHaveLength(1);
    tray.show({ ...PRESENT, headline: 'Locked' });
    expect(electron.trays[0]?.menus).toHaveLength(2);
  });
});
