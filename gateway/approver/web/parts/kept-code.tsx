import { type JSX, useState } from 'react';
import { Button } from '../../../../renderer/shared/button.tsx';
import { useWords } from '../words/language.ts';
import { Said, Screen, Title } from './screen.tsx';

/** A recovery code, the one time it is shown. */
export function KeptCode({ code, onKept }: { readonly code: string; readonly onKept: () => void }): JSX.Element {
  const words = useWords();
  const [said, setSaid] = useState<string | null>(null);
  const copy = () =>
    void copyText(code).then((copied) => {
      if (copied) setSaid(words.code.copied);
    });
  return (
    <Screen
      actions={
        <>
          <Button onPress={copy}>{words.code.copy}</Button>
          <Button kind="main" onPress={onKept}>
            {words.code.kept}
          </Button>
        </>
      }
    >
      <Title>{words.code.title}</Title>
      <p>{words.code.text}</p>
      <p className="code-shown">
        <code>{code}</code>
      </p>
      <Said text={said} />
    </Screen>
  );
}

/** @returns false where the browser does not allow it: the text can still be read. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
