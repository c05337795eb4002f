import { ERROR_CODES, isErrorCode } from '../../protocol/error-codes.ts';
import type { Capabilities } from '../../protocol/frames.ts';
import type { Policy } from '../../protocol/policy.ts';
import { type LeavingCause, LOCK_CAUSES, type LockCause, type NotificationKind } from './lock-types.ts';

/** Every sentence main says, in the person's words: cause first, evidence small. One table, so that all screens say the same. */

/** "48 seconds", "1 minute", "5 minutes": for sentences. */
export function durationInWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}

interface LockSentence {
  readonly title: string;
  readonly detail: (policy: Policy) => string;
}

export const LOCK_SENTENCES: Readonly<Record<LockCause, LockSentence>> = {
  walkaway: {
    title: 'Your phone left',
    detail: ({ walkawayGraceMs }) => `No sign of it for ${durationInWords(walkawayGraceMs)} after the warning`,
  },
  'session-closed': { title: 'The service ended the session', detail: () => 'It no longer counts your phone as here' },
  'session-expired': {
    title: 'Your approval ran out',
    detail: ({ maxSessionSeconds }) =>
      `It counts for ${durationInWords(maxSessionSeconds * 1_000)}, and was not renewed`,
  },
  denied: { title: 'The request was declined', detail: () => 'On the phone, or by the service' },
  'approval-timeout': {
    title: 'No answer from your phone',
    detail: ({ approvalTimeoutMs }) => `No answer on the phone for ${durationInWords(approvalTimeoutMs)}`,
  },
  'gateway-unreachable': {
    title: 'Network lost',
    // Either the network grace or the time to approve ran out: no duration would be true of both.
    detail: () => 'Neither the gateway nor, through it, the service could be reached in the time allowed',
  },
  'service-silent': {
    title: 'The service went silent',
    detail: () => 'It gave no answer about your phone in the time allowed',
  },
  'unknown-status': {
    title: 'The service gave an unknown answer',
    detail: () => 'What is not understood does not count as here',
  },
  'user-lock': { title: 'You locked it', detail: () => 'With “Lock now”' },
  'os-lock': { title: 'Locked by hand or by the system', detail: () => 'Not by Presence Locker' },
  // Where the reason is known, history.ts says which of the two.
  'remote-lock': { title: 'Locked from afar', detail: () => 'Your phone or an administrator asked for it' },
  suspend: { title: 'The computer went to sleep', detail: () => 'It is locked before every sleep' },
  resume: { title: 'The computer woke up', detail: () => 'It had slept without being locked' },
  'curtain-lost': { title: 'The cover could not be kept up', detail: () => 'So the system was locked instead' },
  quit: { title: 'Presence Locker was closed', detail: () => 'It locks before it leaves' },
  disabled: { title: 'Guarding was switched off', detail: () => 'With “presence-locker disable”' },
  'enrollment-removed': { title: 'The phone was changed', detail: () => 'What the old one approved no longer counts' },
  'app-died': {
    title: 'Presence Locker ended unexpectedly',
    detail: () => 'No lock was seen then, so it was asked for again',
  },
  'sentinel-lost': {
    title: 'Presence Locker is not watched over',
    detail: () => 'The process that would lock if it died does not stay',
  },
  fault: { title: 'Presence Locker had a fault', detail: () => 'When it cannot be sure, it locks' },
};

export const isLockCause = (word: string): word is LockCause => LOCK_CAUSES.some((cause) => cause === word);

export const LEAVING_SENTENCES: Readonly<Record<LeavingCause, string>> = {
  walkaway: 'Your phone left',
  'gateway-unreachable': 'Network lost',
  'service-silent': 'The service went silent',
};

/** Codes that never cross the gateway socket. */
const OWN_PROBLEMS: Readonly<Record<string, string>> = {
  GATEWAY_UNREACHABLE: 'The gateway cannot be reached.',
  RATE_LIMITED: 'Your phone has been asked too often in the last hour.',
  NO_ATTEMPTS_LEFT: 'Your phone has been asked as often as allowed for one unlock.',
  CURTAIN_STUCK: 'The cover could not be taken down.',
  AUDIT_FAILED: 'The record of what happened could not be written.',
};

/** What a problem code means. An unknown code gets an honest general sentence, never the code itself. */
export function problemSentence(code: string): string {
  const own = OWN_PROBLEMS[code];
  if (own !== undefined) return own;
  return isErrorCode(code) ? ERROR_CODES[code].text : 'Something unexpected happened.';
}

/** What the person can do about a problem, where that is not the same as about any other. */
export function problemAdvice(code: string): string | null {
  switch (code) {
    case 'REPORTED_BY_PHONE':
      return 'It takes no requests from here for a while. If it was you, take the block back on the phone, under “Workstations”, and ask again.';
    case 'USER_UNKNOWN':
      return 'If this workstation was removed, on your phone for instance, it must be enrolled again. “presence-locker disable” in a console stops guarding here first.';
    default:
      return null;
  }
}

/** What a service is called on the screens: a simulated one says so wherever it is named. */
export const serviceTitle = ({ title, simulated }: Pick<Capabilities, 'title' | 'simulated'>): string =>
  simulated ? `${title} (simulated)` : title;

/** "A code let somebody in twice, and a wrong one was typed 3 times. …" */
export function whatCodesDid(accepted: number, refused: number): string {
  const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`);
  const parts = [
    ...(accepted > 0 ? [`a code let somebody in ${times(accepted)}`] : []),
    ...(refused > 0 ? [`a code was refused ${times(refused)}`] : []),
  ].join(', and ');
  return `${parts.charAt(0).toUpperCase()}${parts.slice(1)}. If that was not you, make new codes.`;
}

/** The beginning of a sentence. @param number the one to choose, where the phone shows several. */
export const howToApprove = (number: string | undefined): string =>
  number === undefined ? 'Approve on your phone' : `Choose ${number} on your phone`;

export interface NotificationText {
  readonly title: string;
  readonly body: string;
}

export function notificationText(notification: NotificationKind): NotificationText {
  switch (notification.kind) {
    case 'leaving':
      return {
        title: LEAVING_SENTENCES[notification.cause],
        body: `This workstation locks in ${durationInWords(notification.lockInMs)}.`,
      };
    case 'locked':
      return { title: 'Locked', body: `${LOCK_SENTENCES[notification.cause].title}.` };
    case 'ask-again':
      return {
        title: `${howToApprove(notification.number)} to stay`,
        body: `The session ends in ${durationInWords(notification.endsInMs)}.`,
      };
    case 'pause-needs-approval':
      return { title: `${howToApprove(notification.number)} to pause`, body: 'Until then guarding goes on.' };
    case 'paused':
      return { title: 'Paused', body: `Guarding goes on in ${durationInWords(notification.minutes * 60_000)}.` };
    case 'unlock-failed':
      return { title: 'Approved, but still locked', body: 'Unlock with your password this time.' };
    case 'offline-codes-used':
      return {
        title: 'While the phone could not be asked',
        body: whatCodesDid(notification.accepted, notification.refused),
      };
    case 'problem':
      return { title: problemSentence(notification.code), body: 'The status window says more.' };
  }
}
