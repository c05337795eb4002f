import type { MethodSettings } from '../../protocol/confirmation-methods.ts';
import type { KnownContact } from '../../protocol/frames.ts';
import type { Account, ActionResult, ArgsOf, MadeCodesResult, MethodChanged } from '../../protocol/ipc.ts';
import type { EnrollmentView } from '../../protocol/view-model.ts';
import { beginEnrollment, forgetToken } from './begin-enrollment.ts';
import { goBack, removeEnrollment, replaceLostDevice } from './end-enrollment.ts';
import { createEnrollmentDesk, DONE, type EnrollmentDesk, refused } from './enrollment-desk.ts';
import type { EnrollmentDependencies, EnrollmentRecord } from './enrollment-ports.ts';
import { enrollmentView } from './enrollment-view.ts';
import { confirmMethod, createMethod, deleteMethod, refreshMethods, updateMethod } from './methods-step.ts';
import { copyCodes, makeCodes, openCodes, proveCodes } from './offline-codes-step.ts';
import { addContact, newLink, sendSms } from './phone-step.ts';
import { type EnrollmentProblem, problemOf, problemOfFailure } from './problems.ts';
import { resumeEnrollment } from './resume-enrollment.ts';
import { testApproval } from './test-approval.ts';

/** The enrollment, one function per `enrollment.*` channel of protocol/ipc.ts. None rejects; a refusal is a sentence. */
export interface EnrollmentFlow {
  view(): EnrollmentView;
  onChange(listener: (view: EnrollmentView) => void): () => void;
  /** At start: guards whom the record names and brings their gateway up. Call once, before anything else. */
  resume(): Promise<void>;
  useAccount(account: Account, displayName: string): Promise<ActionResult>;
  sendSms(phoneNumber: string): Promise<ActionResult>;
  addContact(contact: KnownContact): Promise<ActionResult>;
  /** While adding a phone: a fresh link. While managing: a link for the same person once more (re-enroll). */
  newLink(): Promise<ActionResult>;
  copyLink(): Promise<ActionResult>;
  /** The link of a test approval that is to be opened on the phone. */
  copyPrompt(): Promise<ActionResult>;
  openPhonePage(): Promise<ActionResult>;
  test(): Promise<ActionResult>;
  /** A code typed during a test. Refused while no test wants one: then it is meant for the curtain's session. */
  answer(data: string): Promise<ActionResult>;
  finish(): Promise<ActionResult>;
  /** The person's confirmation methods; what a change answers besides is told once and is in no view. */
  refreshMethods(): Promise<ActionResult>;
  createMethod(methodId: string, settings: MethodSettings): Promise<MethodChanged>;
  confirmMethod(data: string): Promise<ActionResult>;
  updateMethod(change: ArgsOf<'methods.update'>): Promise<MethodChanged>;
  deleteMethod(configId: string): Promise<ActionResult>;
  /** The step of the recovery codes: after an approved test, or to renew them. */
  openCodes(): Promise<ActionResult>;
  makeCodes(): Promise<MadeCodesResult>;
  proveCodes(typed: string): Promise<ActionResult>;
  copyCodes(what: 'recovery' | 'link'): Promise<ActionResult>;
  lostDevice(): Promise<ActionResult>;
  remove(): Promise<ActionResult>;
  back(): Promise<ActionResult>;
  /** Who is enrolled, for whoever shows it; null while nobody is. */
  record(): EnrollmentRecord | null;
  /** Stops the gateway and everything that runs in the background; keeps the enrollment. */
  close(): Promise<void>;
}

