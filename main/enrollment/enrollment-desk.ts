import type { ConfirmationMethod, MethodsOfPerson, PersonConfig } from '../../protocol/confirmation-methods.ts';
import type { Capabilities, Prompt } from '../../protocol/frames.ts';
import type { ActionResult } from '../../protocol/ipc.ts';
import type { EnrollmentView } from '../../protocol/view-model.ts';
import { MAX_TESTS_PER_HOUR, TESTS_WINDOW_MS } from './enrollment-limits.ts';
import type { EnrollmentDependencies, EnrollmentRecord } from './enrollment-ports.ts';
import { createEnrollmentSecrets, type EnrollmentSecrets } from './enrollment-secrets.ts';
import { createGatewayBringUp, type GatewayBringUp } from './gateway-bring-up.ts';
import { type EnrollmentProblem, problemOf, sentenceOf } from './problems.ts';
import { watchRegistration } from './registration-watch.ts';
import type { TestApproval } from './test-approval.ts';

/** Where the enrollment stands; every page and every action looks at this one. */
export interface EnrollmentState {
  readonly step: EnrollmentView['step'];
  readonly mode: EnrollmentView['mode'];
  readonly kind: EnrollmentView['kind'];
  readonly busy: boolean;
  /** Begun or finished; null while nobody is. */
  readonly record: EnrollmentRecord | null;
  /** Somebody is enrolled, but the record cannot be read: guarded, and nobody can approve. */
  readonly damaged: boolean;
  readonly capabilities: Capabilities | null;
  readonly registration: {
    /** Null: the service has none. */
    readonly link: string | null;
    /** Monotonic ms, or null. */
    readonly expiresAt: number | null;
    readonly sms: 'idle' | 'sending' | 'sent';
    /** A phone has the link open, as far as the service can tell. */
    readonly opened: boolean;
    readonly registered: boolean;
  } | null;
  readonly contact: EnrollmentView['contact'];
  /** The person's confirmation methods as last heard; null while they were not asked for. */
  readonly methods: {
    readonly methods: readonly ConfirmationMethod[];
    readonly configs: readonly PersonConfig[];
    readonly toConfirm: NonNullable<MethodsOfPerson['toConfirm']> | null;
  } | null;
  readonly test: EnrollmentView['test'];
  readonly testPrompt: Prompt | null;
  /** Recovery codes in force; null: none, or not known. */
  readonly codesLeft: number | null;
  readonly codesProven: boolean;
  readonly problem: EnrollmentProblem | null;
}

export const NOBODY: EnrollmentState = {
  step: 'choose',
  mode: null,
  kind: null,
  busy: false,
  record: null,
  damaged: false,
  capabilities: null,
  registration: null,
  contact: 'idle',
  methods: null,
  test: 'idle',
  testPrompt: null,
  codesLeft: null,
  codesProven: false,
  problem: null,
};

export const DONE: ActionResult = { ok: true };
export type Refusal = Extract<ActionResult, { ok: false }>;
export const refused = (sentence: string): Refusal => ({ ok: false, sentence });

/** What the actions of the enrollment share: the state, the means, and what runs in the background. */
export interface EnrollmentDesk {
  readonly deps: EnrollmentDependencies;
  readonly secrets: EnrollmentSecrets;
  readonly gateway: GatewayBringUp;
  state(): EnrollmentState;
  update(change: Partial<EnrollmentState>): void;
  /** Shows a problem and answers the action with it. */
  fail(problem: EnrollmentProblem, change?: Partial<EnrollmentState>): Refusal;
  /** One action at a time; whatever it throws becomes a problem. */
  exclusively<Done extends { readonly ok: true }>(action: () => Promise<Done | Refusal>): Promise<Done | Refusal>;
  /** @returns a refusal when an enrollment that guards must not be changed now; null when it may. */
  refusalToChange(): Refusal | null;
  /** Shows how to get ready to approve and, with a link, begins to ask whether a phone was added with it. */
  showRegistration(answer: {
    readonly link?: string | undefined;
    readonly expiresAt?: number | undefined;
    readonly registered: boolean;
  }): void;
  /** Asks until the service knows something to approve with. @param expiresAt monotonic ms, or null. */
  awaitRegistration(expiresAt: number | null): void;
  /** @returns whether another test may be asked for now (S7); counts it if so. */
  takeTestAllowance(): boolean;
  startTest(test: TestApproval): void;
  currentTest(): TestApproval | null;
  /** Ends watching and testing. */
  stopBackground(): void;
  onChange(listener: (state: EnrollmentState) => void): () => void;
}

