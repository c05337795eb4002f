import type { JSX } from 'react';

export interface SegmentsProps<T extends string> {
  readonly name: string;
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly title: string }[];
  readonly chosen: T;
  readonly onChoose: (value: T) => void;
}

/** One of a few, all in sight. */
export function Segments<T extends string>({ name, label, options, chosen, onChoose }: SegmentsProps<T>): JSX.Element {
  return (
    <fieldset className="field">
      <legend className="field__label">{label}</legend>
      <div className="segments">
        {options.map(({ value, title }) => (
          <label className="segment" key={value}>
            <input type="radio" name={name} value={value} checked={chosen === value} onChange={() => onChoose(value)} />
            <span>{title}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
