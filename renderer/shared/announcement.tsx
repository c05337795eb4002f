import type { JSX } from 'react';
import { useEffect, useState } from 'react';

/** Seconds at which a countdown is spoken. More often it would talk over everything else. */
export const SPOKEN_AT_SECONDS: readonly number[] = [30, 10];

/** The one live region of a page. Polite: it waits for the screen reader to finish its sentence. */
export function Announcer({ text }: { readonly text: string }): JSX.Element {
  return (
    <div className="only-heard" role="status" aria-live="polite" aria-atomic="true">
      {text}
    </div>
  );
}

/** Joins headline, detail and problem into sentences that a screen reader pauses between. */
export function asSentences(parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .map((part) => (/[.?…]$/u.test(part) ? part : `${part}.`))
    .join(' ');
}

/**
 * What is said: the `news` when it changes (`newsKey`), afterwards only the seconds of `SPOKEN_AT_SECONDS`.
 * @param news spoken as it stands at the moment the key changes; later changes of the countdown inside it stay silent.
 */
export function useAnnouncement(
  newsKey: string,
  news: string,
  seconds: number | null,
  left: (s: number) => string,
): string {
  const [said, setSaid] = useState({ key: '', text: '' });
  const due = seconds !== null && SPOKEN_AT_SECONDS.includes(seconds) ? seconds : null;
  useEffect(() => {
    setSaid((before) => (before.key === newsKey ? before : { key: newsKey, text: news }));
  }, [newsKey, news]);
  useEffect(() => {
    if (due !== null) setSaid((before) => ({ key: before.key, text: left(due) }));
  }, [due, left]);
  return said.text;
}
