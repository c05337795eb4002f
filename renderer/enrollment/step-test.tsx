import type { JSX } from 'react';
import type { EnrollmentView, Mark as MarkName } from '../../protocol/view-model.ts';
import { assertNever } from '../shared/assert-never.ts';
import { Button } from '../shared/button.tsx';
import { QrCode } from '../shared/qr-code.tsx';
import { Ring, RingNumber } from '../shared/ring.tsx';
import { words } from '../shared/words.ts';
import type { StepProps } from './step-props.ts';
import { StepTitle } from './step-title.tsx';
import { TypedAnswer } from './typed-answer.tsx';

const text = words.enrollment.test;

interface Shown {
  readonly mark: MarkName;
  readonly title: string;
  readonly lead: string;
}

/** The result of the test approval is the screen: one mark, one sentence, one way on. */
export function TestStep({ bridge, view, action, busy }: StepProps): JSX.Element {
  const shown = shownFor(view);
  const asking = view.test === 'asking';
  return (
    <>
      <StepTitle title={text.title} lead={text.lead} />
      <div className="trial-run">
        {asking && view.testPrompt?.kind === 'link' ? (
          <div className="registration__qr">
            <QrCode text={view.testPrompt.url} label={words.curtain.qr} />
          </div>
        ) : asking && view.testPrompt?.kind === 'number' ? (
          <Ring mark="verifying" remaining={null}>
            <RingNumber value={view.testPrompt.number} unit="" />
          </Ring>
        ) : (
          <Ring mark={shown.mark} remaining={null} turning={asking} />
        )}
        <div className="trial-run__words" role="status">
          <h2>{shown.title}</h2>
          <p>{shown.lead}</p>
        </div>
      </div>
      {asking && view.testPrompt?.kind === 'code' ? <TypedAnswer bridge={bridge} prompt={view.testPrompt} /> : null}
      <div className="row form__end">
        <TestButtons bridge={bridge} view={view} action={action} busy={busy} />
        {asking && view.testPrompt?.kind === 'link' ? (
          <Button onPress={() => void action.run(() => bridge.action.copyLink())}>{words.curtain.copyLink}</Button>
        ) : null}
        {view.phonePage !== null && view.test !== 'approved' ? (
          <Button onPress={() => void action.run(() => bridge.enrollment.openPhonePage())}>
            {words.openTrialPhone}
          </Button>
        ) : null}
        <Button kind="plain" busy={busy} onPress={() => void action.run(() => bridge.enrollment.back())}>
          {words.back}
        </Button>
      </div>
    </>
  );
}

function TestButtons({
  bridge,
  view,
  action,
  busy,
}: Pick<StepProps, 'bridge' | 'view' | 'action' | 'busy'>): JSX.Element | null {
  if (view.test === 'asking') return null;
  if (view.test === 'approved') {
    return view.codes.left === null ? (
      <Button kind="main" busy={busy} onPress={() => void action.run(() => bridge.codes.open())}>
        {text.goOn}
      </Button>
    ) : (
      <Button kind="main" busy={busy} onPress={() => void action.run(() => bridge.enrollment.finish())}>
        {words.enrollment.done.start}
      </Button>
    );
  }
  return (
    <Button kind="main" busy={busy} onPress={() => void action.run(() => bridge.enrollment.test())}>
      {view.test === 'idle' ? text.ask : text.askAgain}
    </Button>
  );
}

function shownFor(view: EnrollmentView): Shown {
  switch (view.test) {
    case 'idle':
      return { mark: 'unenrolled', title: words.enrollment.phone.registered, lead: '' };
    case 'asking':
      return {
        mark: 'verifying',
        title: view.testPrompt?.kind === 'code' ? text.askingCodeTitle : text.asking,
        lead: askingText(view),
      };
    case 'approved':
      return { mark: 'present', title: text.approved, lead: text.approvedText };
    case 'denied':
      return { mark: 'locked', title: text.denied, lead: text.deniedText };
    case 'timeout':
      return { mark: 'leaving', title: text.timeout, lead: text.timeoutText };
    case 'failed':
      return { mark: 'problem', title: text.failed, lead: text.failedText };
    default:
      return assertNever(view.test);
  }
}

function askingText(view: EnrollmentView): string {
  switch (view.testPrompt?.kind) {
    case 'number':
      return text.askingNumber;
    case 'link':
      return text.askingLink;
    case 'code':
      return text.askingCode;
    case 'phone':
    case undefined:
      return text.askingText;
    default:
      return assertNever(view.testPrompt);
  }
}
