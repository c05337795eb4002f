import { Component, type JSX, type ReactNode, useEffect } from 'react';
import { Button } from '../../../../renderer/shared/button.tsx';
import { reloadOnce } from '../gateway/version.ts';
import { Told } from '../parts/screen.tsx';
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

export function Unsupported(): JSX.Element {
  const { unsupported } = useWords();
  return <Told mark="problem" title={unsupported.title} text={unsupported.text} />;
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
