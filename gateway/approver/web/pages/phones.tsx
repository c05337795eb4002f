import { type JSX, useState } from 'react';
import { Button } from '../../../../renderer/shared/button.tsx';
import { KeptCode } from '../parts/kept-code.tsx';
import { LanguageChoice } from '../parts/language-choice.tsx';
import { PushSetting } from '../parts/push-setting.tsx';
import { Refused, Said, Screen, Title } from '../parts/screen.tsx';
import { type SignedIn, useServerClock } from '../parts/use-clock.ts';
import { useDeed } from '../parts/use-deed.ts';
import type { Deeds } from '../phone/deeds.ts';
import { useWords } from '../words/language.ts';
import { AddedLink, type Link } from './added-link.tsx';
import { PhoneEntry } from './phone-entry.tsx';

export interface PhonesProps {
  readonly known: SignedIn;
  readonly deeds: Deeds;
  readonly onSignOut: () => void;
}

export function Phones({ known, deeds, onSignOut }: PhonesProps): JSX.Element {
  const { phones: words } = useWords();
  const now = useServerClock(known);
  const adding = useDeed();
  const leaving = useDeed();
  const [link, setLink] = useState<Link | null>(null);
  const [code, setCode] = useState<string | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const { phones } = known.state;

  const add = async () => {
    const done = await adding.run(() => deeds.doFreshly('phone.add', {}));
    if (done?.ok === true) setLink(done.answer);
  };
  const signOut = async () => {
    const done = await leaving.run(() => deeds.do('sign-out', {}));
    if (done?.ok === true) onSignOut();
  };

  if (code !== null) return <KeptCode code={code} onKept={() => setCode(null)} />;
  if (link !== null) return <AddedLink link={link} now={now} onClose={() => setLink(null)} />;
  return (
    <Screen>
      <Title>{words.title}</Title>
      <Said text={said} />
      <ul className="entries">
        {phones.map((phone) => (
          <PhoneEntry
            key={phone.phoneId}
            phone={phone}
            only={phones.length === 1}
            now={now}
            deeds={deeds}
            onSaid={setSaid}
            onSignedOut={onSignOut}
          />
        ))}
      </ul>
      <section className="part">
        <Button busy={adding.busy} onPress={() => void add()}>
          {words.add}
        </Button>
        <p className="help">{words.addHelp}</p>
        <Refused text={adding.refusal} />
      </section>
      <PushPart known={known} deeds={deeds} />
      <RecoveryPart known={known} deeds={deeds} onMade={setCode} />
      <LanguageChoice />
      <section className="part">
        <Button kind="plain" busy={leaving.busy} onPress={() => void signOut()}>
          {words.signOut}
        </Button>
        <Refused text={leaving.refusal} />
      </section>
    </Screen>
  );
}

function PushPart(props: Pick<PhonesProps, 'known' | 'deeds'>): JSX.Element {
  const words = useWords();
  return (
    <section className="part">
      <h2>{words.push.title}</h2>
      <PushSetting {...props} />
    </section>
  );
}

function RecoveryPart({
  known,
  deeds,
  onMade,
}: Pick<PhonesProps, 'known' | 'deeds'> & { readonly onMade: (code: string) => void }): JSX.Element {
  const { phones: words } = useWords();
  const deed = useDeed();
  const has = known.state.hasRecoveryCode;
  const make = async () => {
    const done = await deed.run(() => deeds.doFreshly('recovery.renew', {}));
    if (done?.ok === true) onMade(done.answer.recoveryCode);
  };
  return (
    <section className="part">
      <h2>{words.codeTitle}</h2>
      <p>{has ? words.codeHas : words.codeHasNot}</p>
      <Button busy={deed.busy} onPress={() => void make()}>
        {words.codeMake}
      </Button>
      {has ? <p className="help">{words.codeReplaces}</p> : null}
      <Refused text={deed.refusal} />
    </section>
  );
}
