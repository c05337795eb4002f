import { type FormEvent, type JSX, useRef, useState } from 'react';
import type { KnownContact } from '../../protocol/frames.ts';
import { Button, SubmitButton } from '../shared/button.tsx';
import { Refusal } from '../shared/note.tsx';
import { useAction } from '../shared/use-action.ts';
import { words } from '../shared/words.ts';
import { Field } from './field.tsx';
import { contactFrom } from './phone-number.ts';
import { Segments } from './segments.tsx';
import type { StepProps } from './step-props.ts';
import { isToldAbove } from './told-above.ts';

const text = words.enrollment.contact;
const KINDS = ['phone', 'email'] as const satisfies readonly KnownContact['kind'][];

/** A number or address that is the person's already. @param onCancel where there is something to go back to. */
export function ContactForm({
  bridge,
  view,
  busy,
  onCancel,
}: Pick<StepProps, 'bridge' | 'view' | 'busy'> & { readonly onCancel?: () => void }): JSX.Element {
  const action = useAction();
  const form = useRef<HTMLFormElement>(null);
  const [kind, setKind] = useState<KnownContact['kind']>('phone');
  const [wrong, setWrong] = useState<string>();
  const choose = (chosen: KnownContact['kind']) => {
    setKind(chosen);
    setWrong(undefined);
  };

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const typed = new FormData(event.currentTarget).get(kind);
    const contact = contactFrom(kind, typeof typed === 'string' ? typed : '');
    setWrong(contact === null ? (kind === 'phone' ? text.phoneWrong : text.emailWrong) : undefined);
    if (contact === null) form.current?.querySelector<HTMLElement>('.input')?.focus();
    else void action.run(() => bridge.enrollment.addContact(contact));
  };
  return (
    <form className="sms" ref={form} onSubmit={submit} noValidate autoComplete="off">
      <Segments
        name="contactKind"
        label={text.kind}
        options={KINDS.map((value) => ({ value, title: text.kinds[value] }))}
        chosen={kind}
        onChoose={choose}
      />
      {kind === 'phone' ? (
        <Field
          key="phone"
          name="phone"
          type="tel"
          inputMode="tel"
          label={text.phone}
          help={text.phoneHelp}
          placeholder="+"
          wrong={wrong}
        />
      ) : (
        <Field
          key="email"
          name="email"
          type="email"
          inputMode="email"
          label={text.email}
          help={text.emailHelp}
          wrong={wrong}
        />
      )}
      <p className="manage__note">{text.next}</p>
      <div className="row">
        <SubmitButton busy={busy || action.pending}>
          {view.contact === 'sending' ? text.sending : text.submit}
        </SubmitButton>
        {onCancel === undefined ? null : (
          <Button kind="plain" onPress={onCancel}>
            {words.cancel}
          </Button>
        )}
      </div>
      <p className="registration__sent" role="status">
        {view.contact === 'added' ? text.added : null}
      </p>
      <Refusal text={isToldAbove(action.refusal, view.problem) ? null : action.refusal} />
    </form>
  );
}
