import { PHONE_LOCK_REASONS } from '../../protocol/lock-reasons.ts';
import type { Policy } from '../../protocol/policy.ts';
import { assertNever } from '../../protocol/result.ts';
import { HISTORY_SUBJECTS, type HistoryEntry, type HistorySubject } from '../../protocol/view-model.ts';
import type { AuditEntry } from './audit-entry.ts';
import type { LockCause } from './lock-types.ts';
import { durationInWords, isLockCause, LEAVING_SENTENCES, LOCK_SENTENCES, problemSentence } from './sentences.ts';

/** Entries shown of each subject, and of those about nothing in particular: many approvals must not push out the last lock. */
export const SHOWN_PER_SUBJECT = 30;

export interface HistoryWords {
  readonly policy: Policy;
  /** What the settings page calls a setting. */
  readonly settingTitle: (setting: string) => string;
}

/** What locks are about besides being locks. */
const LOCK_SUBJECTS: Partial<Record<LockCause, HistorySubject>> = {
  denied: 'approval',
  'approval-timeout': 'approval',
  'gateway-unreachable': 'problem',
  'service-silent': 'problem',
  'unknown-status': 'problem',
  'curtain-lost': 'problem',
  fault: 'problem',
  'app-died': 'problem',
  'sentinel-lost': 'problem',
};

const FAILED_EFFECTS: Readonly<Record<string, string>> = {
  requestLock: 'A way of locking did not work',
  requestUnlock: 'Approved, but the system was not unlocked',
  raiseCurtain: 'The cover could not be shown',
  lowerCurtain: 'The cover could not be taken down',
  discardCurtain: 'The cover could not be taken down',
  endSession: 'The service could not be told that a session ended',
  notify: 'A notification could not be shown',
  alarm: 'The alarm could not be shown',
  terminateSession: 'The session could not be ended',
};

/**
 * "Why did it lock?", and what explains the absence of a lock. Null for what is evidence only.
 * A lock that we requested is told once, when requested; one that we did not request is told when observed.
 */
export function historyEntry(entry: AuditEntry, atWall: number, words: HistoryWords): HistoryEntry | null {
  const tell = (
    mark: HistoryEntry['mark'],
    about: readonly HistorySubject[],
    title: string,
    detail: string,
  ): HistoryEntry => ({ atWall, mark, about: [...about], title, detail });
  switch (entry.what) {
    case 'lock-requested':
      return tell('locked', subjectsOfLock(entry.cause), ...sentenceOfLock(entry.cause, entry.evidence, words.policy));
    case 'lock-observed':
      return entry.cause === 'os-lock'
        ? tell('locked', ['lock'], ...sentenceOfLock('os-lock', entry.evidence, words.policy))
        : null;
    case 'lock-unconfirmed':
      return tell('problem', ['problem'], 'The lock was not seen', 'The next way of locking was tried');
    case 'alarm': {
      const cause = LOCK_SENTENCES[entry.cause].title;
      return tell('problem', ['lock', 'problem'], 'The lock could not be confirmed', `Reason for locking: ${cause}`);
    }
    case 'termination-requested':
      return tell(
        'problem',
        ['lock', 'problem'],
        'The session was to be ended',
        'Nothing locked it, and the settings ask for that',
      );
    case 'os-unlocked':
      return tell('verifying', ['approval'], 'The cover came up', 'Until your phone approves');
    case 'approved':
      return entry.proof === 'session'
        ? tell('present', ['approval'], 'Approved on your phone', 'The cover came down')
        : tell('present', ['approval'], 'Let in with a code', 'Without the phone, because it could not be asked');
    case 'offline-code-refused': {
      const kind = entry.codeKind === 'totp' ? 'A code from an authenticator app' : 'A recovery code';
      return tell('problem', ['approval', 'problem'], REFUSED_CODE[entry.why], kind);
    }
    case 'offline-codes-made':
      return tell('present', ['approval'], 'Recovery codes were made', 'Earlier ones no longer count');
    case 'offline-codes-removed':
      return tell('unenrolled', ['approval'], 'Recovery codes were removed', 'None of them counts any more');
    case 'approval-refused':
      return tell('problem', ['approval', 'problem'], 'A request was not approved', refusal(entry.code));
    case 'renewed':
      return tell('present', ['approval'], 'Approved again on your phone', 'The session went on');
    case 'leaving':
      // A phone that stays away is told as the lock that follows, one that comes back as that.
      return entry.cause === 'walkaway'
        ? null
        : tell('leaving', ['problem'], LEAVING_SENTENCES[entry.cause], 'A lock was announced');
    case 'returned':
      return tell('present', [], 'Back in time', 'The announced lock was called off');
    case 'paused': {
      const long = durationInWords(entry.minutes * 60_000);
      return entry.grantedFrom === 'phone'
        ? tell('paused', ['approval'], 'Paused from your phone', `For ${long}`)
        : tell('paused', ['approval'], 'You paused it', `For ${long}, approved on your phone`);
    }
    case 'pause-ended':
      return tell('verifying', [], 'The pause ended', 'Guarding went on');
    case 'unenrolled':
      return tell('unenrolled', [], 'Guarding ended', 'Nobody is enrolled any more, or it was switched off');
    case 'enrolled':
      return tell('present', [], 'Guarding began', 'A phone was enrolled, or the app was started');
    case 'guarding-disabled':
      return tell('unenrolled', [], 'Guarding was switched off', 'With “presence-locker disable”');
    case 'guarding-enabled':
      return tell('present', [], 'Guarding was switched on again', 'With “presence-locker enable”');
    case 'policy-changed':
      return tell('unenrolled', [], 'Settings were changed', changesInWords(entry.changes, words));
    case 'effect-failed':
      return tell(
        'problem',
        ['problem'],
        FAILED_EFFECTS[entry.effect] ?? 'Something did not work',
        'It was recorded why',
      );
    case 'app-started':
      return entry.endedWell === false
        ? tell('problem', ['problem'], 'Presence Locker had stopped', 'It ended unexpectedly and was started again')
        : null;
    case 'app-died':
      return { ...whatDeathDid(entry), atWall: Math.min(entry.atWall, atWall) };
    case 'sentinel-died':
      return tell('problem', ['problem'], 'The watch over Presence Locker ended', 'It is started again at once');
    case 'record-begun':
      return entry.because === 'damaged'
        ? tell('problem', ['problem'], 'This record was damaged', 'What came before was kept, but can be doubted')
        : null;
    case 'record-recovered':
      return tell('problem', ['problem'], 'This record has a gap', gapInWords(entry));
    case 'approval-asked':
    case 'unlock-requested':
    case 'app-stopped':
    case 'record-copied':
    case 'offline-codes-reported':
      return null;
    default:
      return assertNever(entry, 'entry');
  }
}

