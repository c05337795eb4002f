import { type JSX, useEffect, useState } from 'react';
import { Button } from '../../../../renderer/shared/button.tsx';
import type { Known } from '../gateway/link.ts';
import { KeptCode } from '../parts/kept-code.tsx';
import { PushSetting } from '../parts/push-setting.tsx';
import { Screen, Title, Told } from '../parts/screen.tsx';
import type { SignedIn } from '../parts/use-clock.ts';
import type { Deeds } from '../phone/deeds.ts';
import { Requests } from '../requests/requests.tsx';
import { useWords } from '../words/language.ts';
import { EnrollPasskey } from './enroll-passkey.tsx';
import { Lost } from './no-page.tsx';

export interface EnrollProps {
  /** From the link; used up by the passkey. */
  readonly code: string;
  readonly known: Known;
  readonly deeds: Deeds;
  /** To the ordinary pages, or to sign in. */
  readonly onDone: () => void;
}

type Step = 'passkey' | 'code' | 'push' | 'test' | 'done';
export const ENROLL_STEPS = 3;

/** Passkey, or the one there is → (the recovery code, with the first phone) → notifications → one test approval. */
export function Enroll({ code, known, deeds, onDone }: EnrollProps): JSX.Element {
  const [step, setStep] = useState<Step>('passkey');
  const [recoveryCode, setRecoveryCode] = useState<string | null>(null);
  if (step === 'passkey') {
    const made = (given: string | null) => {
      setRecoveryCode(given);
      setStep(given === null ? 'push' : 'code');
    };
    // A phone that is a key already has had its recovery code, and mostly its notifications.
    const joined = () => setStep(known.phase === 'signed-in' && known.state.push.subscribed ? 'test' : 'push');
    return <EnrollPasskey {...{ code, known, deeds }} onMade={made} onJoined={joined} onLeave={onDone} />;
  }
  // Kept on the screen whatever the connection does: it is shown once and never again.
  if (step === 'code' && recoveryCode !== null) {
    const kept = () => {
      setRecoveryCode(null);
      setStep('push');
    };
    return <KeptCode code={recoveryCode} onKept={kept} />;
  }
  if (known.phase === 'lost') return <Lost />;
  if (known.phase !== 'signed-in') return <Leave onDone={onDone} />;
  if (step === 'test') return <TestStep known={known} deeds={deeds} onTested={() => setStep('done')} onSkip={onDone} />;
  if (step === 'done') return <DoneStep onDone={onDone} />;
  return <PushStep known={known} deeds={deeds} onGoOn={() => setStep('test')} />;
}

/** Signed out in between, by a revocation: the ordinary pages say so. */
function Leave({ onDone }: { readonly onDone: () => void }): JSX.Element {
  useEffect(onDone, [onDone]);
  return <main aria-busy="true" />;
}

interface StepProps {
  readonly known: SignedIn;
  readonly deeds: Deeds;
}

function PushStep({ known, deeds, onGoOn }: StepProps & { readonly onGoOn: () => void }): JSX.Element {
  const words = useWords();
  const { subscribed } = known.state.push;
  return (
    <Screen
      actions={
        <Button kind={subscribed ? 'main' : 'plain'} onPress={onGoOn}>
          {subscribed ? words.enroll.push.goOn : words.enroll.push.skip}
        </Button>
      }
    >
      <p className="step-of">{words.enroll.stepOf(2, ENROLL_STEPS)}</p>
      <Title>{words.enroll.push.title}</Title>
      <PushSetting known={known} deeds={deeds} main />
    </Screen>
  );
}

interface TestStepProps extends StepProps {
  readonly onTested: () => void;
  readonly onSkip: () => void;
}

function TestStep({ known, deeds, onTested, onSkip }: TestStepProps): JSX.Element {
  const { enroll: words } = useWords();
  return (
    <Requests
      known={known}
      deeds={deeds}
      onClosed={({ ending }) => {
        if (ending.kind === 'approved') onTested();
      }}
      idle={
        <Told
          mark="verifying"
          title={words.test.title}
          text={words.test.lead}
          above={words.stepOf(3, ENROLL_STEPS)}
          turning
          actions={
            <Button kind="plain" onPress={onSkip}>
              {words.test.skip}
            </Button>
          }
        >
          <p role="status">{words.test.waiting}</p>
        </Told>
      }
    />
  );
}

function DoneStep({ onDone }: { readonly onDone: () => void }): JSX.Element {
  const { enroll: words } = useWords();
  return (
    <Told
      mark="present"
      title={words.test.done}
      text={words.test.doneText}
      actions={
        <Button kind="main" onPress={onDone}>
          {words.test.finish}
        </Button>
      }
    />
  );
}
