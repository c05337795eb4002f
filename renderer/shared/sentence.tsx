import { createElement, Fragment, type JSX } from 'react';
import { durationLeft } from './time-words.ts';
import { words } from './words.ts';

/** Puts the time left where main wrote `{countdown}`. */
export function withCountdown(text: string, remainingMs: number | null): string {
  return text.replaceAll('{countdown}', remainingMs === null ? words.soon : durationLeft(remainingMs));
}

/** Ends of sentences. */
const SENTENCE_END = /(?<=[.?…])\s+/u;

/** Sentences one by one, so that a line breaks between two of them rather than inside one. */
export function Sentences({ text }: { readonly text: string }): JSX.Element {
  const sentences = text.split(SENTENCE_END);
  return createElement(
    Fragment,
    null,
    ...sentences.flatMap((sentence, index) => [
      index === 0 ? '' : ' ',
      createElement('span', null, createElement(Sentence, { text: sentence })),
    ]),
  );
}

/** Main quotes commands as people do; here they are set as what one types. */
const QUOTED_COMMAND = /“(presence-locker [a-z-]+)”/g;

/** A sentence in which `backquoted` parts are commands someone can type. Text only: nothing in it is ever read as markup. */
export function Sentence({ text }: { readonly text: string }): JSX.Element {
  const parts = text
    .replaceAll(QUOTED_COMMAND, '`$1`')
    .split('`')
    .map((part, index) => (index % 2 === 1 ? createElement('code', null, part) : part));
  return createElement(Fragment, null, ...parts);
}
