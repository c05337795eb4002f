import { type JSX, useCallback, useEffect, useState } from 'react';
import type { CreationOptions } from '../../../../protocol/approver-passkey.ts';
import { Button } from '../../../../renderer/shared/button.tsx';
import type { Known } from '../gateway/link.ts';
import { Refused, Screen, Title, Told } from '../parts/screen.tsx';
import { TextField } from '../parts/text-field.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { type Deeds, type Done, isGateway, sentenceOf, type Trouble } from '../phone/deeds.ts';
import { phoneKind } from '../phone/notifications.ts';
import { createPasskey } from '../phone/passkey.ts';
import { useWords } from '../words/language.ts';
import { ENROLL_STEPS } from './enroll.tsx';
import { EnrollJoin } from './enroll-join.tsx';
import { NAME_CHARACTERS } from './phone-entry.tsx';

export interface EnrollPasskeyProps {
  readonly code: string;
  readonly known: Known;
  readonly deeds: Deeds;
  /** @param recoveryCode comes with the first phone of a person. */
  readonly onMade: (recoveryCode: string | null) => void;
  /** The workstation asks this phone's person now; no passkey was made. */
  readonly onJoined: () => void;
  readonly onLeave: () => void;
}

type Offer =
  | { readonly phase: 'looking' }
  | { readonly phase: 'offered'; readonly workstation?: string | undefined; readonly options: CreationOptions }
  | { readonly phase: 'failed'; readonly trouble: Trouble };

export function EnrollPasskey(props: EnrollPasskeyProps): JSX.Element {
  const { code, known, deeds, onJoined, onLeave } = props;
  const words = useWords();
  const [apart, setApart] = useState(false);
  const [offer, setOffer] = useState<Offer>({ phase: 'looking' });
  const look = useCallback(async () => {
    setOffer({ phase: 'looking' });
    const done = await deeds.do('enroll.begin', { code });
    setOffer(done.ok ? { phase: 'offered', ...done.answer } : { phase: 'failed', trouble: done.trouble });
  }, [code, deeds]);
  useEffect(() => void look(), [look]);

  if (offer.phase === 'looking' || known.phase === 'starting') {
    return <Told mark="verifying" title={words.enroll.passkey.title} text={words.enroll.passkey.checking} turning />;
  }
  if (offer.phase === 'offered') {
    const { workstation } = offer;
    if (workstation !== undefined && known.phase === 'signed-in' && !apart) {
      const instead = () => setApart(true);
      return <EnrollJoin {...{ workstation, code, deeds, onJoined, onInstead: instead, onLookAgain: look }} />;
    }
    return <Offered {...props} {...offer} onLookAgain={look} />;
  }
  const over = isGateway(offer.trouble, 'CODE_REFUSED', 'BAD_REQUEST');
  return (
    <Told
      mark="problem"
      title={over ? words.enroll.refused.title : words.lost.title}
      text={over ? words.enroll.refused.text : sentenceOf(offer.trouble, words)}
      actions={
        <>
          {over ? null : (
            <Button kind="main" onPress={() => void look()}>
              {words.tryAgain}
            </Button>
          )}
          <Button onPress={onLeave}>{words.signIn.button}</Button>
        </>
      }
    />
  );
}

interface OfferedProps extends EnrollPasskeyProps {
  readonly workstation?: string | undefined;
  readonly options: CreationOptions;
  readonly onLookAgain: () => Promise<void>;
}

function Offered(props: OfferedProps): JSX.Element {
  const { workstation, options, code, known, deeds, onMade, onLeave, onLookAgain } = props;
  const words = useWords();
  const deed = useDeed();
  const [name, setName] = useState(words.enroll.phoneNames[phoneKind()]);
  const [wrong, setWrong] = useState<string | null>(null);
  const create = async () => {
    const phoneName = name.trim();
    if (phoneName === '') return setWrong(words.enroll.passkey.nameWrong);
    setWrong(null);
    const done = await deed.run(async (): Promise<Done<{ readonly recoveryCode?: string | undefined }>> => {
      const made = await createPasskey(options);
      if (!made.ok) return { ok: false, trouble: { from: 'passkey', trouble: made.trouble } };
      return deeds.do('enroll.finish', { code, phoneName, passkey: made.passkey });
    });
    if (done?.ok === true) onMade(done.answer.recoveryCode ?? null);
    // Used up by somebody else meanwhile, or out of date: what the link is good for now is asked anew.
    else if (done?.ok === false && isGateway(done.trouble, 'CODE_REFUSED')) await onLookAgain();
  };
  return (
    <Screen
      actions={
        <>
          <Refused text={deed.refusal} />
          <Button kind="main" busy={deed.busy} onPress={() => void create()}>
            {deed.busy ? words.working : words.enroll.passkey.button}
          </Button>
          {workstation === undefined || known.phase === 'signed-in' ? null : (
            <Button busy={deed.busy} onPress={() => void deed.run(() => deeds.signIn())}>
              {words.enroll.join.already}
            </Button>
          )}
          <Button kind="plain" busy={deed.busy} onPress={onLeave}>
            {words.cancel}
          </Button>
        </>
      }
    >
      <p className="step-of">{words.enroll.stepOf(1, ENROLL_STEPS)}</p>
      <Title>{words.enroll.passkey.title}</Title>
      <p>
        {workstation === undefined ? null : `${words.enroll.passkey.asksIt(workstation)} `}
        {words.enroll.passkey.lead}
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <TextField
          label={words.enroll.passkey.name}
          value={name}
          onChange={setName}
          maxLength={NAME_CHARACTERS}
          wrong={wrong}
        />
      </form>
    </Screen>
  );
}
