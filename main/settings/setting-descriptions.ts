import type { PolicyKey } from '../core/policy.ts';

/** How a setting is put to a person. */
export interface SettingDescription {
  readonly title: string;
  readonly detail: string;
  /** For numbers: the unit shown, and how many of the policy's own units make one of it. */
  readonly unit?: { readonly name: string; readonly factor: number };
  /** For choices: what each value is called. */
  readonly options?: Readonly<Record<string, string>>;
}

const SECONDS = { name: 's', factor: 1_000 };
const MINUTES_OF_SECONDS = { name: 'min', factor: 60 };
const MINUTES = { name: 'min', factor: 1 };
const TIMES = { name: '', factor: 1 };

/** One entry per setting, in the order of the screen: what a person decides first comes first. */
export const SETTING_DESCRIPTIONS: { readonly [K in PolicyKey]: SettingDescription } = {
  walkawayGraceMs: {
    title: 'Time to come back',
    detail: 'After your phone left, the computer warns for this long before it locks.',
    unit: SECONDS,
  },
  networkGraceMs: {
    title: 'Time without a connection',
    detail: 'How long the computer stays open when nothing can be heard about your phone.',
    unit: SECONDS,
  },
  approvalTimeoutMs: {
    title: 'Time to approve',
    detail: 'The computer locks when nobody has approved on the phone by then.',
    unit: SECONDS,
  },
  maxSessionSeconds: {
    title: 'Ask again after',
    detail: 'The longest time before the phone asks you again, however near you are.',
    unit: MINUTES_OF_SECONDS,
  },
  maxPauseMinutes: {
    title: 'Longest pause',
    detail: 'How long guarding may be paused with an approval. 0 forbids pausing.',
    unit: MINUTES,
  },
  warnBeforeLock: {
    title: 'Warn before locking',
    detail: 'Shows a notification while there is time to come back.',
  },
  unlockOnApproval: {
    title: 'An approval',
    detail:
      'Whether an approval only lifts the cover, or also unlocks the screen lock (Linux). Where your phone wants a number or code from this screen, it lifts the cover.',
    options: { curtain: 'lifts the cover', session: 'also unlocks the screen' },
  },
  offline: {
    title: 'Without a connection',
    detail: 'What replaces the phone when it cannot be asked. Codes are made under “Your phone”.',
    options: { lock: 'stay locked', code: 'accept a code' },
  },
  maxAttemptsPerUnlock: {
    title: 'Requests for one unlock',
    detail: 'How often your phone is asked before you have to unlock the computer again.',
    unit: TIMES,
  },
  maxStartsPerHour: {
    title: 'Requests in an hour',
    detail: 'Keeps somebody at the keyboard from making your phone buzz until you give in.',
    unit: TIMES,
  },
  pollIntervalMs: {
    title: 'Check on the phone every',
    detail: 'While you are here. Shorter notices sooner that you left.',
    unit: SECONDS,
  },
  verifyingPollIntervalMs: {
    title: 'Check for the approval every',
    detail: 'While the cover is up and your phone was asked.',
    unit: SECONDS,
  },
  leaseMs: {
    title: 'One answer counts for',
    detail: 'How long the computer believes the last good news of your phone.',
    unit: SECONDS,
  },
  lockConfirmMs: {
    title: 'Wait for the lock',
    detail: 'When the screen is not seen to be locked by then, the next way of locking is tried.',
    unit: SECONDS,
  },
  onUnconfirmedLock: {
    title: 'When nothing locks',
    detail:
      'Ending the session closes every program, and unsaved work is lost (Linux). The alarm is raised in both cases.',
    options: { alarm: 'raise the alarm', 'terminate-session': 'also end the session' },
  },
  tellNetworkName: {
    title: 'Tell the name of the network',
    detail: 'Your phone then shows where the computer that asks is: the name of its network, no address and no place.',
  },
  allowQuitUnlocked: {
    title: 'Quit without locking',
    detail: 'Otherwise the computer locks when Presence Locker is quit while you are here.',
  },
  allowDisable: {
    title: 'Switching off from a console',
    detail:
      'Whether “presence-locker disable” is accepted from your own console or SSH login, to repair a broken set-up.',
  },
};

/** @returns what the screens call a setting; the key itself for one that this version does not know. */
export const titleOfSetting = (key: string): string =>
  Object.entries(SETTING_DESCRIPTIONS).find(([known]) => known === key)?.[1].title ?? key;
