import { type FormEvent, type JSX, useRef, useState } from 'react';
import { Button, SubmitButton } from '../shared/button.tsx';
import { words } from '../shared/words.ts';
import { displayNameFrom, type Mistakes, readAccountForm } from './account-form.ts';
import { Field } from './field.tsx';
import { sendAccount } from './send-account.ts';
import type { StepProps } from './step-props.ts';
import { StepTitle } from './step-title.tsx';
import { accountMode } from './steps.ts';

const text = words.enrollment.account;

export function AccountStep({ bridge, view, workstation, draft, setDraft, action, busy }: StepProps): JSX.Element {
  const mode = accountMode(view, draft);
  const form = useRef<HTMLFormElement>(null);
  const [mistakes, setMistakes] = useState<Mistakes>({});

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const data = new FormData(event.currentTarget);
    const read = readAccountForm(mode, (field) => {
      const value = data.get(field);
      return typeof value === 'string' ? value : '';
    });
    setMistakes(read.ok ? {} : read.mistakes);
    if (!read.ok) {
      // After the drawing, so that the field found is one that is marked wrong.
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    if (await action.run(() => sendAccount(bridge, read.account, read.displayName))) setDraft(null);
  };
  const goBack = () => {
    setDraft(null);
    if (view.step !== 'choose') void action.run(() => bridge.enrollment.back());
  };

  return (
    <form className="form" ref={form} onSubmit={submit} noValidate autoComplete="off">
      {mode === 'embedded' ? <EmbeddedFields mistakes={mistakes} /> : <SharedFields mistakes={mistakes} />}
      <Field
        name="displayName"
        label={text.displayName}
        help={text.displayNameHelp}
        defaultValue={displayNameFrom(workstation)}
        wrong={mistakes.displayName}
      />
      <div className="row form__end">
        <SubmitButton busy={busy}>{busy ? text.submitting : text.submit}</SubmitButton>
        <Button kind="plain" onPress={goBack}>
          {words.back}
        </Button>
      </div>
    </form>
  );
}

function EmbeddedFields({ mistakes }: { readonly mistakes: Mistakes }): JSX.Element {
  return (
    <>
      <StepTitle title={text.titleEmbedded} lead={text.leadEmbedded} />
      <fieldset className="field">
        <legend className="field__label">{text.profile}</legend>
        <div className="segments">
          {(['iampass', 'activeconnect'] as const).map((profile) => (
            <label className="segment" key={profile}>
              <input type="radio" name="profile" value={profile} defaultChecked={profile === 'iampass'} />
              <span>{text.profiles[profile]}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <Field name="appId" label={text.appId} wrong={mistakes.appId} />
      <Field
        name="appSecret"
        type="password"
        label={text.appSecret}
        help={text.appSecretHelp}
        wrong={mistakes.appSecret}
      />
      <details className="more" open={mistakes.baseUrl === undefined ? undefined : true}>
        <summary>{text.advanced}</summary>
        <Field
          name="baseUrl"
          type="url"
          inputMode="url"
          label={text.baseUrl}
          help={text.baseUrlHelp}
          placeholder="https://"
          wrong={mistakes.baseUrl}
        />
      </details>
    </>
  );
}

function SharedFields({ mistakes }: { readonly mistakes: Mistakes }): JSX.Element {
  return (
    <>
      <StepTitle title={text.titleShared} lead={text.leadShared} />
      <Field
        name="gatewayUrl"
        type="url"
        inputMode="url"
        label={text.gatewayUrl}
        help={text.gatewayUrlHelp}
        placeholder="wss://"
        wrong={mistakes.gatewayUrl}
      />
      <Field
        name="gatewayToken"
        type="password"
        label={text.gatewayToken}
        help={text.gatewayTokenHelp}
        wrong={mistakes.gatewayToken}
      />
    </>
  );
}
