import { type JSX, useState } from 'react';
import type { SettingView } from '../../protocol/view-model.ts';
import { words } from '../shared/words.ts';

type NumberControl = Extract<SettingView['control'], { kind: 'number' }>;

export interface NumberSettingProps {
  readonly id: string;
  readonly value: number;
  readonly control: NumberControl;
  readonly save: (value: number) => Promise<boolean>;
}

/** Saved when the person leaves the field or presses Enter, not while they type: "1" on the way to "10" is no setting. */
export function NumberSetting({ id, value, control, save }: NumberSettingProps): JSX.Element {
  const [typed, setTyped] = useState(String(value));
  const [wrong, setWrong] = useState(false);
  const commit = async () => {
    const wanted = Number(typed);
    const fits = typed.trim() !== '' && Number.isFinite(wanted) && wanted >= control.min && wanted <= control.max;
    setWrong(!fits);
    if (fits && wanted !== value && !(await save(wanted))) setTyped(String(value));
  };
  return (
    <div className="number">
      <span className="number__row">
        <input
          id={id}
          className="input number__input"
          type="text"
          inputMode="decimal"
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={() => void commit()}
          onKeyDown={(event) => {
            if (event.key === 'Enter') void commit();
            if (event.key === 'Escape') {
              setTyped(String(value));
              setWrong(false);
            }
          }}
          aria-invalid={wrong}
          aria-describedby={`${id}-detail ${id}-unit`}
        />
        <span id={`${id}-unit`}>{control.unit}</span>
      </span>
      <span className="field__wrong" role="alert">
        {wrong ? words.settings.numberWrong(control.min, control.max, control.unit) : null}
      </span>
    </div>
  );
}
