import { type JSX, useState } from 'react';
import { Button } from '../../../../renderer/shared/button.tsx';
import { QrCode } from '../../../../renderer/shared/qr-code.tsx';
import { copyText } from '../parts/kept-code.tsx';
import { Said, Screen, Title } from '../parts/screen.tsx';
import { useWords } from '../words/language.ts';
import { moment } from '../words/moments.ts';

export interface Link {
  readonly link: string;
  /** Unix ms. */
  readonly expiresAt: number;
}

/** The one-time link for one more phone: scanned from this one, or sent. */
export function AddedLink({ link, now, onClose }: AddedLinkProps): JSX.Element {
  const words = useWords();
  const [said, setSaid] = useState<string | null>(null);
  const share = () => {
    // The person may close the sheet again; that is no failure.
    navigator.share({ url: link.link }).catch(() => setSaid(null));
  };
  const copy = () =>
    void copyText(link.link).then((copied) => {
      if (copied) setSaid(words.phones.copied);
    });
  return (
    <Screen
      actions={
        <>
          {'share' in navigator ? <Button onPress={share}>{words.phones.share}</Button> : null}
          <Button onPress={copy}>{words.phones.copy}</Button>
          <Button kind="main" onPress={onClose}>
            {words.close}
          </Button>
        </>
      }
    >
      <Title>{words.phones.addTitle}</Title>
      <p>{words.phones.addText(moment(link.expiresAt, now, words.locale))}</p>
      <div className="qr-shown">
        <QrCode text={link.link} label={words.phones.addQr} />
      </div>
      <Said text={said} />
    </Screen>
  );
}

export interface AddedLinkProps {
  readonly link: Link;
  /** The gateway's clock, Unix ms. */
  readonly now: number;
  readonly onClose: () => void;
}
