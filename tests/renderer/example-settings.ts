import type { SettingsView } from '../../protocol/view-model.ts';

/** Settings of every control and every source. */
export function exampleSettings() {
  const normal: SettingsView = {
    startAtLogin: {
      value: true,
      available: true,
      detail: 'Without this, nothing is guarded after a restart until you start it.',
    },
    problem: null,
    settings: [
      {
        key: 'approvalTimeoutMs',
        title: 'Time to approve',
        detail: 'After this, the workstation locks.',
        value: 60,
        control: { kind: 'number', min: 5, max: 300, unit: 'seconds' },
        source: 'default',
      },
      {
        key: 'maxAttemptsPerUnlock',
        title: 'Requests for one unlock',
        detail: 'How often your phone is asked before the workstation locks.',
        value: 3,
        control: { kind: 'number', min: 1, max: 10, unit: 'times' },
        source: 'user',
      },
      {
        key: 'unlockOnApproval',
        title: 'What an approval opens',
        detail: 'Opening the session as well works on Linux with logind only.',
        value: 'curtain',
        control: {
          kind: 'choice',
          options: [
            { value: 'curtain', title: 'The cover' },
            { value: 'session', title: 'The cover and the session' },
          ],
        },
        source: 'default',
      },
      {
        key: 'offline',
        title: 'When the service cannot be reached',
        detail: 'Recovery codes are the ones you kept when you added your phone.',
        value: 'lock',
        control: {
          kind: 'choice',
          options: [
            { value: 'lock', title: 'Lock' },
            { value: 'code', title: 'Accept a recovery code' },
          ],
        },
        source: 'default',
      },
      {
        key: 'walkawayGraceMs',
        title: 'Time to come back',
        detail: 'After your phone left, before the workstation locks.',
        value: 10,
        control: { kind: 'number', min: 0, max: 120, unit: 'seconds' },
        source: 'gateway',
      },
      {
        key: 'networkGraceMs',
        title: 'Time without an answer',
        detail: 'When the service is silent, before the workstation locks.',
        value: 30,
        control: { kind: 'number', min: 0, max: 300, unit: 'seconds' },
        source: 'default',
      },
      {
        key: 'warnBeforeLock',
        title: 'Warn before locking',
        detail: 'Shows a notification while there is time to come back.',
        value: true,
        control: { kind: 'switch' },
        source: 'default',
      },
      {
        key: 'maxPauseMinutes',
        title: 'Longest pause',
        detail: '0 forbids pausing.',
        value: 60,
        control: { kind: 'number', min: 0, max: 480, unit: 'minutes' },
        source: 'machine',
      },
      {
        key: 'pollIntervalMs',
        title: 'Ask the service every',
        detail: 'While you are here.',
        value: 5,
        control: { kind: 'number', min: 0.5, max: 60, unit: 'seconds' },
        source: 'default',
      },
      {
        key: 'allowQuitUnlocked',
        title: 'Quit without locking',
        detail: 'Otherwise quitting locks first.',
        value: false,
        control: { kind: 'switch' },
        source: 'machine',
      },
    ],
  };
  return {
    normal,
    broken: {
      ...normal,
      problem: 'The settings file could not be read. The defaults are in force until it is repaired.',
    },
  } satisfies Record<string, SettingsView>;
}
