import { type FormEvent, type JSX, useEffect, useId, useRef, useState } from 'react';
import type { ConfigField, MethodSettings } from '../../protocol/confirmation-methods.ts';
import { assertNever } from '../shared/assert-never.ts';
import { Button, SubmitButton } from '../shared/button.tsx';
import { words } from '../shared/words.ts';
import { Field } from './field.tsx';
import { readSettings } from './method-form.ts';
import { Segments } from './segments.tsx';

/** Limit of one setting (protocol/confirmation-methods.ts). */
const SETTING_MAX_CHARACTERS = 500;

export interface MethodFormProps {
  readonly form: readonly ConfigField[];
  readonly submit: string;
  readonly busy: boolean;
  readonly onSubmit: (settings: MethodSettings) => void;
  readonly onCancel: () => void;
}

/** A form made of what the service says a method needs. Secrets are read once, at submit, and held nowhere. */
export function MethodForm({ form, submit, busy, onSubmit, onCancel }: MethodFormProps): JSX.Element {
  const element = useRef<HTMLFormElement>(null);
  const [mistakes, setMistakes] = useState<Readonly<Record<string, string>>>({});
  useEffect(() => element.current?.querySelector<HTMLElement>('.input, button')?.focus(), []);
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const data = new FormData(event.currentTarget);
    const read = readSettings(form, (name) => {
      const value = data.get(name);
      return typeof value === 'string' ? value : '';
    });
    setMistakes(read.ok ? {} : read.mistakes);
    if (read.ok) onSubmit(read.settings);
    else requestAnimationFrame(() => element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };
  return (
    <form className="sms" ref={element} onSubmit={send} noValidate autoComplete="off">
      {form.map((field) => (
        <SettingField key={field.name} field={field} wrong={mistakes[field.name]} />
      ))}
      <div className="row">
        <SubmitButton busy={busy}>{submit}</SubmitButton>
        <Button kind="plain" onPress={onCancel}>
          {words.cancel}
        </Button>
      </div>
    </form>
  );
}

function SettingField({ field, wrong }: SettingFieldProps): JSX.Element {
  const { name, label, kind, secret, help, choices = [], maxLength } = field;
  switch (kind) {
    case 'text':
      return (
        <Field
          name={name}
          label={label}
          maxLength={maxLength ?? SETTING_MAX_CHARACTERS}
          wrong={wrong}
          {...(secret ? { type: 'password' } : {})}
          {...(help === undefined ? {} : { help })}
        />
      );
    case 'number':
      return (
        <Field name={name} label={label} inputMode="decimal" wrong={wrong} {...(help === undefined ? {} : { help })} />
      );
    case 'boolean':
      return <Tick name={name} label={label} help={help} />;
    case 'choice':
      return <Choose name={name} label={label} choices={choices} help={help} wrong={wrong} />;
    default:
      return assertNever(kind);
  }
}

interface SettingFieldProps {
  readonly field: ConfigField;
  readonly wrong: string | undefined;
}

function Tick({ name, label, help }: Pick<ConfigField, 'name' | 'label' | 'help'>): JSX.Element {
  const id = useId();
  return (
    <div className="field">
      <div className="row">
        <input id={id} type="checkbox" className="switch" name={name} value="on" />
        <label htmlFor={id}>{label}</label>
      </div>
      {help === undefined ? null : <p className="field__help">{help}</p>}
    </div>
  );
}

function Choose({ name, label, choices, help, wrong }: ChooseProps): JSX.Element {
  const [chosen, setChosen] = useState('');
  return (
    <div className="field">
      <Segments
        name={name}
        label={label}
        options={choices.map((value) => ({ value, title: value }))}
        chosen={chosen}
        onChoose={setChosen}
      />
      <p className={wrong === undefined ? 'field__help' : 'field__wrong'}>{wrong ?? help}</p>
    </div>
  );
}

interface ChooseProps {
  readonly name: string;
  readonly label: string;
  readonly choices: readonly string[];
  readonly help: string | undefined;
  readonly wrong: string | undefined;
}
