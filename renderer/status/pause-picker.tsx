import { type JSX, useEffect, useRef, useState } from 'react';
import { Button, SubmitButton } from '../shared/button.tsx';
import { pauseChoices, usualPause } from '../shared/pause-choices.ts';
import { minutesChoice } from '../shared/time-words.ts';
import { words } from '../shared/words.ts';

export interface PausePickerProps {
  readonly maxMinutes: number;
  readonly busy: boolean;
  readonly onChoose: (minutes: number) => void;
  readonly onCancel: () => void;
}

export function PausePicker({ maxMinutes, busy, onChoose, onCancel }: PausePickerProps): JSX.Element {
  const choices = pauseChoices(maxMinutes);
  const [minutes, setMinutes] = useState(usualPause(maxMinutes));
  const group = useRef<HTMLFieldSetElement>(null);
  useEffect(() => group.current?.querySelector<HTMLInputElement>('input:checked')?.focus(), []);
  return (
    <form
      className="pause"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) onChoose(minutes);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel();
      }}
    >
      <fieldset ref={group}>
        <legend className="field__label">{words.status.pauseTitle}</legend>
        <div className="segments">
          {choices.map((choice) => (
            <label className="segment" key={choice}>
              <input
                type="radio"
                name="minutes"
                value={choice}
                checked={choice === minutes}
                onChange={() => setMinutes(choice)}
              />
              <span>{minutesChoice(choice)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <p className="field__help">{words.status.pauseHelp}</p>
      <div className="row">
        <SubmitButton busy={busy}>{words.status.pauseAsk}</SubmitButton>
        <Button kind="plain" onPress={onCancel}>
          {words.cancel}
        </Button>
      </div>
    </form>
  );
}
