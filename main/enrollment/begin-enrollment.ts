import { randomBytes } from 'node:crypto';
import type { Account, ActionResult } from '../../protocol/ipc.ts';
import { err, ok, type Result } from '../../protocol/result.ts';
import { DONE, type EnrollmentDesk, NOBODY, refused } from './enrollment-desk.ts';
import { MAX_FRAME_TEXT } from './enrollment-limits.ts';
import type { EnrollmentLinkFailure, EnrollmentRecord, OwnService } from './enrollment-ports.ts';
import { secretAccounts } from './enrollment-secrets.ts';
import type { GatewayPlan, RunningGateway } from './gateway-bring-up.ts';
import { readMethods } from './methods-step.ts';
import { forgetCodes } from './offline-codes-step.ts';
import { secretOf, serviceOf } from './own-account.ts';
import { type EnrollmentProblem, problemOf, problemOfFailure } from './problems.ts';
import { isDeadEnd } from './ways-to-enroll.ts';

/** 128 bits: who is enrolled cannot be guessed, and says nothing about the person. */
const USER_TOKEN_BYTES = 16;

/** Stores the account, brings the gateway up, creates the user and shows how to get ready to approve. Undone as a whole if any part fails. */
export async function beginEnrollment(
  desk: EnrollmentDesk,
  account: Account,
  displayName: string,
): Promise<ActionResult> {
  const { record } = desk.state();
  if (record?.registered === true) return refused('A phone is enrolled already. Remove it first.');
  const refusal = desk.refusalToChange();
  if (refusal !== null) return refusal;
  if (record !== null) await discard(desk);

  const userId = randomBytes(USER_TOKEN_BYTES).toString('base64url');
  const begun = await tryToBegin(desk, account, userId, displayName.trim().slice(0, MAX_FRAME_TEXT).toWellFormed());
  if (begun.ok) {
    const { made, capabilities, answer } = begun.value;
    const { deps } = desk;
    if (desk.state().damaged) {
      // The stand-in for the unreadable record; whoever is enrolled now is guarded from `finish` on.
      deps.dispatch({ at: deps.clock.monotonicNow(), type: 'enrollment.changed', enrollment: null });
    }
    desk.update({ mode: account.mode, kind: kindOf(account), record: made, damaged: false, capabilities });
    desk.showRegistration(answer);
    // Begun it is, whether or not the list came: what went wrong with it is shown.
    await readMethods(desk);
    return DONE;
  }
  if (account.mode === 'shared' && !desk.state().damaged) {
    // Left there it would be one whose secrets are gone; it guards nobody, and can be dropped by hand.
    await desk.deps.records.remove().catch(() => desk.deps.logger.warn('what was begun could not be removed'));
  }
  await takeDown(desk, userId);
  const { mode } = account;
  return desk.fail(begun.error, { step: mode === 'trial' ? 'choose' : 'account', mode, kind: kindOf(account) });
}

async function tryToBegin(desk: EnrollmentDesk, account: Account, userId: string, displayName: string) {
  const planned = await plan(desk, account, userId);
  if (!planned.ok) return planned;
  const early = await recordFirst(desk, account, userId, displayName);
  if (!early.ok) return early;
  const running = await desk.gateway.up(planned.value);
  if (!running.ok) return running;
  if (account.mode === 'shared') await forgetToken(desk, userId);
  const { simulator, capabilities } = running.value;
  const made = recordOf(account, userId, displayName, simulator);
  if (simulator !== null) {
    const kept = await desk.secrets.set(secretAccounts(userId).accountSecret, simulator.appSecret);
    if (!kept.ok) return kept;
  }
  const answer = await desk.deps.link.enroll({ type: 'enroll.begin', userId, displayName });
  if (!answer.ok) return err(problemOfFirstCall(account, answer.error));
  if (isDeadEnd(answer.value.link, capabilities)) return err(problemOf('service-fault'));
  try {
    await desk.deps.records.write(made);
  } catch {
    return err(problemOf('record-not-written'));
  }
  return ok({ made, capabilities, answer: answer.value });
}

/**
 * With a shared gateway the record comes before the first contact: from then on only this key opens there, and a crash must not lose
 * whose it is. A damaged record stays until all is done: it guards.
 */
