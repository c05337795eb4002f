import { type JSX, useState } from 'react';
import { assertNever } from '../../../../renderer/shared/assert-never.ts';
import { Button } from '../../../../renderer/shared/button.tsx';
import type { Deeds, Done } from '../phone/deeds.ts';
import { permission, subscribe, unsubscribe } from '../phone/notifications.ts';
import { useWords } from '../words/language.ts';
import { Refused, Remark } from './screen.tsx';
import type { SignedIn } from './use-clock.ts';
import { useDeed } from './use-deed.ts';

/** Whether this phone is told, what it means if not, and the one button that changes it. */
export function PushSetting({ known, deeds, main = false }: PushSettingProps): JSX.Element {
  const { push: words } = useWords();
  const deed = useDeed();
  const [allowed, setAllowed] = useState(permission);
  const { publicKey, subscribed } = known.state.push;

  const turnOn = async () => {
    const done = await deed.run(async (): Promise<Done<unknown>> => {
      const subscription = await subscribe(publicKey);
      return subscription === null ? { ok: true, answer: 'none' } : deeds.do('push.subscribe', subscription);
    });
    const now = permission();
    setAllowed(now);
    if (now === 'on' && done?.ok === true && done.answer === 'none') deed.refuse(words.failed);
  };
  const turnOff = () =>
    void deed.run(async () => {
      const done = await deeds.do('push.unsubscribe', {});
      if (done.ok) await unsubscribe();
      return done;
    });

  if (allowed === 'on' && subscribed) {
    return (
      <>
        <Remark mark="present">{words.on}</Remark>
        <p className="help">{words.hint}</p>
        <Button busy={deed.busy} onPress={turnOff}>
          {words.turnOff}
        </Button>
        <Refused text={deed.refusal} />
      </>
    );
  }
  return (
    <>
      <Meaning allowed={allowed} />
      {allowed === 'off' || allowed === 'on' ? (
        <Button {...(main ? { kind: 'main' } : {})} busy={deed.busy} onPress={() => void turnOn()}>
          {words.turnOn}
        </Button>
      ) : null}
      <Refused text={deed.refusal} />
    </>
  );
}

export interface PushSettingProps {
  readonly known: SignedIn;
  readonly deeds: Deeds;
  /** Turning it on is what the screen is for. */
  readonly main?: boolean;
}

function Meaning({ allowed }: { readonly allowed: ReturnType<typeof permission> }): JSX.Element {
  const { push: words } = useWords();
  switch (allowed) {
    case 'refused':
      return <Unheard title={words.refusedTitle} text={words.refused} />;
    case 'needs-home-screen':
      return <Unheard title={words.homeScreenTitle} text={words.homeScreen} />;
    case 'unsupported':
      return <Unheard title={words.unsupportedTitle} text={words.off} />;
    case 'off':
    case 'on':
      return (
        <>
          <p>{words.off}</p>
          <p className="help">{words.hint}</p>
        </>
      );
    default:
      return assertNever(allowed);
  }
}

function Unheard({ title, text }: { readonly title: string; readonly text: string }): JSX.Element {
  return (
    <>
      <Remark mark="problem">{title}</Remark>
      <p>{text}</p>
    </>
  );
}
