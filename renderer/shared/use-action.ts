import { useCallback, useRef, useState } from 'react';
import type { ActionResult } from '../../protocol/ipc.ts';
import { words } from './words.ts';

export interface Action {
  /** True while main has not answered. */
  readonly pending: boolean;
  /** Why the last attempt was not done, in a sentence. */
  readonly refusal: string | null;
  /** Asks main; a second call while one is pending does nothing (a held key must not burn attempts, S7). */
  run(ask: () => Promise<ActionResult>): Promise<boolean>;
}

export function useAction(): Action {
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const underWay = useRef(false);
  const run = useCallback(async (ask: () => Promise<ActionResult>): Promise<boolean> => {
    if (underWay.current) return false;
    underWay.current = true;
    setPending(true);
    setRefusal(null);
    const result = await ask().catch((): ActionResult => ({ ok: false, sentence: words.lost.action }));
    underWay.current = false;
    setPending(false);
    if (!result.ok) setRefusal(result.sentence);
    return result.ok;
  }, []);
  return { pending, refusal, run };
}
