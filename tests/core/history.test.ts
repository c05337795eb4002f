import { describe, expect, it } from 'vitest';
import { type AuditEntry, AuditEntrySchema } from '../../main/core/audit-entry.ts';
import { historyEntry, SHOWN_PER_SUBJECT, shownHistory } from '../../main/core/history.ts';
import { LOCK_CAUSES } from '../../main/core/lock-types.ts';
import { PHONE_LOCK_REASONS } from '../../protocol/lock-reasons.ts';
import { DEFAULT_POLICY } from '../../protocol/policy.ts';
import type { HistoryEntry } from '../../protocol/view-model.ts';

const WORDS = { policy: DEFAULT_POLICY, settingTitle: (setting: string) => `Title of ${setting}` };
const evidence = 'EVIDENCE_CODE';

/** One of every kind, and what is told of it; null for what is evidence only. */
const TOLD: readonly (readonly [entry: AuditEntry, title: string | null, about: readonly string[]])[] = [
  [{ what: 'lock-requested', cause: 'walkaway', evidence }, 'Your phone left', ['lock']],
  [{ what: 'lock-requested', cause: 'denied', evidence }, 'The request was declined', ['lock', 'approval']],
  [{ what: 'lock-requested', cause: 'service-silent', evidence }, 'The service went silent', ['lock', 'problem']],
  [{ what: 'lock-requested', cause: 'fault', evidence }, 'Presence Locker had a fault', ['lock', 'problem']],
  [
    { what: 'lock-requested', cause: 'remote-lock', evidence: 'Locked from your phone' },
    'Locked from your phone',
    ['lock'],
  ],
  [
    { what: 'lock-requested', cause: 'remote-lock', evidence: 'Your phone said: that was not me' },
    'Your phone said “that wasn’t me”',
    ['lock'],
  ],
  [{ what: 'lock-requested', cause: 'remote-lock', evidence: '' }, 'Locked from afar', ['lock']],
  [{ what: 'lock-observed', cause: 'os-lock', evidence }, 'Locked by hand or by the system', ['lock']],
  [{ what: 'lock-observed', cause: 'walkaway', evidence }, null, []],
  [{ what: 'lock-unconfirmed', cause: 'walkaway', rung: 0, evidence }, 'The lock was not seen', ['problem']],
  [{ what: 'alarm', cause: 'walkaway', evidence }, 'The lock could not be confirmed', ['lock', 'problem']],
  [{ what: 'termination-requested', cause: 'walkaway' }, 'The session was to be ended', ['lock', 'problem']],
  [{ what: 'os-unlocked', evidence }, 'The cover came up', ['approval']],
  [{ what: 'approval-asked', reason: 'unlock', attempt: 1 }, null, []],
  [{ what: 'approval-refused', code: 'RATE_LIMITED' }, 'A request was not approved', ['approval', 'problem']],
  [{ what: 'approved', proof: 'session', evidence }, 'Approved on your phone', ['approval']],
  [{ what: 'approved', proof: 'offline-code', evidence }, 'Let in with a code', ['approval']],
  [{ what: 'unlock-requested', evidence }, null, []],
  [{ what: 'leaving', cause: 'walkaway', evidence }, null, []],
  [{ what: 'leaving', cause: 'gateway-unreachable', evidence }, 'Network lost', ['problem']],
  [{ what: 'returned', evidence }, 'Back in time', []],
  [{ what: 'renewed', evidence }, 'Approved again on your phone', ['approval']],
  [{ what: 'paused', minutes: 5 }, 'You paused it', ['approval']],
  [{ what: 'paused', minutes: 5, grantedFrom: 'phone' }, 'Paused from your phone', ['approval']],
  [{ what: 'pause-ended' }, 'The pause ended', []],
  [{ what: 'enrolled' }, 'Guarding began', []],
  [{ what: 'unenrolled' }, 'Guarding ended', []],
  [{ what: 'effect-failed', effect: 'raiseCurtain', evidence }, 'The cover could not be shown', ['problem']],
  [{ what: 'effect-failed', effect: 'newEffect', evidence }, 'Something did not work', ['problem']],
  [{ what: 'app-started', version: '1', endedWell: true, settings: [] }, null, []],
  [{ what: 'app-started', version: '1', endedWell: null, settings: [] }, null, []],
  [{ what: 'app-started', version: '1', endedWell: false, settings: [] }, 'Presence Locker had stopped', ['problem']],
  [{ what: 'app-stopped', evidence }, null, []],
  [
    { what: 'app-died', how: 'ended', atWall: 3, lock: 'seen', lockedAfterMs: 400 },
    'Presence Locker ended unexpectedly',
    ['lock', 'problem'],
  ],
  [
    { what: 'app-died', how: 'hung', atWall: 3, lock: 'not-seen', lockedAfterMs: null },
    'Presence Locker did not respond',
    ['lock', 'problem'],
  ],
  [
    { what: 'app-died', how: 'ended', atWall: 3, lock: 'already', lockedAfterMs: null },
    'Presence Locker ended unexpectedly',
    ['problem'],
  ],
  [
    { what: 'app-died', how: 'ended', atWall: 3, lock: 'not-needed', lockedAfterMs: null },
    'Presence Locker ended unexpectedly',
    ['problem'],
  ],
  [{ what: 'sentinel-died', evidence }, 'The watch over Presence Locker ended', ['problem']],
  [
    { what: 'policy-changed', changes: [{ setting: 'leaseMs', from: 1, to: 2, source: 'machine' }] },
    'Settings were changed',
    [],
  ],
  [{ what: 'guarding-disabled', sinceWall: 1, evidence }, 'Guarding was switched off', []],
  [{ what: 'guarding-enabled', evidence }, 'Guarding was switched on again', []],
  [{ what: 'record-begun', because: 'first', keptFrom: 1 }, null, []],
  [{ what: 'record-begun', because: 'damaged', keptFrom: 1 }, 'This record was damaged', ['problem']],
  [{ what: 'record-recovered', lostBytes: 0, lostEntries: 2 }, 'This record has a gap', ['problem']],
  [{ what: 'record-copied' }, null, []],
  [
    { what: 'offline-code-refused', codeKind: 'recovery', why: 'used', failures: 1 },
    'A used code was typed',
    ['approval', 'problem'],
  ],
  [{ what: 'offline-codes-reported', accepted: 1, refused: 0 }, null, []],
  [{ what: 'offline-codes-made' }, 'Recovery codes were made', ['approval']],
  [{ what: 'offline-codes-removed' }, 'Recovery codes were removed', ['approval']],
];

