import type { LockCause } from '../../main/core/lock-types.ts';
import type { SituationName } from './state-event-situations.ts';

/**
 * What DESIGN §4 says for every state and event. `next state | effects`; `=` is the same state by name. `nothing` means that
 * neither the state nor the world changes at all. Wake-ups (`schedule`) are left out: they follow from the next deadline.
 */
export interface Row {
  readonly nothing: readonly string[];
  readonly cells: Readonly<Record<string, string>>;
}

const ends = (held: number): string => 'endSession '.repeat(held);
/** What stands on the screens and is taken back, whatever comes next. */
const WARNING = 'withdrawNotification(leaving) ';
const ASKING = 'withdrawNotification(ask-again) ';
const ASKING_TO_PAUSE = 'withdrawNotification(pause-needs-approval) ';

/** "Lock now": requested, covered, nothing left running, cause on record. */
const lock = (cause: LockCause, held = 0, notices = ''): string =>
  `locking | requestLock(${cause}) raiseCurtain ${notices}${ends(held)}setPolling(off) audit(lock-requested)`;
/** The OS locked by itself or by hand. */
const observed = (held = 0, notices = ''): string =>
  `locked | raiseCurtain ${notices}${ends(held)}setPolling(off) audit(lock-observed)`;
/** Covered, and the phone asked. */
const verify = (held = 0, before = ''): string =>
  `verifying | ${before}raiseCurtain ${ends(held)}setPolling(off) audit(os-unlocked) audit(approval-asked) startSession(unlock)`;
const RECORDED = '= | audit(effect-failed)';
const DROPPED_APPROVAL = '= | endSession setPolling(off) audit(approval-refused)';
const NOT_UNLOCKED = 'locked | endSession setPolling(off) notify(unlock-failed) audit(effect-failed)';
const WARNED = 'leaving | notify(leaving) audit(leaving)';
const UNSEEN = '= | requestLock(user-lock) audit(lock-unconfirmed)';

/** A failed effect is recorded; a failing record is told instead; a curtain that stays up is told too. */
const FAILURES: Readonly<Record<string, string>> = {
  'effect.failed requestLock': RECORDED,
  'effect.failed requestUnlock': RECORDED,
  'effect.failed raiseCurtain': RECORDED,
  'effect.failed lowerCurtain': '= | audit(effect-failed) notify(problem)',
  'effect.failed discardCurtain': '= | audit(effect-failed) notify(problem)',
  'effect.failed startSession': RECORDED,
  'effect.failed endSession': RECORDED,
  'effect.failed setPolling': RECORDED,
  'effect.failed notify': RECORDED,
  'effect.failed withdrawNotification': RECORDED,
  'effect.failed schedule': RECORDED,
  'effect.failed audit': '= | notify(problem)',
  'effect.failed alarm': RECORDED,
  'effect.failed terminateSession': RECORDED,
};
/** An approval of no use is called back from the phone. */
/** A genuine code that counts for nothing is on record like a wrong one. */
const SPENT_IN_VAIN = '= | audit(offline-code-refused)';
const ANYWHERE = {
  ...FAILURES,
  'session.started not awaited': '= | endSession',
  'offlineCode.accepted': SPENT_IN_VAIN,
  'offlineCode.accepted, typed before the lock': SPENT_IN_VAIN,
  'offlineCode.noted, refused': SPENT_IN_VAIN,
  'offlineCode.noted, reported': '= | audit(offline-codes-reported) notify(offline-codes-used)',
};

/** Never news, whatever the state. */
const OLD_NEWS = [
  'timer.fired early',
  'session.status active of a session not held',
  'session.refused not awaited',
  'gateway.pauseCommand for a session not held',
];
const OLD_NEWS_OF_OWN = [...OLD_NEWS, 'session.status active, seq not newer', 'session.started for the session held'];
/** A pause from afar opens nothing: it is heeded only while somebody is present on that session. */
const NO_PAUSE = 'gateway.pauseCommand for the session held';
const NO_MATTER = ['user.retry', 'curtain.lost', 'enrollment.changed to the same'];
const GATEWAY = ['gateway.up', 'gateway.down'];

