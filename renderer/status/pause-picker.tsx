import { type JSX, useEffect, useRef, useState } from 'react';
import { Button, SubmitButton } from '../shared/button.tsx';
import { minutesChoice } from '../shared/time-words.ts';
import { words } from '../shared/words.ts';

const USUAL_MINUTES = [5, 15, 30, 60, 120, 240] as const;

/** Lengths to choose from: the usual ones up to the policy's longest, and that one itself. */
export function pauseChoices(maxMinutes: number): readonly number[] {
  const shorter = USUAL_MINUTES.filter((minutes) => minutes < maxMinutes);
  return [...shorter, maxMinutes];
}

export interface PausePickerProps {
  readonly maxMinutes: number;
  readonly busy: boolean;
  readonly onChoose: (minutes: number) => void;
  readonly onCancel: () => void;
}

export function PausePicker({ maxMinutes, busy, onChoose, onCancel }: PausePickerProps): JSX.Element {
  const choices = pauseChoices(maxMinutes);
  const [minutes, setMinutes] = useState(choices.find((choice) => choice >= 15) ?? maxMinutes);
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
