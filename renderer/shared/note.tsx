import type { JSX, ReactNode } from 'react';
import type { Mark as MarkName } from '../../protocol/view-model.ts';
import { Mark } from './mark.tsx';
import { Sentence } from './sentence.tsx';

/** A cause, what it means, and (as children) a way on. */
export function Note({ mark = 'problem', title, text, children }: NoteProps): JSX.Element {
  return (
    <section className="note" data-tone={mark}>
      <Mark name={mark} />
      <div className="note__body">
        {title === null ? null : <h2 className="note__title">{title}</h2>}
        <p className="note__text">
          <Sentence text={text} />
        </p>
        {children === undefined ? null : <div className="note__way row">{children}</div>}
      </div>
    </section>
  );
}

export interface NoteProps {
  readonly mark?: MarkName;
  /** Null where the headline of the screen says it already. */
  readonly title: string | null;
  readonly text: string;
  readonly children?: ReactNode;
}

/** Why main did not do what was asked. Spoken at once: it answers something the person has just done. */
export function Refusal({ text }: { readonly text: string | null }): JSX.Element {
  return (
    <div role="alert">
      {text === null ? null : (
        <p className="refusal">
          <Mark name="problem" />
          <span>{text}</span>
        </p>
      )}
    </div>
  );
}