const UNENROLLED: Row = {
  nothing: [
    ...OLD_NEWS,
    ...GATEWAY,
    'os.locked',
    'os.unlocked',
    'os.suspending',
    'os.resumed',
    'os.activity',
    'gateway.lockCommand',
    'user.lockNow',
    'user.retry',
    'user.pause',
    'curtain.lost',
    'policy.changed to the same',
    'enrollment.changed to none',
  ],
  cells: { ...ANYWHERE, 'enrollment.changed to another': verify(0, 'audit(enrolled) ') },
};

const LOCKED: Row = {
  nothing: [
    ...OLD_NEWS,
    ...NO_MATTER,
    ...GATEWAY,
    'os.locked',
    'os.activity',
    'gateway.lockCommand',
    'user.lockNow',
    'user.pause',
    'policy.changed to the same',
  ],
  cells: {
    ...ANYWHERE,
    'os.unlocked': verify(),
    'os.suspending': '= | setPolling(off)',
    'os.resumed': '= | setPolling(off)',
    'enrollment.changed to another': '= | audit(enrolled) setPolling(off)',
    'enrollment.changed to none': 'unenrolled | setPolling(off) discardCurtain audit(unenrolled)',
  },
};

const without = (names: readonly string[], ...gone: readonly string[]): string[] =>
  names.filter((name) => !gone.includes(name));

const LOCKING: Row = {
  nothing: [
    ...OLD_NEWS,
    ...NO_MATTER,
    ...GATEWAY,
    'os.unlocked',
    'os.suspending',
    'os.activity',
    'gateway.lockCommand',
    'user.lockNow',
    'user.pause',
    'policy.changed to the same',
    'enrollment.changed to none',
  ],
  cells: {
    ...ANYWHERE,
    'os.locked': observed(),
    'os.resumed': UNSEEN,
    'timer.fired when due': UNSEEN,
    'effect.failed requestLock': UNSEEN,
    'enrollment.changed to another': '= | audit(enrolled)',
  },
};

/** Everything that takes away trust while covered or present: one lock, with its own cause. */
const distrust = (held: number, notices = ''): Readonly<Record<string, string>> => ({
  'os.suspending': lock('suspend', held, notices),
  'os.resumed': lock('resume', held, notices),
  'gateway.lockCommand': lock('remote-lock', held, notices),
  'user.lockNow': lock('user-lock', held, notices),
});

const verifying = (held: 0 | 1): Readonly<Record<string, string>> => ({
  ...ANYWHERE,
  ...distrust(held),
  'os.locked': observed(held),
  'curtain.lost': lock('curtain-lost', held),
  'effect.failed raiseCurtain': `${lock('curtain-lost', held)} audit(effect-failed)`,
  'enrollment.changed to another': `${lock('enrollment-removed', held)} audit(enrolled)`,
  'enrollment.changed to none': lock('enrollment-removed', held),
});
const VERIFYING_NOTHING = ['os.unlocked', 'os.activity', 'user.pause', 'policy.changed to the same'];
const VERIFYING_MATTERS = ['curtain.lost'];

/** Four endings, four causes; what this version does not know is an ending too. */
const ended = (held: number, notices = ''): Readonly<Record<string, string>> => ({
  'session.status timeout': lock('approval-timeout', held, notices),
  'session.status closed': lock('session-closed', held, notices),
  'session.status failed': lock('session-closed', held, notices),
  'session.status cancelled': lock('session-closed', held, notices),
  'session.status unknown': lock('unknown-status', held, notices),
});

const present = (held: number, notices = ''): Row => ({
  nothing: [...OLD_NEWS_OF_OWN, ...NO_MATTER, 'os.unlocked', 'os.activity', 'gateway.up'],
  cells: {
    ...ANYWHERE,
    ...distrust(held, notices),
    ...ended(held, notices),
    'os.locked': observed(held, notices),
    'gateway.down': WARNED,
    'session.status active': '= |',
    'session.status pending': '= |',
    'session.status identifying': '= |',
    'session.status active, lease over on arrival': '= |',
    'session.status walkaway': WARNED,
    'timer.fired when due': WARNED,
    'user.pause': '= | audit(approval-asked) startSession(pause) notify(pause-needs-approval)',
    'gateway.pauseCommand for the session held': `paused | ${notices}${ends(held)}setPolling(off) notify(paused) audit(paused)`,
    'policy.changed to the same': '= | setPolling(on)',
    'enrollment.changed to another': verify(held, `audit(enrolled) ${notices}`),
    'enrollment.changed to none': `unenrolled | ${notices}${ends(held)}setPolling(off) audit(unenrolled)`,
  },
});

