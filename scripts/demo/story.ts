import { GuardedDesktop } from '../../tests/e2e/driver/guarded-desktop.ts';
import { SOON_MS } from '../../tests/e2e/driver/patience.ts';
import { followStates, leaveRecord, measureUnlock, must } from './telling.ts';
import type { Timeline } from './timeline.ts';

/** Longest wait for a lock after the phone left: the service's own walkaway limit, the grace, and room. */
const WALKAWAY_LOCK_TIMEOUT_MS = 60_000;

/**
 * Approved in, walk away, locked: on a real desktop with a real locker, the product's own trial as the service. Throws at the first
 * thing that is not as told.
 */
export async function tellStory(
  timeline: Timeline,
  policy: 'curtain' | 'session',
  auditFile: string | null,
): Promise<void> {
  timeline.say('begin', 'Starting a private desktop: X server, logind, xss-lock with i3lock, keyring', { policy });
  const guarded = await GuardedDesktop.start({ unlockOnApproval: policy });
  try {
    await tellOn(guarded, timeline, policy);
  } finally {
    try {
      // Also of a story that failed: then it is wanted most.
      if (auditFile !== null) await leaveRecord(guarded, timeline, auditFile);
    } finally {
      await guarded.stop();
    }
  }
}

async function tellOn(guarded: GuardedDesktop, timeline: Timeline, policy: 'curtain' | 'session'): Promise<void> {
  const { app } = guarded;
  const look = (stage: string): Promise<void> => timeline.screenshot(stage, () => guarded.display.look());
  followStates(guarded, timeline);

  timeline.say('started', 'The app is up; nobody is enrolled');
  await guarded.enrollTrial(async (stage) => {
    timeline.say('enrolling', `Enrollment: ${stage}`, { stage });
    await look(stage);
  });
  timeline.say(
    'enrolled',
    'Enrolled. From now on this workstation is guarded: the curtain is up and the phone is asked',
  );
  await app.untilState('verifying', SOON_MS);
  await guarded.untilCovered(true);
  await look('curtain-verifying');
  await approve(guarded, timeline);
  await guarded.window('status');
  await look('status-present');

  timeline.say('locked-by-hand', 'The person locks the desktop; i3lock covers it');
  await guarded.lockByHand();
  must(await guarded.lockerRuns(), 'the locker does not run although the app says locked');
  await look('locked');
  if (policy === 'session') await unlockByApproval(guarded, timeline);
  else await unlockAndApprove(guarded, timeline);

  timeline.say('closing', 'The service closes the session');
  await lockAfterClose(guarded, timeline);
  await unlockAndApprove(guarded, timeline);

  timeline.say('leaving', 'The phone leaves');
  await lockAfterWalkaway(guarded, timeline, look);
  await unlockAndApprove(guarded, timeline);
  const { history } = await guarded.view();
  must(
    history.some(({ title }) => title === 'Your phone left'),
    'the status window does not say why it locked',
  );
  await guarded.window('status');
  await look('status-why-did-it-lock');

  timeline.say('quitting', 'The app is asked to quit while the person is here');
  must((await app.quit()) === 0, 'the app did not end by itself');
  must(await guarded.lockerRuns(), 'the app quit and left the workstation open');
  timeline.say('end', 'It locked first, then quit');
}

async function approve(guarded: GuardedDesktop, timeline: Timeline): Promise<void> {
  const approvedAt = await guarded.approve();
  await guarded.untilCovered(false);
  timeline.measured('approvalToLoweredMs', (await guarded.lastHiddenAtWall()) - approvedAt);
  timeline.say('approved', 'The phone approved; the curtain is down');
}

async function unlockAndApprove(guarded: GuardedDesktop, timeline: Timeline): Promise<void> {
  await measureUnlock(guarded, timeline);
  await approve(guarded, timeline);
}

/** Policy `session`: somebody touches the keyboard at the locked screen, the phone is asked, and approval ends the real locker. */
async function unlockByApproval(guarded: GuardedDesktop, timeline: Timeline): Promise<void> {
  timeline.say('activity', 'Somebody touches the keyboard at the locked screen; the phone is asked');
  await guarded.touchKeyboardUntilAsked();
  const approvedAt = await guarded.approve();
  must(!(await guarded.lockerRuns()), 'the locker still runs after the approval');
  await guarded.untilCovered(false);
  timeline.measured('approvalToLoweredMs', (await guarded.lastHiddenAtWall()) - approvedAt);
  timeline.say('unlocked', 'The approval unlocked the session: i3lock is gone');
}

async function lockAfterClose(guarded: GuardedDesktop, timeline: Timeline): Promise<void> {
  const { app } = guarded;
  const from = app.mark;
  const closedAt = await guarded.phone.act('close');
  const requested = await app.until(
    (line) => line.effects?.includes('requestLock') === true,
    'a lock is requested',
    SOON_MS,
    from,
  );
  timeline.measured('closedToLockRequestedMs', requested.time - closedAt);
  must(requested.cause === 'session-closed', `locked for ${requested.cause ?? 'no cause'} instead of session-closed`);
  const locked = await app.untilState('locked', SOON_MS, from);
  timeline.measured('closedToLockObservedMs', locked.time - closedAt);
  must(await guarded.lockerRuns(), 'the app says locked and no locker runs');
}

async function lockAfterWalkaway(
  guarded: GuardedDesktop,
  timeline: Timeline,
  look: (stage: string) => Promise<void>,
): Promise<void> {
  const { app } = guarded;
  const from = app.mark;
  await guarded.phone.act('leave');
  const left = await app.untilState('leaving', WALKAWAY_LOCK_TIMEOUT_MS, from);
  must(left.cause === 'walkaway', `leaving for ${left.cause ?? 'no cause'} instead of walkaway`);
  timeline.say('warned', 'The service no longer sees the phone; the person is warned');
  await guarded.window('status');
  await look('leaving');
  const locked = await app.untilState('locked', WALKAWAY_LOCK_TIMEOUT_MS, from);
  timeline.measured('walkawayToLockObservedMs', locked.time - left.time);
  must(await guarded.lockerRuns(), 'the app says locked and no locker runs');
  await guarded.phone.act('return');
}
