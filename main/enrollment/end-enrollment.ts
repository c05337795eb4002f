import type { ActionResult } from '../../protocol/ipc.ts';
import { discard } from './begin-enrollment.ts';
import { DONE, type EnrollmentDesk, NOBODY, refused } from './enrollment-desk.ts';
import { forgetCodes } from './offline-codes-step.ts';
import { problemOf, problemOfFailure } from './problems.ts';

/** Deletes the user at the service as far as possible, and everything here in any case. */
export async function removeEnrollment(desk: EnrollmentDesk): Promise<ActionResult> {
  const { record, damaged } = desk.state();
  if (record === null && !damaged) return refused('Nobody is enrolled here.');
  const refusal = desk.refusalToChange();
  if (refusal !== null) return refusal;
  const { deps } = desk;
  desk.stopBackground();
  const told = record === null ? null : await deps.link.enroll({ type: 'enroll.remove', userId: record.userId });
  // From here on it is final: record first, so that no crash leaves a record whose secrets are gone.
  try {
    await deps.records.remove();
  } catch {
    return desk.fail(problemOf('record-not-written'));
  }
  deps.dispatch({ at: deps.clock.monotonicNow(), type: 'enrollment.changed', enrollment: null });
  // Not sooner: a record that could not be removed must still be of use.
  const left = await deps.link.forgetDevice();
  await desk.gateway.down();
  const codesForgotten = record === null ? true : await forgetCodes(desk, record.userId);
  const forgotten = record === null ? null : await desk.secrets.forget(record.userId);
  desk.update({ ...NOBODY, busy: true });
  if (!codesForgotten || (forgotten !== null && !forgotten.ok)) return desk.fail(problemOf('secrets-left'));
  // The person asked for removal here, and got it; that the service was not told is shown, but is no failure of the action.
  if (!left.ok) desk.update({ problem: problemOf('key-left-there') });
  else if (told === null || !told.ok) desk.update({ problem: problemOf('removed-here-only') });
  return DONE;
}

/**
 * Disables the old phone at the service and shows a link for a new one. Guards nothing until that one has approved a test. The codes
 * go with the old phone: its authenticator app knows their secret.
 */
export async function replaceLostDevice(desk: EnrollmentDesk): Promise<ActionResult> {
  const { record, capabilities } = desk.state();
  if (record === null) return refused('Nobody is enrolled here.');
  const refusal = desk.refusalToChange();
  if (refusal !== null) return refusal;
  if (capabilities?.lostDevice === false) return desk.fail(problemOf('not-supported'));
  const { deps } = desk;
  const answer = await deps.link.enroll({ type: 'enroll.lostDevice', userId: record.userId });
  if (!answer.ok) return desk.fail(problemOfFailure(answer.error));
  // Before the disk is waited for: the service now closes what the old phone approved, and whoever reports it is not to be locked out by that.
  if (record.registered) {
    deps.dispatch({ at: deps.clock.monotonicNow(), type: 'enrollment.changed', enrollment: null });
  }
  const unregistered = { ...record, registered: false };
  let kept = true;
  await deps.records.write(unregistered).catch(() => {
    kept = false;
  });
  const codesForgotten = await forgetCodes(desk, record.userId);
  desk.update({ record: unregistered });
  desk.showRegistration({ ...answer.value, registered: false });
  if (!kept) return desk.fail(problemOf('record-not-written'));
  return codesForgotten ? DONE : desk.fail(problemOf('codes-left'));
}

/** Back to the step before; drops what was begun and never finished. */
export async function goBack(desk: EnrollmentDesk): Promise<ActionResult> {
  const { step, record } = desk.state();
  const nothingTested = { test: 'idle', testPrompt: null, registration: null, contact: 'idle' } as const;
  switch (step) {
    case 'choose':
    case 'account':
      desk.update({ step: 'choose', mode: null, kind: null });
      return DONE;
    case 'codes':
      desk.deps.codes.drop();
      desk.update({ step: desk.state().test === 'approved' ? 'test' : 'manage', codesProven: false });
      return DONE;
    case 'done':
    case 'manage':
      desk.stopBackground();
      desk.update({ ...nothingTested, step: 'manage' });
      return DONE;
    case 'phone':
    case 'test': {
      if (record !== null && record.enrolledAtWall !== null) {
        desk.stopBackground();
        desk.update({ ...nothingTested, step: 'manage' });
        return DONE;
      }
      if (record !== null) {
        desk.stopBackground();
        const told = await desk.deps.link.enroll({ type: 'enroll.remove', userId: record.userId });
        if (!told.ok) desk.deps.logger.info('a user begun and not finished stays at the service');
      }
      await discard(desk);
      return DONE;
    }
  }
}
