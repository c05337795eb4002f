import { type FormEvent, type JSX, useEffect, useRef } from 'react';
import type { ActionResult } from '../../protocol/ipc.ts';
import { SubmitButton } from '../shared/button.tsx';
import { QrCode } from '../shared/qr-code.tsx';
import { words } from '../shared/words.ts';
import { Field } from './field.tsx';
import { keyInLink } from './method-form.ts';
import type { MethodChange } from './methods.tsx';

const text = words.enrollment.methods;
/** Limit of `methods.confirm` (protocol/ipc.ts). */
const CODE_MAX_CHARACTERS = 128;

export interface ConfirmChangeProps {
  readonly label: string;
  readonly change: MethodChange;
  readonly confirm: (data: string) => Promise<ActionResult>;
}

/** A method counts once the person has shown that it reaches them. */
export function ConfirmChange({ label, change, confirm }: ConfirmChangeProps): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (change.busy) return;
    const typed = new FormData(event.currentTarget).get('code');
    const done = await change.run(() => confirm(typeof typed === 'string' ? typed.trim() : ''));
    if (!done) form.current?.querySelector('input')?.select();
  };
  return (
    <form className="sms methods__confirm" ref={form} onSubmit={submit} noValidate autoComplete="off">
      <h3>{text.confirmTitle}</h3>
      <Field
        name="code"
        label={label}
        help={text.confirmHelp}
        maxLength={CODE_MAX_CHARACTERS}
        autoComplete="one-time-code"
      />
      <div className="row">
        <SubmitButton busy={change.busy}>{text.confirm}</SubmitButton>
      </div>
    </form>
  );
}

/** Holds a secret: here as long as this window shows it, and nowhere else. */
export function SetUpLink({ link }: { readonly link: string }): JSX.Element {
  const key = keyInLink(link);
  return (
    <div className="registration">
      <div className="registration__qr">
        <QrCode text={link} label={text.setUpLinkQr} />
      </div>
      <div className="registration__ways">
        <h3>{text.setUpLinkTitle}</h3>
        <p className="manage__note">{text.setUpLinkText}</p>
        <p className="link">
          {key === null ? null : <span className="only-heard">{text.setUpKey}: </span>}
          {key ?? link}
        </p>
      </div>
    </div>
  );
}
