import { useCallback, useRef, useState } from 'react';
import { type Done, sentenceOf, type Trouble } from '../phone/deeds.ts';
import { useWords } from '../words/language.ts';

export interface Deed {
  /** Under way; a second press does nothing meanwhile. */
  readonly busy: boolean;
  /** Why the last one was not done. */
  readonly refusal: string | null;
  /** @returns null also when another is under way. */
  run<T>(act: () => Promise<Done<T>>): Promise<Done<T> | null>;
  refuse(sentence: string | null): void;
}

/** How many are under way on the whole page: it does not load itself anew in the middle of one. */
let underWay = 0;
export const nothingUnderWay = (): boolean => underWay === 0;

export function useDeed(): Deed {
  const words = useWords();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | string | null>(null);
  const running = useRef(false);
  const run = useCallback(async <T>(act: () => Promise<Done<T>>): Promise<Done<T> | null> => {
    if (running.current) return null;
    running.current = true;
    underWay += 1;
    setBusy(true);
    setTrouble(null);
    try {
      const done = await act();
      if (!done.ok) setTrouble(done.trouble);
      return done;
    } finally {
      running.current = false;
      underWay -= 1;
      setBusy(false);
    }
  }, []);
  const refusal = trouble === null || typeof trouble === 'string' ? trouble : sentenceOf(trouble, words);
  return { busy, refusal, run, refuse: setTrouble };
}
