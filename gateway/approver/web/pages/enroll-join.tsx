import type { JSX } from 'react';
import { Button } from '../../../../renderer/shared/button.tsx';
import { Refused, Screen, Title } from '../parts/screen.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { type Deeds, isGateway } from '../phone/deeds.ts';
import { useWords } from '../words/language.ts';
import { ENROLL_STEPS } from './enroll.tsx';

export interface EnrollJoinProps {
  /** What the workstation calls itself. */
  readonly workstation: string;
  readonly code: string;
  readonly deeds: Deeds;
  readonly onJoined: () => void;
  /** A passkey of its own for this workstation. */
  readonly onInstead: () => void;
  readonly onLookAgain: () => Promise<void>;
}

/** This phone is a key here already: the workstation becomes one more that asks it. */
export function EnrollJoin({ workstation, code, deeds, ...on }: EnrollJoinProps): JSX.Element {
  const words = useWords();
  const { join } = words.enroll;
  const deed = useDeed();
  const add = async () => {
    const done = await deed.run(() => deeds.doFreshly('enroll.join', { code }));
    if (done?.ok === true) on.onJoined();
    else if (done?.ok === false && isGateway(done.trouble, 'CODE_REFUSED')) await on.onLookAgain();
  };
  return (
    <Screen
      actions={
        <>
          <Refused text={deed.refusal} />
          <Button kind="main" busy={deed.busy} onPress={() => void add()}>
            {deed.busy ? words.working : join.button}
          </Button>
          <Button kind="plain" busy={deed.busy} onPress={on.onInstead}>
            {join.instead}
          </Button>
        </>
      }
    >
      <p className="step-of">{words.enroll.stepOf(1, ENROLL_STEPS)}</p>
      <Title>{join.title(workstation)}</Title>
      <p>{join.text}</p>
    </Screen>
  );
}
