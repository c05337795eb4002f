import type { KnownContact } from '../../protocol/frames.ts';
import type { ActionResult } from '../../protocol/ipc.ts';
import { DONE, type EnrollmentDesk, refused } from './enrollment-desk.ts';
import { readMethods } from './methods-step.ts';
import { problemOf, problemOfFailure } from './problems.ts';
import { isDeadEnd, offers } from './ways-to-enroll.ts';

/** Getting ready to approve: a link, the link by message, or a number or address that is known already. */

export async function sendSms(desk: EnrollmentDesk, phoneNumber: string): Promise<ActionResult> {
  const { record, registration, capabilities } = desk.state();
  if (record === null || registration === null) return refused('There is no link to send yet.');
  if (!offers(capabilities, 'sms')) return desk.fail(problemOf('sms-unsupported'));
  desk.update({ registration: { ...registration, sms: 'sending' } });
  const { userId, displayName } = record;
  const answer = await desk.deps.link.enroll({ type: 'enroll.sms', userId, displayName, phoneNumber });
  const now = desk.state().registration;
  if (now !== null) desk.update({ registration: { ...now, sms: answer.ok ? 'sent' : 'idle' } });
  return answer.ok ? DONE : desk.fail(problemOfFailure(answer.error));
}

/** From then on whoever reads what is sent there can approve: as strong a change as a new phone. */
export async function addContact(desk: EnrollmentDesk, contact: KnownContact): Promise<ActionResult> {
  const { record, capabilities } = desk.state();
  if (record === null) return refused('There is no account yet.');
  const refusal = desk.refusalToChange();
  if (refusal !== null) return refusal;
  if (!offers(capabilities, 'contact')) return desk.fail(problemOf('not-supported'));
  desk.update({ contact: 'sending' });
  const { userId, displayName } = record;
  const answer = await desk.deps.link.enroll({ type: 'enroll.contact', userId, displayName, contact });
  desk.update({ contact: answer.ok ? 'added' : 'idle' });
  if (!answer.ok) return desk.fail(problemOfFailure(answer.error));
  const { registration } = desk.state();
  if (registration === null) return DONE;
  if (answer.value.registered) {
    desk.stopBackground();
    desk.update({ step: 'test', registration: { ...registration, registered: true } });
  } else if (registration.link === null) desk.awaitRegistration(null);
  return DONE;
}

export async function newLink(desk: EnrollmentDesk): Promise<ActionResult> {
  const { record, capabilities } = desk.state();
  if (record === null) return refused('There is no account yet.');
  const refusal = desk.refusalToChange();
  if (refusal !== null) return refusal;
  const { userId, displayName } = record;
  const answer = await desk.deps.link.enroll({ type: 'enroll.begin', userId, displayName });
  if (!answer.ok) return desk.fail(problemOfFailure(answer.error));
  if (isDeadEnd(answer.value.link, capabilities)) return desk.fail(problemOf('service-fault'));
  desk.showRegistration(answer.value);
  return readMethods(desk);
}
