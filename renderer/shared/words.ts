import type { ViewModel } from '../../protocol/view-model.ts';
import { enrollmentWords } from './enrollment-words.ts';
import { durationLeft } from './time-words.ts';

/**
 * Every word the pages say by themselves, in one place, so that a second language is a second object. What depends on the state
 * (headline, detail, problem) comes from main. Plain sentences, cause first, no codes, no blame, no exclamation marks.
 */
export const words = {
  locale: 'en-GB',
  product: 'Presence Locker',
  soon: 'a moment',
  back: 'Back',
  cancel: 'Cancel',
  lockNow: 'Lock now',
  tryAgain: 'Try again',
  openTrialPhone: 'Open the trial phone',
  waiting: 'Waiting for your phone',

  lost: {
    title: 'This window lost touch',
    view: 'Presence Locker does not answer this window. It keeps guarding without it; if it has stopped, the workstation locks.',
    drawing: 'Something went wrong while drawing this window. Presence Locker keeps guarding without it.',
    noBridge: 'This page works only inside Presence Locker.',
    action: 'Presence Locker did not answer. Nothing was changed.',
  },

  trial: { short: 'Trial', long: 'Trial: phone and service are simulated' },

  ring: {
    left: (ms: number) => `${durationLeft(ms)} left`,
    units: { seconds: 'seconds', minutes: 'minutes' },
    choose: 'choose this',
  },

  curtain: {
    askAgain: 'Ask again',
    attemptsLeft: (left: number) => (left === 1 ? 'last try' : `${left} left`),
    useRecoveryCode: 'Use a recovery code',
    recoveryLabel: 'Recovery code',
    recoveryHelp: 'One of the codes you kept, or the six digits that your authenticator app shows. Each works once.',
    backToPhone: 'Back to your phone',
    submitCode: 'Continue',
    codeEmpty: 'Type the code first.',
    codeLength: (length: number) => `The code has ${length} characters.`,
    codeWrong: (left: number) => `That code is wrong. ${left === 1 ? 'One try is' : `${left} tries are`} left.`,
    qr: 'QR code of the approval link. Scan it with your phone.',
    copyLink: 'Copy link',
    linkCopied: 'Link copied',
    otherDisplay: 'Continue on your main display.',
    serviceReached: (when: string) => `Service reached ${when}`,
    serviceNeverReached: 'Service not reached yet',
    serviceUnreachable: (when: string) => `Service last reached ${when}`,
    secondsLeft: (seconds: number) => `${seconds} seconds left`,
  },

  status: {
    title: 'Presence Locker',
    since: {
      unenrolled: 'Since',
      locked: 'Locked since',
      locking: 'Locking since',
      verifying: 'Asking since',
      present: 'Here since',
      leaving: 'Leaving since',
      unlocking: 'Unlocking since',
      paused: 'Paused since',
    } satisfies Record<ViewModel['state'], string>,
    approved: 'Approved',
    byPhone: (time: string) => `${time}, on your phone`,
    byCode: (time: string) => `${time}, with a recovery code`,
    sessionEnds: 'Session ends',
    asksAgain: (end: string, ask: string) => `${end}, asks again at ${ask}`,
    lastHeard: 'Last heard',
    neverHeard: 'Not yet',
    service: 'Service',
    serviceVia: (title: string, via: string) => `${title}, ${via.startsWith('via ') ? via : `via ${via}`}`,
    unreachable: (title: string) => `${title} cannot be reached`,
    noProximity: (title: string) =>
      `${title} does not notice when your phone leaves. This workstation locks when the session ends (“Ask again after” in the settings), when the service ends it, or when you lock it.`,
    pause: 'Pause…',
    pauseTitle: 'Pause guarding for',
    pauseHelp: 'Your phone is asked first. Afterwards guarding starts again by itself and asks your phone.',
    pauseAsk: 'Ask my phone',
    pauseAsked: 'Approve the pause on your phone.',
    whyTitle: 'Why did it lock?',
    whyEmpty: 'Nothing to explain yet',
    whyEmptyHelp: 'Each time this workstation locks, the reason appears here.',
    filterLabel: 'Show',
    filters: { all: 'All', lock: 'Locks', approval: 'Approvals', problem: 'Problems' },
    noneOf: {
      lock: 'It has not locked.',
      approval: 'Nobody was asked to approve.',
      problem: 'No problems.',
    },
    showEarlier: (count: number) => `Show ${count} earlier`,
    saveCopy: 'Save a copy…',
    savedAs: (path: string) => `A copy is in ${path}`,
    enroll: 'Set up your phone',
    phone: 'Your phone',
    settings: 'Settings',
    sections: 'Other windows',
    disabledTitle: (when: string) => `Guarding is switched off since ${when}`,
    disabledText: 'Somebody with this account ran `presence-locker disable`.',
  },

  pages: {
    curtain: 'Presence Locker',
    status: 'Presence Locker',
    phone: 'Your phone – Presence Locker',
    settings: 'Settings – Presence Locker',
  },

  enrollment: enrollmentWords,

  settings: {
    title: 'Settings',
    problem: 'Some settings are not in force',
    loading: 'Reading the settings…',
    groups: {
      computer: 'This computer',
      asking: 'When it asks',
      leaving: 'When you leave',
      checking: 'How it watches',
      other: 'More',
    },
    startAtLogin: 'Start when I log in',
    fixedByMachine: 'Set for this computer by whoever manages it.',
    fixedByGateway: 'Set by your organisation’s gateway.',
    on: 'On',
    off: 'Off',
    numberWrong: (min: number, max: number, unit: string) => `Between ${min} and ${max} ${unit}.`,
    saved: 'Saved',
  },
} as const;
