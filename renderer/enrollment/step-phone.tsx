import { type JSX, useEffect, useState } from 'react';
import type { EnrollmentView } from '../../protocol/view-model.ts';
import { Button } from '../shared/button.tsx';
import { Mark } from '../shared/mark.tsx';
import { Refusal } from '../shared/note.tsx';
import { QrCode } from '../shared/qr-code.tsx';
import { useAction } from '../shared/use-action.ts';
import { useCountdown } from '../shared/use-countdown.ts';
import { words } from '../shared/words.ts';
import { SmsForm } from './sms-form.tsx';
import type { StepProps } from './step-props.ts';
import { StepTitle } from './step-title.tsx';

const text = words.enrollment.phone;

export function PhoneStep(props: StepProps): JSX.Element {
  const { bridge, view, action, busy } = props;
  const trial = view.mode === 'trial' || view.trial;
  return (
    <>
      <StepTitle title={text.title} lead={trial ? text.leadTrial : text.lead(view.service?.title ?? '')} />
      {view.registration !== null ? <Registration {...props} registration={view.registration} /> : null}
      {view.registration === null && view.problem === null ? (
        <p className="waiting" role="status">
          <Mark name="verifying" />
          {text.preparing}
        </p>
      ) : null}
      <div className="row form__end">
        <Button kind="plain" busy={busy} onPress={() => void action.run(() => bridge.enrollment.back())}>
          {words.back}
        </Button>
      </div>
    </>
  );
}

type RegistrationView = NonNullable<EnrollmentView['registration']>;

function Registration(props: StepProps & { readonly registration: RegistrationView }): JSX.Element {
  const { registration } = props;
  return (
    <>
      <div className="registration">
        <div className="registration__qr">
          <QrCode text={registration.link} label={text.qr} />
        </div>
        <div className="registration__ways">
          <p className="link">
            <span className="only-heard">{text.linkLabel}: </span>
            {registration.link}
          </p>
          <WaysToThePhone {...props} />
          <Expiry {...props} />
        </div>
      </div>
      <p className="waiting" role="status">
        <Mark name={registration.registered ? 'present' : 'verifying'} />
        {registration.registered ? text.registered : text.waiting}
      </p>
    </>
  );
}

function WaysToThePhone({
  bridge,
  view,
  registration,
  numberEdits,
}: StepProps & { readonly registration: RegistrationView }) {
  const action = useAction();
  // A new link has not been copied yet.
  const [copied, setCopied] = useState<string | null>(null);
  const [smsOpen, setSmsOpen] = useState(false);
  const sent = registration.sms === 'sent';
  useEffect(() => setSmsOpen(numberEdits > 0), [numberEdits]);
  useEffect(() => {
    if (sent) setSmsOpen(false);
  }, [sent]);
  const copy = async () => {
    if (await action.run(() => bridge.enrollment.copyLink())) setCopied(registration.link);
  };
  return (
    <>
      <div className="row">
        {view.phonePage === null ? null : (
          <Button
            kind="main"
            busy={action.pending}
            onPress={() => void action.run(() => bridge.enrollment.openPhonePage())}
          >
            {words.openTrialPhone}
          </Button>
        )}
        <Button busy={action.pending} onPress={() => void copy()}>
          {copied === registration.link ? text.copied : text.copy}
        </Button>
        {view.service?.sms === true && !smsOpen ? <Button onPress={() => setSmsOpen(true)}>{text.sms}</Button> : null}
      </div>
      {smsOpen ? (
        <SmsForm
          bridge={bridge}
          sending={registration.sms === 'sending'}
          busy={view.busy}
          onCancel={() => setSmsOpen(false)}
        />
      ) : null}
      <p className="registration__sent" role="status">
        {sent ? text.smsSent : null}
      </p>
      <Refusal text={action.refusal} />
    </>
  );
}

function Expiry({
  registration,
  receivedAt,
  bridge,
  action,
  busy,
}: StepProps & { readonly registration: RegistrationView }) {
  const { expiresInMs } = registration;
  const left = useCountdown(expiresInMs === null ? null : { endsInMs: expiresInMs, totalMs: expiresInMs }, receivedAt);
  return (
    <div className="row registration__expiry">
      {left === null ? null : <span>{left.ms > 0 ? text.expiresIn(left.ms) : text.expired}</span>}
      <Button kind="plain" busy={busy} onPress={() => void action.run(() => bridge.enrollment.newLink())}>
        {text.newLink}
      </Button>
    </div>
  );
}
