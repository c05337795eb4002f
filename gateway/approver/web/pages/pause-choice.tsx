import { type JSX, useEffect, useId, useRef, useState } from 'react';
import { Button } from '../../../../renderer/shared/button.tsx';
import { pauseChoices, usualPause } from '../../../../renderer/shared/pause-choices.ts';
import { useWords } from '../words/language.ts';
import { lengthInWords } from '../words/moments.ts';

export interface PauseChoiceProps {
  readonly workstation: string;
  /** Minutes. */
  readonly longest: number;
  readonly busy: boolean;
  readonly onChosen: (minutes: number) => void;
  readonly onCancel: () => void;
}

/** For how long; and what that means, before the passkey is asked. */
export function PauseChoice({ workstation, longest, busy, onChosen, onCancel }: PauseChoiceProps): JSX.Element {
  const { workstations: words, locale } = useWords();
  const [minutes, setMinutes] = useState(usualPause(longest));
  const group = useRef<HTMLFieldSetElement>(null);
  const name = useId();
  useEffect(() => group.current?.querySelector<HTMLInputElement>('input:checked')?.focus(), []);
  return (
    <div className="pause">
      <fieldset ref={group}>
        <legend className="field__label">{words.pauseFor(workstation)}</legend>
        <div className="segments">
          {pauseChoices(longest).map((choice) => (
            <label className="segment" key={choice}>
              <input
                type="radio"
                name={name}
                value={choice}
                checked={choice === minutes}
                onChange={() => setMinutes(choice)}
              />
              <span>{lengthInWords(choice, locale)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <p className="help">{words.pauseHelp}</p>
      <div className="entry__buttons">
        <Button kind="main" busy={busy} onPress={() => onChosen(minutes)}>
          {words.pauseDo}
        </Button>
        <Button busy={busy} onPress={onCancel}>
          {words.pauseCancel}
        </Button>
      </div>
    </div>
  );
}