const leaving = (
  cause: 'walkaway' | 'gateway-unreachable' | 'service-silent',
  asked: 0 | 1 = 0,
  notices = WARNING,
): Row => ({
  nothing: [...OLD_NEWS_OF_OWN, NO_PAUSE, ...NO_MATTER, ...GATEWAY, 'os.unlocked', 'os.activity', 'user.pause'],
  cells: {
    ...ANYWHERE,
    ...distrust(1 + asked, notices),
    ...ended(1 + asked, notices),
    'os.locked': observed(1 + asked, notices),
    'session.status active': 'present | withdrawNotification(leaving) audit(returned)',
    'session.status pending': '= |',
    'session.status identifying': '= |',
    'session.status active, lease over on arrival': '= |',
    // The phone's own leaving has the shorter grace: the person is told the new time and the new cause.
    'session.status walkaway': cause === 'walkaway' ? '= |' : WARNED,
    'timer.fired when due': lock(cause, 1 + asked, notices),
    'policy.changed to the same': '= | setPolling(on)',
    'enrollment.changed to another':
      cause === 'gateway-unreachable'
        ? `verifying | audit(enrolled) raiseCurtain ${notices}${ends(1 + asked)}setPolling(off) audit(os-unlocked)`
        : verify(1 + asked, `audit(enrolled) ${notices}`),
    'enrollment.changed to none': lock('enrollment-removed', 1 + asked, notices),
  },
});

/** One question at a time. */
const oneQuestion = ({ nothing, cells }: Row): Row => ({
  nothing: [...nothing, 'user.pause'],
  cells: Object.fromEntries(Object.entries(cells).filter(([name]) => name !== 'user.pause')),
});
const RENEWAL_REFUSED = '= | audit(approval-refused) notify(problem) withdrawNotification(ask-again)';
const PAUSE_REFUSED = '= | audit(approval-refused) notify(problem) withdrawNotification(pause-needs-approval)';
/** It never reached the phone, and there is time to try again: nobody has to know yet. */
const RENEWAL_RETRIED = '= | audit(approval-refused) withdrawNotification(ask-again)';
const awaitsStart = ({ nothing, cells }: Row, refused: string, notSent = refused): Row => ({
  nothing,
  cells: {
    ...cells,
    'session.started as awaited': '= |',
    'session.refused as awaited': refused,
    'effect.failed startSession': notSent,
  },
});

const MAY_ASK = '= | audit(approval-asked) startSession(unlock)';
const CARRIED = 'verifying | raiseCurtain audit(os-unlocked)';

