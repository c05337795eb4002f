import { type FormEvent, type JSX, useEffect, useState } from 'react';
import type { PresenceLockerBridge } from '../../protocol/ipc.ts';
import type { EnrollmentView } from '../../protocol/view-model.ts';
import { SubmitButton } from '../shared/button.tsx';
import { Refusal } from '../shared/note.tsx';
import { useAction } from '../shared/use-action.ts';
import { words } from '../shared/words.ts';
import { Field } from './field.tsx';

type CodePrompt = Extract<NonNullable<EnrollmentView['testPrompt']>, { kind: 'code' }>;

/** A test approval of a service that wants a code typed. */
export function TypedAnswer({
  bridge,
  prompt,
}: {
  readonly bridge: PresenceLockerBridge;
  readonly prompt: CodePrompt;
}): JSX.Element {
  const action = useAction();
  const [wrong, setWrong] = useState<string>();
  const { triesLeft } = prompt;
  // The service's word on the last code comes with the state, after the answer of `run`.
  useEffect(() => {
    if (triesLeft !== undefined) setWrong(words.curtain.codeWrong(triesLeft));
  }, [triesLeft]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget).get('code');
    const code = typeof typed === 'string' ? typed.trim() : '';
    setWrong(code === '' ? words.curtain.codeEmpty : undefined);
    if (code !== '') void action.run(() => bridge.action.answer(code));
  };
  return (
    <form className="sms" onSubmit={submit} noValidate>
      <Field name="code" label={prompt.label} maxLength={prompt.length ?? 128} wrong={wrong} />
      <div className="row">
        <SubmitButton busy={action.pending}>{words.curtain.submitCode}</SubmitButton>
      </div>
      <Refusal text={action.refusal} />
    </form>
  );
}
