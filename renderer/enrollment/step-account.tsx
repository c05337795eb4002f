import { type FormEvent, type JSX, useRef, useState } from 'react';
import { Button, SubmitButton } from '../shared/button.tsx';
import { words } from '../shared/words.ts';
import { displayNameFrom, type Mistakes, readAccountForm } from './account-form.ts';
import { Field } from './field.tsx';
import { OwnAccountFields } from './own-account-fields.tsx';
import { Segments } from './segments.tsx';
import { sendAccount } from './send-account.ts';
import type { StepProps } from './step-props.ts';
import { StepTitle } from './step-title.tsx';
import { accountMode, OWN_SERVICES, type OwnServiceName, serviceTried } from './steps.ts';

const text = words.enrollment.account;

export function AccountStep({ bridge, view, workstation, draft, setDraft, action, busy }: StepProps): JSX.Element {
  const mode = accountMode(view, draft);
  const form = useRef<HTMLFormElement>(null);
  const [mistakes, setMistakes] = useState<Mistakes>({});
  const [service, setService] = useState(() => serviceTried(view));
  const choose = (chosen: OwnServiceName) => {
    setService(chosen);
    setMistakes({});
  };

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const data = new FormData(event.currentTarget);
    const read = readAccountForm(mode, service, (field) => {
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
      {mode === 'embedded' ? (
        <OwnFields mistakes={mistakes} service={service} onService={choose} />
      ) : (
        <SharedFields mistakes={mistakes} />
      )}
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

function OwnFields({ mistakes, service, onService }: OwnFieldsProps): JSX.Element {
  return (
    <>
      <StepTitle title={text.titleEmbedded} lead={text.leadEmbedded} />
      <div className="field">
        <Segments
          name="service"
          label={text.service}
          options={OWN_SERVICES.map((value) => ({ value, title: text.services[value] }))}
          chosen={service}
          onChoose={onService}
        />
        <p className="field__help" aria-live="polite">
          {text.needs[service]}
        </p>
      </div>
      <OwnAccountFields key={service} service={service} mistakes={mistakes} />
    </>
  );
}

interface OwnFieldsProps {
  readonly mistakes: Mistakes;
  readonly service: OwnServiceName;
  readonly onService: (service: OwnServiceName) => void;
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