/** @param entries newest first. @returns what is shown, in the same order. */
export function shownHistory(entries: readonly HistoryEntry[]): readonly HistoryEntry[] {
  const shown = new Map<HistorySubject | 'none', number>();
  const room = (subject: HistorySubject | 'none'): boolean => {
    const before = shown.get(subject) ?? 0;
    shown.set(subject, before + 1);
    return before < SHOWN_PER_SUBJECT;
  };
  return entries.filter(({ about }) => {
    const subjects = about.length === 0 ? (['none'] as const) : HISTORY_SUBJECTS.filter((it) => about.includes(it));
    // Counted under each of its subjects, whether or not the first has room.
    return subjects.map(room).includes(true);
  });
}

function subjectsOfLock(cause: LockCause): readonly HistorySubject[] {
  const besides = LOCK_SUBJECTS[cause];
  return besides === undefined ? ['lock'] : ['lock', besides];
}

function sentenceOfLock(cause: LockCause, evidence: string, policy: Policy): [title: string, detail: string] {
  const { title, detail } = LOCK_SENTENCES[cause];
  if (cause === 'remote-lock') return sentenceOfRemoteLock(evidence, title, detail(policy));
  return [title, cause === 'user-lock' ? capitalised(evidence) : detail(policy)];
}

function sentenceOfRemoteLock(reason: string, title: string, detail: string): [title: string, detail: string] {
  switch (reason) {
    case PHONE_LOCK_REASONS.lockedFromPhone:
      return ['Locked from your phone', 'With “Lock now” there'];
    case PHONE_LOCK_REASONS.notMe:
      return [
        'Your phone said “that wasn’t me”',
        'So it was locked, and the phone takes no requests from here for a while',
      ];
    case '':
      return [title, detail];
    // Whoever runs the gateway may say anything: it is shown as what the gateway says.
    default:
      return [title, `The gateway says: “${reason}”`];
  }
}

const refusal = (code: string): string =>
  (isLockCause(code) ? LOCK_SENTENCES[code].title : problemSentence(code)).replace(/\.$/, '');

function changesInWords(
  changes: Extract<AuditEntry, { what: 'policy-changed' }>['changes'],
  words: HistoryWords,
): string {
  const titles = changes.map(({ setting }) => `“${words.settingTitle(setting)}”`).join(', ');
  const fromGateway = changes.some(({ source }) => source === 'gateway');
  const fromMachine = changes.some(({ source }) => source === 'machine');
  const by = fromMachine ? ', by the policy of this computer' : fromGateway ? ', by your organisation’s gateway' : '';
  return `${titles}${by}`;
}

function gapInWords({ lostEntries }: Extract<AuditEntry, { what: 'record-recovered' }>): string {
  if (lostEntries === 0) return 'Its last line was cut off half-written';
  return lostEntries === 1 ? 'One entry could not be written' : `${lostEntries} entries could not be written`;
}

function whatDeathDid(entry: Extract<AuditEntry, { what: 'app-died' }>): Omit<HistoryEntry, 'atWall'> {
  const { title } = LOCK_SENTENCES['app-died'];
  const told = { title: entry.how === 'hung' ? 'Presence Locker did not respond' : title };
  switch (entry.lock) {
    case 'seen':
      return { mark: 'locked', about: ['lock', 'problem'], ...told, detail: 'So the system was locked' };
    case 'not-seen':
      return { mark: 'problem', about: ['lock', 'problem'], ...told, detail: 'No lock was seen before the next start' };
    case 'already':
      return { mark: 'problem', about: ['problem'], ...told, detail: 'The system was locked already' };
    case 'not-needed':
      return { mark: 'problem', about: ['problem'], ...told, detail: 'Nobody was guarded at that time' };
    default:
      return assertNever(entry.lock, 'lock');
  }
}

const REFUSED_CODE = {
  wrong: 'A wrong code was typed',
  used: 'A used code was typed',
  'not-now': 'A code came too late',
} as const;

const capitalised = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);
