import type { JSX } from 'react';
import { Button } from '../../../../renderer/shared/button.tsx';
import { Refused, Told } from '../parts/screen.tsx';
import { useWords } from '../words/language.ts';

export interface NotMeProps {
  readonly workstation: string;
  readonly busy: boolean;
  readonly refusal: string | null;
  readonly onSure: () => void;
  readonly onBack: () => void;
}

/** "That wasn't me" is not Deny: it says what it does before it is done. */
export function NotMe({ workstation, busy, refusal, onSure, onBack }: NotMeProps): JSX.Element {
  const words = useWords();
  return (
    <Told
      mark="problem"
      title={words.request.notMeTitle(workstation)}
      text={words.request.notMeText}
      actions={
        <>
          <Refused text={refusal} />
          <Button kind="grave" busy={busy} onPress={onSure}>
            {words.request.notMeDo}
          </Button>
          <Button busy={busy} onPress={onBack}>
            {words.back}
          </Button>
        </>
      }
    />
  );
}
