import { type JSX, useEffect, useRef, useState } from 'react';
import type { ActionResult, PresenceLockerBridge } from '../../protocol/ipc.ts';
import type { EnrollmentView } from '../../protocol/view-model.ts';
import { Announcer } from '../shared/announcement.tsx';
import { assertNever } from '../shared/assert-never.ts';
import { Button } from '../shared/button.tsx';
import { Note, Refusal } from '../shared/note.tsx';
import { useAction } from '../shared/use-action.ts';
import { words } from '../shared/words.ts';
import { Manage } from './manage.tsx';
import { AccountStep } from './step-account.tsx';
import { ChooseStep } from './step-choose.tsx';
import { DoneStep } from './step-done.tsx';
import { PhoneStep } from './step-phone.tsx';
import type { BodyProps, StepProps } from './step-props.ts';
import { TestStep } from './step-test.tsx';
import { stepShown } from './steps.ts';

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

  return (
    <main className="body" ref={main} data-step={step}>
      {view.problem === null ? null : (
        <div className="body__problem" role="alert">
          <Note title={view.problem.title} text={view.problem.detail}>
            {view.problem.wayOn === 'none' ? undefined : (
              <Button busy={action.pending || view.busy} onPress={() => goOn(view.problem?.wayOn ?? 'none')}>
                {words.enrollment.wayOn[view.problem.wayOn]}
              </Button>
            )}
          </Note>
        </div>
      )}
      <StepBody {...props} step={step} action={action} busy={view.busy || action.pending} numberEdits={numberEdits} />
      <Refusal text={action.refusal} />
      <Announcer text={view.busy ? words.enrollment.account.submitting : ''} />
    </main>
  );

  function goOn(wayOn: NonNullable<EnrollmentView['problem']>['wayOn']): void {
    switch (wayOn) {
      case 'retry':
        if (step === 'account') submitForm(main.current);
        else void action.run(() => again(bridge, view));
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

/** What "try again" repeats at each step. */
function again(bridge: PresenceLockerBridge, view: EnrollmentView): Promise<ActionResult> {
  return view.step === 'test' ? bridge.enrollment.test() : bridge.enrollment.newLink();
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
    case 'done':
      return <DoneStep {...props} />;
    case 'manage':
      return <Manage {...props} />;
    default:
      return assertNever(step);
  }
}
