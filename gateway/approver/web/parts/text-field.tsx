import { type JSX, useId } from 'react';

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly maxLength: number;
  /** Why the value is not taken, or null. */
  readonly wrong: string | null;
  /** A code, not a sentence: no spelling, no capitals, no suggestions. */
  readonly code?: boolean;
}

export function TextField({ label, value, onChange, maxLength, wrong, code = false }: TextFieldProps): JSX.Element {
  const id = useId();
  return (
    <div className="field">
      <label className="field__label" htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        className="input"
        type="text"
        value={value}
        maxLength={maxLength}
        autoComplete="off"
        aria-invalid={wrong !== null}
        aria-describedby={`${id}-wrong`}
        {...(code ? { autoCapitalize: 'characters', spellCheck: false } : {})}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-wrong`} className="field__wrong" role="alert">
        {wrong}
      </p>
    </div>
  );
}
