import { type JSX, useEffect, useRef, useState } from 'react';
import type { ActionResult, PresenceLockerBridge } from '../../protocol/ipc.ts';
import type { EnrollmentView } from '../../protocol/view-model.ts';
import { Announcer } from '../shared/announcement.tsx';
import { assertNever } from '../shared/assert-never.ts';
import { Button } from '../shared/button.tsx';
import { Note, Refusal } from '../shared/note.tsx';
import { useAction } from '../shared/use-action.ts';
import { words } from '../shared/words.ts';
import { displayNameFrom } from './account-form.ts';
import { Manage } from './manage.tsx';
import { sendAccount } from './send-account.ts';
import { AccountStep } from './step-account.tsx';
import { ChooseStep } from './step-choose.tsx';
import { CodesStep } from './step-codes.tsx';
import { DoneStep } from './step-done.tsx';
import { PhoneStep } from './step-phone.tsx';
import type { BodyProps, StepProps } from './step-props.ts';
import { TestStep } from './step-test.tsx';
import { stepShown } from './steps.ts';
import { isToldAbove } from './told-above.ts';

export function EnrollmentBody(props: BodyProps): JSX.Element {
  const { bridge, view, draft, setDraft } = props;
  const action = useAction();
  const [numberEdits, setNumberEdits] = useState(0);
  const main = useRef<HTMLElement>(null);
  const step = stepShown(view, draft);
  const shownStep = useRef(step);
  // A new step begins at its heading, for the keyboard and the screen reader alike.
  useEffect(() => {
    if (shownStep.current === step) return;
    shownStep.current = step;
    setNumberEdits(0);
    main.current?.querySelector<HTMLElement>('h1')?.focus();
  }, [step]);

  const problem = isOutcomeOfTest(view) ? null : view.problem;
  const told = useRef<HTMLDivElement>(null);
  const problemCode = problem?.code ?? null;
  // What was pressed may stand far below what it led to.
  useEffect(() => {
    if (problemCode !== null) told.current?.scrollIntoView({ block: 'nearest' });
  }, [problemCode]);

  return (
    <main className="body" ref={main} data-step={step}>
      {problem === null ? null : (
        <div className="body__problem" role="alert" ref={told}>
          <Note title={problem.title} text={problem.detail}>
            {problem.wayOn === 'none' || isInPlace(step, problem.wayOn) ? undefined : (
              <Button busy={action.pending || view.busy} onPress={() => goOn(problem.wayOn)}>
                {words.enrollment.wayOn[problem.wayOn]}
              </Button>
            )}
          </Note>
        </div>
      )}
      <StepBody {...props} step={step} action={action} busy={view.busy || action.pending} numberEdits={numberEdits} />
      <Refusal text={isToldAbove(action.refusal, view.problem) ? null : action.refusal} />
      <Announcer text={view.busy ? words.enrollment.account.submitting : ''} />
    </main>
  );

  function goOn(wayOn: NonNullable<EnrollmentView['problem']>['wayOn']): void {
    switch (wayOn) {
      case 'retry':
        if (step === 'account') submitForm(main.current);
        else void action.run(() => again(bridge, view, props.workstation));
        return;
      case 'edit-account':
        if (step === 'account') focusFirstField(main.current);
        else void action.run(() => bridge.enrollment.back());
        return;
      case 'new-link':
        void action.run(() => bridge.enrollment.newLink());
        return;
      case 'edit-number':
        setNumberEdits(numberEdits + 1);
        return;
      case 'back':
        setDraft(null);
        void action.run(() => bridge.enrollment.back());
        return;
      case 'none':
        return;
      default:
        assertNever(wayOn);
    }
  }
}

/** An answer of the phone is the whole screen of the test already, way on included. */
function isOutcomeOfTest({ step, test, problem }: EnrollmentView): boolean {
  return step === 'test' && problem?.code === `test-${test}`;
}

/** Where the button that failed stands on the screen itself, a second one for the same would only be a riddle. */
const isInPlace = (step: EnrollmentView['step'], wayOn: NonNullable<EnrollmentView['problem']>['wayOn']): boolean =>
  wayOn === 'retry' && (step === 'manage' || step === 'done' || step === 'codes');

/** What "try again" repeats at each step. */
function again(bridge: PresenceLockerBridge, view: EnrollmentView, workstation: string): Promise<ActionResult> {
  switch (view.step) {
    case 'choose':
      return sendAccount(bridge, { mode: 'trial' }, displayNameFrom(workstation));
    case 'test':
      return view.test === 'approved' ? bridge.enrollment.finish() : bridge.enrollment.test();
    case 'account':
    case 'phone':
    case 'codes':
    case 'done':
    case 'manage':
      return bridge.enrollment.newLink();
    default:
      return assertNever(view.step);
  }
}

function submitForm(main: HTMLElement | null): void {
  main?.querySelector('form')?.requestSubmit();
}

function focusFirstField(main: HTMLElement | null): void {
  main?.querySelector<HTMLElement>('form .input')?.focus();
}

function StepBody({ step, ...props }: StepProps & { readonly step: EnrollmentView['step'] }): JSX.Element {
  switch (step) {
    case 'choose':
      return <ChooseStep {...props} />;
    case 'account':
      return <AccountStep {...props} />;
    case 'phone':
      return <PhoneStep {...props} />;
    case 'test':
      return <TestStep {...props} />;
    case 'codes':
      return <CodesStep {...props} />;
    case 'done':
      return <DoneStep {...props} />;
    case 'manage':
      return <Manage {...props} />;
    default:
      return assertNever(step);
  }
}
