import { fileURLToPath } from 'node:url';
import type { ApproverPhone } from '../../tests/e2e/driver/approver-phone.ts';
import { FIRST_PHONE, type LookAtBoth, PasskeyDesk } from '../../tests/e2e/driver/passkey-desk.ts';
import { SOON_MS } from '../../tests/e2e/driver/patience.ts';
import { followStates, leaveRecord, measureUnlock, must } from './telling.ts';
import type { Timeline } from './timeline.ts';

/** The phones' page as setup builds it. */
const PAGE = fileURLToPath(new URL('../../out/approver', import.meta.url));
/** The shortest that the policy allows: the phone is asked to go on in its last quarter. */
const SHORT_SESSION_MINUTES = 1;
const SHORT_SESSION_MS = SHORT_SESSION_MINUTES * 60_000;

/** What the chapters of the story share. */
interface Told {
  readonly desk: PasskeyDesk;
  readonly timeline: Timeline;
  readonly look: LookAtBoth;
}

/**
 * Your own phone and your own server: a gateway with provider `passkey` on http://localhost, a phone with a passkey, and a real desktop with a
 * real locker. Throws at the first thing that is not as told.
 */
export async function tellPasskeyStory(timeline: Timeline, auditFile: string | null): Promise<void> {
  timeline.say('begin', 'Starting a private desktop with i3lock, a gateway for passkeys, and a phone', {
    provider: 'passkey',
  });
  const desk = await PasskeyDesk.start({}, PAGE);
  try {
    await tellOn({
      desk,
      timeline,
      look: (stage, phone) =>
        timeline.screenshot(stage, () => desk.guarded.display.look(), phone === null ? undefined : () => phone.look()),
    });
  } finally {
    try {
      if (auditFile !== null) await leaveRecord(desk.guarded, timeline, auditFile);
    } finally {
      await desk.stop();
    }
  }
}

async function tellOn(told: Told): Promise<void> {
  const { desk, timeline, look } = told;
  followStates(desk.guarded, timeline);
  timeline.say('started', 'The app is up; nobody is enrolled');
  await desk.enroll(async (stage, phone) => {
    timeline.say('enrolling', `Enrollment: ${stage}`, { stage });
    await look(stage, phone);
  });
  timeline.say('enrolled', 'Enrolled. The curtain is up and shows the number that the phone is asked for');
  await desk.numberAsked();
  await desk.phone.numbersOffered();
  await look('curtain-asks', desk.phone);
  await approve(told);
  await desk.guarded.window('status');
  await look('present', desk.phone);

  await pauseFromThePhone(told);
  await lockFromThePhone(told);
  await chooseWrongNumber(told);
  await sayNotMe(told);
  const second = await renew(told);
  await letTheSessionEnd(told);
  await revoke(told, second);

  timeline.say('quitting', 'The app is asked to quit while the person is here');
  await unlockAndApprove(told, second);
  must((await desk.guarded.app.quit()) === 0, 'the app did not end by itself');
  must(await desk.guarded.lockerRuns(), 'the app quit and left the workstation open');
  timeline.say('end', 'It locked first, then quit');
}

async function approve({ desk, timeline }: Told, phone = desk.phone): Promise<void> {
  const approvedAt = await desk.approve(phone);
  timeline.measured('approvalToLoweredMs', (await desk.guarded.lastHiddenAtWall()) - approvedAt);
  timeline.say('approved', 'The right number and the passkey: the curtain is down');
}

async function unlockAndApprove(told: Told, phone = told.desk.phone): Promise<void> {
  await measureUnlock(told.desk.guarded, told.timeline);
  await approve(told, phone);
}

/** Only somebody who is in can be given a pause; it ends here with “Lock now”, which works during one too. */
async function pauseFromThePhone(told: Told): Promise<void> {
  const { desk, timeline, look } = told;
  const { app } = desk.guarded;
  timeline.say('phone-pauses', 'A visitor comes to the desk: a pause, granted on the phone with the passkey');
  const from = app.mark;
  const at = await desk.pauseFromPhone(look);
  const paused = await app.untilState('paused', SOON_MS, from);
  timeline.measured('pauseToPausedMs', paused.time - at);
  await desk.guarded.window('status');
  await look('paused', desk.phone);
  await desk.phone.press('Lock now');
  await app.untilState('locked', SOON_MS, from);
  must(await desk.guarded.lockerRuns(), 'the app says locked and no locker runs');
  await unlockAndApprove(told);
}

