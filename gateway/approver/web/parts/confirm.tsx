import type { JSX } from 'react';
import { Button } from '../../../../renderer/shared/button.tsx';
import { useWords } from '../words/language.ts';
import { Remark } from './screen.tsx';

export interface ConfirmProps {
  readonly title: string;
  /** What it means. */
  readonly text: string;
  readonly button: string;
  readonly busy: boolean;
  readonly onSure: () => void;
  readonly onCancel: () => void;
}

/** What cannot be undone asks once more, in its place. */
export function Confirm({ title, text, button, busy, onSure, onCancel }: ConfirmProps): JSX.Element {
  const words = useWords();
  return (
    <fieldset className="form" aria-label={title}>
      <Remark mark="problem">{title}</Remark>
      <p>{text}</p>
      <div className="entry__buttons">
        <Button kind="grave" busy={busy} onPress={onSure}>
          {button}
        </Button>
        <Button busy={busy} onPress={onCancel}>
          {words.cancel}
        </Button>
      </div>
    </fieldset>
  );
}