export function createEnrollmentDesk(deps: EnrollmentDependencies): EnrollmentDesk {
  const listeners = new Set<(state: EnrollmentState) => void>();
  let state = NOBODY;
  let stopWatching: (() => void) | null = null;
  let test: TestApproval | null = null;
  let testsAt: readonly number[] = [];

  const update = (change: Partial<EnrollmentState>) => {
    state = { ...state, ...change };
    for (const listener of listeners) listener(state);
  };

  function stopBackground(): void {
    stopWatching?.();
    stopWatching = null;
    test?.cancel();
    test = null;
  }

  const fail: EnrollmentDesk['fail'] = (problem, change = {}) => {
    update({ ...change, problem });
    return refused(sentenceOf(problem));
  };

  function awaitRegistration(expiresAt: number | null): void {
    stopWatching?.();
    const { record } = state;
    if (record === null) return;
    stopWatching = watchRegistration(deps, record.userId, expiresAt, {
      onOpened(opened) {
        if (state.registration === null || state.registration.opened === opened) return;
        update({ registration: { ...state.registration, opened } });
      },
      onRegistered() {
        if (state.registration === null) return;
        update({ step: 'test', registration: { ...state.registration, opened: false, registered: true } });
      },
      onProblem: (problem) => update({ problem }),
    });
  }

  return {
    deps,
    secrets: createEnrollmentSecrets(deps.secrets),
    gateway: createGatewayBringUp(deps),
    state: () => state,
    update,
    fail,
    async exclusively(action) {
      if (state.busy) return refused('Something else is still under way.');
      update({ busy: true, problem: null });
      try {
        return await action();
      } catch (cause) {
        deps.logger.warn(`enrollment: ${cause instanceof Error ? cause.name : 'unknown fault'}`);
        return fail(problemOf('unexpected'));
      } finally {
        update({ busy: false });
      }
    },
    refusalToChange() {
      const guarded = state.damaged || state.record?.registered === true;
      if (!guarded || deps.mayChangeEnrollment()) return null;
      return refused('Approve on your phone first: only the person enrolled here may change this.');
    },
    showRegistration(answer) {
      stopBackground();
      if (state.record === null) return;
      const expiresAt =
        answer.expiresAt === undefined
          ? null
          : deps.clock.monotonicNow() + Math.max(0, answer.expiresAt - deps.clock.wallNow());
      const { link = null, registered } = answer;
      const registration = { link, expiresAt, sms: 'idle', opened: false, registered } as const;
      update({ step: 'phone', registration, contact: 'idle', test: 'idle', testPrompt: null, problem: null });
      // A phone that is registered already says nothing about the one to come: then the person goes on by hand.
      if (link !== null && !registered) awaitRegistration(expiresAt);
    },
    awaitRegistration,
    takeTestAllowance() {
      const now = deps.clock.monotonicNow();
      testsAt = testsAt.filter((at) => now - at < TESTS_WINDOW_MS);
      if (testsAt.length >= MAX_TESTS_PER_HOUR) return false;
      testsAt = [...testsAt, now];
      return true;
    },
    startTest(started) {
      test = started;
    },
    currentTest: () => test,
    stopBackground,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
