import { Component, type JSX, type ReactNode, useEffect, useState } from 'react';
import { Button } from '../../../../renderer/shared/button.tsx';
import { reloadOnce } from '../gateway/version.ts';
import { copyText } from '../parts/kept-code.tsx';
import { Said, Told } from '../parts/screen.tsx';
import { useWords } from '../words/language.ts';

/** The gateway does not answer: what the page knew is not shown any more. */
export function Lost({ onTry }: { readonly onTry?: () => void }): JSX.Element {
  const { lost, tryAgain } = useWords();
  return (
    <Told
      mark="problem"
      title={lost.title}
      text={navigator.onLine ? lost.text : `${lost.offline} ${lost.text}`}
      actions={onTry === undefined ? undefined : <Button onPress={onTry}>{tryAgain}</Button>}
    >
      <p className="help">{lost.trying}</p>
    </Told>
  );
}

/** Page and gateway are of different versions. Loads itself anew once; then it is the person's turn. */
export function Outdated(): JSX.Element {
  const { outdated } = useWords();
  useEffect(() => {
    reloadOnce();
  }, []);
  return (
    <Told
      mark="problem"
      title={outdated.title}
      text={outdated.text}
      actions={
        <Button kind="main" onPress={() => window.location.reload()}>
          {outdated.reload}
        </Button>
      }
    />
  );
}

/** @param props.link to enroll with, still unused: the browser inside another app that scans codes often has no passkeys. */
export function Unsupported({ link }: { readonly link: string | null }): JSX.Element {
  const { unsupported } = useWords();
  const [said, setSaid] = useState<string | null>(null);
  if (link === null) return <Told mark="problem" title={unsupported.title} text={unsupported.text} />;
  const copy = () =>
    void copyText(link).then((copied) => {
      if (copied) setSaid(unsupported.copied);
    });
  return (
    <Told
      mark="problem"
      title={unsupported.title}
      text={unsupported.withLink}
      actions={
        <Button kind="main" onPress={copy}>
          {unsupported.copy}
        </Button>
      }
    >
      <Said text={said} />
    </Told>
  );
}

/** A defect in drawing must not leave a blank screen. */
export class Unbroken extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { readonly broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

function Broken(): JSX.Element {
  const { broken } = useWords();
  return (
    <Told
      mark="problem"
      title={broken.title}
      text={broken.text}
      actions={
        <Button kind="main" onPress={() => window.location.reload()}>
          {broken.reload}
        </Button>
      }
    />
  );
}
