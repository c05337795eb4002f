import { type JSX, useState } from 'react';
import type { PresenceLockerBridge } from '../../protocol/ipc.ts';
import { Button } from '../shared/button.tsx';
import { Refusal } from '../shared/note.tsx';
import { useAction } from '../shared/use-action.ts';
import { words } from '../shared/words.ts';

/** Main asks where, in the system's own dialog; the page only says what came of it. */
export function SaveCopy({ bridge }: { readonly bridge: Pick<PresenceLockerBridge, 'history'> }): JSX.Element {
  const action = useAction();
  const [savedAs, setSavedAs] = useState<string | null>(null);
  const save = () =>
    action.run(async () => {
      setSavedAs(null);
      const result = await bridge.history.export();
      if (!result.ok) return result;
      setSavedAs(result.savedAs);
      return { ok: true };
    });
  return (
    <>
      <Button kind="plain" busy={action.pending} onPress={() => void save()}>
        {words.status.saveCopy}
      </Button>
      <p className="history__saved" role="status">
        {savedAs === null ? null : words.status.savedAs(savedAs)}
      </p>
      <Refusal text={action.refusal} />
    </>
  );
}
