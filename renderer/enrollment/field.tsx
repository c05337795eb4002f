import { type InputHTMLAttributes, type JSX, useId } from 'react';

export interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'className'> {
  readonly label: string;
  readonly help?: string;
  /** What is wrong with what was typed. Stands where the help stood. */
  readonly wrong?: string | undefined;
}

/** A text field of a form about accounts: nothing in it is offered, corrected or remembered by the browser. */
export function Field({ label, help, wrong, ...input }: FieldProps): JSX.Element {
  const id = useId();
  return (
    <div className="field">
      <label className="field__label" htmlFor={id}>
        {label}
      </label>
      <input
        autoComplete="off"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        {...input}
        id={id}
        className="input"
        aria-invalid={wrong !== undefined}
        aria-describedby={`${id}-help`}
      />
      <p id={`${id}-help`} className={wrong === undefined ? 'field__help' : 'field__wrong'}>
        {wrong ?? help}
      </p>
    </div>
  );
}