export function createEnrollmentFlow(deps: EnrollmentDependencies): EnrollmentFlow {
  const desk = createEnrollmentDesk(deps);
  const { state, exclusively } = desk;
  let closed = false;
  const view = () =>
    enrollmentView(state(), desk.gateway.simulator()?.url ?? null, deps.codesRequired(), deps.clock.monotonicNow());
  const stopCounting = deps.codes.onLeft((userId, codesLeft) => {
    if (state().record?.userId === userId) desk.update({ codesLeft });
  });
  let withoutToken: string | null = null;
  /** Let in by the key: it is known there, and a token still in the keychain is of no use to anybody but a thief. */
  async function forgetTokenOnce(userId: string): Promise<void> {
    if (withoutToken !== userId && (await forgetToken(desk, userId))) withoutToken = userId;
  }
  const stopListening = deps.link.onReady((capabilities) => {
    const { record } = state();
    if (record === null) return;
    if (record.mode === 'shared') void forgetTokenOnce(record.userId);
    // A shared gateway that was away at start is there now.
    const waited = state().capabilities === null && !state().busy;
    desk.update({ capabilities, ...(waited ? { problem: null } : {}) });
  });

  const stopListeningToRefusals = deps.link.onRefused((why) => {
    // During an action it is that action's to say, and of a removal the last word of the gateway.
    if (state().record === null || state().busy) return;
    desk.update({ capabilities: null, problem: problemOfFailure(why) });
  });

  return {
    view,
    onChange: (listener) => desk.onChange(() => listener(view())),
    record: () => state().record,
    resume: () => resumeEnrollment(desk, () => !closed),
    useAccount: (account, displayName) => exclusively(() => beginEnrollment(desk, account, displayName)),
    sendSms: (phoneNumber) => exclusively(() => sendSms(desk, phoneNumber)),
    addContact: (contact) => exclusively(() => addContact(desk, contact)),
    newLink: () => exclusively(() => newLink(desk)),
    async copyLink() {
      const { registration } = state();
      if (registration === null || registration.link === null) return refused('There is no link yet.');
      deps.copyText(registration.link);
      return DONE;
    },
    async copyPrompt() {
      const { testPrompt } = state();
      if (testPrompt?.kind !== 'link') return refused('There is no link now.');
      deps.copyText(testPrompt.url);
      return DONE;
    },
    async openPhonePage() {
      const { phonePage } = view();
      if (phonePage === null) return refused('There is no simulated phone: this is not a trial.');
      try {
        await deps.openInBrowser(phonePage);
        return DONE;
      } catch {
        return refused('The browser could not be opened. Open the address by hand.');
      }
    },
    test: () => exclusively(() => startTest(desk)),
    async answer(data) {
      const passedOn = state().test === 'asking' && desk.currentTest()?.answer(data) === true;
      return passedOn ? DONE : refused('Nothing has to be typed now.');
    },
    finish: () => exclusively(() => finish(desk)),
    refreshMethods: () => exclusively(() => refreshMethods(desk)),
    createMethod: (methodId, settings) => exclusively(() => createMethod(desk, methodId, settings)),
    confirmMethod: (data) => exclusively(() => confirmMethod(desk, data)),
    updateMethod: (change) => exclusively(() => updateMethod(desk, change)),
    deleteMethod: (configId) => exclusively(() => deleteMethod(desk, configId)),
    openCodes: () => exclusively(() => openCodes(desk)),
    makeCodes: async () => makeCodes(desk),
    proveCodes: (typed) => exclusively(() => proveCodes(desk, typed)),
    copyCodes: async (what) => copyCodes(desk, what),
    lostDevice: () => exclusively(() => replaceLostDevice(desk)),
    remove: () => exclusively(() => removeEnrollment(desk)),
    back: () => exclusively(() => goBack(desk)),
    async close() {
      closed = true;
      stopListening();
      stopListeningToRefusals();
      stopCounting();
      deps.codes.drop();
      desk.stopBackground();
      await deps.processes.stopGateway();
      await deps.processes.stopSimulator();
    },
  };
}

async function startTest(desk: EnrollmentDesk): Promise<ActionResult> {
  const { record, registration, test } = desk.state();
  if (test === 'asking') return refused('The phone is being asked already.');
  if (record === null || !(record.registered || registration?.registered === true)) {
    return desk.fail(problemOf('phone-missing'));
  }
  if (!desk.takeTestAllowance()) return desk.fail(problemOf('asked-too-often'));
  desk.stopBackground();
  desk.update({ step: registration === null ? 'manage' : 'test', test: 'asking', testPrompt: null });
  let failure: EnrollmentProblem | null = null;
  desk.startTest(
    testApproval(
      desk.deps,
      record.userId,
      (testPrompt) => desk.update({ testPrompt }),
      ({ test: outcome, problem }) => {
        failure = problem;
        desk.update({ test: outcome, testPrompt: null, problem });
      },
    ),
  );
  return failure === null ? DONE : desk.fail(failure);
}

/** The guard begins here: from the written record on, a restart guards too. */
async function finish(desk: EnrollmentDesk): Promise<ActionResult> {
  const { record, test, codesLeft } = desk.state();
  const { deps } = desk;
  if (record === null || test !== 'approved') return refused('Try an approval first, so that nobody is locked out.');
  if (deps.codesRequired() && codesLeft === null) return desk.fail(problemOf('codes-missing'), { step: 'codes' });
  const enrolled = { ...record, registered: true, enrolledAtWall: record.enrolledAtWall ?? deps.clock.wallNow() };
  try {
    await deps.records.write(enrolled);
  } catch {
    return desk.fail(problemOf('record-not-written'));
  }
  desk.stopBackground();
  deps.codes.drop();
  desk.update({ step: 'done', record: enrolled, registration: null, test: 'idle', codesProven: false });
  // Told again, the machine would take it for another person and lock; nothing has changed for it.
  if (record.registered) return DONE;
  const enrollment = { userId: record.userId, deviceId: deps.deviceId };
  deps.dispatch({ at: deps.clock.monotonicNow(), type: 'enrollment.changed', enrollment });
  return DONE;
}
