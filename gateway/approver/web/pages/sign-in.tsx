import { type JSX, useState } from 'react';
import { Button } from '../../../../renderer/shared/button.tsx';
import { LanguageChoice } from '../parts/language-choice.tsx';
import { Refused, Screen, Title, Told } from '../parts/screen.tsx';
import { TextField } from '../parts/text-field.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { type Deeds, isGateway } from '../phone/deeds.ts';
import { useWords } from '../words/language.ts';

/** What a person may type of a recovery code, with spaces and hyphens. */
const TYPED_CODE_CHARACTERS = 80;

export interface SignInProps {
  readonly ended: boolean;
  readonly deeds: Deeds;
  /** A recovery code gave a code that enrolls this phone. */
  readonly onRecovered: (enrollmentCode: string) => void;
}

export function SignIn({ ended, deeds, onRecovered }: SignInProps): JSX.Element {
  const words = useWords();
  const deed = useDeed();
  const [shown, setShown] = useState<'sign-in' | 'revoked' | 'recover'>('sign-in');
  const signIn = async () => {
    const done = await deed.run(() => deeds.signIn());
    if (done?.ok === false && isGateway(done.trouble, 'PASSKEY_UNKNOWN')) setShown('revoked');
  };
  if (shown === 'recover')
    return <Recover deeds={deeds} onRecovered={onRecovered} onBack={() => setShown('sign-in')} />;
  if (shown === 'revoked') {
    return (
      <Told
        mark="locked"
        title={words.revoked.title}
        text={words.revoked.text}
        actions={
          <>
            <Button onPress={() => setShown('recover')}>{words.signIn.lostPhone}</Button>
            <Button kind="main" onPress={() => setShown('sign-in')}>
              {words.revoked.again}
            </Button>
          </>
        }
      />
    );
  }
  return (
    <Told
      mark="unenrolled"
      title={words.signIn.title}
      text={ended ? words.signIn.ended : words.signIn.lead}
      actions={
        <>
          <Refused text={deed.refusal} />
          <Button kind="main" busy={deed.busy} onPress={() => void signIn()}>
            {deed.busy ? words.working : words.signIn.button}
          </Button>
          <Button kind="plain" onPress={() => setShown('recover')}>
            {words.signIn.lostPhone}
          </Button>
        </>
      }
    >
      <p className="help">
        <strong>{words.signIn.noPhoneTitle}</strong> {words.signIn.noPhone}
      </p>
      <LanguageChoice />
    </Told>
  );
}

interface RecoverProps extends Pick<SignInProps, 'deeds' | 'onRecovered'> {
  readonly onBack: () => void;
}

function Recover({ deeds, onRecovered, onBack }: RecoverProps): JSX.Element {
  const words = useWords();
  const deed = useDeed();
  const [recoveryCode, setRecoveryCode] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const send = async () => {
    if (recoveryCode.trim() === '') return setWrong(words.recover.empty);
    setWrong(null);
    const done = await deed.run(() => deeds.do('recover', { recoveryCode: recoveryCode.trim() }));
    if (done?.ok === true) onRecovered(done.answer.code);
  };
  return (
    <Screen
      actions={
        <>
          <Refused text={deed.refusal} />
          <Button kind="main" busy={deed.busy} onPress={() => void send()}>
            {deed.busy ? words.working : words.recover.button}
          </Button>
          <Button busy={deed.busy} onPress={onBack}>
            {words.back}
          </Button>
        </>
      }
    >
      <Title>{words.recover.title}</Title>
      <p>{words.recover.lead}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <TextField
          label={words.recover.label}
          value={recoveryCode}
          onChange={setRecoveryCode}
          maxLength={TYPED_CODE_CHARACTERS}
          wrong={wrong}
          code
        />
      </form>
    </Screen>
  );
}