describe('the history', () => {
  it('knows every kind of entry', () => {
    const kinds = AuditEntrySchema.options.map(({ shape }) => shape.what.value).sort();
    expect([...new Set(TOLD.map(([entry]) => entry.what))].sort()).toEqual(kinds);
  });

  it.each(TOLD)('tells %j as it should', (entry, title, about) => {
    const told = historyEntry(AuditEntrySchema.parse(entry), 7, WORDS);
    expect(told?.title ?? null).toBe(title);
    expect(told?.about ?? []).toEqual(about);
  });

  it('is in plain words: no codes, no exclamation marks, nothing twice', () => {
    const locks = LOCK_CAUSES.map(
      (cause): AuditEntry => ({ what: 'lock-requested', cause, evidence: 'from the tray' }),
    );
    for (const entry of [...TOLD.map(([told]) => told), ...locks]) {
      const told = historyEntry(entry, 7, WORDS);
      if (told === null) continue;
      expect(`${told.title} ${told.detail}`).not.toMatch(/[A-Z]{2,}_[A-Z]|!|undefined/);
      expect(told.detail).not.toBe(told.title);
      expect(told.detail).toMatch(/^[A-Z“\d]/);
    }
  });

  it('tells a death at the time it happened, but never in the future', () => {
    const died = (atWall: number): AuditEntry => ({
      what: 'app-died',
      how: 'ended',
      atWall,
      lock: 'seen',
      lockedAfterMs: 1,
    });
    expect(historyEntry(died(3), 7, WORDS)?.atWall).toBe(3);
    expect(historyEntry(died(9), 7, WORDS)?.atWall).toBe(7);
  });

  it('files every lock under locks', () => {
    for (const cause of LOCK_CAUSES)
      expect(historyEntry({ what: 'lock-requested', cause, evidence: 'x' }, 7, WORDS)?.about).toContain('lock');
  });

  it('says who locked from afar and why, and calls what it does not know the gateway’s word', () => {
    const detail = (evidence: string) =>
      historyEntry({ what: 'lock-requested', cause: 'remote-lock', evidence }, 7, WORDS)?.detail;
    expect(detail(PHONE_LOCK_REASONS.lockedFromPhone)).toBe('With “Lock now” there');
    expect(detail(PHONE_LOCK_REASONS.notMe)).toMatch(/^So it was locked/);
    expect(detail('')).toBe('Your phone or an administrator asked for it');
    expect(detail('All is well')).toBe('The gateway says: “All is well”');
  });

  it('says which settings were changed and by whom', () => {
    const change = (source: 'user' | 'gateway' | 'machine') => ({ setting: 'leaseMs', from: 1, to: 2, source });
    const detail = (source: 'user' | 'gateway' | 'machine') =>
      historyEntry({ what: 'policy-changed', changes: [change(source)] }, 7, WORDS)?.detail;
    expect(detail('user')).toBe('“Title of leaseMs”');
    expect(detail('gateway')).toBe('“Title of leaseMs”, by your organisation’s gateway');
    expect(detail('machine')).toBe('“Title of leaseMs”, by the policy of this computer');
  });

  it('keeps the last locks however many approvals came after them', () => {
    const entry = (title: string, about: HistoryEntry['about']): HistoryEntry => ({
      atWall: 1,
      mark: 'present',
      about,
      title,
      detail: 'x',
    });
    const approvals = Array.from({ length: 500 }, (_, at) => entry(`approval ${at}`, ['approval']));
    const locks = Array.from({ length: 500 }, (_, at) => entry(`lock ${at}`, ['lock']));
    const others = Array.from({ length: 500 }, (_, at) => entry(`other ${at}`, []));
    const shown = shownHistory([...approvals, ...locks, ...others]);
    expect(shown.map(({ title }) => title)).toEqual([
      ...approvals.slice(0, SHOWN_PER_SUBJECT).map(({ title }) => title),
      ...locks.slice(0, SHOWN_PER_SUBJECT).map(({ title }) => title),
      ...others.slice(0, SHOWN_PER_SUBJECT).map(({ title }) => title),
    ]);
    const both = Array.from({ length: 500 }, () => entry('denied', ['lock', 'approval']));
    expect(shownHistory(both)).toHaveLength(SHOWN_PER_SUBJECT);
  });
});
