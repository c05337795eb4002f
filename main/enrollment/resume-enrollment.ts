import { ok, type Result } from '../../protocol/result.ts';
import { DONE, type EnrollmentDesk } from './enrollment-desk.ts';
import { RESUME_RETRY_MAX_MS, RESUME_RETRY_MIN_MS } from './enrollment-limits.ts';
import type { EnrollmentRecord } from './enrollment-ports.ts';
import { secretAccounts } from './enrollment-secrets.ts';
import type { GatewayPlan } from './gateway-bring-up.ts';
import { readMethods } from './methods-step.ts';
import { countCodes } from './offline-codes-step.ts';
import { type EnrollmentProblem, problemOf, problemOfFailure } from './problems.ts';
import { isDeadEnd } from './ways-to-enroll.ts';

/**
 * Stands in for a user that cannot be read from a damaged record: no service knows it, so nothing is ever approved for it.
 * Guarding nobody instead would make damaging a file the way in (S5).
 */
export const USER_OF_A_DAMAGED_RECORD = 'damaged-record';

const TRIED_AGAIN = 'It is tried again by itself.';

/**
 * At start: guards whom the record names, before and whether or not anything else works, and brings their gateway up, again and
 * again if need be. @returns after the first attempt. @param stillWanted false once the app ends.
 */
export async function resumeEnrollment(desk: EnrollmentDesk, stillWanted: () => boolean): Promise<void> {
  const { deps } = desk;
  const reading = await deps.records.read();
  if (reading.kind === 'absent') return;
  if (reading.kind === 'invalid') {
    deps.logger.warn('the enrollment record is damaged; nobody can approve');
    guard(desk, USER_OF_A_DAMAGED_RECORD);
    desk.update({ step: 'manage', damaged: true, problem: problemOf('record-damaged', reading.problem) });
    return;
  }
  const record = reading.value;
  if (record.registered) guard(desk, record.userId);
  desk.update({ step: record.registered ? 'manage' : 'phone', mode: record.mode, kind: kindOf(record), record });
  void countCodes(desk);
  await bringUp(desk, record, stillWanted, RESUME_RETRY_MIN_MS);
}

function guard({ deps }: EnrollmentDesk, userId: string): void {
  const enrollment = { userId, deviceId: deps.deviceId };
  deps.dispatch({ at: deps.clock.monotonicNow(), type: 'enrollment.changed', enrollment });
}

async function bringUp(
  desk: EnrollmentDesk,
  record: EnrollmentRecord,
  stillWanted: () => boolean,
  retryMs: number,
): Promise<void> {
  const isCurrent = () => stillWanted() && desk.state().record?.userId === record.userId;
  let problem: EnrollmentProblem | null = problemOf('unexpected');
  // Exclusively: nobody may remove the enrollment while its gateway is half up. Refused while an action runs: later, then.
  await desk.exclusively(async () => {
    problem = await attempt(desk, record);
    return DONE;
  });
  if (problem === null || !isCurrent()) return;
  const { code, detail } = problem;
  desk.deps.logger.warn(`enrollment not up: ${code}; trying again in ${retryMs} ms`);
  desk.update({ problem: { ...problem, detail: `${detail} ${TRIED_AGAIN}`, wayOn: 'none' } });
  desk.deps.timers.after(retryMs, () => {
    // A gateway that was away may have come back by itself.
    if (isCurrent() && desk.state().capabilities === null) {
      void bringUp(desk, record, stillWanted, Math.min(retryMs * 2, RESUME_RETRY_MAX_MS));
    }
  });
}

/** @returns what went wrong, or null. */
async function attempt(desk: EnrollmentDesk, record: EnrollmentRecord): Promise<EnrollmentProblem | null> {
  const planned = await planOf(desk, record);
  if (!planned.ok) return planned.error;
  const running = await desk.gateway.up(planned.value);
  if (!running.ok) return running.error;
  // A keychain that was locked before has been opened since: the gateway's secret came from it.
  if (desk.state().codesLeft === null) void countCodes(desk);
  const { capabilities, simulator } = running.value;
  if (desk.state().record?.userId !== record.userId) return null;
  desk.update({ capabilities, problem: null });
  if (record.mode === 'trial' && simulator !== null) await keepPort(desk, record, simulator.url);
  if (record.registered) return null;
  const { userId, displayName } = record;
  const answer = await desk.deps.link.enroll({ type: 'enroll.begin', userId, displayName });
  // The gateway is up, which is what is tried again by itself; a link is asked for again by hand.
  if (!answer.ok) desk.update({ problem: problemOfFailure(answer.error) });
  else if (isDeadEnd(answer.value.link, capabilities)) desk.update({ problem: problemOf('service-fault') });
  else {
    desk.showRegistration(answer.value);
    await readMethods(desk);
  }
  return null;
}

async function planOf(desk: EnrollmentDesk, record: EnrollmentRecord): Promise<Result<GatewayPlan, EnrollmentProblem>> {
  if (record.mode === 'shared') {
    const identity = await desk.secrets.identity(record.userId);
    return identity.ok ? ok({ mode: 'shared', gatewayUrl: record.gatewayUrl, ...identity.value }) : identity;
  }
  const secret = await desk.secrets.get(secretAccounts(record.userId).accountSecret);
  if (!secret.ok) return secret;
  if (secret.value === null) return { ok: false, error: problemOf('secret-missing') };
  const storeKey = await desk.secrets.storeKey(record.userId);
  if (!storeKey.ok) return storeKey;
  const storeKeyBase64 = storeKey.value;
  if (record.mode === 'trial') {
    const account = { appId: record.appId, appSecret: secret.value, port: record.simulatorPort };
    return ok({ mode: 'trial', account, users: record.registered ? [record.userId] : [], storeKeyBase64 });
  }
  return ok({ mode: 'embedded', service: record, secret: secret.value, storeKeyBase64 });
}

const kindOf = (record: EnrollmentRecord) => (record.mode === 'embedded' ? record.kind : null);

/** The simulated service listens elsewhere than last time when its port was taken. */
async function keepPort(
  desk: EnrollmentDesk,
  record: Extract<EnrollmentRecord, { mode: 'trial' }>,
  url: string,
): Promise<void> {
  const simulatorPort = Number(new URL(url).port);
  if (simulatorPort === record.simulatorPort) return;
  const moved = { ...record, simulatorPort };
  try {
    await desk.deps.records.write(moved);
    desk.update({ record: moved });
  } catch {
    desk.deps.logger.warn('the port of the simulated service could not be kept; next time it may be another');
  }
}
