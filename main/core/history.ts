import type { Policy } from '../../protocol/policy.ts';
import type { HistoryEntry } from '../../protocol/view-model.ts';
import type { AuditEntry } from './audit-entry.ts';
import { durationInWords, LOCK_SENTENCES } from './sentences.ts';

/**
 * "Why did it lock?" An entry for every lock and for what explains an absence of one; null for the rest of the record.
 * A lock that we requested is told once, when requested; one that we did not request is told when observed.
 */
export function historyEntry(entry: AuditEntry, atWall: number, policy: Policy): HistoryEntry | null {
  switch (entry.what) {
    case 'lock-requested': {
      const { title, detail } = LOCK_SENTENCES[entry.cause];
      return {
        atWall,
        mark: 'locked',
        title,
        detail: entry.cause === 'user-lock' ? capitalised(entry.evidence) : detail(policy),
      };
    }
    case 'lock-observed': {
      if (entry.cause !== 'os-lock') return null;
      const { title, detail } = LOCK_SENTENCES['os-lock'];
      return { atWall, mark: 'locked', title, detail: detail(policy) };
    }
    case 'alarm':
      return {
        atWall,
        mark: 'problem',
        title: 'The lock could not be confirmed',
        detail: `Asked because: ${LOCK_SENTENCES[entry.cause].title.toLowerCase()}`,
      };
    case 'paused':
      return {
        atWall,
        mark: 'paused',
        title: 'You paused it',
        detail: `For ${durationInWords(entry.minutes * 60_000)}, approved on your phone`,
      };
    case 'unenrolled':
      return {
        atWall,
        mark: 'unenrolled',
        title: 'Guarding ended',
        detail: 'Nobody is enrolled any more, or it was switched off',
      };
    case 'enrolled':
      return {
        atWall,
        mark: 'present',
        title: 'Guarding began',
        detail: 'A phone was enrolled, or the app was started',
      };
    case 'lock-unconfirmed':
    case 'os-unlocked':
    case 'approval-asked':
    case 'approval-refused':
    case 'approved':
    case 'unlock-requested':
    case 'leaving':
    case 'returned':
    case 'renewed':
    case 'pause-ended':
    case 'effect-failed':
      return null;
  }
}

const capitalised = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);