export const TABLE: Readonly<Record<SituationName, Row>> = {
  'unenrolled, OS unlocked': UNENROLLED,
  'unenrolled, OS locked': {
    ...UNENROLLED,
    cells: { ...UNENROLLED.cells, 'enrollment.changed to another': 'locked | audit(enrolled) raiseCurtain' },
  },
  'locked, policy curtain': LOCKED,
  'locked, policy session': {
    nothing: without(LOCKED.nothing, 'os.activity'),
    cells: { ...LOCKED.cells, 'os.activity': MAY_ASK },
  },
  // What would have to be read from the curtain is asked when the curtain is seen.
  'locked, policy session, nothing of ours visible': LOCKED,
  'locked, start not answered': {
    nothing: without(LOCKED.nothing, 'user.lockNow', 'gateway.lockCommand'),
    cells: {
      ...LOCKED.cells,
      // The request already on its way to the phone goes on: it must not buzz twice.
      'os.unlocked': CARRIED,
      'user.lockNow': '= | setPolling(off)',
      'gateway.lockCommand': '= | setPolling(off)',
      'session.started as awaited': '= | setPolling(on)',
      'session.refused as awaited': '= | audit(approval-refused)',
      'effect.failed startSession': '= | audit(approval-refused)',
      'timer.fired when due': '= | setPolling(off)',
    },
  },
  'locked, approval awaited': {
    nothing: [
      ...without(LOCKED.nothing, 'user.lockNow', 'gateway.lockCommand'),
      NO_PAUSE,
      'session.status active, seq not newer',
      'session.started for the session held',
    ],
    cells: {
      ...LOCKED.cells,
      'os.unlocked': CARRIED,
      'os.suspending': '= | endSession setPolling(off)',
      'os.resumed': '= | endSession setPolling(off)',
      'user.lockNow': '= | endSession setPolling(off)',
      'gateway.lockCommand': '= | endSession setPolling(off)',
      'session.status active': 'unlocking | requestUnlock audit(unlock-requested)',
      'session.status pending': '= |',
      'session.status identifying': '= |',
      'session.status walkaway': '= |',
      'session.status active, lease over on arrival': '= |',
      'session.status timeout': DROPPED_APPROVAL,
      'session.status closed': DROPPED_APPROVAL,
      'session.status failed': DROPPED_APPROVAL,
      'session.status cancelled': DROPPED_APPROVAL,
      'session.status unknown': DROPPED_APPROVAL,
      'timer.fired when due': '= | endSession setPolling(off)',
      'enrollment.changed to another': '= | audit(enrolled) endSession setPolling(off)',
      'enrollment.changed to none': 'unenrolled | endSession setPolling(off) discardCurtain audit(unenrolled)',
    },
  },
  'locked, phone said no': LOCKED,
  'locking, first rung': LOCKING,
  // At rest, a late failure of the last rung says nothing new.
  'locking, ladder exhausted': { ...LOCKING, cells: { ...LOCKING.cells, 'effect.failed requestLock': RECORDED } },
  'locking, enrollment removed': {
    nothing: without(LOCKING.nothing, 'enrollment.changed to the same'),
    cells: {
      ...LOCKING.cells,
      'os.locked': 'unenrolled | audit(lock-observed) setPolling(off) discardCurtain audit(unenrolled)',
      'os.resumed': '= | requestLock(enrollment-removed) audit(lock-unconfirmed)',
      'timer.fired when due': '= | requestLock(enrollment-removed) audit(lock-unconfirmed)',
      'effect.failed requestLock': '= | requestLock(enrollment-removed) audit(lock-unconfirmed)',
    },
  },
  'verifying, start not answered': {
    nothing: [...OLD_NEWS, ...without(NO_MATTER, ...VERIFYING_MATTERS), ...VERIFYING_NOTHING, 'gateway.up'],
    cells: {
      ...verifying(0),
      'gateway.down': '= |',
      'session.started as awaited': '= | setPolling(on)',
      'session.refused as awaited': '= | audit(approval-refused)',
      'effect.failed startSession': '= | audit(approval-refused)',
      'timer.fired when due': lock('approval-timeout'),
    },
  },
  'verifying, approval awaited': {
    nothing: [
      ...OLD_NEWS_OF_OWN,
      NO_PAUSE,
      ...without(NO_MATTER, ...VERIFYING_MATTERS, 'user.retry'),
      ...VERIFYING_NOTHING,
      'gateway.up',
    ],
    cells: {
      ...verifying(1),
      'gateway.down': '= |',
      'session.status active': 'present | lowerCurtain setPolling(on) audit(approved)',
      'session.status pending': '= |',
      'session.status identifying': '= |',
      'session.status walkaway': '= |',
      'session.status active, lease over on arrival': '= |',
      'session.status timeout': lock('approval-timeout', 1),
      'session.status closed': lock('session-closed', 1),
      'session.status failed': lock('denied', 1),
      'session.status cancelled': lock('denied', 1),
      'session.status unknown': lock('unknown-status', 1),
      'user.retry': '= | audit(approval-asked) startSession(retry) endSession setPolling(off)',
      'timer.fired when due': lock('approval-timeout', 1),
    },
  },
  'verifying, refused': {
    nothing: [...OLD_NEWS, ...without(NO_MATTER, ...VERIFYING_MATTERS, 'user.retry'), ...VERIFYING_NOTHING],
    cells: {
      ...verifying(0),
      'gateway.up': MAY_ASK,
      'gateway.down': '= |',
      'user.retry': '= | audit(approval-asked) startSession(retry)',
      'timer.fired when due': lock('denied'),
    },
  },
  'verifying, cut off, codes allowed': {
    nothing: [...OLD_NEWS, ...without(NO_MATTER, ...VERIFYING_MATTERS), ...VERIFYING_NOTHING, 'gateway.down'],
    cells: {
      ...verifying(0),
      'gateway.up': MAY_ASK,
      'offlineCode.accepted': 'present | lowerCurtain setPolling(off) audit(approved)',
      'timer.fired when due': lock('gateway-unreachable'),
    },
  },
  'present by session': present(1),
  'present, renewal awaited': oneQuestion(present(2, ASKING)),
  'present, renewal not taken up yet': awaitsStart(oneQuestion(present(1, ASKING)), RENEWAL_REFUSED, RENEWAL_RETRIED),
  'present, pause awaited': oneQuestion(present(2, ASKING_TO_PAUSE)),
  'present, pause not taken up yet': awaitsStart(oneQuestion(present(1, ASKING_TO_PAUSE)), PAUSE_REFUSED),
  'present by offline code': {
    nothing: [...OLD_NEWS, ...NO_MATTER, 'os.unlocked', 'os.activity', 'gateway.down', 'policy.changed to the same'],
    cells: {
      ...ANYWHERE,
      ...distrust(0),
      'os.locked': observed(),
      'gateway.up': '= | audit(approval-asked) startSession(renewal)',
      'timer.fired when due': lock('session-expired'),
      'user.pause': '= | notify(problem)',
      'enrollment.changed to another': 'verifying | audit(enrolled) raiseCurtain setPolling(off) audit(os-unlocked)',
      'enrollment.changed to none': 'unenrolled | setPolling(off) audit(unenrolled)',
    },
  },
  'leaving, phone left': leaving('walkaway'),
  'leaving, renewal awaited': leaving('walkaway', 1, WARNING + ASKING),
  'leaving, network lost': leaving('gateway-unreachable'),
  'leaving, service silent': leaving('service-silent'),
  unlocking: {
    nothing: [
      ...OLD_NEWS_OF_OWN,
      NO_PAUSE,
      ...NO_MATTER,
      ...GATEWAY,
      'os.activity',
      'user.pause',
      'policy.changed to the same',
    ],
    cells: {
      ...ANYWHERE,
      ...distrust(1),
      'os.locked': NOT_UNLOCKED,
      'os.unlocked': 'present | lowerCurtain setPolling(on) audit(approved)',
      'session.status active': '= |',
      'session.status pending': NOT_UNLOCKED,
      'session.status identifying': NOT_UNLOCKED,
      'session.status walkaway': NOT_UNLOCKED,
      'session.status timeout': NOT_UNLOCKED,
      'session.status closed': NOT_UNLOCKED,
      'session.status failed': NOT_UNLOCKED,
      'session.status cancelled': NOT_UNLOCKED,
      'session.status unknown': NOT_UNLOCKED,
      'session.status active, lease over on arrival': NOT_UNLOCKED,
      'timer.fired when due': NOT_UNLOCKED,
      'effect.failed requestUnlock': NOT_UNLOCKED,
      'enrollment.changed to another': `${lock('enrollment-removed', 1)} audit(enrolled)`,
      'enrollment.changed to none': lock('enrollment-removed', 1),
    },
  },
  paused: {
    nothing: [
      ...OLD_NEWS,
      ...NO_MATTER,
      ...GATEWAY,
      'os.unlocked',
      'os.activity',
      'user.pause',
      'policy.changed to the same',
    ],
    cells: {
      ...ANYWHERE,
      ...distrust(0),
      'os.locked': observed(),
      'timer.fired when due': verify(0, 'audit(pause-ended) '),
      'enrollment.changed to another': verify(0, 'audit(enrolled) '),
      'enrollment.changed to none': 'unenrolled | setPolling(off) audit(unenrolled)',
    },
  },
};
