import { type FormEvent, type JSX, useEffect, useRef, useState } from 'react';
import type { PresenceLockerBridge } from '../../protocol/ipc.ts';
import { Button, SubmitButton } from '../shared/button.tsx';
import { Refusal } from '../shared/note.tsx';
import { useAction } from '../shared/use-action.ts';
import { words } from '../shared/words.ts';
import { Field } from './field.tsx';
import { e164From } from './phone-number.ts';

const text = words.enrollment.phone;

export interface SmsFormProps {
  readonly bridge: PresenceLockerBridge;
  readonly sending: boolean;
  readonly busy: boolean;
  readonly onCancel: () => void;
}

export function SmsForm({ bridge, sending, busy, onCancel }: SmsFormProps): JSX.Element {
  const action = useAction();
  const form = useRef<HTMLFormElement>(null);
  const [wrong, setWrong] = useState<string>();
  useEffect(() => form.current?.querySelector('input')?.focus(), []);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget).get('phoneNumber');
    const phoneNumber = e164From(typeof typed === 'string' ? typed : '');
    setWrong(phoneNumber === null ? text.smsWrong : undefined);
    if (phoneNumber === null) form.current?.querySelector('input')?.focus();
    else void action.run(() => bridge.enrollment.sendSms(phoneNumber));
  };
  return (
    <form className="sms" ref={form} onSubmit={submit} noValidate>
      <Field
        name="phoneNumber"
        type="tel"
        inputMode="tel"
        label={text.smsLabel}
        help={text.smsHelp}
        placeholder="+"
        wrong={wrong}
      />
      <div className="row">
        <SubmitButton busy={busy || action.pending}>{sending ? text.smsSending : text.smsSend}</SubmitButton>
        <Button kind="plain" onPress={onCancel}>
          {words.cancel}
        </Button>
      </div>
      <Refusal text={action.refusal} />
    </form>
  );
}