async function lockFromThePhone({ desk, timeline, look }: Told): Promise<void> {
  const { app } = desk.guarded;
  timeline.say('phone-locks', '“Lock now” on the phone');
  const from = app.mark;
  const at = await desk.lockFromPhone(look);
  const locked = await app.untilState('locked', SOON_MS, from);
  timeline.measured('lockNowToLockObservedMs', locked.time - at);
  must(await desk.guarded.lockerRuns(), 'the app says locked and no locker runs');
  await desk.phone.seesText('was told to lock');
  await look('locked-from-phone', desk.phone);
}

async function chooseWrongNumber({ desk, timeline, look }: Told): Promise<void> {
  const { app } = desk.guarded;
  timeline.say('wrong-number', 'The next unlock; on the phone another number is chosen');
  await measureUnlock(desk.guarded, timeline);
  const from = app.mark;
  await desk.approveWrongNumber(look);
  const locked = await app.untilState('locked', SOON_MS, from);
  must(locked.cause === 'denied', `locked for ${locked.cause ?? 'no cause'} instead of denied`);
  must(await desk.guarded.lockerRuns(), 'a wrong number did not end in a lock');
  await look('wrong-number-refused', desk.phone);
}

async function sayNotMe(told: Told): Promise<void> {
  const { desk, timeline, look } = told;
  const { guarded } = desk;
  timeline.say('not-me', 'The next unlock; “that wasn’t me” on the phone');
  await measureUnlock(guarded, timeline);
  await desk.numberAsked();
  const from = guarded.app.mark;
  const at = await desk.reportNotMe(look);
  const locked = await guarded.app.untilState('locked', SOON_MS, from);
  timeline.measured('notMeToLockObservedMs', locked.time - at);
  must(await guarded.lockerRuns(), 'the app says locked and no locker runs');
  await measureUnlock(guarded, timeline);
  const said = await guarded.read('curtain', 'h1:has-text("that wasn’t me")');
  timeline.say('blocked', `Whoever unlocks it now reads: ${said}`);
  await desk.phone.goTo('Workstations');
  await look('blocked', desk.phone);
  timeline.say(
    'unblocked',
    'It was the person after all: the block is taken back on the phone, and the curtain asks again',
  );
  await desk.takeBackBlock();
  await approve(told);
}

/** @returns the second phone, added while the session runs towards its end */
async function renew({ desk, timeline, look }: Told): Promise<ApproverPhone> {
  const { guarded, phone } = desk;
  timeline.say(
    'short-sessions',
    `A session now lasts ${SHORT_SESSION_MINUTES} minute, the shortest that the policy allows`,
  );
  await guarded.bridge(
    'enrollment',
    `window.presenceLocker.settings.set('maxSessionSeconds', ${SHORT_SESSION_MINUTES})`,
  );
  timeline.say('second-phone', 'Meanwhile the first phone makes another one a key as well');
  const from = guarded.app.mark;
  const second = await desk.addPhone(look);
  timeline.say('waiting', 'The person works on until the phone is asked, in the last quarter of the session');
  must(await desk.approveRenewal(SHORT_SESSION_MS, from, look), 'the renewal disturbed the person');
  timeline.say('renewed', 'Approved beside the work: nothing covered the screen');
  await look('renewed', phone);
  return second;
}

async function letTheSessionEnd({ desk, timeline, look }: Told): Promise<void> {
  const { app } = desk.guarded;
  timeline.say('waiting', 'The person works on; this time nobody answers the phone');
  const from = app.mark;
  await desk.numberOfRenewal(SHORT_SESSION_MS, from);
  const locked = await app.untilState('locked', SHORT_SESSION_MS, from);
  must(locked.cause === 'session-expired', `locked for ${locked.cause ?? 'no cause'} instead of session-expired`);
  must(await desk.guarded.lockerRuns(), 'the app says locked and no locker runs');
  timeline.say('expired', 'Unanswered: it locked when the session ended');
  await desk.phone.sees('This request is over');
  await look('renewal-unanswered', desk.phone);
}

/** The first phone is lost: another phone of the person takes it out of service, and what it approved is over. */
async function revoke(told: Told, second: ApproverPhone): Promise<void> {
  const { desk, timeline, look } = told;
  const { app } = desk.guarded;
  await unlockAndApprove(told);
  timeline.say('revoking', 'The first phone is lost; the second one revokes it');
  const from = app.mark;
  const at = await second.revoke(FIRST_PHONE);
  const locked = await app.untilState('locked', SOON_MS, from);
  timeline.measured('revokedToLockObservedMs', locked.time - at);
  must(await desk.guarded.lockerRuns(), 'the app says locked and no locker runs');
  await look('revoked', second);
  await desk.phone.press('Sign in with passkey');
  await desk.phone.sees('This phone can no longer approve');
  await look('revoked-first', desk.phone);
}
