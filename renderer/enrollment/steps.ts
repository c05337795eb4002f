import type { EnrollmentView } from '../../protocol/view-model.ts';

/** Chosen here but not yet told to main: main learns the mode together with the account. */
export type Draft = 'embedded' | 'shared';

/** What the form asks for by name: the service decides which fields there are, nothing else. */
export const OWN_SERVICES = ['iampass', 'activeconnect', 'authsignal', 'wcd-2factor'] as const;
export type OwnServiceName = (typeof OWN_SERVICES)[number];

/** Of an account that was tried and did not work; a page that was opened anew no longer knows which profile it was. */
export const serviceTried = ({ kind }: EnrollmentView): OwnServiceName =>
  kind === null || kind === 'activeconnect' ? 'iampass' : kind;

export type Step = EnrollmentView['step'];

/** Choosing an account opens its form at once; main's step is still `choose` until the account is sent. */
export function stepShown(view: EnrollmentView, draft: Draft | null): Step {
  return view.step === 'choose' && draft !== null ? 'account' : view.step;
}

export function accountMode(view: EnrollmentView, draft: Draft | null): Draft {
  if (draft !== null) return draft;
  return view.mode === 'shared' ? 'shared' : 'embedded';
}

export type RailStep = 'choose' | 'account' | 'phone' | 'test' | 'codes';

/** Codes are a step on the way after a test; without one, those of an enrolled person are renewed. */
export const isRenewingCodes = (view: EnrollmentView): boolean => view.step === 'codes' && view.test !== 'approved';

/** The steps someone goes through; a trial has no account to type. */
export function railSteps(view: EnrollmentView): readonly RailStep[] {
  const account: readonly RailStep[] = view.mode === 'trial' || view.trial ? [] : ['account'];
  return ['choose', ...account, 'phone', 'test', 'codes'];
}
