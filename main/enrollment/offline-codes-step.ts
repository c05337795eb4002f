import type { ActionResult, MadeCodesResult } from '../../protocol/ipc.ts';
import { DONE, type EnrollmentDesk, refused } from './enrollment-desk.ts';
import { problemOfKeychain } from './enrollment-secrets.ts';

/** The step in which codes for the day without a phone are made, shown once, proven and put in force. */

export async function openCodes(desk: EnrollmentDesk): Promise<ActionResult> {
  const { record, test } = desk.state();
  if (record === null || !(record.registered || test === 'approved')) return refused('Add your phone first.');
  const refusal = desk.refusalToChange();
  if (refusal !== null) return refusal;
  desk.stopBackground();
  desk.deps.codes.drop();
  desk.update({ step: 'codes', codesProven: false });
  return DONE;
}

export function makeCodes(desk: EnrollmentDesk): MadeCodesResult {
  const { record, step, busy } = desk.state();
  if (record === null || step !== 'codes' || busy) return { ok: false, sentence: 'Codes cannot be made now.' };
  const refusal = desk.refusalToChange();
  if (refusal !== null && !refusal.ok) return refusal;
  desk.update({ codesProven: false, problem: null });
  const { recovery, totp } = desk.deps.codes.make(record.userId, desk.deps.workstation);
  return { ok: true, codes: { recovery: [...recovery], totp: { ...totp } } };
}

export async function proveCodes(desk: EnrollmentDesk, typed: string): Promise<ActionResult> {
  const { record, step } = desk.state();
  const { deps } = desk;
  if (record === null || step !== 'codes') return refused('Nothing has to be typed now.');
  const refusal = desk.refusalToChange();
  if (refusal !== null) return refusal;
  let outcome: Awaited<ReturnType<typeof deps.codes.prove>>;
  try {
    outcome = await deps.codes.prove(record.userId, typed);
  } catch (cause) {
    return desk.fail(problemOfKeychain(cause));
  }
  switch (outcome) {
    case 'proven':
      desk.update({ codesProven: true });
      note(desk, 'offline-codes-made');
      return DONE;
    case 'wrong':
      return refused('That is none of these codes. Type one of them, or the six digits that the app shows now.');
    case 'malformed':
      return refused('A recovery code has 16 letters and digits, a code from an app has 6 digits.');
    case 'none-made':
      return refused('Make codes first.');
  }
}

/** To the clipboard, where other programs can read them: only because the person asks. */
export function copyCodes(desk: EnrollmentDesk, what: 'recovery' | 'link'): ActionResult {
  const { record, step } = desk.state();
  const made = record === null || step !== 'codes' ? null : desk.deps.codes.made(record.userId);
  if (made === null) return refused('There is nothing to copy any more.');
  desk.deps.copyText(what === 'link' ? made.totp.link : made.recovery.join('\n'));
  return DONE;
}

/** @returns false when the keychain did not let go of them. */
export async function forgetCodes(desk: EnrollmentDesk, userId: string): Promise<boolean> {
  try {
    if (await desk.deps.codes.forget(userId)) note(desk, 'offline-codes-removed');
    return true;
  } catch (cause) {
    desk.deps.logger.warn(`recovery codes not removed: ${problemOfKeychain(cause).code}`);
    return false;
  }
}

/** Learns how many are left; while the keychain does not say, none are offered. */
export async function countCodes(desk: EnrollmentDesk): Promise<void> {
  const { record } = desk.state();
  if (record === null) return;
  try {
    const codesLeft = await desk.deps.codes.left(record.userId);
    if (desk.state().record?.userId === record.userId) desk.update({ codesLeft });
  } catch (cause) {
    desk.deps.logger.warn(`recovery codes not counted: ${problemOfKeychain(cause).code}`);
  }
}

function note({ deps }: EnrollmentDesk, what: 'offline-codes-made' | 'offline-codes-removed'): void {
  deps.dispatch({ type: 'offlineCode.noted', at: deps.clock.monotonicNow(), note: { what } });
}
