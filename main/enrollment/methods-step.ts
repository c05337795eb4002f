import type { MethodSettings, MethodsOfPerson, PersonConfig } from '../../protocol/confirmation-methods.ts';
import type { ActionResult, ArgsOf, MethodChanged } from '../../protocol/ipc.ts';
import { DONE, type EnrollmentDesk, type EnrollmentState, type Refusal, refused } from './enrollment-desk.ts';
import type { MethodsCall } from './enrollment-ports.ts';
import { problemOf, problemOfFailure } from './problems.ts';
import { offers } from './ways-to-enroll.ts';

/** Confirmation methods: what the person sets up, confirms, changes and removes at a service that has such a registry (PROVIDERS §3). */

/** Without a user: that is who is enrolled. */
type Question = MethodsCall extends infer Call ? (Call extends unknown ? Omit<Call, 'userId'> : never) : never;
type Answered = { readonly ok: true; readonly value: MethodsOfPerson } | Refusal;

/** After anything that shows the service's ways: a service without methods is not asked. */
export async function readMethods(desk: EnrollmentDesk): Promise<ActionResult> {
  return offers(desk.state().capabilities, 'methods') ? refreshMethods(desk) : DONE;
}

/** Reading changes nothing and is open to whoever sees the window: titles of methods, never a setting of one. */
export async function refreshMethods(desk: EnrollmentDesk): Promise<ActionResult> {
  const answered = await ask(desk, { type: 'methods.list' });
  return answered.ok ? DONE : answered;
}

export async function createMethod(
  desk: EnrollmentDesk,
  methodId: string,
  settings: MethodSettings,
): Promise<MethodChanged> {
  const refusal = desk.refusalToChange() ?? (await refusalWithoutList(desk));
  if (refusal !== null) return refusal;
  // A new one takes over from one that works only when the person says so, after it was confirmed: otherwise nobody could approve meanwhile.
  const isDefault = !configsOf(desk).some(isAsked);
  return changed(await ask(desk, { type: 'methods.create', methodId, settings, isDefault }));
}

export async function confirmMethod(desk: EnrollmentDesk, data: string): Promise<ActionResult> {
  const { methods } = desk.state();
  const refusal = desk.refusalToChange();
  if (refusal !== null) return refusal;
  if (methods?.toConfirm == null) return refused('Nothing has to be confirmed now.');
  const { configId, confirmationId } = methods.toConfirm;
  const { record, capabilities } = desk.state();
  if (record === null || !offers(capabilities, 'methods')) return desk.fail(problemOf('not-supported'));
  const { userId } = record;
  const answer = await desk.deps.link.methods({ type: 'methods.confirm', userId, configId, confirmationId, data });
  if (answer.ok) {
    take(desk, answer.value, null);
    return DONE;
  }
  // Said at the field: the person types again, nothing else is wrong.
  if (answer.error.code === 'CODE_WRONG') {
    return refused(data === '' ? 'Your phone has not confirmed it yet.' : 'That code is wrong.');
  }
  if (answer.error.code !== 'SETTINGS_REFUSED') return desk.fail(problemOfFailure(answer.error));
  desk.update({ methods: { ...methods, toConfirm: null } });
  return desk.fail(problemOf('confirmation-gone'));
}

export async function updateMethod(desk: EnrollmentDesk, change: ArgsOf<'methods.update'>): Promise<MethodChanged> {
  const refusal = desk.refusalToChange() ?? (await refusalWithoutList(desk));
  if (refusal !== null) return refusal;
  const config = configsOf(desk).find(({ id }) => id === change.configId);
  if (config === undefined) return GONE;
  const { settings, isActive = config.isActive, isDefault = config.isDefault } = change;
  if (isRelied(desk, config) && (settings !== undefined || !isActive || !isDefault)) return reliedOn(config);
  if (isGuarded(desk) && isDefault && !config.isDefault && !config.isAvailable) {
    return refused(`Confirm “${config.title}” first: whoever unlocks is asked with it.`);
  }
  const kept = settings === undefined ? {} : { settings };
  return changed(await ask(desk, { type: 'methods.update', configId: change.configId, ...kept, isActive, isDefault }));
}

export async function deleteMethod(desk: EnrollmentDesk, configId: string): Promise<ActionResult> {
  const refusal = desk.refusalToChange() ?? (await refusalWithoutList(desk));
  if (refusal !== null) return refusal;
  const config = configsOf(desk).find(({ id }) => id === configId);
  if (config === undefined) return GONE;
  if (isRelied(desk, config)) return reliedOn(config);
  const answered = await ask(desk, { type: 'methods.delete', configId });
  return answered.ok ? DONE : answered;
}

const GONE = refused('The service no longer knows this method of yours.');
const reliedOn = ({ title }: PersonConfig): Refusal =>
  refused(`You unlock with “${title}”. Make another one the one that is asked, then change this.`);

const configsOf = (desk: EnrollmentDesk): readonly PersonConfig[] => desk.state().methods?.configs ?? [];
const isGuarded = (desk: EnrollmentDesk): boolean => desk.state().record?.registered === true;
/** The one a session is asked with: default, active, confirmed. */
const isAsked = (config: PersonConfig): boolean =>
  config.isDefault && config.isActive && config.isAvailable && config.status === 'confirmed';
/** Without it nobody could approve the next unlock: fail-secure must not become lock-out (DESIGN §4). */
const isRelied = (desk: EnrollmentDesk, config: PersonConfig): boolean => isGuarded(desk) && isAsked(config);

/** What a change is judged by must be known first. */
async function refusalWithoutList(desk: EnrollmentDesk): Promise<Refusal | null> {
  if (desk.state().methods !== null) return null;
  const read = await refreshMethods(desk);
  return read.ok ? null : read;
}

async function ask(desk: EnrollmentDesk, question: Question): Promise<Answered> {
  const { record, capabilities, methods } = desk.state();
  if (record === null) return refused('There is no account yet.');
  if (!offers(capabilities, 'methods')) return desk.fail(problemOf('not-supported'));
  const answer = await desk.deps.link.methods({ ...question, userId: record.userId });
  if (!answer.ok) return desk.fail(problemOfFailure(answer.error));
  take(desk, answer.value, methods?.toConfirm ?? null);
  return answer;
}

/** @param pending what was to be confirmed before: a list does not name it again. */
function take(
  desk: EnrollmentDesk,
  { methods, configs, toConfirm }: MethodsOfPerson,
  pending: MethodsOfPerson['toConfirm'] | null,
): void {
  const isOpen = configs.some(({ id, status }) => id === pending?.configId && status !== 'confirmed');
  desk.update({ methods: { methods, configs, toConfirm: toConfirm ?? (isOpen ? (pending ?? null) : null) } });
  const { registration, capabilities } = desk.state();
  if (registration === null) return;
  const registered = configs.some(isAsked) || (registration.registered && hasAnotherWay(capabilities));
  desk.update({ registration: { ...registration, registered } });
}

/** A phone that was added with a link approves whatever the methods say. */
const hasAnotherWay = (capabilities: EnrollmentState['capabilities']): boolean =>
  offers(capabilities, 'link') || offers(capabilities, 'contact');

function changed(answered: Answered): MethodChanged {
  return answered.ok ? { ok: true, setUpLink: answered.value.setUpLink ?? null } : answered;
}
