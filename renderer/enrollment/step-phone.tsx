import { type JSX, useEffect, useState } from 'react';
import type { EnrollmentView } from '../../protocol/view-model.ts';
import { Button } from '../shared/button.tsx';
import { Mark } from '../shared/mark.tsx';
import { Refusal } from '../shared/note.tsx';
import { QrCode } from '../shared/qr-code.tsx';
import { useAction } from '../shared/use-action.ts';
import { useCountdown } from '../shared/use-countdown.ts';
import { words } from '../shared/words.ts';
import { ContactForm } from './contact-form.tsx';
import { Methods } from './methods.tsx';
import { NoProximity } from './no-proximity.tsx';
import { SmsForm } from './sms-form.tsx';
import type { StepProps } from './step-props.ts';
import { StepTitle } from './step-title.tsx';

const text = words.enrollment.phone;

export function PhoneStep(props: StepProps): JSX.Element {
  const { bridge, view, action, busy } = props;
  const { registration } = view;
  const ways = view.service?.enrollment ?? [];
  const hasLink = registration !== null && registration.link !== null;
  return (
    <>
      <StepTitle {...titleOf(view, hasLink)} />
      <NoProximity view={view} />
      {hasLink ? <Registration {...props} registration={{ ...registration, link: registration.link ?? '' }} /> : null}
      {registration !== null && ways.includes('contact') ? (
        <section className="way" aria-label={words.enrollment.contact.title}>
          {hasLink ? <h2>{words.enrollment.contact.or}</h2> : null}
          <ContactForm {...props} />
        </section>
      ) : null}
      {registration !== null && ways.includes('methods') ? <Methods {...props} /> : null}
      {view.registration === null && view.problem === null ? (
        <p className="waiting" role="status">
          <Mark name="verifying" />
          {text.preparing}
        </p>
      ) : null}
      <div className="row form__end">
        {registration?.registered === true ? (
          <Button kind="main" busy={busy} onPress={() => void action.run(() => bridge.enrollment.test())}>
            {text.goOn}
          </Button>
        ) : null}
        <Button kind="plain" busy={busy} onPress={() => void action.run(() => bridge.enrollment.back())}>
          {words.back}
        </Button>
      </div>
    </>
  );
}

function titleOf(view: EnrollmentView, hasLink: boolean): { readonly title: string; readonly lead: string } {
  const { service, registration } = view;
  if (view.mode === 'trial' || view.trial) return { title: text.title, lead: text.leadTrial };
  if (hasLink || registration === null) return { title: text.title, lead: text.lead };
  if (service?.enrollment.includes('methods') === true) {
    return { title: text.titleMethods, lead: text.leadMethods(service.title) };
  }
  return { title: text.titleMethods, lead: text.leadContact };
}

/** With the link that there is. */
type RegistrationView = NonNullable<EnrollmentView['registration']> & { readonly link: string };

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
        {registration.registered ? text.registered : registration.opened ? text.opened : text.waiting}
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
        {view.service?.enrollment.includes('sms') === true && !smsOpen ? (
          <Button onPress={() => setSmsOpen(true)}>{text.sms}</Button>
        ) : null}
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