async function recordFirst(
  desk: EnrollmentDesk,
  account: Account,
  userId: string,
  displayName: string,
): Promise<Result<null, EnrollmentProblem>> {
  if (account.mode !== 'shared' || desk.state().damaged) return ok(null);
  try {
    await desk.deps.records.write(recordOf(account, userId, displayName, null));
    return ok(null);
  } catch {
    return err(problemOf('record-not-written'));
  }
}

/** A keychain that does not let go of it now is asked again at the next `ready` (enrollment-flow.ts). */
export async function forgetToken({ secrets, deps }: EnrollmentDesk, userId: string): Promise<boolean> {
  const forgotten = await secrets.forgetToken(userId);
  if (!forgotten.ok) deps.logger.warn('the keychain did not let go of the gateway’s token; it is tried again');
  return forgotten.ok;
}

const kindOf = (account: Account) => (account.mode === 'embedded' ? account.kind : null);

/** Under an address typed by hand, what answers strangely is more often another server than a faulty service. */
function problemOfFirstCall(account: Account, failure: EnrollmentLinkFailure): EnrollmentProblem {
  const typedAddress = account.mode === 'embedded' && addressOf(serviceOf(account)) !== null;
  return typedAddress && failure.code === 'PROVIDER_BAD_ANSWER'
    ? problemOf('not-the-service')
    : problemOfFailure(failure);
}

const addressOf = (service: OwnService): string | null =>
  service.kind === 'authsignal' ? service.apiUrl : service.baseUrl;

/** Secrets go to the keychain before anything is started: without a keychain nothing is begun that could not go on later. */
async function plan(
  desk: EnrollmentDesk,
  account: Account,
  userId: string,
): Promise<Result<GatewayPlan, EnrollmentProblem>> {
  const accounts = secretAccounts(userId);
  if (account.mode === 'shared') {
    const identity = await desk.secrets.makeIdentity(userId, account.gatewayToken);
    return identity.ok ? ok({ mode: 'shared', gatewayUrl: account.gatewayUrl, ...identity.value }) : identity;
  }
  const storeKey = await desk.secrets.storeKey(userId);
  if (!storeKey.ok) return storeKey;
  const storeKeyBase64 = storeKey.value;
  if (account.mode === 'trial') return ok({ mode: 'trial', account: null, users: [], storeKeyBase64 });
  const secret = secretOf(account);
  const kept = await desk.secrets.set(accounts.accountSecret, secret);
  if (!kept.ok) return kept;
  return ok({ mode: 'embedded', service: serviceOf(account), secret, storeKeyBase64 });
}

function recordOf(
  account: Account,
  userId: string,
  displayName: string,
  simulator: RunningGateway['simulator'],
): EnrollmentRecord {
  const common = { version: 2, userId, displayName, enrolledAtWall: null, registered: false } as const;
  switch (account.mode) {
    case 'shared':
      return { ...common, mode: 'shared', trial: false, gatewayUrl: account.gatewayUrl };
    case 'embedded':
      return { ...common, mode: 'embedded', trial: false, ...serviceOf(account) };
    case 'trial': {
      if (simulator === null) throw new Error('a trial without a simulated service');
      const simulatorPort = Number(new URL(simulator.url).port);
      return { ...common, mode: 'trial', trial: true, appId: simulator.appId, simulatorPort };
    }
  }
}

/** Drops what was begun: record first, so that a crash on the way leaves no record whose secrets are gone. */
export async function discard(desk: EnrollmentDesk): Promise<void> {
  const { record } = desk.state();
  desk.stopBackground();
  await desk.deps.records.remove();
  if (record !== null) await takeDown(desk, record.userId);
}

/** A damaged record of somebody else stays where it is: it still guards. */
async function takeDown(desk: EnrollmentDesk, userId: string): Promise<void> {
  // While there is a connection: otherwise the token would stay spent for an enrollment that never was.
  const left = await desk.deps.link.forgetDevice();
  if (!left.ok) desk.deps.logger.info('the gateway could not be told to forget this workstation’s key');
  await desk.gateway.down();
  // What the keychain does not let go of now belongs to an enrollment that never was; its names are never used again.
  await desk.secrets.forget(userId);
  await forgetCodes(desk, userId);
  const { damaged } = desk.state();
  desk.update({ ...NOBODY, busy: true, damaged });
}
